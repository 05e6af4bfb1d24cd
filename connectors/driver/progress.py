"""How far one partition has been dealt with, when records are finished in another order than they were read in."""

from __future__ import annotations

from collections.abc import Collection
from itertools import takewhile


class Progress:
    """The group's position may move to ``position()``: everything before it is finished."""

    def __init__(self, position: int = -1) -> None:
        """``position``: where reading begins; -1: not known yet."""
        self._reached = position
        #: Begun and not finished, in the order of offsets.
        self._open: dict[int, None] = {}

    def begin(self, offset: int) -> None:
        """A record was read. One that comes again is open again."""
        if offset < self._reached and offset not in self._open:
            self._open = dict.fromkeys(sorted((*self._open, offset)))
        else:
            self._open[offset] = None
        self.reach(offset + 1)

    def reach(self, position: int) -> None:
        """All before it has been read: the last offsets of a partition may be transactions' markers."""
        self._reached = max(self._reached, position)

    def finish(self, offsets: Collection[int]) -> None:
        """Nothing is left to do for them."""
        for offset in offsets:
            self._open.pop(offset, None)

    def position(self, finishing: Collection[int] = ()) -> int:
        """Where a successor begins once ``finishing`` are done with too: at the first that is not; -1: nothing was read yet."""
        return next((offset for offset in self._open if offset not in finishing), self._reached)

    def foremost(self, of: Collection[int]) -> list[int]:
        """Those of these offsets before which nothing else is left to do."""
        return list(takewhile(of.__contains__, self._open))
