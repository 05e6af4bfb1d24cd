"""Watches the outcome topics while the demo runs, and plays the warehouses: it ships part of what is allocated."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zlib import crc32

from confluent_kafka import Consumer, TopicPartition

from schemas.codec import CODEC
from schemas.topics import QUARANTINE
from streams.cluster import Publisher
from streams.demo.tally import Tally
from streams.engine.options import Options
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
    """A thread that reads from where the topics end when it starts.

    Args:
        on_shipped: told the id of an order that has become SHIPPED.
    """

    def __init__(self, settings: Settings, tally: Tally, on_shipped: Callable[[str], None]) -> None:
        self._settings = settings
        self._tally = tally
        self._on_shipped = on_shipped
        self._publisher = Publisher(settings)
        self._stopped = False
        self._started = threading.Event()
        #: When the last record arrived (monotonic seconds).
        self.heard_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="demo-observer", daemon=True)

    def start(self) -> None:
        """Returns when it watches."""
        self._thread.start()
        self._started.wait(30)

    def stop(self) -> None:
        self._stopped = True
        self._thread.join()
        self._publisher.flush()

    def _run(self) -> None:
        consumer = Consumer(
            Options(kafka=self._settings.kafka).client(
                self._settings.brokers,
                **{
                    "group.id": "penstock-demo",
                    "enable.auto.commit": False,
                    "isolation.level": "read_committed",
                    # A waiting fetch is not answered when a transaction ends: ask often, or half a second is added.
                    "fetch.wait.max.ms": 10,
                },
            )
        )
        try:
            topics = consumer.list_topics(timeout=20).topics
            tps = [TopicPartition(t, p) for t in OUTCOMES for p in topics[t].partitions]
            for tp in tps:
                tp.offset = consumer.get_watermark_offsets(tp, timeout=20)[1]
            consumer.assign(tps)
            self._started.set()
            while not self._stopped:
                for message in consumer.consume(2_000, 0.1):
                    if message.error() is None:
                        self._take(message.topic(), message.value())
        finally:
            consumer.close()

    def _take(self, topic: str, value: bytes | None) -> None:
        self.heard_at = time.monotonic()
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
