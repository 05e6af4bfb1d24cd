"""What is asked of a provider of e-waybills, and what it gives."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from connectors.logistics.carriers import Carrier
from connectors.shops import Sender
from schemas.records import Receiver, WritebackRequest


class Wanted(NamedTuple):
    """A parcel that needs a number."""

    request: WritebackRequest
    receiver: Receiver
    sender: Sender
    carrier: Carrier
    #: The same whenever this parcel is asked for: what makes asking again harmless.
    object_id: str
    #: How the platform calls the shop; empty where it has no such id.
    seller: str
    #: Cash on delivery: what the courier collects, in yuan (99.00); empty: nothing.
    collect: str = ""


class Given(NamedTuple):
    """``cp_code``: whose number it is, as Taobao calls the carrier, when the provider says; it may be another than was asked for."""

    number: str
    cp_code: str = ""


class WaybillClient(Protocol):
    """An account at a provider."""

    name: str

    def gives(self, carrier: Carrier) -> bool:
        """Whether it knows the carrier."""

    async def waybill(self, wanted: Wanted) -> Given:
        """Raises CallError."""
