"""Whom a submission needs."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from connectors.driver.dispatch.endpoint import Endpoint
from connectors.logistics.carriers import Carrier
from connectors.platforms.base import Platform
from schemas.records import WritebackRequest


class Shopkeeper(NamedTuple):
    """One shop's client, and the way to it."""

    platform: Platform
    endpoint: Endpoint


class Waybills(Protocol):
    """Who obtains e-waybills."""

    async def obtain(self, request: WritebackRequest, carrier: Carrier) -> tuple[Carrier, str]:
        """The carrier and the number. Raises CallError; Refused for what a person must put right."""

    def provider(self, request: WritebackRequest, carrier: Carrier) -> str:
        """Whom it asks; empty: nobody gives e-waybills of this carrier."""


class Traces(Protocol):
    """Who subscribes to parcels' traces."""

    def follow(self, request: WritebackRequest, carrier: Carrier, tracking_no: str) -> None:
        """Sees to it in the background."""
