"""What clients of a moment ask a cluster: where partitions begin and end, and what stands between."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeVar, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.engine.asking import patiently
from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard

T = TypeVar("T")

#: How long an answer may take.
TIMEOUT_S = 20.0
#: Messages that are taken from a consumer at a time: each has some megabytes at the most.
TAKEN = 100


class ClusterError(Exception):
    """The cluster cannot do what was asked; the message is for the person at the terminal."""


def committed(consumer: Consumer, inputs: list[TopicPartition]) -> list[TopicPartition]:
    """How far the consumer's group is. Raises ClusterError."""
    what = "the broker does not say how far the workers are"
    return _patiently(what, lambda: consumer.committed(inputs, timeout=TIMEOUT_S))


def offsets_of(consumer: Consumer, topic: str, partitions: int) -> int:
    """Offsets that a topic has. Raises ClusterError."""
    total = 0
    for partition in range(partitions):
        low, high = watermarks(consumer, TopicPartition(topic, partition))
        total += high - low
    return total


def watermarks(consumer: Consumer, tp: TopicPartition) -> tuple[int, int]:
    """Where a partition begins and ends; a broker that can't say yet is asked again. Raises ClusterError."""

    def look_anew() -> None:
        # What a client was told about a topic it asks for anew only when it is asked to.
        with suppress(KafkaException):
            consumer.list_topics(tp.topic, timeout=TIMEOUT_S)

    what = f"where {tp.topic}/{tp.partition} ends is not known"
    return _patiently(what, lambda: consumer.get_watermark_offsets(tp, timeout=TIMEOUT_S), look_anew)


def _patiently(what: str, ask: Callable[[], T], meanwhile: Callable[[], None] = lambda: None) -> T:
    """The answer; errors that pass are waited out for a while. Raises ClusterError, which begins with ``what``."""
    try:
        return patiently(ask, TIMEOUT_S, lambda exc: meanwhile())
    except KafkaException as exc:
        raise ClusterError(f"{what}: {exc.args[0].str()}") from exc


def _taken(guard: Guard) -> list[Message]:
    try:
        return cast(list[Message], guard.take(TAKEN, 0.1))
    except KafkaFault as exc:
        raise ClusterError(str(exc)) from exc


def until_end(guard: Guard, partitions: int) -> Iterator[Message]:
    """Records up to the end of each assigned partition."""
    ended: set[tuple[str | None, int | None]] = set()
    heard = time.monotonic()
    while len(ended) < partitions:
        messages = _taken(guard)
        if messages:
            heard = time.monotonic()
        elif time.monotonic() - heard > TIMEOUT_S:
            raise ClusterError(f"the broker has not answered for {TIMEOUT_S:.0f} s")
        for message in messages:
            error = message.error()
            if error is None:
                yield message
            elif error.code() == KafkaError._PARTITION_EOF:
                ended.add((message.topic(), message.partition()))
            elif error.fatal():
                raise ClusterError(error.str())


def records_of(guard: Guard) -> Iterator[Message]:
    """Records as they come, for ever."""
    while True:
        for message in _taken(guard):
            error = message.error()
            if error is None:
                yield message
            elif error.fatal():
                raise ClusterError(error.str())


def newest(messages: Iterable[Message], count: int) -> list[Message]:
    """The last ``count`` of each partition, by their time in the log."""
    kept: dict[int, deque[Message]] = {}
    for message in messages:
        kept.setdefault(message.partition() or 0, deque(maxlen=count)).append(message)
    return sorted((m for partition in kept.values() for m in partition), key=lambda m: m.timestamp()[1])
