"""A thread that reads topics from where they end when it starts, and hands each record on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from schemas.topics import COMPACTED
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.settings import Settings

#: Topic, value, the record's time in the log (ms).
Take = Callable[[str, bytes | None, int], None]


class Watch:
    """``start`` returns when it watches; ``stop`` when the thread has ended."""

    def __init__(self, settings: Settings, topics: Sequence[str], take: Take, *, from_beginning: bool = False) -> None:
        self._settings = settings
        self._topics = topics
        self._take = take
        self._from_beginning = from_beginning
        self._stopped = False
        self._failed: Exception | None = None
        self._started = threading.Event()
        #: When the last record arrived (monotonic seconds).
        self.heard_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="demo-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._started.wait(30)

    def stop(self) -> None:
        """Raises what ended the thread before."""
        self._stopped = True
        self._thread.join()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed

    def _run(self) -> None:
        try:
            self._read()
        except Exception as exc:
            # Not lost with the thread: what was to be watched was not.
            self._failed = exc
            self._started.set()

    def _read(self) -> None:
        properties = Options(kafka=self._settings.kafka).client(
            self._settings.brokers,
            **{
                "group.id": "penstock-demo",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                # A waiting fetch is not answered when a transaction ends: ask often, or half a second is added.
                "fetch.wait.max.ms": 50,
            },
        )
        consumer = Consumer(properties)
        guard = Guard(consumer, properties, compacted=COMPACTED)
        try:
            topics = consumer.list_topics(timeout=20).topics
            tps = [TopicPartition(t, p, OFFSET_BEGINNING) for t in self._topics for p in topics[t].partitions]
            if not self._from_beginning:
                for tp in tps:
                    tp.offset = consumer.get_watermark_offsets(tp, timeout=20)[1]
            guard.assign(tps)
            self._started.set()
            while not self._stopped:
                for message in guard.take(2_000, 0.1):
                    if message.error() is None:
                        self.heard_at = time.monotonic()
                        self._take(message.topic() or "", message.value(), message.timestamp()[1])
        finally:
            consumer.close()
