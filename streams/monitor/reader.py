"""Reads topics as a consumer that belongs to no group: some from their beginning, some from a moment on; and then what comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from schemas.topics import COMPACTED
from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.engine.record import Record
from streams.ops.cluster import ClusterError
from streams.settings import Settings

logger = logging.getLogger(__name__)

#: Told a message, and whether it was written since the reading began.
Take = Callable[[Record, bool], None]

_TIMEOUT_S = 20.0
_BATCH = 5_000
_NEW_TOPICS_S = 10.0


class Course(NamedTuple):
    """What is read, and from when on."""

    topics: tuple[str, ...]
    take: Take
    #: ms since the epoch; None: from the beginning.
    since_ms: int | None = None


class Reader:
    """One caller at a time: ``start``, then ``poll`` over and over, ``close`` in the end.

    Partitions added to a topic later are read after the next start.
    """

    def __init__(self, settings: Settings, courses: Iterable[Course]) -> None:
        self._settings = settings
        self._courses = tuple(courses)
        #: Topic -> who is told: one may be on several courses.
        self._takes: dict[str, list[tuple[Take, dict[int, int]]]] = {}
        self._ends: dict[tuple[str, int], int] = {}
        self._behind: set[tuple[str, int]] = set()
        properties = Options.quiet(settings.kafka).reader(
            settings.brokers,
            "monitor",
            {
                "fetch.wait.max.ms": 200,
                "queued.max.messages.kbytes": 32_768,
            },
        )
        self._consumer = Consumer(properties)
        self._guard = Guard(self._consumer, properties, compacted=COMPACTED)

    @property
    def caught_up(self) -> bool:
        """Every partition has been read to its end once."""
        return bool(self._ends) and not self._behind

    @property
    def left(self) -> int:
        """Partitions not yet read to their end."""
        return len(self._behind)

    def start(self) -> None:
        """Finds where to begin. Raises ClusterError: no answer, or a topic is missing."""
        try:
            known = self._known()
            starts: dict[tuple[str, int], int] = {}
            for course in self._courses:
                tps = [(topic, p) for topic in course.topics for p in known[topic].partitions]
                begin = self._since(tps, course.since_ms)
                for topic in course.topics:
                    own = {p: begin[topic, p] for p in known[topic].partitions}
                    self._takes.setdefault(topic, []).append((course.take, own))
                for tp in tps:
                    starts[tp] = min(starts.get(tp, begin[tp]), begin[tp])
            self._ends = {tp: self._end(tp) for tp in starts}
        except KafkaException as exc:
            raise ClusterError(f"the topics cannot be read: {exc.args[0].str()}") from exc
        self._behind = set(starts)
        self._guard.assign(
            [TopicPartition(*tp, offset if offset > 0 else OFFSET_BEGINNING) for tp, offset in starts.items()]
        )

    def poll(self, timeout_s: float) -> int:
        """Hands on what has come, waiting for it so long at the most; returns how many records.

        Raises:
            ClusterError: reading cannot go on.
        """
        took = 0
        for message in self._taken(timeout_s):
            tp = (message.topic(), message.partition())
            error = message.error()
            if error is None:
                took += 1
                fresh = message.offset() >= self._ends[tp]
                for take, begins in self._takes[tp[0]]:
                    if message.offset() >= begins[tp[1]]:
                        take(message, fresh)
            elif error.code() == KafkaError._PARTITION_EOF:
                self._behind.discard(tp)
            elif error.fatal():
                raise ClusterError(f"the topics cannot be read: {error.str()}")
        return took

    def catch_up(self) -> None:
        """Polls until every partition has been read to its end. Raises ClusterError when nothing comes for long."""
        heard, left = time.monotonic(), self.left
        while not self.caught_up:
            if self.poll(0.2) or self.left < left:
                heard, left = time.monotonic(), self.left
            elif time.monotonic() - heard > _TIMEOUT_S:
                raise ClusterError(f"the broker has not answered for {_TIMEOUT_S:.0f} s")

    def close(self) -> None:
        self._consumer.close()

    def _taken(self, timeout_s: float) -> list[Record]:
        try:
            return self._guard.take(_BATCH, timeout_s)
        except KafkaFault as exc:
            raise ClusterError(f"the topics cannot be read: {exc}") from exc

    def _known(self) -> Mapping[str, Any]:
        """The topics of the courses."""
        wanted = [topic for course in self._courses for topic in course.topics]
        deadline = time.monotonic() + _NEW_TOPICS_S
        while True:
            known: Mapping[str, Any] = self._consumer.list_topics(timeout=_TIMEOUT_S).topics
            missing = [topic for topic in wanted if topic not in known]
            if not missing:
                return known
            if time.monotonic() > deadline:
                raise ClusterError(f"there is no topic {missing[0]}; penstock topics create makes it")
            # One created a moment ago may not be known to the broker that answers.
            time.sleep(0.2)

    def _since(self, tps: list[tuple[str, int]], since_ms: int | None) -> dict[tuple[str, int], int]:
        if since_ms is None:
            return dict.fromkeys(tps, 0)
        asked = [TopicPartition(*tp, since_ms) for tp in tps]
        found = {}
        for tp in self._consumer.offsets_for_times(asked, timeout=_TIMEOUT_S):
            # Nothing that young: what comes from now on.
            found[tp.topic, tp.partition] = tp.offset if tp.offset >= 0 else self._end((tp.topic, tp.partition))
        return found

    def _end(self, tp: tuple[str, int]) -> int:
        end: int = self._consumer.get_watermark_offsets(TopicPartition(*tp), timeout=_TIMEOUT_S)[1]
        return end
