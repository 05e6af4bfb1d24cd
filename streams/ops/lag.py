"""How far behind every stage and every sink is: in records, and in seconds.

Records: committed ones that the reader has still to take. Seconds: the age of the oldest of them by its time in the log; 0 when there is
none. So a stage that is given nothing has no lag, and one that stands still has a lag that grows by a second a second.

A partition's last offset may belong to a transaction's marker, which nobody decides: the difference of two offsets never comes to rest. So
the first record behind the committed offset is looked at in any case (it has the age), and a short remainder is counted record by record;
a long one is the difference of offsets, markers included (one a transaction and partition).

Offsets are asked for in batches: one request a group and one a broker; one short fetch for the partitions that are behind.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]

from schemas.topics import TOPICS
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.ops.cluster import ClusterError
from streams.ops.groups import SINK_GROUP, Groups
from streams.settings import Settings
from streams.topology import CONNECTORS, TOPOLOGY, WHERE_WANTED, group_id

TP = tuple[str, int]

_TIMEOUT_S = 20.0
#: Topics that each group's workers decide on.
_DECIDED = {
    group: frozenset(topic for stage in TOPOLOGY if stage.group == group for topic in stage.reads)
    for group in dict.fromkeys(stage.group for stage in TOPOLOGY)
}
#: A remainder of so many offsets is counted record by record.
_FEW = 200


class Lag(NamedTuple):
    """One reader on one topic."""

    #: The stage, the connector or the sink.
    reader: str
    topic: str
    records: int
    #: Age of the oldest record not yet taken; of the partition that is furthest behind.
    seconds: float
    #: Partitions with something to take.
    behind: int
    partitions: int
    #: Offsets from where the reader stands that retention has deleted: it will pass them over.
    gone: int


class Lags(NamedTuple):
    """All readers at about one moment."""

    stages: list[Lag]
    sinks: list[Lag]


class _Reader(NamedTuple):
    name: str
    topics: tuple[str, ...]
    committed: Mapping[TP, int]


class _Rest(NamedTuple):
    """What is left of one partition: records, and when the first of them was written (ms since the epoch)."""

    records: int
    oldest_ms: int


_NOTHING = _Rest(0, 0)


class LagMeter:
    """Measures over and over with the same connections. One caller at a time; close it in the end.

    Raises:
        ClusterError: the cluster doesn't answer.
    """

    def __init__(self, settings: Settings) -> None:
        self._app_id = settings.app_id
        #: Who is in them can be asked on the same connections.
        self.groups = Groups(settings)
        self._peek = _Peek(settings)

    def measure(self) -> Lags:
        """Every stage on each of its topics; stages that not everybody wants, connectors and sinks where they have a group."""
        everywhere = self.groups.partitions(TOPICS)
        workers = {
            group: self.groups.committed(group_id(self._app_id, group), (tp for tp in everywhere if tp[0] in topics))
            for group, topics in _DECIDED.items()
        }
        wanted = [stage for stage in TOPOLOGY if stage.group not in WHERE_WANTED or workers[stage.group]]
        stages = [_Reader(stage.name, stage.reads, workers[stage.group]) for stage in wanted]
        for name, topics in CONNECTORS.items():
            at_its_topics = (tp for tp in everywhere if tp[0] in topics)
            if committed := self.groups.committed(group_id(self._app_id, name), at_its_topics):
                stages.append(_Reader(name, topics, committed))
        sinks = [_sink(name, self.groups.committed(SINK_GROUP + name, everywhere)) for name in self.groups.sinks()]
        readers = [*stages, *sinks]
        read = {topic for reader in readers for topic in reader.topics}
        partitions = {tp for tp in everywhere if tp[0] in read}
        ends = self._offsets(partitions, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        at = [_positions(reader, partitions) for reader in readers]
        # A reader that has not begun, or is behind what was deleted, begins at the log's start.
        doubtful = {tp for positions in at for tp, offset in positions.items() if offset < ends[tp]}
        starts = self._offsets(doubtful, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        rests = [
            self._peek.rests(
                {tp: max(offset, starts[tp]) for tp, offset in positions.items() if offset < ends[tp]}, ends
            )
            for positions in at
        ]
        now_ms = time.time_ns() // 1_000_000
        lags = [
            _lag(reader, topic, positions, rest, starts, now_ms)
            for reader, positions, rest in zip(readers, at, rests, strict=True)
            for topic in reader.topics
        ]
        reads = sum(len(stage.topics) for stage in stages)
        return Lags(lags[:reads], lags[reads:])

    def close(self) -> None:
        self._peek.close()
        self.groups.close()

    def __enter__(self) -> LagMeter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _offsets(self, partitions: Iterable[TP], spec: OffsetSpec) -> dict[TP, int]:
        """Where each partition begins or ends, for readers of committed records."""
        wanted = {TopicPartition(*tp): spec for tp in partitions}
        if not wanted:
            return {}
        try:
            answers = self.groups.admin.list_offsets(
                wanted, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_TIMEOUT_S
            )
            return {(tp.topic, tp.partition): answer.result(_TIMEOUT_S).offset for tp, answer in answers.items()}
        except (KafkaException, TimeoutError) as exc:
            raise ClusterError(f"the broker does not say where the topics end: {exc}") from exc


class _Peek:
    """Looks at the first records of partitions."""

    def __init__(self, settings: Settings) -> None:
        properties = Options.quiet(settings.kafka).reader(
            settings.brokers,
            "lag",
            {
                "fetch.wait.max.ms": 20,
                # One record is wanted, not all that follow it.
                "queued.min.messages": 1,
                # Where a partition ends is told by the fetch after the one that brought its last record: that is to come at once.
                "fetch.queue.backoff.ms": 10,
                "fetch.message.max.bytes": 65_536,
            },
        )
        self._consumer = Consumer(properties)
        # No looks: a marker stands behind most positions, and what is measured wrong now is measured again in a moment.
        self._guard = Guard(self._consumer, properties, looks=False)
        #: (partition, position, end) without a record: true for good, and what a topology at rest consists of.
        self._empty: set[tuple[TP, int, int]] = set()

    def rests(self, positions: Mapping[TP, int], ends: Mapping[TP, int]) -> dict[TP, _Rest]:
        """What lies between each position and its end."""
        looked = {(tp, offset, ends[tp]) for tp, offset in positions.items()}
        self._empty = {known for known in self._empty if known[0] not in positions or known in looked}
        todo = {tp: offset for tp, offset, end in looked - self._empty}
        found = self._look(todo, ends) if todo else {}
        self._empty |= {(tp, todo[tp], ends[tp]) for tp, rest in found.items() if not rest.records}
        return found

    def close(self) -> None:
        self._consumer.close()

    def _look(self, positions: Mapping[TP, int], ends: Mapping[TP, int]) -> dict[TP, _Rest]:
        found = dict.fromkeys(positions, _NOTHING)
        todo = set(positions)
        self._guard.assign([TopicPartition(*tp, offset) for tp, offset in positions.items()])
        heard = time.monotonic()
        while todo:
            for message in self._guard.take(500, 0.1):
                heard = time.monotonic()
                tp = (message.topic(), message.partition())
                if tp in todo and _taken(message, tp, found, ends):
                    todo.discard(tp)
            if time.monotonic() - heard > _TIMEOUT_S:
                raise ClusterError(f"the broker has not answered for {_TIMEOUT_S:.0f} s")
        self._guard.assign([])
        return found


def _taken(message: Any, tp: TP, found: dict[TP, _Rest], ends: Mapping[TP, int]) -> bool:
    """Adds a message to what is found of its partition; True when that is all there is to know."""
    error = message.error()
    if error is not None:
        if error.fatal():
            raise ClusterError(error.str())
        # An end from before what is known to have been written by now says nothing.
        return bool(error.code() == KafkaError._PARTITION_EOF and message.offset() >= ends[tp])
    before = found[tp]
    if message.offset() >= ends[tp]:
        # Written since the ends were asked for: another measurement's.
        return True
    if before.records:
        found[tp] = before._replace(records=before.records + 1)
        return False
    offsets: int = ends[tp] - message.offset()
    found[tp] = _Rest(offsets if offsets > _FEW else 1, message.timestamp()[1])
    return offsets > _FEW


def _sink(name: str, committed: Mapping[TP, int]) -> _Reader:
    """A sink's topics are those it has a position on."""
    return _Reader(name, tuple(sorted({topic for topic, _ in committed})), committed)


def _positions(reader: _Reader, partitions: set[TP]) -> dict[TP, int]:
    """Where the reader stands on each partition; 0 where it has not begun."""
    return {tp: reader.committed.get(tp, 0) for tp in partitions if tp[0] in reader.topics}


def _lag(
    reader: _Reader,
    topic: str,
    positions: Mapping[TP, int],
    rests: Mapping[TP, _Rest],
    starts: Mapping[TP, int],
    now_ms: int,
) -> Lag:
    behind = [rest for tp, rest in rests.items() if tp[0] == topic and rest.records]
    oldest_ms = min((rest.oldest_ms for rest in behind), default=now_ms)
    partitions = sum(1 for tp in positions if tp[0] == topic)
    # Clocks differ: a record from the future is no age.
    seconds = max(0, now_ms - oldest_ms) / 1000
    # Who has not begun has missed nothing.
    gone = sum(max(0, starts.get(tp, 0) - at) for tp, at in reader.committed.items() if tp[0] == topic)
    return Lag(reader.name, topic, sum(rest.records for rest in behind), seconds, len(behind), partitions, gone)
