"""How far the store is behind the log: in offsets by partition, in seconds by topic. Keeps both metrics, also while nothing is fetched."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from connectors.driver.log_ends import BrokerAway, LogEnds
from connectors.driver.sinks.metrics import SinkMetrics
from streams.ops.sinks import Partition, Record


class Lag:
    """Of the partitions that were begun; used from the event loop."""

    def __init__(self, ends: LogEnds, metrics: SinkMetrics) -> None:
        self._log = ends
        self._metrics = metrics
        self._durable: dict[Partition, int] = {}
        self._ends: dict[Partition, int] = {}
        #: Wall-clock seconds: of the oldest record in hand, or else when a partition was first seen to be behind.
        self._in_hand: dict[Partition, float] = {}
        self._behind_since: dict[Partition, float] = {}

    def begin(self, durable: Mapping[Partition, int]) -> None:
        """These are the partitions, and their positions in the store."""
        self.forget()
        self._durable = dict(durable)

    def forget(self) -> None:
        """There are none."""
        for kept in (self._durable, self._ends, self._in_hand, self._behind_since):
            kept.clear()
        self._metrics.forget()

    def fetched(self, records: Sequence[Record]) -> None:
        """These are in hand."""
        for r in records:
            self._in_hand.setdefault(Partition(r.topic, r.partition), r.timestamp_ms / 1000)

    def flushed(self, records: Sequence[Record], durable: Mapping[Partition, int]) -> None:
        """What was in hand is in the store."""
        self._in_hand.clear()
        self._durable.update(durable)
        counts: dict[str, int] = {}
        for r in records:
            counts[r.topic] = counts.get(r.topic, 0) + 1
        for topic, count in counts.items():
            self._metrics.took(topic, count)

    async def measure(self) -> int:
        """Asks the broker and sets the metrics; returns the offsets that wait. With the broker away: what was known last."""
        with suppress(BrokerAway):
            self._ends = await self._log.ends(self._durable)
        now, total = time.time(), 0
        seconds = dict.fromkeys((tp.topic for tp in self._durable), 0.0)
        for tp, durable in self._durable.items():
            behind = max(0, self._ends.get(tp, durable) - durable)
            total += behind
            self._metrics.lag(tp.topic, tp.number, behind)
            if not behind:
                self._behind_since.pop(tp, None)
                continue
            since = min(self._behind_since.setdefault(tp, now), self._in_hand.get(tp, now))
            seconds[tp.topic] = max(seconds[tp.topic], now - since)
        for topic, age_s in seconds.items():
            self._metrics.lag_seconds(topic, age_s)
        return total
