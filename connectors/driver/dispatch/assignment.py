"""Whose the partitions of the requests are, and what lies in them from before that."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connectors.driver.progress import Progress


class Taken(Progress):
    """A partition that was taken over."""

    def __init__(self, position: int, asked_before: int, answered: Collection[tuple[str, str]] = ()) -> None:
        super().__init__(position)
        #: What lies before it may have been sent by a predecessor that told nobody: the system is asked first.
        self.asked_before = asked_before
        #: (key, id) of those among them that have their result.
        self.answered = answered


class Assignment:
    """The partitions this process has been given, from ``on_assigned`` to ``on_revoked``."""

    def __init__(self, membership: Any, partitions: dict[int, Taken]) -> None:
        #: The group's metadata: who this process was in the group when it was given them. The broker refuses a transaction of an older one.
        self.membership = membership
        self.partitions = partitions
        #: They are somebody else's: nothing more is told of them.
        self.over = False
