"""What orders are looked for by, and what is shown of one that is found; the same whether the database or the topics are asked."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import NamedTuple, get_args

from schemas.records import Phase

PHASES: tuple[Phase, ...] = get_args(Phase)
#: Something is still to come of an order in one of these.
OPEN: frozenset[Phase] = frozenset(("UNPAID", "HELD", "RESERVING", "ALLOCATED", "BACKORDERED"))


@dataclass(frozen=True)
class Wanted:
    """Which orders; empty says all. A SKU and a tracking number are whole, a number may be a part of one."""

    channel: str = ""
    shop: str = ""
    phases: frozenset[Phase] = frozenset(PHASES)
    number: str = ""
    sku: str = ""
    tracking_no: str = ""
    #: Only those that have stood where they stand since before then: ms since the epoch.
    before_ms: int | None = None

    def fits(self, found: Found, skus: Iterable[str], tracked: Container[str]) -> bool:
        """``tracked``: the order ids of the tracking number."""
        return (
            self.channel in ("", found.channel)
            and self.shop in ("", found.shop)
            and found.phase in self.phases
            and self.number in found.order_id.partition(":")[2]
            and (not self.sku or self.sku in skus)
            and (not self.tracking_no or found.order_id in tracked)
            and (self.before_ms is None or found.since_ms < self.before_ms)
        )


class Found(NamedTuple):
    """An order: since when it stands there, and why where it is held."""

    order_id: str
    channel: str
    shop: str
    phase: str
    since_ms: int
    reason: str
