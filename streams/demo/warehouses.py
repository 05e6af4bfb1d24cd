"""The simulated warehouses of the round trip: what is allocated leaves some seconds later, as a WMS says it.

Of a hundred orders some leave without a tracking number, so that an e-waybill is obtained; some in two parcels; some numbers are written
as people write them, with spaces and full-width digits; and a very few parcels go with a carrier that nobody knows.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zlib import crc32

from schemas.codec import CODEC
from schemas.records import ParcelLine, Shipped
from streams.ops.cluster import Publisher
from streams.settings import Settings

WITHOUT_NUMBER_PERCENT = 12
#: Whose receivers can be printed: in clear, or by the platform's token. The others' are ciphertext to everybody but the platform.
PRINTABLE = ("taobao:", "shopify:")
TWO_PARCELS_PERCENT = 10
UNTIDY_PERCENT = 5
#: One in so many parcels goes with a carrier that is in no platform's list.
STRANGE_CARRIER_EVERY = 250

_TO_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
#: Carrier -> a well-formed number of it.
NUMBERS: Mapping[str, Callable[[int], str]] = {
    "SF": lambda n: f"SF{n:013d}",
    "YTO": lambda n: f"YT{n:013d}",
    "ZTO": lambda n: f"78{n:012d}",
    "STO": lambda n: f"77{n:013d}",
    "YUNDA": lambda n: f"43{n:011d}",
}


def parcels(allocated: Mapping[str, Any], at_ms: int) -> Iterator[Shipped]:
    """What the warehouses of an OrderAllocated say when they ship; the same for the same allocation."""
    order_id, attempt = allocated["order_id"], allocated["attempt"]
    by_warehouse: dict[str, list[ParcelLine]] = defaultdict(list)
    chosen = {part["warehouse"]: part["carrier"] for part in allocated["parts"] if part["carrier"]}
    for part in allocated["parts"]:
        line: ParcelLine = {"line_no": part["line_no"], "sku": part["sku"], "quantity": part["quantity"]}
        by_warehouse[part["warehouse"]].append(line)
    for warehouse, lines in sorted(by_warehouse.items()):
        shipment = f"{order_id}/{attempt}/{warehouse}"
        lot = crc32(shipment.encode())
        contents = [lines]
        if lot % 100 < TWO_PARCELS_PERCENT and len(lines) > 1:
            contents = [lines[:1], lines[1:]]
        for number, inside in enumerate(contents, start=1):
            yield _parcel(
                shipment if len(contents) == 1 else f"{shipment}/{number}",
                order_id,
                warehouse,
                inside,
                at_ms,
                warehouse in chosen,
            )


def _parcel(shipment: str, order_id: str, warehouse: str, lines: list[ParcelLine], at_ms: int, chosen: bool) -> Shipped:
    """``chosen``: rules say who takes it, so a parcel without a number leaves its carrier to them."""
    lot = crc32(f"parcel {shipment}".encode())
    carrier = sorted(NUMBERS)[lot % len(NUMBERS)]
    number = NUMBERS[carrier](crc32(shipment.encode()))
    kind = (lot >> 8) % 100
    if (lot >> 16) % STRANGE_CARRIER_EVERY == 0:
        carrier = "PIGEON"
    elif kind < WITHOUT_NUMBER_PERCENT and order_id.startswith(PRINTABLE):
        number = ""
        carrier = "" if chosen else carrier
    elif WITHOUT_NUMBER_PERCENT <= kind < WITHOUT_NUMBER_PERCENT + UNTIDY_PERCENT:
        number = f" {number[:6].translate(_TO_FULL_WIDTH)} {number[6:].lower()} "
    return {
        "shipment_id": shipment,
        "order_id": order_id,
        "warehouse": warehouse,
        "carrier": carrier,
        "tracking_no": number,
        "shipped_at_ms": at_ms,
        "lines": lines,
    }


class Warehouses:
    """A thread that ships what it is told of, ``pick_s`` seconds later, unless it is taken back before."""

    def __init__(self, settings: Settings, pick_s: float, on_shipped: Callable[[Shipped], None]) -> None:
        self._publisher = Publisher(settings)
        self._pick_s = pick_s
        self._on_shipped = on_shipped
        self._due: list[tuple[float, int, Mapping[str, Any]]] = []
        #: Order id -> the attempt that may be shipped.
        self._wanted: dict[str, int] = {}
        #: Orders that have left: what is changed and allocated anew afterwards is not packed again.
        self._left: set[str] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._count = 0
        self._thread = threading.Thread(target=self._run, name="demo-warehouses", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._publisher.flush()

    @property
    def picking(self) -> int:
        """Orders that will leave."""
        with self._lock:
            return len(self._due)

    def allocated(self, record: Mapping[str, Any]) -> None:
        """An OrderAllocated."""
        with self._lock:
            self._wanted[record["order_id"]] = record["attempt"]
            self._count += 1
            heapq.heappush(self._due, (time.monotonic() + self._pick_s, self._count, record))

    def released(self, record: Mapping[str, Any]) -> None:
        """An AllocationReleased: if it has not left yet, it stays."""
        with self._lock:
            self._wanted.pop(record["order_id"], None)

    def _run(self) -> None:
        while not self._stopped.wait(0.05):
            with self._lock:
                leaving = []
                while self._due and self._due[0][0] <= time.monotonic():
                    _, _, record = heapq.heappop(self._due)
                    order_id = record["order_id"]
                    if self._wanted.get(order_id) == record["attempt"] and order_id not in self._left:
                        self._left.add(order_id)
                        leaving.append(record)
            now_ms = time.time_ns() // 1_000_000
            for record in leaving:
                for shipped in parcels(record, now_ms):
                    self._on_shipped(shipped)
                    self._publisher.send("shipments", shipped["order_id"], CODEC.encode("Shipped", shipped))
            if leaving:
                self._publisher.flush()
