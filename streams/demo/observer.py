"""Watches the outcome topics while the demo runs, and plays the warehouses: it ships part of what is allocated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zlib import crc32

from schemas.codec import CODEC
from schemas.topics import QUARANTINE
from streams.demo.tally import Tally
from streams.demo.watch import Watch
from streams.ops.cluster import Publisher
from streams.settings import Settings

OUTCOMES = (
    "orders",
    "orders.review",
    "orders.duplicates",
    "allocations",
    "order.status",
    "inventory.alerts",
    QUARANTINE,
)

#: Of a hundred allocated orders these many are shipped while the demo runs, and these many of them come back.
SHIPPED_PERCENT = 30
RETURNED_PERCENT = 3


def percentile_of(order_id: str) -> int:
    """0 to 99, the same for the same order: which orders are shipped does not depend on the run."""
    return crc32(order_id.encode()) % 100


def shipments(allocated: Mapping[str, Any], at_ms: int) -> Iterator[dict[str, Any]]:
    """What the warehouses of an OrderAllocated say when they ship: one Shipped each, the same for the same allocation."""
    order_id = allocated["order_id"]
    for warehouse in sorted({part["warehouse"] for part in allocated["parts"]}):
        shipment_id = f"{order_id}/{allocated['attempt']}/{warehouse}"
        yield {
            "shipment_id": shipment_id,
            "order_id": order_id,
            "warehouse": warehouse,
            "carrier": "SF",
            "tracking_no": f"SF{crc32(shipment_id.encode()):013d}",
            "shipped_at_ms": at_ms,
            "lines": [],
        }


class Observer:
    """Counts what comes out from where the topics end when it starts, and ships.

    Args:
        on_shipped: told the id of an order that has become SHIPPED.
    """

    def __init__(self, settings: Settings, tally: Tally, on_shipped: Callable[[str], None]) -> None:
        self._tally = tally
        self._on_shipped = on_shipped
        self._publisher = Publisher(settings)
        self._watch = Watch(settings, OUTCOMES, self._take)

    @property
    def heard_at(self) -> float:
        """When the last record arrived (monotonic seconds)."""
        return self._watch.heard_at

    def start(self) -> None:
        """Returns when it watches."""
        self._watch.start()

    def stop(self) -> None:
        self._watch.stop()
        self._publisher.flush()

    def _take(self, topic: str, value: bytes | None, _: int) -> None:
        if topic == QUARANTINE or value is None:
            self._tally.quarantined += 1
            return
        name, record = CODEC.decode(value)
        now_ms = time.time_ns() // 1_000_000
        self._tally.add(name, record, now_ms)
        if name == "OrderAllocated" and percentile_of(record["order_id"]) < SHIPPED_PERCENT:
            self._ship(record, now_ms)
        elif name == "OrderStatusChanged" and record["status"] == "SHIPPED":
            self._on_shipped(record["order_id"])

    def _ship(self, allocated: dict[str, Any], now_ms: int) -> None:
        for shipped in shipments(allocated, now_ms):
            self._publisher.send("shipments", shipped["order_id"], CODEC.encode("Shipped", shipped))
