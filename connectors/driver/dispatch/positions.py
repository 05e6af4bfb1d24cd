"""Where a group begins to read, and what of it is answered already. The broker is asked by other clients: the group's consumer polls.

Requests are dealt with side by side, so that behind the first one without an answer others may have theirs. A successor reads on at that
first one; which of the others are answered stands in the log of results, which has a key's in the same partition as its requests.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.driver.log_ends import Bounds, BrokerAway
from schemas.codec import CODEC, CodecError
from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.record import Record
from streams.ops.sinks import Partition

#: Longer than a killed predecessor's transaction stays open: until then its offsets may still move.
_SETTLING_S = 30.0
_SILENT_S = 30.0
_POLL_S = 0.2

#: Key and id of the request that a result answers; None: it is no result.
Read = Callable[[str, Mapping[str, Any]], tuple[str, str] | None]


async def committed(properties: Mapping[str, Any], group: str, partitions: Iterable[Partition]) -> dict[Partition, int]:
    """The offset to go on at, of those partitions that the group has committed, when no open transaction can change it any more.

    Raises:
        BrokerAway: no answer.
    """
    return await asyncio.to_thread(_committed, properties, group, list(partitions))


async def answered(
    properties: Mapping[str, Any], backlog: Mapping[Partition, Bounds], results: str, read: Read
) -> set[tuple[str, str]]:
    """Which requests between these bounds have their result in the log: key and id. Raises BrokerAway."""
    left = {tp: bounds for tp, bounds in backlog.items() if bounds.start < bounds.end}
    return await asyncio.to_thread(_answered, properties, left, results, read) if left else set()


def _committed(properties: Mapping[str, Any], group: str, partitions: list[Partition]) -> dict[Partition, int]:
    # read_committed: the answer waits for open transactions.
    with closing(Consumer(_properties(properties, group))) as asking:
        try:
            found = asking.committed([TopicPartition(*tp) for tp in partitions], timeout=_SETTLING_S)
        except KafkaException as exc:
            raise BrokerAway(exc.args[0].str()) from exc
    for tp in found:
        if tp.error is not None:
            raise BrokerAway(tp.error.str())
    return {Partition(tp.topic, tp.partition): tp.offset for tp in found if tp.offset >= 0}


def _answered(
    properties: Mapping[str, Any], backlog: Mapping[Partition, Bounds], results: str, read: Read
) -> set[tuple[str, str]]:
    own = _properties(properties, "penstock-reader")
    with closing(Consumer(own)) as reader:
        guard = Guard(reader, own)
        try:
            # A result is never older than its request.
            since = [
                TopicPartition(results, tp.number, _time_of(guard, tp, bounds.start)) for tp, bounds in backlog.items()
            ]
            starts = reader.offsets_for_times(since, timeout=_SILENT_S)
            found: set[tuple[str, str]] = set()
            # None so young: its end, a negative one in librdkafka's terms.
            for message in _to_end(guard, [tp for tp in starts if tp.offset >= 0]):
                try:
                    request = read(*CODEC.decode(message.value() or b""))
                except CodecError:
                    continue  # it answers nothing; whoever reads results sets it aside
                if request is not None:
                    found.add(request)
        except KafkaException as exc:
            raise BrokerAway(exc.args[0].str()) from exc
        except KafkaFault as exc:
            raise BrokerAway(str(exc)) from exc
    return found


def _time_of(guard: Guard, tp: Partition, offset: int) -> int:
    """The time of the first record from this offset on, ms; now when only transactions' markers are left."""
    for message in _to_end(guard, [TopicPartition(tp.topic, tp.number, offset)]):
        return int(message.timestamp()[1])
    return int(time.time() * 1000)


def _to_end(guard: Guard, starts: list[TopicPartition]) -> Iterable[Record]:
    guard.assign(starts)
    ended, heard = 0, time.monotonic()
    while ended < len(starts):
        messages = guard.take_ready(1_000, _POLL_S)
        if messages:
            heard = time.monotonic()
        elif time.monotonic() - heard > _SILENT_S:
            raise BrokerAway(f"no record in {_SILENT_S:.0f} s")
        for message in messages:
            error = message.error()
            if error is None:
                yield message
            elif error.code() == KafkaError._PARTITION_EOF:
                ended += 1
            elif error.fatal() or not error.retriable():
                raise KafkaException(error)


def _properties(properties: Mapping[str, Any], group: str) -> dict[str, Any]:
    own = {"group.id": group, "enable.auto.commit": False, "isolation.level": "read_committed"}
    return {**properties, **own, "enable.partition.eof": True, "fetch.wait.max.ms": 20}
