"""How far each partition of the requests has been dealt with, and whose the partitions are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


class Progress:
    """One partition: the offsets that are begun and not finished, in their order."""

    def __init__(self, position: int, asked_before: int, answered: Collection[tuple[str, str]] = ()) -> None:
        #: What lies before it may have been sent by a predecessor that told nobody: the platform is asked first.
        self.asked_before = asked_before
        #: (order id, request id) of those among them that have their result.
        self.answered = answered
        self._reached = position
        # In the order of offsets: they are begun as they are read.
        self._open: dict[int, None] = {}

    def begin(self, offset: int) -> None:
        self._open[offset] = None
        self._reached = offset + 1

    def reach(self, position: int) -> None:
        """All before it has been read: the last offsets of a partition may be transactions' markers."""
        self._reached = max(self._reached, position)

    def finish(self, offsets: Collection[int]) -> None:
        for offset in offsets:
            self._open.pop(offset, None)

    def position(self, finishing: Collection[int] = ()) -> int:
        """Where a successor begins once ``finishing`` are told too: before the first one that is not."""
        return next((offset for offset in self._open if offset not in finishing), self._reached)


class Assignment:
    """The partitions this process has been given, from ``on_assigned`` to ``on_revoked``."""

    def __init__(self, membership: Any, partitions: dict[int, Progress]) -> None:
        #: The group's metadata: who this process was in the group when it was given them. The broker refuses a transaction of an older one.
        self.membership = membership
        self.partitions = partitions
        #: They are somebody else's: nothing more is told of them.
        self.over = False
