"""Finds the record whose decision the broker will not take, and narrows what a cycle reads until it is alone.

A message that is too large, or that its topic takes in no case, undoes the whole transaction, however often it is tried; nobody says which
record it came of. So the next cycles read half as much, down to one record: the one whose own cycle is refused is the cause. It goes to
quarantine in place of what its agent made of it; when quarantine cannot take it either, a reference to it does. Cycles that come through
read twice as much again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from streams.engine.errors import KafkaFault, MessageRefused
from streams.engine.record import Record
from streams.engine.shards import TP
from streams.engine.work import Work

logger = logging.getLogger(__name__)

#: As its agent decided it; in quarantine; a reference there.
_TRIES = 3


class Refusal(NamedTuple):
    """What is known of a record that was alone in a refused cycle."""

    offset: int
    cause: MessageRefused
    #: How often: the second time it stood in quarantine whole.
    times: int


class Refusals:
    """``records_max``: what a cycle reads at the most while nothing is refused."""

    def __init__(self, records_max: int) -> None:
        self._records_max = records_max
        #: Records that a cycle may read now.
        self.room = records_max
        #: A cause is being looked for: a cycle takes ticks and records apart from each other.
        self.narrowed = False
        self._found: dict[TP, Refusal] = {}

    def seek(self, work: Work, cause: MessageRefused) -> None:
        """The broker would not take a message of this work.

        Raises:
            KafkaFault: nothing is left to try: it comes of no record, or not even a reference to the record is taken.
        """
        count = sum(work.records.values())
        if not count:
            raise KafkaFault(f"a message that no record asks for is refused: {cause}") from cause
        self.narrowed = True
        if count > 1 or work.ticks:
            self.room = max(1, min(self.room, count) // 2)
            logger.warning("a message is refused, its cause is sought among %d records: %s", count, cause)
            return
        self.room = 1
        ((tp, next_offset),) = work.offsets.items()
        known = self._found.get(tp)
        times = known.times + 1 if known is not None and known.offset == next_offset - 1 else 1
        if times >= _TRIES:
            raise KafkaFault(f"quarantine takes not even a reference to offset {next_offset - 1}: {cause}") from cause
        self._found[tp] = Refusal(next_offset - 1, known.cause if known is not None and times > 1 else cause, times)

    def accepted(self, work: Work) -> None:
        """This work is committed."""
        if not self.narrowed:
            return
        self.room = min(self._records_max, self.room * 2)
        for tp, next_offset in work.offsets.items():
            if tp in self._found and self._found[tp].offset < next_offset:
                del self._found[tp]
        self.narrowed = self.room < self._records_max or bool(self._found)

    def forget(self, partitions: Iterable[TP]) -> None:
        """They are another worker's now."""
        for tp in partitions:
            self._found.pop(tp, None)

    def of(self, tp: TP, records: Sequence[Record]) -> Refusal | None:
        """What is known of the one record; None of several, or when it was not refused."""
        found = self._found.get(tp)
        return found if found is not None and len(records) == 1 and records[0].offset() == found.offset else None

    def parted(self, tp: TP, records: Sequence[Record]) -> list[Sequence[Record]]:
        """The records, a refused one by itself, last part first."""
        found = self._found.get(tp)
        if found is None:
            return [records] if records else []
        before = [record for record in records if record.offset() < found.offset]
        after = [record for record in records if record.offset() > found.offset]
        alone = [record for record in records if record.offset() == found.offset]
        return [part for part in (after, alone, before) if part]
