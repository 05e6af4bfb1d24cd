"""All that is on record about one order, gathered from ten topics through a store on disk: memory stays flat."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.codec import CODEC
from schemas.topics import MERGE_ANSWERS
from streams.aside.places import Place
from streams.engine.store import Store
from streams.replay.shadow.reading import Recordings, place_of, sound

#: What allocation reads, and what it says. Where the same topic carries others' records too, they are left out below.
EVENTS = ("orders", "inventory.results", "shipments", "orders.decisions", "aftersales", "returns", MERGE_ANSWERS)
DECISIONS, STATUSES, COMMANDS = "allocations", "order.status", "inventory.commands"
TOPICS = (*EVENTS, DECISIONS, STATUSES, COMMANDS)
#: Commands that allocation gives, an Adjust of an order's among them; Expire is inventory's own, the others come from outside.
_ALLOCATIONS_OWN = frozenset(
    ("Reserve", "Release", "Commit", "Freeze", "AwaitStock", "ForgetStock", "Restock", "Adjust")
)

_CASES = ("cases", 0)
#: Behind the order id: which topic, partition, offset.
_PLACE = struct.Struct(">BHq")
_TIME = struct.Struct(">q")


class Event(NamedTuple):
    """A record that allocation has read, or will."""

    place: Place
    at_ms: int
    name: str
    record: dict[str, Any]
    due: bool


class Said(NamedTuple):
    """A record that allocation has sent. ``at_ms``: the time in the log of the event that caused it; ``sent_ms``: its own."""

    place: Place
    sent_ms: int
    at_ms: int
    name: str
    record: dict[str, Any]
    value: bytes


@dataclass
class Case:
    """One order. Events by topic; decisions and statuses in the order of the log; commands in none: they stand in several partitions."""

    order_id: str
    events: list[list[Event]] = field(default_factory=lambda: [[] for _ in EVENTS])
    decisions: list[Said] = field(default_factory=list)
    statuses: list[Said] = field(default_factory=list)
    commands: list[Said] = field(default_factory=list)


def gather(store: Store, logs: Recordings, quarantined: set[Place]) -> list[Place]:
    """Reads the topics into the store; returns the events that cannot be read and were not set aside."""
    lost = []
    for messages in logs.batches(TOPICS):
        changes: dict[bytes, bytes | None] = {}
        for message in messages:
            place, found = place_of(message), None if logs.misplaced(message) else sound(message)
            if place in quarantined or (logs.cut.of_state and place.topic in EVENTS and not logs.cut.is_due(*place)):
                continue
            if found is None:
                if place.topic in EVENTS and logs.cut.is_due(*place):
                    lost.append(place)
                continue
            order_id = found.record.get("order_id") or ""
            own = place.topic != COMMANDS or found.name in _ALLOCATIONS_OWN
            if not order_id or not own:
                continue
            key = order_id.encode() + b"\0" + _PLACE.pack(TOPICS.index(place.topic), place.partition, place.offset)
            changes[key] = _TIME.pack(message.timestamp()[1]) + (message.value() or b"")
        store.write({_CASES: changes}, {})
    return lost


def cases(store: Store, logs: Recordings) -> Iterator[Case]:
    """One order after the other."""
    case: Case | None = None
    for key, raw in store.scan(_CASES):
        order_id = key[: -_PLACE.size - 1].decode()
        if case is None or case.order_id != order_id:
            if case is not None:
                yield case
            case = Case(order_id)
        topic_no, partition, offset = _PLACE.unpack(key[-_PLACE.size :])
        place, value = Place(TOPICS[topic_no], partition, offset), raw[_TIME.size :]
        (sent_ms,) = _TIME.unpack(raw[: _TIME.size])
        name, record = CODEC.decode(value)
        if topic_no < len(EVENTS):
            case.events[topic_no].append(Event(place, sent_ms, name, record, logs.cut.is_due(*place)))
            continue
        at_ms = next(record[f] for f in ("decided_at_ms", "requested_at_ms", "at_ms") if f in record)
        said = Said(place, sent_ms, at_ms, name, record, value)
        {DECISIONS: case.decisions, STATUSES: case.statuses, COMMANDS: case.commands}[place.topic].append(said)
    if case is not None:
        yield case
