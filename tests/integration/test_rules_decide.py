"""Released rules decide real orders on a real Kafka: a share, a wider one, live, rolled back, with a worker killed in between.

Every decision is held against the reference reading of the version it names, the share against its hash, and the log against its shadow.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from connectors.generator import warehouses
from deploy.local import LocalKafka
from schemas.codec import CODEC
from streams.domain.allocation.by_rules import merge_group
from streams.domain.receiver import mark_of
from streams.domain.releases.sharing import Release, Share, assigned, salt_of
from streams.domain.routing.geography import destination
from streams.domain.routing.rules.facts import Facts, order_facts, warehouse_facts
from streams.domain.routing.rules.tracing import told
from streams.ops.cluster import Cluster, Publisher
from streams.ops.workers import Workers
from streams.settings import Settings
from tests.domain.make import level
from tests.domain.routing.rules.reference import decided
from tests.integration.conftest import FIRST_NO, SELDOM, TAOBAO_EVENTS, envelope, penstock, receipt, trade, until

# A hub of its own for a handful of cases.
pytestmark = pytest.mark.long

#: Version and share; (None, None): the built-in rule's.
Turn = tuple[int | None, int | None]

DOCUMENT = "rules/default"
#: Of every warehouse, so that what is there makes no difference between two orders.
PLENTY = 100_000
SKUS = ("RULED-1", "RULED-2")
#: Of these one piece is there when they are ordered.
LATE, WANTED = ("LATE-1", "LATE-2"), 5
RULES = {
    1: """
kind = "rules"
version = 1
name = "default"
[[strategies]]
name = "south"
when = [{ field = "province", in = ["广东"] }]
filters = [{ filter = "distance", metres = 1_200_000 }]
rank = { mode = "lexicographic", criteria = [{ by = "sequence", warehouses = ["wh1", "gz1"] }, { by = "distance" }] }
[default]
rank = { mode = "banded", criteria = [{ by = "distance", bands = [500_000, 1_000_000] }, { by = "load" }, { by = "priority" }] }
""",
    2: """
kind = "rules"
version = 1
name = "default"
[default]
filters = [{ filter = "warehouses", in = ["cd1", "sy1"] }]
rank = { mode = "weighted", criteria = [{ by = "distance", weight = 7_000 }, { by = "priority", weight = 3_000 }] }
""",
}


class Hub:
    """A broker, a worker, and what is done to them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.cluster, self.workers = settings, Cluster(settings), Workers(settings, 1)
        self._folder = folder
        self._numbers = count(FIRST_NO)
        #: Order id -> what was released when it was placed, and where it goes to.
        self.released: dict[str, Release] = {}
        self.places: dict[str, dict[str, str]] = {}
        self.now = Release()

    def penstock(self, *args: str) -> CompletedProcess[str]:
        done = penstock(*args, **self.settings.to_env())
        assert done.returncode == 0, done
        return done

    def publish(self, number: int) -> None:
        file = self._folder / f"rules-{number}.toml"
        file.write_text(RULES[number], "utf-8")
        self.penstock("rules", "publish", str(file))

    def release(self, *args: str, after: Release) -> None:
        """Returns once the worker decides by it."""
        self.penstock("rules", *args)
        orders = [record for name, record in self.records("orders") if name == "Order"]
        # One receiver's orders have one turn: this one's is another from now on.
        same = next(each["order_id"] for each in orders if turn_of(after, each) != turn_of(self.now, each))
        self.now = after
        until(lambda: self._follows(same), bool, f"the worker follows {after}")

    def _follows(self, same: str) -> bool:
        (probe,) = self.place(1, where=self.places[same])
        del self.released[probe]
        decided_by = until(lambda: self.decisions().get(probe), bool, "it is decided")
        return decided_by == [turn_of(self.now, self.records("orders", probe)[-1][1])]

    def place(
        self, orders: int, sku: str = "", pieces: int = 0, *, where: dict[str, str] | None = None, kill: bool = False
    ) -> list[str]:
        ids = []
        with Publisher(self.settings) as publisher:
            for at in range(orders):
                number = str(next(self._numbers))
                province, city = (("浙江省", "杭州市"), ("广东省", "深圳市"), ("四川省", "成都市"))[at % 3]
                place = where or {
                    "receiver_state": province,
                    "receiver_city": city,
                    "receiver_address": f"路 {number[-4:]} 号***",
                }
                content = trade(number, sku or SKUS[at % 2], pieces or 1 + at % 3, **place)
                order_id = f"taobao:{number}"
                publisher.send(TAOBAO_EVENTS, order_id, envelope(number, content))
                ids.append(order_id)
                self.released[order_id], self.places[order_id] = self.now, place
                if kill and at == orders // 2:
                    self.workers.kill(0)
        return ids

    def receive(self, sku: str, pieces: int = PLENTY) -> None:
        codes = [each["warehouse"] for each in warehouses()]
        commands = [receipt(sku, pieces, f"{sku}/{code}", code) for code in codes]
        self.cluster.publish([("inventory.commands", sku, "Receive", each) for each in commands])

    def settled(self) -> None:
        until(self.cluster.at_rest, bool, "everything is decided")

    def records(self, topic: str, key: str | None = None) -> list[tuple[str, Any]]:
        return [CODEC.decode(m.value() or b"") for m in self.cluster.read(topic, key=key)]

    def decisions(self) -> dict[str, list[Turn]]:
        """Order id -> whose each decision was."""
        found: dict[str, list[Turn]] = {}
        for _, record in self.records("allocations"):
            if "trace" in record:
                found.setdefault(record["order_id"], []).append(version_of(record))
        return found


def version_of(decision: Any) -> Turn:
    by_rules = decision["trace"]["rounds"][0]["by_rules"]
    return (None, None) if by_rules is None else (by_rules["decided_by"]["version"], by_rules["decided_by"]["share"])


def turn_of(release: Release, order: Any) -> Turn:
    its: Any = {"shop": order["shop"], "order_id": order["order_id"], "receiver_mark": mark_of(order["receiver"])}
    found = assigned(release, merge_group(its))
    return found.version, release.share.basis_points if found.why == "share" and release.share else None


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    data = tmp_path_factory.mktemp("decides")
    with LocalKafka(data / "kafka") as kafka:
        it = Hub(Settings(brokers=kafka.bootstrap, data=data, fetch=SELDOM), data)
        it.cluster.create_topics()
        it.cluster.publish([("config.warehouses", each["warehouse"], "Warehouse", each) for each in warehouses()])
        for sku in SKUS:
            it.receive(sku)
        first = [("inventory.commands", sku, "Receive", receipt(sku, 1, f"{sku}/first")) for sku in LATE]
        it.cluster.publish(first)
        it.workers.start()
        try:
            it.settled()
            yield it
        finally:
            it.workers.stop()


def share(basis_points: int) -> Release:
    return Release(None, None, Share(1, basis_points, salt_of(DOCUMENT, 1)))


@pytest.mark.timeout(900)
def test_every_order_is_decided_by_the_version_whose_turn_it_was(hub: Hub) -> None:
    hub.place(24)
    hub.settled()
    hub.publish(1)
    hub.publish(2)
    hub.release("release", "default", "--version", "1", "--share", "10%", after=share(1_000))
    hub.place(60, kill=True)
    hub.settled()
    hub.release("release", "default", "--version", "1", "--share", "50%", after=share(5_000))
    late = hub.place(8, "LATE-1", WANTED)
    hub.place(30)
    hub.settled()
    hub.release("release", "default", "--version", "1", "--live", after=Release(1))
    hub.place(15)
    hub.settled()
    hub.release("release", "default", "--version", "2", "--live", after=Release(2, previous=1))
    back = hub.place(4, "LATE-2", WANTED)
    hub.place(15)
    hub.settled()
    # Who has waited since the first version goes on with it, and who was the built-in rule's goes by what is live.
    hub.receive("LATE-1")
    hub.settled()
    decisions = hub.decisions()
    for order_id in late:
        pinned, *_, last = decisions[order_id]
        assert last == (pinned if pinned[0] is not None else (2, None)), order_id
    assert {decisions[each][0][0] for each in late} == {None, 1}
    hub.release("rollback", "default", after=Release(1, withdrawn=(2,)))
    hub.receive("LATE-2")
    hub.place(9)
    hub.settled()
    decisions = hub.decisions()
    assert {(decisions[each][0], decisions[each][-1]) for each in back} == {((2, None), (1, None))}

    orders = {record["order_id"]: record for name, record in hub.records("orders") if name == "Order"}
    seen: list[int | None] = []
    first: dict[str, Any] = {}
    for name, record in hub.records("allocations"):
        if "trace" in record:
            first.setdefault(record["order_id"], record)
            _holds(record, orders[record["order_id"]])
            assert name == "OrderAllocated" or record["order_id"] in (*late, *back)
    assert first.keys() == orders.keys()
    for order_id, release in hub.released.items():
        its = version_of(first[order_id])
        assert its == turn_of(release, orders[order_id]), (order_id, release)
        seen.append(its[0])
    assert min(seen.count(version) for version in (None, 1, 2)) >= 15


def _holds(decision: Any, order: Any) -> None:
    """What the reference makes of the same order, on the load that the trace quotes."""
    (round_,) = decision["trace"]["rounds"]
    if round_["by_rules"] is None:
        return
    document = tomllib.loads(RULES[round_["by_rules"]["decided_by"]["version"]])
    (sku,) = [line["sku"] for line in order["lines"]]
    levels: Any = {sku: [level(each["warehouse"], each["covers"]) for each in round_["considered"]]}
    load = {each["warehouse"]: each["open_units"] for each in round_["considered"]}
    known = sorted(warehouses(), key=lambda each: each["warehouse"])
    receiver = order["receiver"]
    stand = warehouse_facts([sku], levels, known, load, destination(receiver), receiver["country"])
    expected = decided(document, Facts(order_facts(order), stand))
    asked = [(part["sku"], part["warehouse"], part["quantity"]) for part in decision.get("parts", ())]
    assert asked == [(part["sku"], part["warehouse"], part["quantity"]) for part in expected["parts"]]
    found = told(round_["by_rules"])
    assert found["attempts"] == expected["attempts"]
    if sku in SKUS:
        assert {each["covers"] for each in round_["considered"]} == {order["lines"][0]["quantity"]}


def test_the_log_leads_to_every_decision_again_and_a_draft_is_compared_with_all_of_them(hub: Hub) -> None:
    hub.workers.stop()
    report = json.loads(hub.penstock("rebuild", "--shadow", "--json").stdout)
    assert (report["ok"], report["differences"]) == (True, {})
    draft = hub.settings.data / "rules-1.toml"
    done = hub.penstock("rules", "simulate", str(draft), "--from", "-1d", "--way", "points", "--json")
    coverage = json.loads(done.stdout)["points"]["coverage"]
    # Those that went on when stock came in were decided in the middle of a batch, and balances are published after it.
    assert coverage["missing"].keys() <= {"NO_BALANCES"} and coverage["missing"].get("NO_BALANCES", 0) <= 12
    assert coverage["with_facts"] > 150


def test_one_order_tells_who_decided_it_and_why(hub: Hub) -> None:
    order_id = next(each for each, turns in hub.decisions().items() if turns[0] == (1, 5_000))
    said = hub.penstock("order", "show", order_id).stdout
    assert "decided by rules/default, version 1, on a share of 50 %" in said
    assert "by rank" in said
