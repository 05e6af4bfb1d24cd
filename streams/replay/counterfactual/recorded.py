"""Decisions of a period as the log has them, each with the order that was decided about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from confluent_kafka import Message

from schemas.codec import CODEC, CodecError
from streams.replay.errors import ReplayRefused
from streams.replay.log import Log, Range, Reading

_BATCH = 2_000

ORDERS, DECISIONS, SHIPMENTS, COMMANDS = "orders", "allocations", "shipments", "inventory.commands"
Advance = Callable[[int], None]


class Period(NamedTuple):
    """From the first moment to before the last, in ms since the epoch."""

    from_ms: int
    to_ms: int

    def has(self, message: Message) -> bool:
        """Whether a record bears a time of it."""
        return self.from_ms <= int(message.timestamp()[1]) < self.to_ms


class Recorded(NamedTuple):
    """One decision. ``order_ms``, ``at_ms``: when order and decision were written."""

    order_id: str
    at_ms: int
    name: str
    decision: Mapping[str, Any]
    order_ms: int
    #: The version that was decided about; None: the log does not have it any more.
    order: Any


class Logs:
    """Topics as far as they were written when this was made. Raises ReplayRefused: one is missing."""

    def __init__(self, log: Log, topics: Iterable[str], advance: Advance) -> None:
        self._log, self._advance = log, advance
        counts = log.topics()
        self._ranges: dict[str, list[Range]] = {}
        for topic in topics:
            if topic not in counts:
                raise ReplayRefused(f"there is no topic {topic!r}: penstock topics create makes all of them")
            self._ranges[topic] = [log.bounds(topic, partition) for partition in range(counts[topic])]

    def partitions(self, topic: str) -> int:
        """How many a topic has."""
        return len(self._ranges[topic])

    def offsets(self) -> int:
        """Of all topics, for a progress bar."""
        return sum(span.end - span.start for spans in self._ranges.values() for span in spans)

    def batches(self, topics: Iterable[str]) -> Iterator[list[Message]]:
        """One topic after the other, each partition's records in their order."""
        for topic in topics:
            yield from self._read(topic, self._ranges[topic])

    def of_partition(self, topic: str, partition: int, from_ms: int = 0) -> Iterator[Message]:
        """Its records in their order, from the first of a time on."""
        span = self._ranges[topic][partition]
        if from_ms:
            start = self._log.since(topic, from_ms, [span])[partition]
            self._advance(start - span.start)
            span = span._replace(start=start)
        for messages in self._read(topic, [span]):
            yield from messages

    def _read(self, topic: str, spans: list[Range]) -> Iterator[list[Message]]:
        reading = Reading(self._log, topic, spans)
        while not reading.done:
            messages = reading.next(_BATCH)
            self._advance(len(messages))
            yield messages


def decoded(message: Message) -> tuple[str, Any] | None:
    """A record's name and what it says; None where it cannot be read."""
    try:
        name, record = CODEC.decode(message.value() or b"")
    except CodecError:
        return None
    return name, record


def decisions(logs: Logs, partition: int, period: Period) -> Iterator[Recorded]:
    """Those of one partition, in their order. Its orders are held as bytes meanwhile."""
    versions: dict[bytes, list[tuple[int, bytes]]] = {}
    for message in logs.of_partition(ORDERS, partition):
        key, value = message.key(), message.value()
        if isinstance(key, bytes) and isinstance(value, bytes):
            versions.setdefault(key, []).append((int(message.timestamp()[1]), value))
    for message in logs.of_partition(DECISIONS, partition, period.from_ms):
        found = decoded(message) if period.has(message) else None
        if found is None:
            continue
        name, decision = found
        order_id = str(decision["order_id"])
        order_ms, order = _version(versions.get(order_id.encode(), ()), decision.get("order_version"))
        yield Recorded(order_id, int(message.timestamp()[1]), name, decision, order_ms, order)


def _version(versions: Iterable[tuple[int, bytes]], wanted: Any) -> tuple[int, Any]:
    """The last record of a version: an order may be written twice with the same one."""
    for at_ms, value in reversed(list(versions)):
        try:
            _, order = CODEC.decode(value)
        except CodecError:
            continue
        if wanted is None or order["version"] == wanted:
            return at_ms, order
    return 0, None
