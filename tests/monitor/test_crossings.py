"""Cross-warehouse pieces: counted in the window, and the same in metric, status, view and report from the same events."""

from __future__ import annotations

import asyncio
import io
import math
import time
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from rich.console import Console

from deploy.local import LocalKafka
from schemas.codec import CODEC
from streams.cli.status import screen
from streams.domain.routing.crossing import Crossing, crossing
from streams.monitor import overview
from streams.monitor.crossings import TOPICS, Crossings
from streams.monitor.glance import Glance
from streams.monitor.metrics import HubMetrics
from streams.monitor.overview import Watcher
from streams.monitor.process import Reading
from streams.ops.audit import entry
from streams.ops.cluster import Cluster, Publisher
from streams.ops.sinks import Record
from streams.settings import Settings
from tests.connectors.postgres.conftest import rows
from tests.connectors.postgres.test_sink import opened, take
from tests.monitor.test_counting import MINUTE_MS, NOW_MS, Told, golden
from tests.patience import PATIENCE_S
from tests.people import person


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A hub of its own: what is told here others count."""
    data = tmp_path_factory.mktemp("crossings")
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data, partitions=4)
        Cluster(settings).create_topics()
        yield settings


def allocated(number: int, first: str | None, at_ms: int, **pieces: int) -> tuple[str, str, bytes]:
    """An order of which each warehouse sends so many pieces."""
    parts = [
        {"reservation_id": f"{number}/{code}", "line_no": "1", "sku": "MUG", "warehouse": code, "quantity": quantity}
        | {"collect_minor": None, "carrier": None}
        for code, quantity in pieces.items()
    ]
    looked = {"warehouse": "bj1", "covers": 1, "distance_km": 5.0, "open_units": 0, "chosen": False, "reason": "far"}
    round_ = {"considered": [looked], "rejected": [], "by_rules": None, "pools": []}
    # What a later round makes of it does not matter: others have taken the goods by then.
    trace = {"rounds": [{**round_, "round": 1, "first_choice": first}, {**round_, "round": 2, "first_choice": "bj1"}]}
    order = {"order_id": f"jd:{number}", "channel": "jd", "shop": "crossing", "trace": trace, "parts": parts}
    return (
        "allocations",
        f"jd:{number}",
        golden("OrderAllocated", **order, decided_at_ms=at_ms, received_at_ms=at_ms),
    )


def moved(command: str, quantity: str, outcome: str = "done", action: str = "stock.transfer") -> tuple[str, str, bytes]:
    details = {"warehouse": "hz1", "to": "gz1", "quantity": quantity, "command_id": command}
    it = entry(action, "sku:MUG", by=person("li"), outcome=outcome, details=details)
    return "audit", "sku:MUG", CODEC.encode("AuditEntry", it)


def answered(command: str, answer: str) -> tuple[str, str, bytes]:
    fields = {"command_id": command, "order_id": "", "sku": "MUG", "warehouse": "hz1", "answer": answer, "reason": ""}
    return "inventory.results", "MUG", CODEC.encode("StockCommandAnswered", {**fields, "at_ms": NOW_MS})


def history(at_ms: int) -> list[tuple[str, str, bytes]]:
    """Of 40 pieces that are known 6 go from elsewhere; 4 are moved: a quarter. Refusals stand before and behind what they refuse."""
    return [
        allocated(1, "hz1", at_ms, hz1=30),
        allocated(2, "hz1", at_ms, hz1=4, gz1=5),
        allocated(3, "gz1", at_ms, hz1=1),
        # Decided before the first choice was kept, or out of a pool.
        allocated(4, None, at_ms, hz1=100),
        ("allocations", "jd:5", golden("OrderBackordered", order_id="jd:5", decided_at_ms=at_ms, received_at_ms=at_ms)),
        answered("early", "REFUSED"),
        moved("early", "50"),
        moved("late", "60"),
        answered("late", "REFUSED"),
        moved("taken", "3"),
        answered("taken", "APPLIED"),
        moved("unanswered", "1"),
        moved("failed", "70", outcome="failed"),
        moved("received", "80", action="stock.receive"),
    ]


EXPECTED = Crossing(pieces=40, elsewhere=6, moved=4)


def crossings(*messages: tuple[str, str, bytes], at_ms: int = NOW_MS, metrics: HubMetrics | None = None) -> Crossings:
    it = Crossings(3_600, metrics)
    for topic, key, value in messages:
        it.take(Told(topic, value, key.encode(), at_ms), False)
    return it


def test_pieces_are_counted_by_their_first_choice_and_moves_by_their_answers() -> None:
    it = crossings(*history(NOW_MS))
    assert it.figures(NOW_MS) == EXPECTED and EXPECTED.share == 0.25
    assert it.figures(NOW_MS + 59 * MINUTE_MS) == EXPECTED
    assert it.figures(NOW_MS + 62 * MINUTE_MS) == Crossing(0, 0, 0)


def test_a_move_counts_however_late_its_answer_is_seen() -> None:
    for order in (history(NOW_MS), history(NOW_MS)[::-1]):
        assert crossings(*order).figures(NOW_MS) == EXPECTED


def test_without_pieces_there_is_no_share() -> None:
    registry = CollectorRegistry()
    metrics = HubMetrics(registry)
    assert math.isnan(registry.get_sample_value("hub_cross_warehouse_ratio") or 0)
    crossings(moved("m", "7"), metrics=metrics).refresh(NOW_MS)
    assert math.isnan(registry.get_sample_value("hub_cross_warehouse_ratio") or 0)
    assert registry.get_sample_value("hub_cross_warehouse_pieces", {"what": "moved"}) == 7


@pytest.mark.parametrize("bad", [("allocations", "x", b"garbage"), moved("m", "many"), ("audit", "x", b"")])
def test_what_cannot_be_read_is_told_and_moves_nothing(bad: tuple[str, str, bytes]) -> None:
    registry = CollectorRegistry()
    it = crossings(bad, allocated(1, "hz1", NOW_MS, gz1=2), metrics=HubMetrics(registry))
    assert it.figures(NOW_MS) == Crossing(2, 2, 0)
    assert registry.get_sample_value("hub_unreadable_records_total", {"topic": bad[0]}) == 1


def test_a_glance_reads_within_records_and_lists_of_every_version() -> None:
    glance = Glance({"OrderAllocated": ("attempt", "parts.quantity", "trace.rounds.first_choice")})
    _, _, value = allocated(1, "hz1", NOW_MS, hz1=2)
    name, record = glance.read(value)
    assert (name, record["parts"]) == ("OrderAllocated", [{"quantity": 2}])
    assert record["trace"] == {"rounds": [{"first_choice": "hz1"}, {"first_choice": "bj1"}]}
    for wrong in ("trace.round", "trace.rounds.first", "part.quantity"):
        with pytest.raises(ValueError, match="no such fields"):
            Glance({"OrderAllocated": (wrong,)})


def test_metric_status_and_view_say_the_same_of_the_same_events(settings: Settings, hub: str) -> None:
    cluster = Cluster(settings)
    with Publisher(settings) as publisher:
        for topic, key, value in history(time.time_ns() // 1_000_000):
            publisher.send(topic, key, value)

    with Watcher(cluster) as watcher:
        seen = watcher.look()
    assert seen.cross_warehouse == EXPECTED
    assert overview.as_json(seen)["cross_warehouse"] == {"pieces": 40, "elsewhere": 6, "moved": 4, "share": 0.25}
    shown = io.StringIO()
    Console(width=140, file=shown).print(screen(seen))
    assert (
        "25.0% of 40 pieces in the last hour: 6 sent from elsewhere, 4 moved (target: 5% at most)" in shown.getvalue()
    )

    registry = CollectorRegistry()
    reading = Reading(settings, HubMetrics(registry), 3_600)
    reading.start()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while registry.get_sample_value("hub_cross_warehouse_ratio") != 0.25:
            assert time.monotonic() < deadline, reading.waits
            time.sleep(0.1)
    finally:
        reading.stop()
    for what, pieces in EXPECTED._asdict().items():
        assert registry.get_sample_value("hub_cross_warehouse_pieces", {"what": what}) == pieces

    mine = [
        Record(m.topic(), m.partition(), m.offset(), m.timestamp()[1], m.key(), m.value())
        for topic in TOPICS
        for m in cluster.read(topic)
    ]

    async def stored() -> list[Any]:
        async with opened(hub) as sink:
            assert await take(sink, mine, {}) == []
        return await rows(
            hub, "SELECT sum(pieces)::int, sum(elsewhere)::int, sum(moved)::int FROM cross_warehouse_days"
        )

    (sums,) = asyncio.run(stored())
    assert tuple(sums) == EXPECTED


def test_a_decision_without_rounds_is_not_counted() -> None:
    assert crossing([{"warehouse": "hz1", "quantity": 2}], {"rounds": []}) == Crossing()
