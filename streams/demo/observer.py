"""Watches the outcome topics while the demo runs, and plays the warehouses: it ships part of what is allocated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zlib import crc32

from schemas.codec import CODEC
from schemas.topics import QUARANTINE
from streams.demo.tally import Tally
from streams.demo.warehouses import NUMBERS
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

#: Of a hundred allocated orders these many are shipped while the demo runs.
SHIPPED_PERCENT = 30
#: What becomes of these many of a hundred, once they have left. Not every platform has each.
AFTERWARDS: Mapping[str, int] = {"return": 3, "refund_only": 2, "exchange": 2, "price_protection": 3}
#: Of a hundred parcels with several units these many go in two, and of these many the second never goes.
AHEAD_PERCENT, REST_NEVER_PERCENT = 8, 2
DEFECTIVE_EVERY = 5
#: Where what replaces an exchanged unit is a line more of the order, shipped like any other.
ADDS_A_LINE = "shopify:"


def percentile_of(order_id: str) -> int:
    """0 to 99, the same for the same order: which orders are shipped does not depend on the run."""
    return crc32(order_id.encode()) % 100


def afterwards(order_id: str) -> str:
    """What becomes of an order after it has left; empty: nothing, as of most."""
    at = percentile_of(order_id)
    for what, percent in AFTERWARDS.items():
        at -= percent
        if at < 0:
            return what
    return ""


def shipments(allocated: Mapping[str, Any], at_ms: int) -> Iterator[dict[str, Any]]:
    """What the warehouses of an OrderAllocated say when they ship: the same for the same allocation.

    A warehouse sends all of it in one parcel, mostly; some send a unit of it ahead, and of these some the rest never.
    """
    order_id = allocated["order_id"]
    for warehouse in sorted({part["warehouse"] for part in allocated["parts"]}):
        shipment_id = f"{order_id}/{allocated['attempt']}/{warehouse}"
        lines = [
            {"line_no": part["line_no"], "sku": part["sku"], "quantity": part["quantity"]}
            for part in allocated["parts"]
            if part["warehouse"] == warehouse
        ]
        chosen: str = next((part["carrier"] or "" for part in allocated["parts"] if part["warehouse"] == warehouse), "")
        carrier = chosen if chosen in NUMBERS else "SF"
        lot = crc32(shipment_id.encode())
        contents = {"": lines}
        if lot % 100 < AHEAD_PERCENT and sum(line["quantity"] for line in lines) > 1:
            first, *others = lines
            rest = [{**first, "quantity": first["quantity"] - 1}] if first["quantity"] > 1 else []
            contents = {"/1": [{**first, "quantity": 1}], "/2": [*rest, *others]}
            if lot % 100 < REST_NEVER_PERCENT:
                del contents["/2"]
        for number, inside in contents.items():
            yield {
                "shipment_id": f"{shipment_id}{number}",
                "order_id": order_id,
                "warehouse": warehouse,
                "carrier": carrier,
                "tracking_no": NUMBERS[carrier](crc32(f"{shipment_id}{number}".encode())),
                "shipped_at_ms": at_ms,
                "lines": inside,
            }


def receipt(shipped: Mapping[str, Any], at_ms: int) -> dict[str, Any]:
    """What came back of a parcel, as its warehouse counted it: a unit of its first line, now and then not fit for sale."""
    first = shipped["lines"][0]
    grade = "DEFECTIVE" if crc32(shipped["order_id"].encode()) % DEFECTIVE_EVERY == 0 else "SELLABLE"
    return {
        "return_id": f"back/{shipped['shipment_id']}",
        "order_id": shipped["order_id"],
        "shipment_id": shipped["shipment_id"],
        "warehouse": shipped["warehouse"],
        "lines": [{"line_no": first["line_no"], "sku": first["sku"], "quantity": 1, "grade": grade}],
        "received_at_ms": at_ms,
    }


def replaced(shipped: Mapping[str, Any], at_ms: int) -> dict[str, Any]:
    """What left for an exchanged unit with the after-sale's own waybill: no parcel of the order, so its warehouse counts it off."""
    return {
        "command_id": f"exchanged/{shipped['shipment_id']}",
        "order_id": "",
        "sku": shipped["lines"][0]["sku"],
        "warehouse": shipped["warehouse"],
        "delta": -1,
        "reason": f"sent in exchange, order {shipped['order_id']}",
        "requested_at_ms": at_ms,
    }


class Observer:
    """Counts what comes out from where the topics end when it starts, and ships.

    Args:
        on_shipped: told the id of an order that has become SHIPPED.
    """

    def __init__(self, settings: Settings, tally: Tally, on_shipped: Callable[[str], None]) -> None:
        self._tally = tally
        self._on_shipped = on_shipped
        #: Order id -> the parcel of which something will come back; None: it has.
        self._to_return: dict[str, dict[str, Any] | None] = {}
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
            self._receive(record["order_id"], now_ms)

    def _ship(self, allocated: dict[str, Any], now_ms: int) -> None:
        for shipped in shipments(allocated, now_ms):
            self._publisher.send("shipments", shipped["order_id"], CODEC.encode("Shipped", shipped))
            if afterwards(shipped["order_id"]) in ("return", "exchange"):
                self._to_return.setdefault(shipped["order_id"], shipped)

    def _receive(self, order_id: str, now_ms: int) -> None:
        """Goods of a shipped order that come back reach their warehouse."""
        shipped = self._to_return.get(order_id)
        if shipped is not None:
            self._to_return[order_id] = None
            record = receipt(shipped, now_ms)
            self._publisher.send("returns", order_id, CODEC.encode("ReturnReceived", record))
            if afterwards(order_id) == "exchange" and not order_id.startswith(ADDS_A_LINE):
                replacement = replaced(shipped, now_ms)
                self._publisher.send("inventory.commands", replacement["sku"], CODEC.encode("Adjust", replacement))
