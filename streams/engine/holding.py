"""What the group has given to a worker, and what of that it works on: the bookkeeping of assignments, without clients or tasks."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping

from streams.engine.shards import TP, Sourced, lacking, parts_of, shards_of
from streams.engine.work import Shard

logger = logging.getLogger(__name__)


class Holding:
    """A partition is held, and waits while its shard is not here whole; otherwise its state is restored, and it is ready.

    Attributes:
        assigned: input partitions that are held.
        waiting: those of them whose shard is not held whole -> what is missing.
        ready: those whose state is restored: they are read from.
        shards: whose state is restored, and kept so.
    """

    def __init__(self, tables: Collection[Sourced], inputs: Collection[str], changelogs: Mapping[str, str]) -> None:
        """
        Args:
            inputs: topics that agents read.
            changelogs: table -> topic.
        """
        self._tables, self._inputs = tables, frozenset(inputs)
        self._parts = parts_of(tables, self._inputs, changelogs)
        self._held: set[TP] = set()
        #: Which assignment a partition that is worked on came with: one that goes away and comes back is another assignment's.
        self._terms: dict[TP, int] = {}
        self._term = 0
        self.assigned: set[TP] = set()
        self.waiting: dict[TP, set[TP]] = {}
        self.ready: set[TP] = set()
        self.shards: set[Shard] = set()

    def given(self, partitions: Iterable[TP]) -> tuple[list[TP], int]:
        """New partitions; returns those that can be worked on now, and the term they are held for."""
        new = {*partitions, *self.waiting}
        self._set_held(self._held | new)
        whole = sorted(new & self.assigned - self.waiting.keys())
        self._term += 1
        self._terms.update(dict.fromkeys(whole, self._term))
        return whole, self._term

    def taken(self, partitions: Iterable[TP]) -> set[TP]:
        """Partitions are gone; returns those that stay and wait from now on, since their shards are split."""
        gone = set(partitions)
        self._set_held(self._held - gone)
        split = self.waiting.keys() & self._terms.keys()
        for tp in gone | split:
            self._terms.pop(tp, None)
        self.ready -= gone | split
        return split

    def of_term(self, partitions: Iterable[TP], term: int) -> list[TP]:
        """Those that have been held ever since."""
        return [tp for tp in partitions if self._terms.get(tp) == term]

    def lacks(self, partitions: Iterable[TP]) -> set[Shard]:
        """What has to be restored before these can be ready."""
        return shards_of(self._tables, partitions) - self.shards

    def restored(self, partitions: Collection[TP], shards: set[Shard]) -> bool:
        """These shards are as their changelogs say; True when the partitions are ready with them."""
        self.shards |= shards & shards_of(self._tables, partitions)
        if self.lacks(partitions):
            return False
        self.ready |= set(partitions)
        return True

    def close_shards(self) -> set[Shard]:
        """Those that no ready partition needs any more."""
        closed = self.shards - shards_of(self._tables, self.ready)
        self.shards -= closed
        return closed

    def _set_held(self, held: set[TP]) -> None:
        missing = lacking(self._parts, held)
        self._held, self.assigned = held, {tp for tp in held if tp[0] in self._inputs}
        self.waiting = {tp: missing[tp] for tp in sorted(self.assigned & missing.keys())}
        for (topic, partition), others in self.waiting.items():
            logger.warning(
                "%s/%d waits: the group has given the rest of its shard to others (%s); a worker that reads other topics is "
                "among them, as in an upgrade, and it goes on once one worker has the whole",
                topic,
                partition,
                ", ".join(f"{t}/{p}" for t, p in sorted(others)),
            )
