"""A read-only view of a whole compacted topic, held by every worker: configuration, availability.

A thread of its own reads all partitions. What it has read is put into the view between two cycles: one cycle sees one state.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.engine.record import Record

logger = logging.getLogger(__name__)

V = TypeVar("V")

_START_TIMEOUT_S = 60.0


class Replica(Mapping[str, V], Generic[V]):
    """Key (text) -> newest value of a compacted topic; a tombstone removes the key.

    Args:
        app: the Faust app whose workers hold it.
        topic: name of the topic.
        loads: value bytes -> value; a value it cannot read is logged and left out.
        on_change: told (key, old value or None, new value or None), on the event loop between cycles.
    """

    def __init__(
        self,
        app: Any,
        topic: str,
        loads: Callable[[bytes], V],
        on_change: Callable[[str, V | None, V | None], None] | None = None,
    ) -> None:
        self.topic = topic
        self._loads = loads
        self.on_change = on_change
        self._values: dict[str, V] = {}
        self._fresh: deque[list[tuple[str, V | None]]] = deque()
        self._caught_up = threading.Event()
        self._stopped = False
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        app.engine_replicas = [*getattr(app, "engine_replicas", ()), self]

    def __getitem__(self, key: str) -> V:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def start(self, bootstrap: str, options: Options) -> None:
        """Reads the topic up to its present end. Blocks; may be tried again.

        Raises:
            KafkaFault: it could not be read in time.
        """
        self._error = None
        self._caught_up.clear()
        self._thread = threading.Thread(
            target=self._run, args=(bootstrap, options), name=f"engine-replica-{self.topic}", daemon=True
        )
        self._thread.start()
        if not self._caught_up.wait(_START_TIMEOUT_S) or self._error is not None:
            reason = self._error or f"not done in {_START_TIMEOUT_S:.0f} s"
            raise KafkaFault(f"cannot read {self.topic}: {reason}") from self._error
        self.refresh()

    def refresh(self) -> None:
        """Takes over what the thread has read since the last call.

        Raises:
            KafkaFault: the thread has failed.
        """
        if self._error is not None:
            raise KafkaFault(f"cannot read {self.topic}: {self._error}")
        values, on_change = self._values, self.on_change
        while self._fresh:
            for key, value in self._fresh.popleft():
                old = values.pop(key, None) if value is None else values.get(key)
                if value is not None:
                    values[key] = value
                if on_change is not None:
                    on_change(key, old, value)

    def stop(self) -> None:
        """Ends the thread. Blocks."""
        self._stopped = True
        if self._thread is not None:
            self._thread.join()

    # -- on the replica's thread

    def _run(self, bootstrap: str, options: Options) -> None:
        properties = options.client(
            bootstrap,
            **{
                "group.id": "penstock-replica-unused",  # required by the client; assign() joins no group
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                # The broker answers at once when there is something, which is seldom.
                "fetch.wait.max.ms": 200,
                "enable.partition.eof": True,
            },
        )
        consumer = Consumer(properties)
        guard = Guard(consumer, properties, compacted={self.topic})
        try:
            partitions = consumer.list_topics(self.topic, timeout=20).topics[self.topic].partitions
            guard.assign([TopicPartition(self.topic, p, OFFSET_BEGINNING) for p in partitions])
            ended: set[int] = set()
            deadline = time.monotonic() + _START_TIMEOUT_S
            while not self._stopped:
                messages = guard.take(5_000, 0.1 if self._caught_up.is_set() else 0.02)
                ended |= self._take(messages)
                if len(ended) == len(partitions) or time.monotonic() > deadline:
                    self._caught_up.set()
        except Exception as exc:
            self._error = exc
        finally:
            self._caught_up.set()
            consumer.close()

    def _take(self, messages: list[Record]) -> set[int]:
        """Decodes; returns the partitions whose end was met."""
        ended: set[int] = set()
        fresh: list[tuple[str, V | None]] = []
        for message in messages:
            error = message.error()
            if error is None:
                fresh += self._read(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
            elif error.fatal():
                raise KafkaFault(error.str())
        if fresh:
            self._fresh.append(fresh)
        return ended

    def _read(self, message: Record) -> list[tuple[str, V | None]]:
        raw = message.value()
        try:
            return [(message.key().decode(), self._loads(raw) if raw is not None else None)]
        except Exception as exc:
            logger.error("%s/%d offset %d is left out: %s", self.topic, message.partition(), message.offset(), exc)
            return []
