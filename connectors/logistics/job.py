"""A request under way, what came of it, and whom its submission needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from connectors.logistics.carriers import Carrier
from connectors.logistics.endpoint import Endpoint
from connectors.logistics.progress import Assignment
from connectors.platforms.base import Platform
from schemas.records import WritebackOutcome, WritebackRequest


@dataclass
class Job:
    """A request under way."""

    request: WritebackRequest
    assignment: Assignment
    partition: int
    offset: int
    #: It may have been sent already.
    ask_first: bool
    #: A call has been made whose end is to be told: it is not given up half-way.
    calling: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Answer(NamedTuple):
    """What became of a submission; ``carrier`` and ``tracking_no`` as they were told, or would have been."""

    outcome: WritebackOutcome
    code: str
    reason: str
    carrier: str
    tracking_no: str
    retry_after_ms: int | None = None
    #: The platform holds the order: no failure.
    held: bool = False
    #: The platform's words, of the last call.
    said: str = ""
    #: Calls made, each with its intent in the log.
    calls: int = 0
    took_ms: int = 0


class Shopkeeper(NamedTuple):
    """One shop's client, and the way to it."""

    platform: Platform
    endpoint: Endpoint


class Waybills(Protocol):
    """Who obtains e-waybills."""

    async def obtain(self, request: WritebackRequest, carrier: Carrier) -> tuple[Carrier, str]:
        """The carrier and the number. Raises PlatformError; Refused for what a person must put right."""

    def provider(self, request: WritebackRequest, carrier: Carrier) -> str:
        """Whom it asks; empty: nobody gives e-waybills of this carrier."""


class Traces(Protocol):
    """Who subscribes to parcels' traces."""

    def follow(self, request: WritebackRequest, carrier: Carrier, tracking_no: str) -> None:
        """Sees to it in the background."""
