"""Takes records from a consumer, and lets through what belongs where the consumer stands (``positions.py``).

1. Below the position: dropped and counted. Unless the log ends before the position: then it is not the log that was read before.
2. Gaps are looked at a second time, by a consumer of its own that has never stood anywhere else, all gaps of a batch at once:
   - it finds no record there either: markers, undone transactions, compaction. So be it.
   - the log begins behind the gap's start: retention has taken what was unread. Told, and gone on with.
   - it finds a record: that one was passed over. Nothing from there on is let through; the consumer is sent back, and reads again.
   - it has no answer: the consumer is sent back too, and the look is repeated.
3. Sent back over and over, it gives up: nothing is ever passed over in silence.

A look takes some tens of milliseconds and happens after a placement, after an undone transaction, and hardly ever else.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from prometheus_client import CollectorRegistry
from prometheus_client import Counter as Counted

from streams.engine.errors import KafkaFault
from streams.engine.positions import Gap, Positions
from streams.engine.record import Record
from streams.engine.shards import TP

logger = logging.getLogger(__name__)

#: Sent back to the same place so often, a consumer will not hand over what stands there.
_SENT_BACK_MAX = 5
_LOOK_S = 20.0


def _nobody(topic: str, count: int) -> None: ...


class Told(NamedTuple):
    """Who counts what the guard meets: (topic, records), or offsets where they are gone. All of it is logged in any case."""

    #: Handed over once more, and dropped.
    stale: Callable[[str, int], None] = _nobody
    #: Deleted by retention before they were read.
    missing: Callable[[str, int], None] = _nobody


def counted(prefix: str, registry: CollectorRegistry) -> Told:
    """Counts as ``<prefix>_stale_records_total`` and ``<prefix>_missing_records_total``, by topic."""
    stale = Counted(
        f"{prefix}_stale_records",
        "Records handed over from before the position, and dropped",
        ("topic",),
        registry=registry,
    )
    missing = Counted(
        f"{prefix}_missing_records",
        "Offsets that retention deleted before they were read",
        ("topic",),
        registry=registry,
    )
    return Told(lambda topic, n: stale.labels(topic).inc(n), lambda topic, n: missing.labels(topic).inc(n))


class _Seen(NamedTuple):
    """What a look has found of one partition."""

    #: Where the log begins, if that is behind where the look began.
    begins: int | None = None
    #: The first record in a gap.
    passed_over: int | None = None


class Guard:
    """One consumer's. All calls come from the thread that polls it.

    Args:
        properties: those the consumer was made with.
        told: who counts.
        compacted: topics whose logs have gaps by nature.
        looks: False for measurements, which are repeated soon: gaps are let be.

    Raises:
        KafkaFault: the log is another one, or records in it are not handed over.
    """

    def __init__(
        self,
        consumer: Any,
        properties: Mapping[str, Any],
        told: Told = Told(),  # noqa: B008 - immutable
        *,
        compacted: Container[str] = frozenset(),
        looks: bool = True,
    ) -> None:
        self._consumer = consumer
        self._properties = properties
        self._told = told
        self._looks = looks
        self._positions = Positions(compacted)
        #: Begun at the log's beginning, wherever that be: what was before it, nobody has missed.
        self._from_beginning: set[TP] = set()
        #: Partition -> (where to, how often).
        self._sent_back: dict[TP, tuple[int, int]] = {}

    # -- where the consumer stands

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """These partitions and no others, each from its offset on (OFFSET_BEGINNING: from where its log begins)."""
        self._consumer.assign(list(partitions))
        self._positions.clear()
        self._from_beginning.clear()
        self.place(partitions)

    def seek(self, partition: TopicPartition) -> None:
        """Goes on there."""
        self._consumer.seek(partition)
        self.place([partition])

    def place(self, partitions: Iterable[TopicPartition]) -> None:
        """The consumer goes on at these offsets: it was told so elsewhere."""
        for it in partitions:
            tp = (it.topic, it.partition)
            self._from_beginning.discard(tp)
            if it.offset == OFFSET_BEGINNING:
                self._from_beginning.add(tp)
            self._positions.place(tp, max(0, it.offset))
            self._sent_back.pop(tp, None)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """They are taken away."""
        gone = {(it.topic, it.partition) for it in partitions}
        self._positions.forget(gone)
        self._from_beginning -= gone

    def at(self, tp: TP) -> int | None:
        """The offset to come next; None: it is not read."""
        return self._positions.at(tp)

    # -- taking

    def take(self, most: int, wait_s: float) -> list[Record]:
        """At most so many records and events, waiting for them all at most so long."""
        return self.admit(self._consumer.consume(most, wait_s))

    def take_ready(self, most: int, wait_s: float) -> list[Record]:
        """Waits for one at most so long, and takes with it what is there already."""
        messages = self._consumer.consume(1, wait_s)
        if messages and most > 1:
            messages += self._consumer.consume(most - 1, 0)
        return self.admit(messages)

    def admit(self, messages: Sequence[Record]) -> list[Record]:
        """Of what the consumer has handed over, what belongs where it stands."""
        if not messages:
            return []
        admitted = self._positions.admit(messages)
        if admitted.stale:
            self._drop(admitted.stale)
        if admitted.gaps and self._looks:
            return self._without_skips(admitted.messages, admitted.gaps)
        return admitted.messages

    def _drop(self, stale: Counter[TP]) -> None:
        for (topic, partition), count in stale.items():
            at = self._positions.at((topic, partition))
            # Rare enough to ask each time whether it is still the same log.
            end = self._end((topic, partition)) if at is not None else None
            if at is not None and end is not None and end < at:
                raise KafkaFault(
                    f"{topic}/{partition} ends at offset {end}, before {at}, up to which it was read: its log was cut, or the topic "
                    "was made anew. Find out what happened to it before anything reads on"
                )
            where = "from before its position" if at is not None else "that nobody has asked for"
            logger.warning("%s/%d: %d records %s were handed over, and dropped", topic, partition, count, where)
            self._told.stale(topic, count)

    def _end(self, tp: TP) -> int | None:
        with suppress(KafkaException):
            bounds = self._consumer.get_watermark_offsets(TopicPartition(*tp), timeout=_LOOK_S)
            return None if bounds is None else int(bounds[1])
        return None

    def _without_skips(self, messages: list[Record], gaps: Sequence[Gap]) -> list[Record]:
        asked: dict[TP, list[Gap]] = {}
        for gap in gaps:
            asked.setdefault(gap.tp, []).append(gap)
        seen = _look(self._properties, asked)
        back: dict[TP, int] = {}
        for tp, its_gaps in asked.items():
            found, start = seen.get(tp), its_gaps[0].start
            if found is None:
                self._send_back(tp, start, None)
                back[tp] = start
                continue
            if found.begins is not None and tp not in self._from_beginning:
                logger.error(
                    "%s/%d offsets %d to %d are gone: retention deleted them before they were read; reading goes on at %d",
                    *(*tp, start, found.begins - 1, found.begins),
                )
                self._told.missing(tp[0], found.begins - start)
            self._from_beginning.discard(tp)
            if found.passed_over is not None:
                back[tp] = next(gap.start for gap in its_gaps if found.passed_over < gap.end)
                self._send_back(tp, max(back[tp], found.begins or 0), found.passed_over)
            else:
                self._sent_back.pop(tp, None)
                self._positions.settle(tp, its_gaps[-1].end)
        if not back:
            return messages
        return [m for m in messages if (at := back.get((m.topic(), m.partition()))) is None or m.offset() < at]

    def _send_back(self, tp: TP, offset: int, passed_over: int | None) -> None:
        topic, partition = tp
        if passed_over is None:
            logger.warning("%s/%d: what stands from offset %d on cannot be seen; it is read again", *tp, offset)
        else:
            before, times = self._sent_back.get(tp, (offset, 0))
            times = times + 1 if before == offset else 1
            if times > _SENT_BACK_MAX:
                raise KafkaFault(
                    f"{topic}/{partition}: the record at offset {passed_over} is in the log and is not handed over, asked from offset "
                    f"{offset} on {_SENT_BACK_MAX} times; restart this process, and look at the broker's log if that does not help"
                )
            self._sent_back[tp] = (offset, times)
            logger.error(
                "%s/%d: the record at offset %d was passed over; it is read again", topic, partition, passed_over
            )
        self._consumer.seek(TopicPartition(topic, partition, offset))
        self._positions.place(tp, offset)


def _look(properties: Mapping[str, Any], asked: Mapping[TP, Sequence[Gap]]) -> dict[TP, _Seen]:
    """What the log has in these gaps; without the partitions that can't be seen now."""
    own = {
        "isolation.level": "read_committed",
        # A start that is not in the log is to be heard of.
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "enable.auto.commit": False,
        "fetch.wait.max.ms": 10,
        # Little is wanted.
        "queued.max.messages.kbytes": 4_096,
    }
    # A member that is known by name could be taken for the one that reads.
    plain = {name: value for name, value in properties.items() if name != "group.instance.id"}
    looker = Consumer({**plain, **own})
    try:
        return _Look(looker, asked).run()
    except KafkaException as exc:
        logger.debug("a look at the log failed: %s", exc.args[0].str())
        return {}
    finally:
        looker.close()


class _Look:
    """One look, with a consumer that is assigned once."""

    def __init__(self, consumer: Any, asked: Mapping[TP, Sequence[Gap]]) -> None:
        self._consumer = consumer
        self._asked = asked
        self._seen: dict[TP, _Seen] = {}
        self._begins: dict[TP, int] = {}

    def run(self) -> dict[TP, _Seen]:
        self._consumer.assign([TopicPartition(*tp, gaps[0].start) for tp, gaps in self._asked.items()])
        deadline = time.monotonic() + _LOOK_S
        while len(self._seen) < len(self._asked) and time.monotonic() < deadline:
            # One at a time: what lies behind a gap is of no interest here, and may have a megabyte each.
            for message in self._consumer.consume(1, 0.1):
                tp = (message.topic(), message.partition())
                if tp in self._asked and tp not in self._seen:
                    self._take(tp, message)
        return self._seen

    def _take(self, tp: TP, message: Record) -> None:
        error, offset, gaps = message.error(), message.offset(), self._asked[tp]
        if error is not None and error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            low, high = self._consumer.get_watermark_offsets(TopicPartition(*tp), timeout=_LOOK_S)
            if not gaps[0].start < low <= high:
                raise KafkaException(error)
            self._begins[tp] = low
            if low >= gaps[-1].end:
                self._seen[tp] = _Seen(begins=low)
            else:
                self._consumer.incremental_unassign([TopicPartition(*tp)])
                self._consumer.incremental_assign([TopicPartition(*tp, low)])
        elif error is not None and error.code() != KafkaError._PARTITION_EOF:
            if error.fatal():
                raise KafkaException(error)
        elif error is None and any(gap.start <= offset < gap.end for gap in gaps):
            self._seen[tp] = _Seen(self._begins.get(tp), offset)
        elif offset >= gaps[-1].end:
            self._seen[tp] = _Seen(self._begins.get(tp))
