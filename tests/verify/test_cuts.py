"""Logs whose beginnings are gone: nothing is said of what only those could prove, and everything of the rest."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from rich.console import Console

from tests.verify.logs import EVENTS, Logs, allocated_order
from tests.verify.test_model import life
from tests.verify.test_parcels import sound, told

DAY_MS = 86_400_000
#: Their logs keep the newest record of each key, and are never cut.
COMPACTED = {"inventory.availability"}


def shop() -> Logs:
    """Orders, stock and parcels in every state, all as it should be."""
    logs = life()
    for topic, entries in told(*sound()).entries.items():
        own = logs.entries.setdefault(topic, [])
        own += [entry._replace(offset=len(own) + offset) for offset, entry in enumerate(entries)]
    return logs


TOPICS = sorted(shop().entries.keys() - COMPACTED)


@pytest.mark.parametrize("topic", TOPICS)
def test_any_cut_of_one_log_makes_no_violation(topic: str) -> None:
    for begin in range(1, len(shop().entries[topic]) + 1):
        logs = shop()
        logs.begins = {topic: begin}
        report = logs.verify()
        assert report.violations == [], f"{topic} begins at {begin}"
        assert report.cut == {topic: begin}
        assert logs.is_quiet, f"{topic} begins at {begin}"


@pytest.mark.parametrize("seed", range(100))
def test_any_cut_of_any_logs_makes_no_violation(seed: int) -> None:
    chance = random.Random(seed)
    logs = shop()
    for topic in chance.sample(TOPICS, chance.randint(1, len(TOPICS))):
        logs.begins[topic] = chance.randint(1, len(logs.entries[topic]))
    assert logs.verify().violations == [], f"seed {seed}"
    assert logs.is_quiet, f"seed {seed}"


def test_what_is_not_judged_is_counted_and_said() -> None:
    logs = allocated_order()
    logs.begins = {EVENTS: 1, "allocations": 1}
    report = logs.verify()
    assert report.not_judged == {"outcome_without_event": 1, "status_contradicts": 1, "reservation_leaked": 1}
    with (console := Console(width=200)).capture() as said:
        report.print(console)
    assert "1 allocations, 1 channel.taobao.events offsets are gone" in said.get()
    assert "cut: not judged: 1 outcome_without_event" in said.get()


def dropped(logs: Logs) -> None:
    logs.event(b"dropped")


def accepted_twice(logs: Logs) -> None:
    logs.order(version=1, order_id="taobao:9")
    logs.order(version=1, order_id="taobao:9")
    logs.status("HELD", order_id="taobao:9")


def undecided(logs: Logs) -> None:
    logs.order(order_id="taobao:9", status="UNPAID")


def contradicted(logs: Logs) -> None:
    logs.order(order_id="taobao:9", status="CANCELLED")
    logs.status("ALLOCATED", order_id="taobao:9")


def decided_twice(logs: Logs) -> None:
    logs.order(order_id="taobao:9")
    for _ in range(2):
        logs.backordered(order_id="taobao:9")
    logs.status("BACKORDERED", order_id="taobao:9")


def invented(logs: Logs) -> None:
    logs.duplicate({"topic": EVENTS, "partition": 0, "offset": 99}, {"topic": EVENTS, "partition": 0, "offset": 98})


def unanswered(logs: Logs) -> None:
    logs.receive(answer=None, command_id="r9")


def applied_twice(logs: Logs) -> None:
    for _ in range(2):
        logs.receive(command_id="r9")


def shipped_twice(logs: Logs) -> None:
    logs.reserve(order_id="taobao:9")
    for _ in range(2):
        logs.resolve("Commit", "COMMITTED", order_id="taobao:9")
    logs.order(order_id="taobao:9", status="CANCELLED")
    logs.status("CANCELLED", order_id="taobao:9")


def oversold(logs: Logs) -> None:
    logs.available(3, 4)


PLANTED: list[tuple[Callable[[Logs], None], dict[str, int]]] = [
    (dropped, {"event_without_outcome": 1}),
    (accepted_twice, {"order_accepted_twice": 1}),
    (undecided, {"order_undecided": 1}),
    (contradicted, {"status_contradicts": 1}),
    (decided_twice, {"order_decided_twice": 1}),
    (invented, {"outcome_without_event": 1, "duplicate_of_nothing": 1}),
    (unanswered, {"command_unanswered": 1}),
    (applied_twice, {"applied_twice": 1}),
    (shipped_twice, {"resolved_twice": 1}),
    (oversold, {"oversold": 1}),
]


@pytest.mark.parametrize(("plant", "found"), PLANTED, ids=lambda it: getattr(it, "__name__", ""))
def test_what_is_wrong_behind_the_cut_is_found(plant: Callable[[Logs], None], found: dict[str, int]) -> None:
    logs = shop()
    logs.begins = {topic: len(logs.entries[topic]) for topic in TOPICS}
    # Life goes on after the cut, and what follows is younger than the first that is left.
    logs.now_ms = DAY_MS
    logs.order(order_id="taobao:7", status="CANCELLED")
    logs.status("CANCELLED", order_id="taobao:7")
    logs.duplicate(logs.event(), logs.entries["orders"][-1].record["source"])
    logs.review(logs.event())
    logs.quarantine(logs.event())
    logs.receive(command_id="r7")
    logs.allocated(attempt=9, version=3)
    assert logs.verify().violations == []
    logs.now_ms = 2 * DAY_MS
    plant(logs)
    assert logs.kinds() == found


def test_an_event_without_outcome_that_is_as_old_as_the_cut_is_not_judged() -> None:
    logs = allocated_order()
    logs.event(b"its outcome may be gone")
    logs.begins = {"orders": 1}
    logs.now_ms = DAY_MS
    logs.order(order_id="taobao:7", status="CANCELLED")
    logs.status("CANCELLED", order_id="taobao:7")
    report = logs.verify()
    assert report.violations == [] and report.channels["taobao"]["cut"] == 2
