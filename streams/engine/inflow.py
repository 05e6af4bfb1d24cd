"""Finish what is begun before taking in more: what is fetched waits here for the cycle. No Kafka in here.

What one stage sends comes back to the same workers as the next one's input. The longer that way, the longer every order's, and the more
has been written meanwhile: what comes back is in no cache any more. So records are taken

    of own topics, which the app's agents write themselves:   as they come
    of topics from outside, where something begins:           as far as own lag leaves room, and a share at least
    while many from outside wait:                             their partitions are not fetched from

Own lag is what stands in the own partitions that are read and is not fetched yet: a partition that waits for its shard lags for nobody.
Nor does what stands still: when nothing of it has come for longer than a transaction may be open, for whatever reason, it holds nobody
back until it moves again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from streams.engine.record import Record
from streams.engine.shards import TP

#: Batches between the stages: with more of own lag nothing is taken in but a share.
_LAG_BATCHES = 2
#: One from outside goes with so many own ones, whatever the lag: who fills an own topic from outside does not lock the others out.
_SHARE = 8
#: Waiting from outside, in batches: fetched no more above, and again below. What the client has fetched ahead is lost with each change.
_HOLD_BATCHES, _LET_GO_BATCHES = 2, 1
#: The same in bytes of values.
_HOLD_BYTES, _LET_GO_BYTES = 32 << 20, 16 << 20


class Change(NamedTuple):
    """Partitions not to be fetched from any longer, and those to be fetched from again."""

    pause: list[TP]
    resume: list[TP]


class Inflow:
    """One consumer's. Not safe for threads.

    Attributes:
        held: partitions that are read and not fetched from for now.
    """

    def __init__(self, outside: Collection[str], batch_size_max: int, still_s: float) -> None:
        """
        Args:
            outside: topics that no agent of the app writes.
            still_s: longer than this nobody's open transaction keeps records from being read.
        """
        self._outside_topics = frozenset(outside)
        self._batch, self._still_s = batch_size_max, still_s
        self._own: list[Record] = []
        self._outside: list[Record] = []
        self._bytes = 0
        self._lag, self._moved_at_s, self._now_s = 0, 0.0, 0.0
        #: Own ones were taken last: until the next time they are being decided.
        self._deciding = False
        self._reading: set[TP] = set()
        self._holding = False
        self.held: set[TP] = set()

    # -- partitions

    def read(self, partitions: Iterable[TP]) -> None:
        """These are fetched from now."""
        self._reading |= set(partitions)

    def leave(self, partitions: Iterable[TP]) -> None:
        """These are not read any more: they are given up, or wait for their shard. What is fetched of them is forgotten."""
        gone = set(partitions)
        self._reading -= gone
        self.held -= gone
        self.forget(gone)

    def own(self) -> list[TP]:
        """Partitions that are read of topics that the app's agents write."""
        return [tp for tp in self._reading if tp[0] not in self._outside_topics]

    def change(self) -> Change:
        """What to fetch from otherwise than before; it is taken for done."""
        waiting = len(self._outside)
        if self._holding:
            self._holding = waiting >= _LET_GO_BATCHES * self._batch or self._bytes >= _LET_GO_BYTES
        else:
            self._holding = waiting > _HOLD_BATCHES * self._batch or self._bytes > _HOLD_BYTES
        hold = {tp for tp in self._reading if tp[0] in self._outside_topics} if self._holding else set()
        change = Change(sorted(hold - self.held), sorted(self.held - hold))
        self.held = hold
        return change

    # -- records

    def add(self, records: Iterable[Record], lag: int, now_s: float) -> None:
        """What was fetched, in its order, with the own lag and the time (``time.monotonic``) after it."""
        new: list[Record] = []
        for record in records:
            (new if record.topic() in self._outside_topics else self._own).append(record)
        self._outside += new
        self._bytes += _size(new)
        self._lag, self._now_s = lag, now_s
        # What waits for the cycle, or is with it, does not stand still.
        if self._own or self._deciding or not lag:
            self._moved_at_s = now_s

    def __len__(self) -> int:
        return len(self._own) + len(self._outside)

    def ready(self) -> int:
        """So many would be taken."""
        return len(self._own) + min(self._room(), len(self._outside))

    def take(self, most: int | None = None) -> list[Record]:
        """What is to be decided now, ``most`` at the most; own ones first."""
        room = self._room()
        taken = self._own[:most]
        begun = self._outside[: room if most is None else min(room, most - len(taken))]
        del self._own[: len(taken)], self._outside[: len(begun)]
        self._bytes -= _size(begun)
        self._deciding = bool(taken)
        return taken + begun

    def forget(self, partitions: Collection[TP]) -> None:
        """What was fetched of these."""
        self._own = [m for m in self._own if (m.topic(), m.partition()) not in partitions]
        self._outside = [m for m in self._outside if (m.topic(), m.partition()) not in partitions]
        self._bytes = _size(self._outside)

    def clear(self) -> list[TP]:
        """Forgets all that was fetched; returns what is to be fetched from again."""
        self._own, self._outside, self._bytes = [], [], 0
        return self.change().resume

    def _room(self) -> int:
        """From outside."""
        lag = self._lag if self._now_s - self._moved_at_s < self._still_s else 0
        own = len(self._own)
        return max(own // _SHARE, min(self._batch, _LAG_BATCHES * self._batch - lag) - own)


def _size(records: Sequence[Record]) -> int:
    return sum(len(record.value() or b"") for record in records)
