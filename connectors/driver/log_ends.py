"""Where partitions begin and end, asked of the broker itself: a paused consumer hears no news, and then the lag is most wanted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from streams.ops.sinks import Partition

logger = logging.getLogger(__name__)

_TIMEOUT_S = 10.0
_EARLIEST, _LATEST = OffsetSpec.earliest(), OffsetSpec.latest()  # type: ignore[no-untyped-call]


class BrokerAway(Exception):
    """No broker has answered."""


class Bounds(NamedTuple):
    """Of one partition: its first offset, and the one after the last committed record."""

    start: int
    end: int


class LogEnds:
    """Asks for bounds; says once that the broker is away, and once that it is back."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._brokers = properties["bootstrap.servers"]
        self._admin = AdminClient({**properties, "log_level": 0})
        self._away_since: float | None = None

    async def bounds(self, partitions: Iterable[Partition]) -> dict[Partition, Bounds]:
        """Of these partitions. Raises BrokerAway."""
        asked = sorted(partitions)
        starts = await self._offsets(asked, _EARLIEST)
        ends = await self._offsets(asked, _LATEST)
        return {tp: Bounds(starts[tp], ends[tp]) for tp in asked}

    async def ends(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """As ``bounds``, the ends alone."""
        return await self._offsets(sorted(partitions), _LATEST)

    async def _offsets(self, partitions: list[Partition], spec: OffsetSpec) -> dict[Partition, int]:
        if not partitions:
            return {}
        try:
            found = await asyncio.to_thread(self._ask, partitions, spec)
        except (KafkaException, TimeoutError) as exc:
            reason = exc.args[0].str() if isinstance(exc, KafkaException) else f"no answer in {_TIMEOUT_S:.0f} s"
            if self._away_since is None:
                self._away_since = time.monotonic()
                logger.warning("Kafka at %s does not answer (%s): trying on", self._brokers, reason)
            raise BrokerAway(reason) from exc
        if self._away_since is not None:
            logger.warning("Kafka at %s answers again after %.1f s", self._brokers, time.monotonic() - self._away_since)
            self._away_since = None
        return found

    def _ask(self, partitions: list[Partition], spec: OffsetSpec) -> dict[Partition, int]:
        if self._away_since is not None:
            # What it remembers of the cluster is of before, and this client asks nobody anew by itself.
            self._admin.list_topics(timeout=_TIMEOUT_S / 2)
        futures = self._admin.list_offsets(
            {TopicPartition(tp.topic, tp.number): spec for tp in partitions},
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=_TIMEOUT_S,
        )
        return {
            Partition(tp.topic, tp.partition): future.result(_TIMEOUT_S + 5).offset for tp, future in futures.items()
        }
