"""What a sink's driver says of itself to Prometheus. Names begin with ``sink_``; label values are topics, never personal data."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class SinkMetrics:
    """One driver's metrics in ``registry``; the label ``sink`` is given once, here."""

    def __init__(self, sink: str, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry
        by_topic, by_partition = ("sink", "topic"), ("sink", "topic", "partition")

        self._records = Counter("sink_records", "Records that are in the store", by_topic, registry=registry)
        self._refused = Counter(
            "sink_refused_records",
            "Records the store cannot take, set aside on sink.refused",
            by_topic,
            registry=registry,
        )
        self._missing = Counter(
            "sink_missing_records", "Offsets the log had dropped before the sink took them", by_topic, registry=registry
        )
        self._displaced = Counter(
            "sink_displaced_offsets",
            "Offsets by which the store was found set back, or forward, from where it was left",
            ("sink", "topic", "direction"),
            registry=registry,
        )
        self._displaced_at = Gauge(
            "sink_displaced_timestamp_seconds",
            "When the store was last found set back, or forward",
            ("sink", "direction"),
            registry=registry,
        )
        self._stale = Counter(
            "sink_stale_records",
            "Records handed over from before the position, and dropped",
            by_topic,
            registry=registry,
        )
        self._lag = Gauge("sink_lag_records", "Offsets not yet in the store", by_partition, registry=registry)
        self._lag_s = Gauge(
            "sink_lag_seconds", "Age of the oldest record not yet in the store", by_topic, registry=registry
        )
        self._rows = Counter("sink_rows", "Rows that are in the store", ("sink", "table"), registry=registry)
        self._rows_seen: dict[str, int] = {}
        self._emptied = Counter(
            "sink_emptied_rows",
            "Rows that no longer tell of a person, as they were kept for long enough",
            ("sink", "table"),
            registry=registry,
        )
        self._emptied_seen: dict[str, int] = {}
        self._sink = sink

        self.flush_seconds = Histogram(
            "sink_flush_seconds", "One flush, begin to end", ("sink",), registry=registry, buckets=_SECONDS
        ).labels(sink)
        self.up = Gauge(
            "sink_up", "1: the store takes what it is given; 0: paused", ("sink",), registry=registry
        ).labels(sink)
        self.outages = Counter("sink_outages", "Times the store went away", ("sink",), registry=registry).labels(sink)
        self.outage_seconds = Gauge(
            "sink_outage_seconds",
            "How long the present outage has lasted; 0: there is none",
            ("sink",),
            registry=registry,
        ).labels(sink)
        self.fenced = Counter(
            "sink_fenced",
            "Flushes refused because another driver had moved a position on",
            ("sink",),
            registry=registry,
        ).labels(sink)
        self.partitions = Gauge(
            "sink_assigned_partitions", "Partitions this driver has", ("sink",), registry=registry
        ).labels(sink)

    def took(self, topic: str, count: int) -> None:
        """Records of a topic have become durable."""
        self._records.labels(self._sink, topic).inc(count)

    def rows(self, written: Mapping[str, int]) -> None:
        """Rows so far, by table."""
        self._rows_seen = self._grown(self._rows, self._rows_seen, written)

    def emptied(self, rows: Mapping[str, int]) -> None:
        """Rows so far, by table."""
        self._emptied_seen = self._grown(self._emptied, self._emptied_seen, rows)

    def _grown(self, counter: Counter, seen: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
        for table, count in now.items():
            counter.labels(self._sink, table).inc(count - seen.get(table, 0))
        return dict(now)

    def refused(self, topic: str) -> None:
        """A record was set aside."""
        self._refused.labels(self._sink, topic).inc()

    def missing(self, topic: str, count: int) -> None:
        """So many offsets were gone before they were read."""
        self._missing.labels(self._sink, topic).inc(count)

    def displaced(self, topic: str, direction: str, count: int) -> None:
        """The store is so many offsets from where it was left: ``back`` or ``forward``."""
        self._displaced.labels(self._sink, topic, direction).inc(count)
        self._displaced_at.labels(self._sink, direction).set_to_current_time()

    def stale(self, topic: str, count: int) -> None:
        """So many records came once more, from before where the sink stands."""
        self._stale.labels(self._sink, topic).inc(count)

    def lag(self, topic: str, partition: int, records: int) -> None:
        """What of a partition is not yet durable."""
        self._lag.labels(self._sink, topic, str(partition)).set(records)

    def lag_seconds(self, topic: str, seconds: float) -> None:
        """Age of the topic's oldest record that is not yet durable."""
        self._lag_s.labels(self._sink, topic).set(seconds)

    def forget(self) -> None:
        """The partitions are another driver's now."""
        self._lag.clear()
        self._lag_s.clear()
