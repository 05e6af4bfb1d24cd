"""A whole hub at a Kafka that asks for rights: each process does its work with those that ``penstock kafka acls`` gives it, and is refused
nothing. The broker's own log says so."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connectors.postgres import roles
from connectors.postgres.schema import migrate
from connectors.simulators.run import Simulators
from connectors.simulators.simulator import Options
from deploy.processes import PROCESSES
from schemas.codec import CODEC
from schemas.private import private
from schemas.topics import CHANNELS
from streams.ops.cluster import Cluster, Publisher
from streams.ops.rights import NAMES, WORKERS, Right, needed
from streams.settings import Settings
from tests.connectors.channels.edge import Loop
from tests.patience import PATIENCE_S
from tests.security.guarded import Crew, GuardedKafka

ROOT = Path(__file__).parents[2]


class Hub(NamedTuple):
    """All of it at work."""

    crew: Crew
    simulators: Simulators
    loop: Loop

    def control(self, at: str, method: str, path: str, body: object = None) -> Any:
        raw = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.simulators.urls[at] + path, raw, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def records(self, topic: str) -> list[tuple[str, Any]]:
        cluster = Cluster(self.crew.master)
        return [CODEC.decode(value) for m in cluster.read(topic) if (value := m.value()) is not None]

    def statuses(self) -> dict[str, str]:
        """Order -> where it stands."""
        return {record["order_id"]: record["status"] for _, record in self.records("order.status")}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("guarded")
    asyncio.run(roles.make(postgres))
    asyncio.run(migrate(postgres))
    loop = Loop()
    simulators = Simulators(Options(seed=11, retry_scale=0.005), ())
    loop.run(simulators.__aenter__())
    try:
        shops = folder / "shops.toml"
        os.close(private(str(shops), os.O_WRONLY | os.O_CREAT))
        shops.write_text(simulators.shops_toml, "utf-8")
        settings = Settings("", folder, database_url=postgres, shops=shops, backup=folder / "backups")
        with GuardedKafka(folder / "kafka") as kafka:
            crew = Crew(kafka, settings)
            try:
                crew.ran(crew.master, "kafka", "acls", "--apply", "--yes")
                crew.ran(crew.settings("setup"), "topics", "create")
                for process in PROCESSES:
                    crew.start(process)
                it = Hub(crew, simulators, loop)

                async def pushed() -> None:
                    simulators.push_to(f"http://127.0.0.1:{crew.port('gateway')}")

                loop.run(pushed())
                yield it
            finally:
                crew.stop()
    finally:
        loop.run(simulators.__aexit__(None, None, None))
        loop.close()


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_each_process_does_its_work_and_is_refused_nothing(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A person does not wait for as long as a machine that runs all the tests may need.
    monkeypatch.setattr("streams.cli.telling.WAIT_S", PATIENCE_S)
    crew, operator = hub.crew, hub.crew.settings("operator")

    def people(*command: str) -> str:
        return crew.ran(operator, *command)

    # 1. Orders of five platforms, told to warehouses, scanned, told back.
    hub.control("qimen", "PUT", "/_sim/pace", {"scan_s": 1})
    people("warehouse", "set", "hz1", "--province", "浙江")
    people("stock", "receive", "TS-RED", "100", "--warehouse", "hz1")
    for channel in CHANNELS:
        placed = json.loads((ROOT / f"deploy/examples/orders/{channel}.json").read_text("utf-8"))
        hub.control(channel, "POST", "/_sim/orders", placed)
    crew.until(lambda: len(hub.statuses()) == len(CHANNELS), "every order is decided")
    crew.until(lambda: [*hub.statuses().values()].count("SHIPPED") >= 2, "the warehouse has sent what it can")
    people("rebuild", "--shadow")
    people("verify")
    # 2. What fails is set aside, and sent back.
    with Publisher(crew.master) as publisher:
        publisher.send("orders", "taobao:1", b"rubbish")
        publisher.send("writeback.requests", "taobao:1", b"rubbish")
        publisher.send("warehouse.requests", "taobao:1", b"rubbish")
    crew.until(lambda: len(list(Cluster(crew.master).read("penstock.quarantine"))) >= 5, "it is in quarantine")
    # 3. People.
    order_id = next(name for name, status in hub.statuses().items() if status == "SHIPPED")
    waiting = next(name for name, status in hub.statuses().items() if status == "ALLOCATED")
    for command in (
        *(
            ("status",),
            ("lag",),
            ("topics", "list"),
            ("tail", "orders"),
            ("order", "list"),
            ("order", "show", order_id),
        ),
        *(("stock", "list"), ("writeback", "list"), ("writeback", "show", order_id), ("delivery", "list")),
        *(("delivery", "show", order_id), ("delivery", "reports"), ("review", "list"), ("quarantine", "list")),
        *(
            ("config", "list"),
            ("state", "check"),
            ("reconcile", "--report"),
            ("task", "list"),
        ),
        *(("bundle", "set", "TEA", "POT", "CUP=2"), ("order", "hold", waiting, "--because", "x", "--yes")),
    ):
        people(*command)
    # It is rubbish still.
    crew.ran(operator, "quarantine", "redrive", "--topic", "orders", "--because", "x", "--yes", code=1)
    found = {each["about"]: each for each in json.loads(people("doctor", "--json"))}
    assert found["rights"]["grade"] == "fine", found["rights"]
    crew.ran(crew.settings("backup"), "backup", "run", "--unencrypted", "--no-database")
    replay = ("replay", "orders", "--from-beginning", "--yes", "--reason", "x")
    crew.ran(crew.settings("replay"), *replay, "--into", f"file:{tmp_path / 'orders.jsonl'}")
    # 4. Each does as it was to, and was refused nothing.
    crew.until(lambda: hub.records("health.checks"), "the monitor has asked the interfaces")
    crew.until(lambda: hub.records("channel.checks"), "payments are asked back")
    assert crew.kafka.asked(allowed=False) == set()
    # What nothing was asked by: of workers what they keep, which is read after a disk was lost, and writing what did not happen.
    unused = {name: set(crew.kafka.unused(name, needed(name, crew.master))) for name in NAMES}
    for worker in WORKERS.values():
        assert [r for r in unused[worker] if r.operation != "Write" and not r.name.endswith("-changelog")] == []
    # They look at answers after a restart with requests that wait.
    for name, results in (("dispatcher", "writeback.results"), ("deliveries", "warehouse.results")):
        assert unused[name] == {Right("group", "penstock-reader", "Describe"), Right("topic", results, "Read")}
    assert unused["sink"] == set()
    assert {(r.operation, r.name[:8]) for r in unused["reconcile"]} == {("Write", "channel.")}
    codes = crew.stop()
    assert {*codes.values()} == {0}, codes
