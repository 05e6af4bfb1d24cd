"""Cross-warehouse pieces of the KPIs' window: sent from elsewhere for want of stock, and moved between warehouses.

    cross-warehouse   share of the pieces allocated that were sent from elsewhere, or moved              target <= 5 %

What counts is said by ``domain/routing/crossing.py``. A move is an entry of the audit that was carried out, unless the inventory refused
its command; entry and answer stand in two topics and may be met in any order. ``cross_warehouse_days`` tells the same by day and shop.
"""

from __future__ import annotations

import math

from schemas.codec import CodecError
from schemas.topics import STOCK_RESULTS
from streams.domain.routing.crossing import Crossing, crossing
from streams.engine.record import Record
from streams.monitor.glance import Glance
from streams.monitor.metrics import HubMetrics
from streams.monitor.window import SlidingMean

ALLOCATIONS, AUDIT, ANSWERS = "allocations", "audit", "inventory.results"
TOPICS = (ALLOCATIONS, AUDIT, ANSWERS)

_MOVED = "stock.transfer"
_FIELDS: dict[str, tuple[str, ...]] = {
    "OrderAllocated": ("parts.warehouse", "parts.quantity", "trace.rounds.first_choice"),
    "OrderBackordered": (),
    "AllocationReleased": (),
    "AuditEntry": ("action", "outcome", "details"),
    **dict.fromkeys(STOCK_RESULTS, ()),
    "StockCommandAnswered": ("command_id", "answer"),
}


class Crossings:
    """Fed by one thread."""

    def __init__(self, window_s: float, metrics: HubMetrics | None = None) -> None:
        """Without ``metrics`` it only keeps the figures."""
        self._metrics = metrics
        self._window_ms = round(window_s * 1_000)
        self._sent = SlidingMean(window_s)
        #: Command -> when it was told (ms since the epoch), and its pieces.
        self._moved: dict[str, tuple[int, int]] = {}
        #: Commands that the inventory refused, and when.
        self._refused: dict[str, int] = {}
        self._glance = Glance(_FIELDS)

    def take(self, message: Record, fresh: bool) -> None:
        """Takes in one message of ``TOPICS``."""
        at_ms = message.timestamp()[1]
        try:
            name, record = self._glance.read(message.value() or b"")
            if name == "OrderAllocated":
                it = crossing(record["parts"], record["trace"])
                self._sent.add(at_ms, it.elsewhere, it.pieces)
            elif name == "AuditEntry" and (record["action"], record["outcome"]) == (_MOVED, "done"):
                details = record["details"]
                self._moved[details["command_id"]] = at_ms, int(details["quantity"])
            elif name == "StockCommandAnswered" and record["answer"] == "REFUSED":
                self._refused[record["command_id"]] = at_ms
        except (CodecError, KeyError, ValueError):
            # An entry of the audit without its figures moved nothing that is known.
            if self._metrics is not None:
                self._metrics.unreadable.labels(message.topic()).inc()

    def figures(self, now_ms: int) -> Crossing:
        """Of the window that ends now."""
        since_ms = now_ms - self._window_ms
        self._moved = {command: it for command, it in self._moved.items() if it[0] >= since_ms}
        self._refused = {command: at_ms for command, at_ms in self._refused.items() if at_ms >= since_ms}
        pieces, elsewhere = self._sent.totals(now_ms)
        moved = sum(units for command, (_, units) in self._moved.items() if command not in self._refused)
        return Crossing(pieces, round(elsewhere), moved)

    def refresh(self, now_ms: int) -> None:
        """Brings the metrics up to now."""
        it = self.figures(now_ms)
        if self._metrics is not None:
            self._metrics.cross_warehouse.set(math.nan if it.share is None else it.share)
            for what, pieces in it._asdict().items():
                self._metrics.cross_warehouse_pieces.labels(what).set(pieces)
