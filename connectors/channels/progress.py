"""Which offsets of a partition are done with, when records are finished in another order than they were read in."""

from __future__ import annotations

from heapq import heappop, heappush


class Progress:
    """One partition's. The group's position may move to ``position``: everything before it is finished."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        #: Offsets that were taken, smallest first; those no longer in ``_open`` are dropped when they come to the front.
        self._order: list[int] = []
        self._next = -1

    def took(self, offset: int) -> None:
        """A record was read. One taken before is taken anew."""
        if offset not in self._open:
            self._open.add(offset)
            heappush(self._order, offset)
        self._next = max(self._next, offset + 1)

    def finished(self, offset: int) -> None:
        """Nothing is left to do for it."""
        self._open.discard(offset)

    @property
    def position(self) -> int:
        """The next offset to read after a restart; -1 when none was taken yet."""
        while self._order and self._order[0] not in self._open:
            heappop(self._order)
        return self._order[0] if self._order else self._next
