"""Plays the warehouses: ships a part of what is allocated, the same orders in every run; some parcels are told twice."""

from __future__ import annotations

import threading
from collections.abc import Container
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from schemas.codec import CODEC
from streams.demo.observer import percentile_of, shipments
from tests.chaos.feed import endless_producer

SHIPPED_PERCENT = 30
TOLD_TWICE_PERCENT = 10
_SHIPPED_AT_MS = 1_767_300_000_000


class Shipper:
    """A thread that reads ``allocations`` from the beginning and answers with ``shipments``.

    Args:
        shippable: orders that may be shipped; all when None.
    """

    def __init__(self, brokers: str, partitions: int, shippable: Container[str] | None) -> None:
        self._brokers, self._partitions, self._shippable = brokers, partitions, shippable
        self._error: BaseException | None = None
        self._producer = endless_producer(brokers)
        self._ends: dict[int, int] = {}
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="chaos-shipper", daemon=True)
        self._thread.start()

    def has_read_all(self, brokers: str) -> bool:
        """Everything on ``allocations`` is answered, and the answers are on the broker."""
        if self._error is not None:
            raise RuntimeError("nobody plays the warehouses any more") from self._error
        asking = Consumer(_properties(brokers, "read_uncommitted"))
        try:
            tps = [TopicPartition("allocations", p) for p in range(self._partitions)]
            highs = {tp.partition: asking.get_watermark_offsets(tp, timeout=20)[1] for tp in tps}
        except KafkaException:
            return False
        finally:
            asking.close()
        return all(self._ends.get(p, 0) >= high for p, high in highs.items()) and len(self._producer) == 0

    def stop(self) -> None:
        self._stopped = True
        self._thread.join()
        self._producer.flush(60)

    def _run(self) -> None:
        consumer = Consumer(_properties(self._brokers, "read_committed"))
        try:
            consumer.assign([TopicPartition("allocations", p, 0) for p in range(self._partitions)])
            while not self._stopped:
                for message in consumer.consume(2_000, 0.1):
                    error = message.error()
                    if error is None:
                        self._take(message.value())
                    elif error.code() == KafkaError._PARTITION_EOF:
                        self._ends[message.partition()] = message.offset()
                self._producer.poll(0)
        except BaseException as exc:
            self._error = exc
        finally:
            consumer.close()

    def _take(self, value: bytes | None) -> None:
        name, record = CODEC.decode(value or b"")
        if name != "OrderAllocated":
            return
        order_id = record["order_id"]
        if percentile_of(order_id) < SHIPPED_PERCENT and (self._shippable is None or order_id in self._shippable):
            self._ship(order_id, record)

    def _ship(self, order_id: str, allocated: dict[str, Any]) -> None:
        for shipped in shipments(allocated, _SHIPPED_AT_MS):
            told = 2 if percentile_of(shipped["shipment_id"]) < TOLD_TWICE_PERCENT else 1
            for _ in range(told):
                self._producer.produce("shipments", key=order_id, value=CODEC.encode("Shipped", shipped))


def _properties(brokers: str, isolation: str) -> dict[str, Any]:
    return {
        "bootstrap.servers": brokers,
        "group.id": "chaos-shipper",
        "log_level": 0,
        "enable.auto.commit": False,
        "isolation.level": isolation,
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 20,
    }
