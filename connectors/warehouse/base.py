"""The contract of a kind of warehouse system.

1. ``create``    tells a delivery order, under our own code: told again, the same one is meant. Returns the system's id of it, if any.
2. ``standing``  whether the system has it, and where it stands. Harmless.
3. ``cancel``    takes it back. Who was first, the scan or this, is the system's to say: ``TooLate`` where it was the scan.

All raise CallError (``connectors.endings``):

    Refused              no, for a person to put right; the message names field and fix
     +- TooLate          it has been packed, or has left
    Unsure               it may have been carried out: ``standing`` is asked before anything is sent again
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from connectors.endings import Refused
from schemas.records import DeliveryRequest


class TooLate(Refused):
    """The scan was first."""


class Standing(NamedTuple):
    """What a system says of a delivery order. ``status`` in its own word."""

    known: bool
    status: str = ""
    wms_id: str = ""
    #: It was taken back, or the system gave it up.
    cancelled: bool = False
    #: It has left, or a part of it.
    left: bool = False


class Wms(Protocol):
    """One account of a system."""

    async def create(self, request: DeliveryRequest) -> str:
        """See the module's text, 1."""

    async def standing(self, request: DeliveryRequest) -> Standing:
        """2."""

    async def cancel(self, request: DeliveryRequest) -> None:
        """3. One that the system does not know is taken back already."""
