"""The contract of a platform's stock.

1. ``put``     has a place show a quantity, absolute: put again, the same one stands. Returns whether anything had to be changed.
2. ``shown``   what it shows, without what the platform keeps for orders that nobody has paid yet. Harmless.

Both raise CallError (``connectors.endings``):

    Refused    no, for a person to put right; the message names field and fix
    Held       not now: an activity, a resource slot
    Unsure     it may stand already: ``shown`` is asked before it is put again
"""

from __future__ import annotations

from types import TracebackType
from typing import NamedTuple, Protocol, Self

from schemas.records import ListingPlace


class Asked(NamedTuple):
    """What is to be shown. ``told``: what it is known to show, None: not known. ``key``: the same for a repetition of the same request."""

    place: ListingPlace
    quantity: int
    told: int | None
    key: str


class ChannelStock(Protocol):
    """One shop. Safe for concurrent calls about different places. Use it in ``async with``: it owns its connections."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    async def put(self, asked: Asked) -> bool:
        """See the module's text, 1."""

    async def shown(self, place: ListingPlace) -> int:
        """2."""
