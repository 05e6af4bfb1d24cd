"""Where a group begins to read, asked of the broker by a client of its own: the group's consumer is busy with polling."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from connectors.base import Partition
from connectors.driver.log_ends import BrokerAway

#: Longer than a killed predecessor's transaction stays open: until then its offsets may still move.
_SETTLING_S = 30.0


async def committed(properties: Mapping[str, Any], group: str, partitions: Iterable[Partition]) -> dict[Partition, int]:
    """The offset to go on at, of those partitions that the group has committed, when no open transaction can change it any more.

    Raises:
        BrokerAway: no answer.
    """
    return await asyncio.to_thread(_ask, properties, group, list(partitions))


def _ask(properties: Mapping[str, Any], group: str, partitions: list[Partition]) -> dict[Partition, int]:
    # read_committed: the answer waits for open transactions.
    asking = Consumer(
        {**properties, "group.id": group, "enable.auto.commit": False, "isolation.level": "read_committed"}
    )
    try:
        found = asking.committed([TopicPartition(*tp) for tp in partitions], timeout=_SETTLING_S)
    except KafkaException as exc:
        raise BrokerAway(exc.args[0].str()) from exc
    finally:
        asking.close()
    for tp in found:
        if tp.error is not None:
            raise BrokerAway(tp.error.str())
    return {Partition(tp.topic, tp.partition): tp.offset for tp in found if tp.offset >= 0}
