"""Where a consumer stands on each partition, and what of the records it hands over belongs there. No Kafka in here.

librdkafka may, rarely, hand over records from before the position after partitions were assigned or sought anew. So records are held
against the position they stand at:

    below it        dropped, and counted
    at it           taken
    one beyond it   taken: between two records of a transactional topic stands a transaction's marker
    further beyond  taken, and the gap is told of: whoever asks the log (``guard.py``) says whether records were passed over

The first record after a placement is taken beyond the position only with a gap told of, however small. In a compacted topic gaps are the
rule: there only that first one is told of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from confluent_kafka import KafkaError

from streams.engine.record import Record
from streams.engine.shards import TP


class Gap(NamedTuple):
    """Offsets ``start`` to ``end - 1`` of a partition were passed over."""

    tp: TP
    start: int
    end: int


class Admitted(NamedTuple):
    """What belongs where the consumer stands, in the order it came."""

    messages: list[Record]
    #: Records dropped because they stand below the position, or in a partition without one.
    stale: Counter[TP]
    gaps: list[Gap]


class Positions:
    """The offset to come next, partition by partition. ``compacted``: topics whose logs have gaps by nature."""

    def __init__(self, compacted: Container[str] = frozenset()) -> None:
        self._compacted = compacted
        #: Where each was placed, until something is handed over; from then on what comes next.
        self._placed: dict[TP, int] = {}
        self._next: dict[TP, int] = {}

    def place(self, tp: TP, offset: int) -> None:
        """The consumer was told to go on there."""
        self._next.pop(tp, None)
        self._placed[tp] = offset

    def settle(self, tp: TP, offset: int) -> None:
        """What lies below has nothing to hand over: so says the log."""
        at = self.at(tp)
        if at is not None and at <= offset:
            self._placed.pop(tp, None)
            self._next[tp] = offset

    def forget(self, partitions: Iterable[TP]) -> None:
        """They are not read any more."""
        for tp in partitions:
            self._placed.pop(tp, None)
            self._next.pop(tp, None)

    def clear(self) -> None:
        """None is read any more."""
        self._placed.clear()
        self._next.clear()

    def at(self, tp: TP) -> int | None:
        """The offset to come next; None: it is not read."""
        return self._next.get(tp, self._placed.get(tp))

    def admit(self, messages: Sequence[Record]) -> Admitted:
        """Sorts out a batch, and moves the positions past what is taken. Events other than a partition's end pass."""
        admitted = Admitted([], Counter(), [])
        take, following = admitted.messages.append, self._next
        for message in messages:
            tp, offset = (message.topic(), message.partition()), message.offset()
            if following.get(tp) == offset and message.error() is None:
                # Every record of a quiet day: next to the one before it.
                following[tp] = offset + 1
                take(message)
            elif self._belongs(message, tp, offset, admitted):
                take(message)
        return admitted

    def _belongs(self, message: Record, tp: TP, offset: int, admitted: Admitted) -> bool:
        error, at = message.error(), self.at(tp)
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            return True
        if at is None or offset < at:
            if error is None:
                admitted.stale[tp] += 1
            return False
        if offset > at and (tp in self._placed or (offset > at + 1 and tp[0] not in self._compacted)):
            admitted.gaps.append(Gap(tp, at, offset))
        if error is None:
            self._placed.pop(tp, None)
            self._next[tp] = offset + 1
        # A partition's end moves nothing by itself: were it one of before, what is still to come would be taken for stale.
        return True
