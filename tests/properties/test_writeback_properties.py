"""Writeback: whatever the interleaving of its topics, and whatever is read twice, the same comes of it in the end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.domain.writeback import decide as writeback
from streams.domain.writeback.policy import Rules
from tests.domain.make import AT_MS
from tests.domain.writebacks import HOUR_MS, ORDER, allocated, command, line, order, result, shipped

SEEDS = st.integers(0, 2**32 - 1)
LINES = (line("1"), line("2", 1))
ATTEMPTS_MAX = 3
ENDED = ("WRITTEN", "DEAD", "ABANDONED")
#: What a platform says to a number's first, second... submission; the last goes on.
ANSWERS = (
    *(("SHIPPED",), ("ALREADY_SHIPPED",), ("RETRYABLE", "SHIPPED"), ("RETRYABLE", "RETRYABLE", "SHIPPED")),
    *(("HELD", "SHIPPED"), ("RETRYABLE", "HELD", "HELD", "HELD", "SHIPPED"), ("HELD", "HELD", "HELD", "RETRYABLE")),
    *(("RETRYABLE",), ("NUMBER_WRONG",), ("CARRIER_WRONG",), ("RETRYABLE", "REQUEST_WRONG")),
)


class Story(NamedTuple):
    """What happens to one order outside: each topic's records in their order, and the platform's answers."""

    orders: Sequence[Any]
    allocations: Sequence[Any]
    shipments: Sequence[Any]
    #: By tracking number, or by shipment where there is none.
    answers: dict[str, tuple[str, ...]]
    #: The platform itself takes nothing for it.
    cancelled: bool


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Stories whose end does not depend on who hears of what first: an order that is held for good, say, would."""
    count = draw(st.integers(1, 4))
    shipments, answers = [], {}
    for number in range(1, count + 1):
        told = draw(st.sampled_from([f"SF{number}", "SF-ONE", ""]))
        lines = draw(st.sampled_from([[], [LINES[0]], [LINES[1]], list(LINES)]))
        shipments.append(shipped(f"S{number}", draw(st.sampled_from(["HZ", "GZ", "CD"])), told, lines=lines))
        answers.setdefault(told or f"S{number}", draw(st.sampled_from(ANSWERS)))
    numbered = all(each["tracking_no"] for each in shipments)
    last = draw(st.sampled_from(["PAID", "CANCELLED", *(["SHIPPED"] if numbered else [])]))
    statuses = [*draw(st.lists(st.sampled_from(["UNPAID", "PAID", "HOLD"]), max_size=3)), last]
    parts = [("HZ", LINES[0]), ("GZ", LINES[1])], [("HZ", LINES[0]), ("HZ", LINES[1])]
    allocations = [allocated(*parts[draw(st.integers(0, 1))], attempt=1)]
    if draw(st.booleans()):
        allocations.append({"order_id": ORDER})
        allocations.append(allocated(*parts[draw(st.integers(0, 1))], attempt=2))
    orders = [order(version, status) for version, status in enumerate(statuses, 1)]
    return Story(orders, allocations, shipments, answers, last == "CANCELLED")


@dataclass
class World:
    """One interleaving of a story, by the draws of ``chance``; every rule that holds at any time is checked at every step."""

    story: Story
    chance: random.Random
    again: float = 0.0
    decide: Any = writeback.decide
    state: Any = None
    at_ms: int = AT_MS
    requests: list[Any] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    last_said: dict[str, Any] = field(default_factory=dict)
    dead: int = 0
    seen: list[tuple[str, Any]] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    redriven: bool = False

    def live(self) -> World:
        topics = [
            [("Order", each) for each in self.story.orders],
            [("OrderAllocated" if "parts" in each else "AllocationReleased", each) for each in self.story.allocations],
            [("Shipped", each) for each in self.story.shipments],
        ]
        while any(topics) or self.results:
            choices: list[Any] = [topic for topic in topics if topic] + ([self.results] if self.results else [])
            chosen = self.chance.choice(choices)
            self.take(*chosen.pop(0))
            while self.seen and self.chance.random() < self.again:
                self.take(*self.chance.choice(self.seen))
        self.settle()
        return self

    def settle(self) -> None:
        """Time passes until nothing more happens."""
        for _ in range(60):
            self.tick(HOUR_MS // 12)
            while self.results:
                self.take(*self.results.pop(0))

    def redrive_dead(self) -> None:
        """An operator has put right what was wrong, and lets everything go on."""
        self.redriven = True
        for parcel in [each for each in self.state["parcels"] if each["phase"] == "DEAD"]:
            self.take("WritebackCommand", command(shipment=parcel["shipment_id"], command_id=parcel["shipment_id"]))
        self.settle()

    def take(self, name: str, record: Any) -> None:
        self.at_ms += 1
        self.seen.append((name, record))
        if name == "WritebackResult":
            self.answered.add(record["request_id"])
        self._came(self.decide(self.state, name, record, Rules(), self.at_ms))

    def tick(self, after_ms: int) -> None:
        self.at_ms += after_ms
        if self.state is not None:
            self._came(writeback.wake(self.state, Rules(), self.at_ms))

    def _came(self, decision: Any) -> None:
        written = {p["shipment_id"] for p in (self.state or {"parcels": ()})["parcels"] if p["phase"] == "WRITTEN"}
        self.state = decision.state
        for name, status in decision.statuses:
            if name == "WritebackChanged":
                self.last_said[status["shipment_id"]] = status
        self.dead += len(decision.dead)
        for request in decision.requests:
            assert request["request_id"] not in {each["request_id"] for each in self.requests}, "asked twice"
            assert request["attempt"] <= ATTEMPTS_MAX
            self.requests.append(request)
            self.results.append(("WritebackResult", self._answer(request)))
        waiting = {each["request_id"] for each in self.requests} - self.answered
        assert len(waiting) <= 1, f"open at once: {waiting}"
        for parcel in self.state["parcels"] if self.state else ():
            said = self.last_said[parcel["shipment_id"]]
            assert (said["phase"], said["reason"], said["tracking_no"]) == (
                *(parcel["phase"], parcel["reason"], parcel["tracking_no"]),
            ), "what was said last is not where it stands"
            assert parcel["phase"] == "WRITTEN" or parcel["shipment_id"] not in written, "a success was overwritten"

    def _answer(self, request: Any) -> Any:
        if self.story.cancelled:
            return result(request, "ORDER_FORBIDS")
        if self.redriven:
            return result(request, "SHIPPED")
        n = int(request["request_id"].partition("#")[2])
        number = request["tracking_no"] or f"WB-{request['shipment_id']}"
        script = self.story.answers[number.removeprefix("WB-")]
        said = script[min(n, len(script)) - 1]
        held = said == "HELD"
        return result(request, "RETRYABLE" if held else said, tracking_no=number, held=held)

    def end(self) -> dict[str, Any]:
        """Where each parcel has come to. Which of two parcels with one number was told, and which went with it, is of no account."""
        shared = {number for number in self.story.answers if self._parcels_of(number) > 1}
        return {
            parcel["shipment_id"]: (
                parcel["phase"],
                parcel["tracking_no"],
                parcel["reason"] if parcel["phase"] == "WAITING" else "",
                ""
                if self.story.cancelled or parcel["tracking_no"] in shared
                else (parcel["requests"], parcel["outcome"]),
            )
            for parcel in self.state["parcels"]
        }

    def _parcels_of(self, number: str) -> int:
        return sum(each["tracking_no"] == number for each in self.story.shipments)


@given(story=stories(), first=SEEDS, second=SEEDS)
@settings(max_examples=250)
def test_the_end_does_not_depend_on_the_interleaving(story: Story, first: int, second: int) -> None:
    ends = []
    for seed in (first, second):
        world = World(story, random.Random(seed)).live()
        before = world.end()
        world.redrive_dead()
        ends.append((before, world.end()))
    assert ends[0] == ends[1]


@given(story=stories(), seed=SEEDS)
@settings(max_examples=150)
def test_records_read_again_change_nothing(story: Story, seed: int) -> None:
    assert World(story, random.Random(seed), again=0.4).live().end() == World(story, random.Random(seed)).live().end()


@given(story=stories(), seed=SEEDS)
@settings(max_examples=100)
def test_every_parcel_ends_or_says_what_it_waits_for(story: Story, seed: int) -> None:
    world = World(story, random.Random(seed)).live()

    assert {each["shipment_id"] for each in story.shipments} == {p["shipment_id"] for p in world.state["parcels"]}
    for parcel in world.state["parcels"]:
        assert parcel["phase"] in ENDED or (parcel["phase"] == "WAITING" and parcel["reason"])
    assert world.dead >= sum(parcel["phase"] == "DEAD" for parcel in world.state["parcels"])
    world.redrive_dead()
    if not story.cancelled:
        assert all(parcel["phase"] != "DEAD" for parcel in world.state["parcels"])


# --- each rule that is broken on purpose is noticed ---


def every_shipment_anew(state: Any, name: str, record: Any, rules: Rules, at_ms: int) -> Any:
    """A stage that does not know a shipment again."""
    if name == "Shipped" and state is not None:
        state = {**state, "parcels": [p for p in state["parcels"] if p["shipment_id"] != record["shipment_id"]]}
    return writeback.decide(state, name, record, rules, at_ms)


def impatient(state: Any, name: str, record: Any, rules: Rules, at_ms: int) -> Any:
    """A stage that takes every answer for a command to try again."""
    if name == "WritebackResult" and record["outcome"] == "RETRYABLE":
        name, record = "WritebackCommand", command(shipment=record["shipment_id"], command_id=str(at_ms))
        parcels = [
            {**p, "phase": "DEAD"} if p["shipment_id"] == record["shipment_id"] and p["phase"] == "REQUESTED" else p
            for p in state["parcels"]
        ]
        state = {**state, "parcels": parcels}
    return writeback.decide(state, name, record, rules, at_ms)


def holds_are_failures(state: Any, name: str, record: Any, rules: Rules, at_ms: int) -> Any:
    """A stage that counts a hold as an attempt."""
    return writeback.decide(state, name, {**record, "held": False} if "held" in record else record, rules, at_ms)


def unordered(state: Any, name: str, record: Any, rules: Rules, at_ms: int) -> Any:
    """A stage that tells an order's parcels all at once."""
    if name == "Shipped" and state is not None:
        hidden = [p for p in state["parcels"] if p["phase"] == "REQUESTED"]
        rest = {**state, "parcels": [p for p in state["parcels"] if p["phase"] != "REQUESTED"]}
        decision = writeback.decide(rest, name, record, rules, at_ms)
        return decision._replace(state={**decision.state, "parcels": [*hidden, *decision.state["parcels"]]})
    return writeback.decide(state, name, record, rules, at_ms)


@pytest.mark.parametrize("broken", [every_shipment_anew, impatient, holds_are_failures, unordered])
def test_a_broken_rule_is_noticed(broken: Any) -> None:
    shipments = [shipped("S1", lines=[LINES[0]]), shipped("S2", lines=[LINES[1]])]
    answers = {"SFS1": ("RETRYABLE", "SHIPPED"), "SFS2": ("HELD", "HELD", "HELD", "SHIPPED")}
    story = Story([order()], [allocated()], shipments, answers, cancelled=False)
    sound = World(story, random.Random(1)).live().end()
    with pytest.raises(AssertionError):
        for seed in range(60):
            assert World(story, random.Random(seed), again=0.4, decide=broken).live().end() == sound
