"""The writeback's agent on tables in memory: what it stores, what it sends first, and its index of times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from schemas.codec import CODEC
from streams.agents.writeback import WritebackAgent
from streams.domain.expiry import expiry_key
from streams.domain.writeback.policy import Rules
from streams.domain.writeback.state import due_ms
from streams.engine import Batch
from tests.domain.make import AT_MS
from tests.domain.make import order as whole_order
from tests.domain.writebacks import HOUR_MS, MINUTE_MS, line, result, shipped


class Memory:
    """A table as the agent uses it."""

    def __init__(self) -> None:
        self.items: dict[bytes, Any] = {}

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, Any]:
        return {key: self.items[key] for key in keys if key in self.items}

    def put_many(self, items: Mapping[bytes, Any]) -> None:
        self.items.update(items)

    def delete(self, key: bytes) -> None:
        self.items.pop(key, None)

    def range(self, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, Any]]:
        for key in sorted(self.items):
            if key >= start and (stop is None or key < stop):
                yield key, self.items[key]


class Message:
    """A record as it is read."""

    def __init__(self, topic: str, key: str, name: str, record: Mapping[str, Any]) -> None:
        self._key, self._value = key.encode(), CODEC.encode(name, record)

    def key(self) -> bytes:
        return self._key

    def value(self) -> bytes:
        return self._value

    def timestamp(self) -> tuple[int, int]:
        return 1, AT_MS


class Rig:
    """The agent, its tables, and what it has sent."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.states, self.due = Memory(), Memory()
        self.sent: list[tuple[str, str, Any]] = []
        self.rule(rules or Rules())

    def rule(self, rules: Rules) -> None:
        """A worker with these rules takes over."""
        self.rules = rules
        self.agent = WritebackAgent(self.states, self.due, rules)  # type: ignore[arg-type]

    def read(self, topic: str, name: str, *records: Mapping[str, Any]) -> None:
        messages = [Message(topic, record["order_id"], name, record) for record in records]
        self.agent.on_batch(Batch(topic, 0, messages, AT_MS, self))  # type: ignore[arg-type]

    def tick(self, at_ms: int) -> None:
        self.agent.on_tick(Batch("orders", 0, [], at_ms, self))  # type: ignore[arg-type]

    def send(self, topic: str, key: bytes, value: bytes) -> None:
        self.sent.append((topic, *CODEC.decode(value)))

    def requested(self) -> list[str]:
        return [record["order_id"] for topic, _, record in self.sent if topic == "writeback.requests"]

    def times(self) -> dict[bytes, None]:
        """The index, as the states say it should be."""
        due = ((due_ms(state, self.rules), key.decode()) for key, state in self.states.items.items())
        return {expiry_key(at_ms, order_id): None for at_ms, order_id in due if at_ms is not None}


def paid(number: int, hours: int = 48) -> dict[str, Any]:
    """An order with this long to go."""
    made = whole_order(order_id=f"taobao:{number}")
    return {**made, "ship_by_ms": AT_MS + hours * HOUR_MS, "lines": [{**made["lines"][0], "line_no": "1"}]}


def left(number: int) -> dict[str, Any]:
    return {**shipped(f"S{number}"), "order_id": f"taobao:{number}", "lines": [line("1")]}


def retrying(*numbers: int) -> Rig:
    rig = Rig()
    rig.read("orders", "Order", *map(paid, numbers))
    rig.read("shipments", "Shipped", *map(left, numbers))
    answers = [
        result(record, "RETRYABLE", at_ms=AT_MS) for topic, _, record in rig.sent if topic == "writeback.requests"
    ]
    rig.read("writeback.results", "WritebackResult", *answers)
    rig.sent.clear()
    return rig


def test_requests_due_together_go_out_by_time_left() -> None:
    rig = Rig()
    rig.read("orders", "Order", paid(1, hours=30), paid(2, hours=3), paid(3, hours=12))
    rig.read("shipments", "Shipped", left(1), left(2), left(3))
    assert rig.requested() == ["taobao:2", "taobao:3", "taobao:1"]


def test_the_index_has_each_order_once_at_its_next_time() -> None:
    rig = retrying(1, 2)
    assert len(rig.due.items) == 2
    assert rig.due.items == rig.times()

    rig.tick(AT_MS + 5 * MINUTE_MS)
    assert sorted(rig.requested()) == ["taobao:1", "taobao:2"]
    assert rig.due.items == rig.times()
    taken = [result(record, at_ms=AT_MS) for topic, _, record in rig.sent if topic == "writeback.requests"]
    rig.read("writeback.results", "WritebackResult", *taken)
    assert rig.due.items == {}


def test_what_the_platform_holds_is_in_the_index_and_offered_again_when_its_time_comes() -> None:
    rig = Rig(Rules(held_ms=HOUR_MS))
    rig.read("orders", "Order", paid(1))
    rig.read("shipments", "Shipped", left(1))
    for attempt in range(1, 6):
        (request,) = [record for topic, _, record in rig.sent if topic == "writeback.requests"]
        assert request["request_id"] == f"S1#{attempt}"
        rig.sent.clear()
        rig.read("writeback.results", "WritebackResult", result(request, "RETRYABLE", held=True, at_ms=AT_MS))
        assert len(rig.due.items) == 1 and rig.due.items == rig.times()
        rig.sent.clear()
        rig.tick(AT_MS + HOUR_MS - 1)
        assert rig.sent == [] and rig.due.items == rig.times()
        rig.tick(AT_MS + HOUR_MS)


def test_a_tick_before_the_time_does_nothing() -> None:
    rig = retrying(1)
    rig.tick(AT_MS + 5 * MINUTE_MS - 1)
    assert rig.sent == [] and rig.due.items == rig.times()


@pytest.mark.parametrize("near_hours", [1, 12])
def test_a_time_of_other_rules_is_put_right_when_it_comes(near_hours: int) -> None:
    rig = Rig(Rules(near_ms=6 * HOUR_MS))
    rig.read("orders", "Order", paid(1))
    rig.read("shipments", "Shipped", left(1))
    rig.rule(Rules(near_ms=near_hours * HOUR_MS))

    rig.tick(AT_MS + 42 * HOUR_MS)
    assert rig.due.items == rig.times()
    rig.tick(AT_MS + 47 * HOUR_MS)
    assert [name for _, name, _ in rig.sent].count("WritebackDeadlineNear") == 1
    assert rig.due.items == rig.times() == {}


def test_what_was_not_allocated_does_not_concern_parcels() -> None:
    rig = Rig()
    rig.read(
        "allocations",
        "AllocationReleased",
        {
            "order_id": "taobao:1",
            "channel": "taobao",
            "shop": "s",
            "attempt": 1,
            "reason": "cancelled",
            "reservation_ids": [],
            "decided_at_ms": AT_MS,
        },
    )
    assert rig.states.items == {} and rig.sent == []
