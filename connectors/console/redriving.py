"""What the console does about what was given up: has it told again, by the functions of the commands.

Each blocks; ClusterError when Kafka does not answer. Raises Gone, Overtaken, Refusal.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from streams.ops.actor import Actor


class Done(NamedTuple):
    """The audit entry that tells of it; ``repeated``: it was done before, under the same id."""

    entry_id: str
    by: str
    at_ms: int
    repeated: bool


class Redriving(Protocol):
    """All of them."""

    def writeback(
        self,
        order_id: str,
        shipment_id: str,
        carrier: str,
        tracking_no: str,
        because: str,
        undertaking: str,
        by: Actor,
    ) -> Done:
        """Has a parcel submitted anew, with another carrier or number where those are not empty."""

    def delivery(self, order_id: str, delivery_id: str, because: str, undertaking: str, by: Actor) -> Done:
        """Has a delivery order told to its warehouse's system anew."""

    def listing(self, sku: str, place: str, because: str, undertaking: str, by: Actor) -> Done:
        """Has what a shop should show told to its platform anew."""
