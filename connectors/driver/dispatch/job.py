"""A request, and one that is under way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connectors.driver.dispatch.assignment import Assignment
from connectors.driver.dispatch.ledger import Ledger, Said

#: (system, account): `("taobao", "taobao-home")`. Lanes don't wait for each other.
Place = tuple[str, str]


class Request(NamedTuple):
    """One thing to be done at a slow system, as it stands on its topic."""

    #: The record's key: requests of one key are dealt with one after another.
    key: str
    #: Unique within its key: one attempt, answered once.
    id: str
    lane: Place
    #: Until when, ms since the epoch: the least goes first.
    due_ms: int
    #: An attempt before this one may have ended in silence: the system is asked first.
    again: bool
    #: What the contract has read.
    record: Any


@dataclass
class Job:
    """A request under way."""

    request: Request
    assignment: Assignment
    partition: int
    offset: int
    #: It may have been sent already.
    ask_first: bool
    ledger: Ledger = field(repr=False)
    #: A call has been made whose end is to be told: it is not given up half-way.
    calling: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def tell(self, *said: Said) -> None:
        """Returns when it is in the log. Raises Lost."""
        await self.ledger.tell(self.assignment, self.partition, said)

    async def finish(self, *said: Said) -> None:
        """The same, and the request is done with. Raises Lost."""
        await self.ledger.tell(self.assignment, self.partition, said, self.offset)
