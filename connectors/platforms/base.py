"""The contract of a platform's client, the same for all channels: read an order or after-sale, list what changed, tell a tracking number.

What a call can end with, beside its answer, stands in ``connectors.endings``; of a no it is told here what kind it is.

Ids are text throughout: they exceed 2^53.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, NamedTuple

from connectors import endings
from connectors.shops import Shop
from schemas.records import ParcelLine, WritebackOutcome


class Snapshot(NamedTuple):
    """An order, or an after-sale of it, as the platform shows it now; ``payload`` is what ``ChannelEvent.payload`` carries."""

    order_no: str
    #: The platform's modified time, ms since the epoch.
    modified_ms: int
    payload: bytes
    #: As the hub calls the after-sale; empty: it is the order.
    aftersale_id: str = ""


class Changed(NamedTuple):
    """One row of a pull: an order or an after-sale that changed. ``payload`` is None where the row is partial and it must be fetched."""

    order_no: str
    #: 0 where the row doesn't say.
    modified_ms: int
    payload: bytes | None
    aftersale_id: str = ""


class Parcel(NamedTuple):
    """What is told to a platform: codes are the platform's own, already mapped and checked."""

    order_no: str
    #: The platform's carrier code, and the carrier's name.
    carrier: str
    carrier_name: str
    tracking_no: str
    lines: Sequence[ParcelLine]
    #: 1, and how many of the order's parcels the platform has taken so far.
    parcel_no: int
    #: It carries all that the order ships.
    whole_order: bool
    #: The same for a repetition of the same submission: where a platform takes an idempotency key.
    request_id: str
    #: Where a buyer follows it, for a platform that has no link of this carrier's; empty: none, or it has.
    tracking_url: str = ""


class Template(NamedTuple):
    """What a platform must be told of a parcel. Sources: the platforms' references of the calls named."""

    call: str
    #: Which of the carrier's codes it takes: a field of the carrier dictionary, which has one of the channel's name.
    carrier: str
    #: How its people call that code.
    carrier_is: str
    #: Fields of the request that must not be empty.
    required: tuple[str, ...] = ("order_no", "carrier", "tracking_no")
    #: And of a parcel that holds a part of its order.
    required_of_part: tuple[str, ...] = ("lines",)
    #: It takes a link to where the parcel is followed.
    links: bool = False


class Told(NamedTuple):
    """The platform took it (or had it before)."""

    outcome: WritebackOutcome
    code: str
    #: How the hub knows, when the platform did not just say yes.
    reason: str = ""
    #: The platform's own words: short, without secrets.
    said: str = ""


class Standing(NamedTuple):
    """What the platform knows of an order's shipping."""

    #: The platform's own status.
    status: str
    #: All of it is shipped, as the platform sees it.
    shipped: bool
    #: It can't be shipped any more (closed, cancelled, refunded).
    closed: bool
    #: Numbers it was told; empty where its API doesn't show them although shipped (``numbers_known`` False).
    tracking_nos: tuple[str, ...]
    numbers_known: bool = True


class Refused(endings.Refused):
    """The platform's answer is no; ``outcome``: of what kind."""

    def __init__(self, outcome: WritebackOutcome, reason: str, code: str = "", said: str = "") -> None:
        super().__init__(reason, code, said)
        self.outcome = outcome


class Platform(ABC):
    """One shop's client. Safe for concurrent calls. Use it as an async context manager: it owns its connections.

    Every method raises CallError.
    """

    channel: str
    template: ClassVar[Template]
    #: A pull's longest window, and the most a page may have.
    window_max_ms: int
    page_max: int

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    @abstractmethod
    async def __aenter__(self) -> Platform: ...

    @abstractmethod
    async def __aexit__(self, *_: object) -> None: ...

    @abstractmethod
    async def order(self, order_no: str) -> Snapshot:
        """The whole order as it is now."""

    @abstractmethod
    def changed(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        """Orders changed in a window, page by page, in the order that loses none: from the last page where the platform sorts downwards."""

    @abstractmethod
    async def aftersale(self, order_no: str, aftersale_id: str) -> Snapshot:
        """The whole after-sale as it is now."""

    @abstractmethod
    def aftersales(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        """After-sales changed in a window, as ``changed`` has orders."""

    @abstractmethod
    async def ship(self, parcel: Parcel) -> Told:
        """Tells a parcel. Already shipped with this number: Told ALREADY_SHIPPED. Not idempotent: after Unsure, ask ``standing``."""

    @abstractmethod
    async def standing(self, order_no: str) -> Standing:
        """What the platform knows of its shipping."""
