"""Reads committed records of chosen ranges of a topic, without a group: nobody's position moves, nobody's partitions are taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.topics import COMPACTED
from streams.engine.asking import patiently
from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.settings import Settings

_TIMEOUT_S = 30.0
_STALL_S = 120.0
#: The last offsets of a partition may be transaction markers: the last record is looked for among so many, then twice as many...
_FEW = 16

T = TypeVar("T")


class Range(NamedTuple):
    """Offsets of one partition: from ``start``, before ``end``. Some may have no record: transaction markers, compacted ones."""

    partition: int
    start: int
    end: int


class Log:
    """A reader of one cluster. Its methods block; one call at a time.

    Raises:
        ReplayRefused: the broker does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        self._brokers = settings.brokers
        properties = Options.quiet(settings.kafka).client(
            settings.brokers,
            **{
                # Required by librdkafka; it is never joined, and nothing is committed in it.
                "group.id": f"{settings.app_id}-replay-reader",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                # Where the log no longer holds what is to be read it must say so, and not go on somewhere else.
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 20,
                "queued.max.messages.kbytes": 32 * 1024,
            },
        )
        self._consumer = Consumer(properties)
        self._guard = Guard(self._consumer, properties, compacted=COMPACTED)

    def topics(self) -> dict[str, int]:
        """Topic -> partitions."""
        try:
            topics = self._consumer.list_topics(timeout=_TIMEOUT_S).topics
        except KafkaException as exc:
            raise ReplayRefused(f"no broker answers at {self._brokers}: {exc.args[0].str()}") from exc
        return {name: len(topic.partitions) for name, topic in topics.items()}

    def bounds(self, topic: str, partition: int) -> Range:
        """The first offset held, and the one after the last committed record."""
        asked = TopicPartition(topic, partition)
        what = f"where {topic}/{partition} ends"
        found = _said(what, lambda: self._consumer.get_watermark_offsets(asked, timeout=_TIMEOUT_S))
        if found is None:
            raise ReplayRefused(f"the broker does not say where {topic}/{partition} ends")
        return Range(partition, *found)

    def since(self, topic: str, at_ms: int, ranges: Iterable[Range]) -> dict[int, int]:
        """Per partition the offset of the first record that is of this time or later; the range's end when there is none."""
        held = {r.partition: r for r in ranges}
        asked = [TopicPartition(topic, p, at_ms) for p in held]
        found = _said(f"times in {topic}", lambda: self._consumer.offsets_for_times(asked, timeout=_TIMEOUT_S))
        # The broker counts transaction markers too, which bear the time of the commit, however old their records are: from there on, look.
        lower = {tp.partition: tp.offset if tp.offset >= 0 else held[tp.partition].end for tp in found}
        return {p: self._first_since(topic, Range(p, lower[p], held[p].end), at_ms) for p in held}

    def _first_since(self, topic: str, span: Range, at_ms: int) -> int:
        reading = Reading(self, topic, [span])
        while not reading.done:
            for message in reading.next(1_000):
                if message.timestamp()[1] >= at_ms:
                    return int(message.offset() or 0)
        return span.end

    def first_ms(self, topic: str, span: Range) -> int | None:
        """Time of a range's first record; None when it has none."""
        reading = Reading(self, topic, [span])
        while not reading.done:
            for message in reading.next(1):
                return int(message.timestamp()[1])
        return None

    def last_ms(self, topic: str, span: Range) -> int | None:
        """Time of a range's last record; None when it has none."""
        width = _FEW
        while True:
            tail = Range(span.partition, max(span.start, span.end - width), span.end)
            reading, last = Reading(self, topic, [tail]), None
            while not reading.done:
                for message in reading.next(1_000):
                    last = int(message.timestamp()[1])
            if last is not None or tail.start == span.start:
                return last
            width *= 4

    def assign(self, topic: str, ranges: Iterable[Range]) -> None:
        """For ``Reading``."""
        self._guard.assign([TopicPartition(topic, r.partition, r.start) for r in ranges])

    def consume(self, most: int) -> list[Message]:
        """For ``Reading``: records and events. Raises ReplayStopped."""
        try:
            # It waits to fill the batch: at a topic's end that is for nothing.
            return cast(list[Message], self._guard.take(most, 0.05))
        except KafkaFault as exc:
            raise ReplayStopped(str(exc)) from exc

    def leave_out(self, topic: str, partition: int) -> None:
        """For ``Reading``: a partition that is through."""
        self._consumer.incremental_unassign([TopicPartition(topic, partition)])
        self._guard.forget([TopicPartition(topic, partition)])

    def close(self) -> None:
        """Ends the connections."""
        self._consumer.close()


class Reading:
    """One pass over ranges, partition by partition in the order of the offsets; partitions come as the broker sends them.

    Attributes:
        positions: per partition, the offset to go on from after what ``next`` has returned.
    """

    def __init__(self, log: Log, topic: str, ranges: Iterable[Range]) -> None:
        self._log = log
        self._topic = topic
        self._ends = {r.partition: r.end for r in ranges if r.start < r.end}
        self.positions = {r.partition: r.start for r in ranges}
        self._heard = time.monotonic()
        log.assign(topic, [r for r in ranges if r.start < r.end])

    @property
    def done(self) -> bool:
        """Every range has been read to its end."""
        return not self._ends

    def next(self, most: int) -> list[Message]:
        """Up to ``most`` records; maybe none yet.

        Raises:
            ReplayStopped: the broker has fallen silent, or the log no longer holds what is to be read.
        """
        found = []
        for message in self._log.consume(most):
            partition, error = int(message.partition() or 0), message.error()
            if partition not in self._ends:
                continue
            if error is None and int(message.offset() or 0) < self._ends[partition]:
                found.append(message)
                self.positions[partition] = int(message.offset() or 0) + 1
            if error is not None and error.code() != KafkaError._PARTITION_EOF:
                if error.fatal() or error.code() == KafkaError._AUTO_OFFSET_RESET:
                    raise ReplayStopped(f"{self._topic}/{partition} cannot be read on: {error.str()}")
                continue
            # The log's end, a later record, or the range's last one: this partition is through.
            if error is not None or int(message.offset() or 0) + 1 >= self._ends[partition]:
                self.positions[partition] = self._ends.pop(partition)
                self._log.leave_out(self._topic, partition)
        if found or self.done:
            self._heard = time.monotonic()
        elif time.monotonic() - self._heard > _STALL_S:
            left = ", ".join(f"{self._topic}/{p}" for p in sorted(self._ends))
            raise ReplayStopped(f"nothing has come from {left} for {_STALL_S:.0f} s")
        return found


def _said(what: str, ask: Callable[[], T]) -> T:
    """The broker's answer. A partition that is just being made, or is changing its leader, is asked again for a while."""
    try:
        return patiently(ask, _TIMEOUT_S)
    except KafkaException as exc:
        raise ReplayRefused(f"the broker does not say {what}: {exc.args[0].str()}") from exc


def headers_of(message: Message) -> list[tuple[str, Any]]:
    """A record's headers, in their order; a name may stand twice."""
    found = message.headers() or []
    pairs = found.items() if isinstance(found, dict) else found
    return [(name, value.encode() if isinstance(value, str) else value) for name, value in pairs]


def offsets_of(ranges: Iterable[Range], positions: Mapping[int, int]) -> int:
    """Offsets that lie before these positions."""
    return sum(positions.get(r.partition, r.start) - r.start for r in ranges)
