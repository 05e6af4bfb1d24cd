"""What a check finds, and how logs are read for checks."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, TopicPartition

_SILENCE_MAX_S = 60.0


Place = tuple[str, int, int]
"""(topic, partition, offset)"""


class Violation(NamedTuple):
    """Something that must hold and does not, with the place in the log it was found at."""

    check: str
    topic: str
    partition: int
    offset: int
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.topic}/{self.partition}@{self.offset} {self.key}: {self.text}"


class Logged(NamedTuple):
    """A committed record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at_ms: int
    headers: tuple[tuple[str, bytes], ...] = ()


def read(brokers: str, topics: Iterable[str], isolation: str = "read_committed") -> list[Logged]:
    """All records of these topics up to their present ends; those of one partition in the order of the log.

    Raises:
        TimeoutError: the broker has fallen silent.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "chaos-reader",
            "log_level": 0,
            "enable.auto.commit": False,
            "isolation.level": isolation,
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 20,
            "queued.max.messages.kbytes": 65_536,
        }
    )
    try:
        known = consumer.list_topics(timeout=60).topics
        open_ends = {(topic, p) for topic in topics if topic in known for p in known[topic].partitions}
        consumer.assign([TopicPartition(*tp, 0) for tp in open_ends])
        found: list[Logged] = []
        heard = time.monotonic()
        while open_ends:
            messages = consumer.consume(10_000, 0.2)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE_MAX_S:
                raise TimeoutError(f"no record for {_SILENCE_MAX_S:.0f} s, unread: {sorted(open_ends)}")
            for m in messages:
                error = m.error()
                if error is None:
                    headers = tuple(m.headers() or ())
                    found.append(
                        Logged(m.topic(), m.partition(), m.offset(), m.key(), m.value(), m.timestamp()[1], headers)
                    )
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_ends.discard((m.topic(), m.partition()))
                elif error.fatal():
                    raise TimeoutError(error.str())
        return found
    finally:
        consumer.close()


def shown(key: bytes | str | None) -> str:
    """A key for a person."""
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else key or ""
