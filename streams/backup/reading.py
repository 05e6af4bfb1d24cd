"""All partitions' committed records at once: forty topics one after another would be forty times the wait for a first answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing

from confluent_kafka import Consumer, KafkaError, TopicPartition

from streams.backup.errors import BackupStopped
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.engine.record import Record
from streams.engine.shards import TP
from streams.settings import Settings

_BATCH = 5_000
_POLL_S = 0.05
_STALL_S = 120.0


def read(
    settings: Settings,
    ranges: Mapping[TP, tuple[int, int]],
    compacted: Collection[str],
    taken: Callable[[TP, Record], None],
    advance: Callable[[int], None],
) -> None:
    """Hands over what stands in these ranges (from an offset, before another), each partition's in its order; then returns.

    Raises:
        BackupStopped: they cannot be read to their ends. KafkaFault: records are not handed over.
    """
    own = {"fetch.wait.max.ms": 20, "queued.max.messages.kbytes": 64 * 1024}
    # Where the log no longer holds what is to be read it must say so, and not go on somewhere else.
    properties = Options.quiet(settings.kafka).reader(settings.brokers, "backup", {**own, "auto.offset.reset": "error"})
    left = {tp: end for tp, (start, end) in ranges.items() if start < end}
    with closing(Consumer(properties)) as consumer:
        guard = Guard(consumer, properties, compacted=compacted)
        guard.assign([TopicPartition(*tp, ranges[tp][0]) for tp in sorted(left)])
        heard = time.monotonic()
        while left:
            events, count = guard.take(_BATCH, _POLL_S), 0
            for event in events:
                tp, error = (event.topic(), event.partition()), event.error()
                if tp not in left:
                    continue
                end = left[tp]
                if error is None and event.offset() < end:
                    taken(tp, event)
                    count += 1
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    if error.fatal() or error.code() == KafkaError._AUTO_OFFSET_RESET:
                        raise BackupStopped(f"{tp[0]}/{tp[1]} cannot be read on: {error.str()}; {_NOTHING}")
                    continue
                # The log's end or a later record, or the range's last one: this partition is through.
                if event.offset() + (error is None) >= end:
                    del left[tp]
                    consumer.incremental_unassign([TopicPartition(*tp)])
                    guard.forget([TopicPartition(*tp)])
            advance(count)
            if events:
                heard = time.monotonic()
            elif time.monotonic() - heard > _STALL_S:
                raise BackupStopped(f"nothing has come from {min(left)[0]} for {_STALL_S:.0f} s; {_NOTHING}")


_NOTHING = "nothing was kept: run it again"
