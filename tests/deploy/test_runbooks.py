"""Every command of the runbooks is run, in the situation they are written for, on a real stack."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
import typer

from connectors.generator import warehouses
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka, LocalPostgres
from schemas.codec import CODEC
from streams.aside import quarantine, review
from streams.aside.writebacks import Wanted, items
from streams.cli.main import app
from streams.ops.clocks import clocks
from streams.ops.cluster import Cluster
from streams.ops.groups import Groups
from streams.ops.workers import Workers
from streams.settings import Settings
from tests.aside.conftest import FAILED, GARBAGE, yesterday
from tests.deploy.runbook import FOLDER, ROOT, Shell, blocks, commands, mentioned, until_it_says
from tests.domain.make import AT_MS
from tests.domain.writebacks import result
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, receipt, trade, until
from tests.integration.test_writeback import parcel
from tests.patience import PATIENCE_S

RUNBOOKS = {
    "clock",
    "sink-down",
    "replay",
    "rebalance-storm",
    "full-disk",
    "rebuild",
    "poison-order",
    "writeback",
    "lost-ground",
}


class Count(NamedTuple):
    """Of one topic: distinct keys, and rows of its table."""

    topic: int
    table: int


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    """A database with its tables."""
    # A killed process loses nothing without fsync; only a machine does.
    with LocalPostgres(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"}) as it:
        asyncio.run(migrate(it.url))
        yield it


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, database: LocalPostgres) -> Iterator[Shop]:
    """A cluster with stock; workers are each test's own."""
    data = tmp_path_factory.mktemp("runbooks")
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data, partitions=2, database_url=database.url)
        it = Shop(settings, Cluster(settings), Workers(settings, 1), "")
        it.cluster.create_topics()
        it.cluster.publish(
            [
                *(("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses()),
                ("inventory.commands", "GOOD", "Receive", receipt("GOOD", 1_000, "first/GOOD")),
            ]
        )
        # Before any worker has run: what a release with a bug leaves behind.
        yesterday(it)
        yield it


@contextmanager
def pasted(shop: Shop, folder: Path, name: str, **world: Any) -> Iterator[Shell]:
    """Runs all commands of a runbook; what stays is ended after the test has looked."""
    shell = Shell(folder, {k: v for k, v in shop.settings.to_env().items() if v}, **world)
    try:
        for command in commands((FOLDER / f"{name}.md").read_text()):
            shell.run(command)
        yield shell
    finally:
        shell.close()


@pytest.fixture(scope="module")
def worker(shop: Shop) -> Iterator[Workers]:
    """Worker 0 runs."""
    shop.workers.start()
    try:
        decides(shop)
        yield shop.workers
    finally:
        assert shop.workers.stop() == [0], shop.workers.log(0).read_text()[-3000:]


@contextmanager
def process(
    shop: Shop, *args: str, module: str = "streams.cli", **env: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A command that stays, and its log; SIGTERM ends it, if nothing has before."""
    path = shop.settings.data / ("-".join(args) + ".log")
    with path.open("wb") as log:
        it = subprocess.Popen(
            [sys.executable, "-m", module, *args],
            env={**os.environ, **shop.settings.to_env(), **env},
            stdout=log,
            stderr=log,
        )
    try:
        yield it, path
    finally:
        it.terminate()
        it.wait(PATIENCE_S)


def rows(url: str, statement: str) -> list[Any]:
    """What the database answers."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def orders_of(shop: Shop) -> Count:
    """Accepted orders: in the topic and in the table."""
    in_topic = {message.key() for message in shop.cluster.read("orders")}
    ((in_table,),) = rows(shop.settings.database_url, "SELECT count(*) FROM orders")
    return Count(len(in_topic), in_table)


def drained(shop: Shop) -> None:
    """Waits until the table has every order of the topic."""
    until(lambda: orders_of(shop), lambda count: count.topic == count.table, "the database has what the topic has")


def two_work(shop: Shop) -> None:
    """Waits until the workers' group is two and at rest, and has decided an order."""
    two_in(shop, shop.settings.app_id)
    decides(shop)


def two_in(shop: Shop, group: str) -> None:
    """Waits until this group is two and at rest."""
    groups = Groups(shop.settings)
    until(
        lambda: groups.describe(group)[0],
        lambda found: (found.state, len(found.members)) == ("STABLE", 2),
        f"two in {group}",
        150,
    )


def decides(shop: Shop) -> str:
    """An order is placed and decided: somebody works; returns its id."""
    order_id = shop.place(shop.order_no(), "GOOD", quantity=1)
    until(lambda: shop.statuses(order_id), lambda found: found[-1:] == ["ALLOCATED"], f"{order_id} is allocated")
    return order_id


@pytest.mark.long
def test_poison_order(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    wrong = shop.place(shop.order_no(), "GOOD", receiver_mobile="", oaid="")
    unknown = shop.place(shop.order_no(), "TS-RED")
    noise = shop.place(shop.order_no(), "GOOD", payment="?")
    until(
        lambda: {i.key for i in review.items(shop.cluster)}, lambda keys: keys >= {wrong, unknown, noise}, "in review"
    )

    misplaced = shop.order_no()
    shop.misplace(TAOBAO_EVENTS, f"taobao:{misplaced}", envelope(misplaced, trade(misplaced, "GOOD")))

    def in_review(order_id: str) -> str:
        return next(str(i.place) for i in review.items(shop.cluster) if i.key == order_id)

    def in_quarantine(key: str) -> str:
        return next(str(i.place) for i in quarantine.items(shop.cluster) if i.key == key.encode())

    def correct() -> None:
        document = json.loads((tmp_path / "order.json").read_text())
        (tmp_path / "order.json").write_text(json.dumps({**document, "receiver_mobile": "13800000000"}))

    until(
        lambda: {i.kind for i in quarantine.items(shop.cluster)},
        lambda kinds: "WrongPartition" in kinds,
        "set aside",
        120,
    )
    for garbage in list(GARBAGE)[1:]:
        done = shop.penstock("quarantine", "discard", in_quarantine(garbage), "--because", "one is enough", "--yes")
        assert done.returncode == 0, done
    values = {
        "ITEM": in_review(wrong),
        "MESSAGE": in_quarantine(next(iter(GARBAGE))),
        "SKU": "TS-RED",
        "WAREHOUSE": "hz1",
        "NOISE": in_review(noise),
        "ERROR": "ZeroDivisionError",
        "ORDER": wrong,
    }
    after = {
        "penstock stock receive": lambda _: shop.settled(),
        "penstock review fix $ITEM --to": lambda _: correct(),
        "ORDER=": lambda _: shop.settled(),
    }
    with pasted(shop, tmp_path, "poison-order", values=values, after=after) as shell:
        assert "OrderAllocated" in shell.said("penstock order show")
        assert "0 violations" in shell.said("penstock verify")
        for order_id in (wrong, unknown, f"taobao:{misplaced}"):
            assert [name for name, _ in shop.records("allocations", order_id)] == ["OrderAllocated"]
        assert [i for i in review.items(shop.cluster) if i.state == "open"] == []
        assert [i for i in quarantine.items(shop.cluster) if i.state == "open"] == []


@pytest.mark.long
def test_writeback(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    ids = [decides(shop) for _ in range(4)]
    held = ids[3]
    outcomes = dict(zip(ids, ("NUMBER_WRONG", "RETRYABLE", "ORDER_FORBIDS", "RETRYABLE"), strict=True))
    shop.cluster.publish([("shipments", order_id, "Shipped", parcel(order_id)) for order_id in ids])
    writers = Workers(replace(shop.settings, writeback_retry="RETRYABLE=1"), 1, "writeback")
    writers.start()

    def phases() -> dict[str, str]:
        return {item.status["order_id"]: item.status["phase"] for item in items(shop.cluster, Wanted())}

    def answered() -> dict[str, str]:
        """The platform refuses each first submission, and takes the others."""
        known = {r["request_id"] for _, r in shop.records("writeback.results")}
        for _, request in shop.records("writeback.requests"):
            if request["request_id"] not in known:
                first = request["request_id"].endswith("#1")
                outcome = outcomes[request["order_id"]] if first else "SHIPPED"
                record = result(request, outcome, held=first and request["order_id"] == held, at_ms=AT_MS)
                shop.send("writeback.results", request["order_id"], CODEC.encode("WritebackResult", record))
        return phases()

    values = {
        "ORDER": ids[0],
        "SHIPMENT": f"{ids[0]}/1",
        "CHANNEL": "taobao",
        "LOST": ids[2],
        "HELD": held,
        "PARCEL": f"{held}/1",
    }
    begin = dict(zip(ids, ("DEAD", "DEAD", "DEAD", "WAITING"), strict=True))
    try:
        until(answered, lambda found: found == begin, "all are dead but the one that its platform holds")
        with pasted(shop, tmp_path, "writeback", values=values) as shell:
            assert "3 parcels" in shell.said("penstock writeback list --phase dead")
            assert "HELD 1" in shell.said("penstock writeback list --phase waiting --reason HELD")
            assert "0 violations" in shell.said("penstock verify")
        ends = dict(zip(ids, ("WRITTEN", "WRITTEN", "ABANDONED", "WRITTEN"), strict=True))
        until(answered, lambda found: found == ends, "told, told, ended and told")
        (first,) = [r for _, r in shop.records("writeback.requests", ids[0]) if r["request_id"].endswith("#2")]
        assert first["tracking_no"] == "SF1234567890123"
        done = [(e["action"], e["subject"]) for _, e in shop.records("audit") if e["action"].startswith("writeback.")]
        actions = ["writeback.redriven", "writeback.redriven", "writeback.abandoned", "writeback.redriven"]
        assert sorted(done) == sorted(zip(actions, ids, strict=True))
    finally:
        assert writers.stop() == [0], writers.log(0).read_text()[-3000:]


@pytest.mark.long
def test_sink_down(shop: Shop, database: LocalPostgres, worker: Workers, tmp_path: Path) -> None:
    with process(shop, "sink", "postgres") as (_, log):
        drained(shop)
        database.kill()
        decides(shop)
        until_it_says(log.read_text, "sink postgres paused: ")

        def bring_it_back() -> None:
            if not database.is_running:
                database.start()

        after = {
            "penstock db status": lambda _: bring_it_back(),
            "penstock sink postgres": lambda _: (two_in(shop, "penstock-sink-postgres"), drained(shop)),
        }
        codes = {"penstock db status": [2, 0]}
        with pasted(shop, tmp_path, "sink-down", after=after, codes=codes) as shell:
            assert "0 violations" in shell.said("penstock verify")
            until_it_says(log.read_text, "sink postgres resumed after ")


@pytest.mark.long
def test_replay(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    order_id = decides(shop)
    shop.settled()
    url = shop.settings.database_url
    with process(shop, "sink", "postgres"):
        drained(shop)
        until(lambda: rows(url, _DECISIONS), lambda found: found[0][0] == decisions(shop), "decisions are in")
        # Somebody has deleted what he should not have.
        rows(url, f"UPDATE orders SET shop = 'spoilt' WHERE order_id = '{order_id}'")
        rows(url, "DELETE FROM allocations")
        with pasted(shop, tmp_path, "replay", values={"ORDER": order_id, "FROM": first_decision(shop)}) as shell:
            assert rows(url, _DECISIONS) == [(decisions(shop),)]
            assert rows(url, f"SELECT shop FROM orders WHERE order_id = '{order_id}'") == [("tea",)]
            assert len(shop.messages("wms.allocations")) == len(shop.messages("allocations"))
            assert len((tmp_path / "allocations.jsonl").read_text().splitlines()) == len(shop.messages("allocations"))
            assert "replay.done" in shell.said("penstock tail audit")


def first_decision(shop: Shop) -> str:
    """When it was written."""
    at_ms = min(message.timestamp()[1] for message in shop.messages("allocations"))
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


_DECISIONS = "SELECT count(*) FROM allocations"


def decisions(shop: Shop) -> int:
    """Orders with an allocation."""
    return sum(name == "OrderAllocated" for name, _ in shop.records("allocations"))


@pytest.mark.long
def test_rebalance_storm(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    # Worker 1 is killed as soon as it works, and comes back.
    with process(shop, "worker", "--slot", "1") as (flapping, _):
        two_work(shop)
        flapping.kill()
    with process(shop, "worker", "--slot", "1") as (flapping, log):
        values = {"LOG": str(log), "PID": str(flapping.pid), "SLOT": "spare"}
        after = {
            "kill -TERM": lambda _: flapping.wait(PATIENCE_S),
            "penstock worker": lambda _: two_work(shop),
        }
        before = {"kill -TERM": lambda _: two_work(shop)}
        with pasted(shop, tmp_path, "rebalance-storm", values=values, after=after, before=before) as shell:
            assert "0 violations" in shell.said("penstock verify")
            assert flapping.returncode == 0, log.read_text()[-3000:]


@pytest.mark.long
def test_clock(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    day = {"module": "tests.chaos.worker", "CLOCK_AHEAD": f"{25 * 3_600_000}:0"}
    with process(shop, "penstock", "--slot", "late", **day) as (wrong, log):
        two_work(shop)
        until(lambda: log.read_text(), lambda text: "25.0 h ahead of the broker's" in text, "it says how wrong it is")

        def right_again() -> None:
            two_work(shop)
            until(lambda: clocks(shop.cluster), lambda found: abs(found[0].ahead_s) < 60, "the clocks agree")

        after = {"kill -TERM": lambda _: wrong.wait(90), "penstock worker": lambda _: right_again()}
        values = {"PID": str(wrong.pid), "SLOT": "late"}
        with pasted(shop, tmp_path, "clock", values=values, after=after) as shell:
            before, now = (text for command, text in shell.printed if command == "penstock status --once")
            assert "25.0 h ahead of the broker's: what is due by time is not proposed there" in before
            assert "agree with the broker's" in now
            assert "0 violations" in shell.said("penstock verify")


@pytest.mark.long
def test_full_disk(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    folder = shop.settings.data / "small"
    folder.mkdir()
    small = mounted(folder)
    try:
        with process(shop, "worker", "--slot", "small") as (first, log):
            two_work(shop)
            ballast = folder / "ballast"
            fill(ballast, small)
            deadline = time.monotonic() + PATIENCE_S
            while small and "No space left on device" not in log.read_text():
                assert time.monotonic() < deadline, log.read_text()[-3000:]
                shop.place(shop.order_no(), "GOOD", quantity=1)
                time.sleep(0.1)

            def ended() -> None:
                # With room again it goes on by itself, or has ended before.
                decides(shop)
                first.terminate()
                first.wait(PATIENCE_S)

            command = "penstock worker --slot $SLOT"
            values = {"SLOT": "small", "BALLAST": str(ballast), "PID": lambda shell: str(shell.pid(command))}
            after = {
                "rm $BALLAST": lambda _: ended(),
                command: lambda _: two_work(shop),
                "kill -TERM": lambda shell: shell.gone(command),
            }
            before = {"rm -r": lambda _: unmounted(folder)}
            with pasted(shop, tmp_path, "full-disk", values=values, after=after, before=before) as shell:
                assert "0 violations" in shell.said("penstock verify")
    finally:
        unmounted(folder)


def mounted(folder: Path) -> bool:
    """Whether the folder could be put on a small disk of its own: that takes permission."""
    command = ["mount", "-t", "tmpfs", "-o", "size=700m", "tmpfs", str(folder)]
    return shutil.which("mount") is not None and subprocess.run(command, capture_output=True).returncode == 0


def unmounted(folder: Path) -> None:
    if os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True)


def fill(ballast: Path, small: bool) -> None:
    """Until nothing more can be written, where the disk is small."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while small:
                file.write(bytes(1024 * 1024))
        except OSError as exc:
            if exc.errno != errno.ENOSPC:
                raise


@pytest.mark.long
def test_rebuild(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    command = "penstock worker --slot $SLOT"
    with process(shop, "worker", "--slot", "2") as (doubted, _):
        two_work(shop)
        values = {"SLOT": "2", "PID": str(doubted.pid)}
        after = {"kill -TERM": lambda _: doubted.wait(PATIENCE_S), command: lambda _: two_work(shop)}
        url = shop.settings.database_url
        rows(url, "DELETE FROM allocations")
        # Yesterday's release could not digest some orders, and today's can: that is what it has to say, and nothing else.
        with pasted(shop, tmp_path, "rebuild", values=values, after=after, codes={"penstock rebuild": [1]}) as shell:
            assert (shop.settings.data / "2.doubted").is_dir()
            assert "0 violations" in shell.said("penstock verify")
            differing = [line for line in shell.said("penstock rebuild").splitlines() if "recomputed" in line]
            assert differing and all(any(number in line for number in FAILED) for line in differing), differing
            assert rows(url, _DECISIONS)[0][0] > 0


def test_each_runbook_is_there_and_has_its_sections() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == RUNBOOKS
    for path in FOLDER.glob("*.md"):
        text = path.read_text()
        assert {language for language, _ in blocks(text)} == {"console"}, path
        assert all(line.startswith("$ ") for _, body in blocks(text) for line in body.split("\n") if line), path
        for section in ("## Check", "## Act", "## Prove"):
            assert section in text, (path, section)


def test_each_runbook_has_a_test_that_pastes_it() -> None:
    """Whoever adds a runbook adds its situation: every command of it is run there."""
    here, elsewhere = Path(__file__).read_text(), (ROOT / "tests/replay/test_lost_ground.py").read_text()
    for name in RUNBOOKS:
        is_pasted = f'pasted(shop, tmp_path, "{name}"' in here
        assert is_pasted or f'commands((FOLDER / "{name}.md")' in elsewhere, name


def test_commands_named_in_the_text_exist() -> None:
    command: Any = typer.main.get_command(app)
    for path in FOLDER.glob("*.md"):
        for text in mentioned(path.read_text()):
            found = command
            for word in text.split()[1:]:
                if not hasattr(found, "commands"):
                    break
                assert word in found.commands, f"{path.name}: {text}"
                found = found.commands[word]


def test_alerts_point_at_runbooks_that_exist() -> None:
    rules = ROOT / "deploy" / "prometheus" / "rules"
    named = [
        line.split()[-1].strip("\"'")
        for path in rules.glob("*.yml")
        for line in path.read_text().splitlines()
        if line.strip().startswith("runbook")
    ]
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
