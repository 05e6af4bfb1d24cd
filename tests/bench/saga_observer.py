"""When a downstream reader sees each order's first decision: a consumer of committed records on a thread of its own."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from confluent_kafka import Consumer, TopicPartition

from schemas.codec import CODEC
from streams.settings import Settings

TOPIC = "allocations"
_TIMEOUT_S = 30.0


class Seen(NamedTuple):
    """One order's first decision. Times in ms since the epoch."""

    due_ms: int
    seen_ms: float

    @property
    def latency_ms(self) -> float:
        return self.seen_ms - self.due_ms


class Observer:
    """Watches from where the topic ends when it starts; ``seen`` may be read once it has stopped."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopped = threading.Event()
        self._watching = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bench-observer", daemon=True)
        self._decided: dict[str, Seen] = {}

    @property
    def seen(self) -> list[Seen]:
        """In the order of arrival."""
        return list(self._decided.values())

    def __enter__(self) -> Observer:
        self._thread.start()
        self._watching.wait(_TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(_TIMEOUT_S)

    def _run(self) -> None:
        consumer = Consumer(
            {
                "bootstrap.servers": self._settings.brokers,
                "log_level": 3,
                "group.id": "bench-observer",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                # A waiting fetch is not answered when a transaction ends: ask often, or half a second is added.
                "fetch.wait.max.ms": 10,
            }
        )
        try:
            tps = [TopicPartition(TOPIC, p) for p in range(self._settings.partitions)]
            for tp in tps:
                tp.offset = consumer.get_watermark_offsets(tp, timeout=_TIMEOUT_S)[1]
            consumer.assign(tps)
            self._watching.set()
            while not self._stopped.is_set():
                messages = consumer.consume(2_000, 0.05)
                now_ms = time.time() * 1000
                for message in messages:
                    if message.error() is None:
                        self._take(message.value() or b"", now_ms)
        finally:
            consumer.close()

    def _take(self, value: bytes, now_ms: float) -> None:
        name, decision = CODEC.decode(value)
        if name in ("OrderAllocated", "OrderBackordered"):
            self._decided.setdefault(decision["order_id"], Seen(decision["received_at_ms"], now_ms))
