"""``penstock up`` as a person runs it: each process it has started is killed, it says so, and orders go on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]
import pytest

from connectors.generator import warehouses
from deploy.local import BrokerUnreachable, LocalKafka, LocalPostgres, check_brokers
from deploy.local.process import LocalProcess, free_ports, is_free
from streams.ops.cluster import Cluster
from streams.ops.workers import Workers
from streams.settings import Settings
from tests.integration.conftest import Shop, receipt, until

# Servers are started again and again.
pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

#: Of everything: this is about what comes back, not about how fast.
_PATIENCE_S = 180.0


class Up:
    """``penstock up`` in ``data``, and what it has printed."""

    def __init__(self, data: Path, *options: str) -> None:
        self.kafka, self.postgres = LocalKafka(data / "kafka"), LocalPostgres(data / "postgres")
        data.mkdir(exist_ok=True)
        port = os.environ.get("PENSTOCK_METRICS_PORT", "0")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        self.log = data / "up.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "up", "--as-root", "--workers", "1", *options],
                env={
                    **clean,
                    "PENSTOCK_DATA": str(data),
                    "PENSTOCK_PARTITIONS": "1",
                    "PENSTOCK_METRICS_PORT": port,
                    "COLUMNS": "200",
                },
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        return self.log.read_text()

    def says(self, line: str, times: int = 1) -> None:
        until(self.said, lambda said: said.count(line) >= times, f"it says {line!r}", _PATIENCE_S)

    def pid(self, command: str) -> int:
        """Of the process that runs ``penstock COMMAND``."""

        def look() -> list[int]:
            children = psutil.Process(self.process.pid).children()
            return [child.pid for child in children if f"streams.cli {command}" in " ".join(child.cmdline())]

        return until(look, lambda found: len(found) == 1, f"one {command} runs", _PATIENCE_S)[0]


@contextmanager
def running(data: Path, *options: str) -> Iterator[Up]:
    it = Up(data, *options)
    try:
        it.says("Ctrl-C stops.")
        yield it
    finally:
        it.process.terminate()
        it.process.wait(_PATIENCE_S)


def rows(url: str) -> int:
    async def ask() -> int:
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM orders"))
        finally:
            await connection.close()

    try:
        return asyncio.run(ask())
    except (OSError, asyncpg.PostgresError):
        return -1


def test_each_process_that_is_killed_is_named_and_comes_back_and_orders_go_on(tmp_path: Path) -> None:
    with running(tmp_path) as up:
        # It asks for a password, which all that it starts have been given.
        with pytest.raises(BrokerUnreachable):
            check_brokers(up.kafka.bootstrap, 1.0)
        settings = Settings(brokers=up.kafka.bootstrap, data=tmp_path, partitions=1, kafka=up.kafka.client)
        shop = Shop(settings, Cluster(settings), Workers(settings, 1), "")
        shop.cluster.publish(
            [
                *(("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses()),
                ("inventory.commands", "GOOD", "Receive", receipt("GOOD", 1_000, "first/GOOD")),
            ]
        )
        shop.settled(_PATIENCE_S)
        placed: list[str] = []

        def an_order_goes_through() -> None:
            placed.append(shop.place(shop.order_no(), "GOOD", quantity=1))
            until(lambda: shop.statuses(placed[-1]), lambda s: s[-1:] == ["ALLOCATED"], "it is allocated", _PATIENCE_S)
            until(lambda: rows(up.postgres.url), lambda n: n == len(placed), "it is in the table", _PATIENCE_S)

        an_order_goes_through()
        servers: list[LocalProcess] = [up.postgres, up.kafka]
        for server in servers:
            before = server.last_start()
            assert before is not None
            os.kill(before["pid"], signal.SIGKILL)
            up.says(f"{server.name} was killed by SIGKILL; it is started again (1 of 5); its log: {server.log}")
            up.says(f"{server.name} answers again")
            after = server.last_start()
            assert after is not None and {**after, "pid": 0} == {**before, "pid": 0} and after["pid"] != before["pid"]
            an_order_goes_through()
        commands = {
            "worker 0": "worker --slot 0 --group decisions",
            "writeback-worker 0": "worker --slot 0 --group writeback",
            "sink postgres": "sink postgres",
        }
        for name, command in commands.items():
            os.kill(up.pid(command), signal.SIGKILL)
            log = tmp_path / f"{name.replace(' ', '-')}.log"
            up.says(f"{name} was killed by SIGKILL; it is started again (1 of 5); its log: {log}")
            up.pid(command)
        an_order_goes_through()


def test_a_worker_that_dies_at_every_start_ends_all_in_order(tmp_path: Path) -> None:
    (tmp_path / "0").write_text("no folder")
    with running(tmp_path, "--no-database") as up:
        up.says("worker 0 ended with code 1; it is started again (1 of 5)")
        up.says("worker 0 ended with code 1, and was started again 5 times within 10 minutes: not once more; its log: ")
        assert up.process.wait(_PATIENCE_S) == 1
        assert up.said().splitlines()[-2:] == ["stopping: workers finish their cycle and leave the group", "stopped"]
        assert not up.kafka.is_running


def test_another_one_in_its_folder_or_at_its_ports_says_so_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = next(port for port in free_ports(50) if is_free(port + 1))
    monkeypatch.setenv("PENSTOCK_METRICS_PORT", str(port))
    with running(tmp_path / "hub", "--no-database") as up:
        # What it has begun answers: a port is taken from then on.
        until(lambda: is_free(port) or is_free(port + 2), lambda free: not free, "it serves its metrics", _PATIENCE_S)
        in_its_folder = refused("up", "--as-root", "--no-database", PENSTOCK_DATA=tmp_path / "hub")
        assert f"a worker has the slot 0 in {tmp_path / 'hub'}: stop it (or the penstock up that runs" in in_its_folder
        beside = {"PENSTOCK_DATA": tmp_path / "other", "PENSTOCK_METRICS_PORT": port}
        at_its_port = refused("up", "--as-root", "--no-database", **beside)
        assert f"the metrics of worker 0 are to be at port {port}, which is taken: " in at_its_port
        assert not (tmp_path / "other").exists(), "it was found before anything was started"
        slot = refused("worker", "--slot", "0", PENSTOCK_DATA=tmp_path / "hub", PENSTOCK_PARTITIONS=1)
        assert f"a worker has the slot 0 in {tmp_path / 'hub'}: " in slot and "another --slot" in slot
        assert up.process.poll() is None and "is started again" not in up.said()


def test_what_it_has_started_ends_with_it_however_it_ends(tmp_path: Path) -> None:
    with running(tmp_path, "--no-database") as up:
        begun = psutil.Process(up.process.pid).children(recursive=True)
        assert len(begun) >= 3, begun
        up.process.kill()
        assert psutil.wait_procs(begun, timeout=_PATIENCE_S)[1] == []


def refused(*args: str, **settings: object) -> str:
    """What a command says that ends at once, with exit code 2 and one line."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", *args],
        env={**clean, **{name: str(value) for name, value in settings.items()}, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    return done.stderr


@pytest.fixture(autouse=True)
def nothing_else_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PENSTOCK_")]:
        monkeypatch.delenv(name)
