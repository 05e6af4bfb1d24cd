"""What a worker says of itself to Prometheus. Names begin with ``engine_``; label values are topics and tables, never personal data."""

from __future__ import annotations

import time

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from streams.engine.guard import counted

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One worker's metrics in ``registry``."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry
        #: When the cycle last came round, monotonic seconds.
        self.turned_at = time.monotonic()

        def counter(name: str, doc: str, *labels: str) -> Counter:
            return Counter(f"engine_{name}", doc, labels, registry=registry)

        def gauge(name: str, doc: str, *labels: str) -> Gauge:
            return Gauge(f"engine_{name}", doc, labels, registry=registry)

        def histogram(name: str, doc: str) -> Histogram:
            return Histogram(f"engine_{name}", doc, registry=registry, buckets=_SECONDS)

        self.records = counter("records", "Records decided and committed", "topic")
        self.batches = counter("batches", "Cycles committed")
        self.aborted = counter("aborted_batches", "Cycles undone and run again", "reason")
        self.quarantined = counter("quarantined_records", "Records an agent could not digest", "topic")
        self.told = counted("engine", registry)
        self.restored = counter("restored_records", "Changelog records read into local state")
        self.standing_still = gauge(
            "standing_still_seconds",
            "How long cycles with a partition's records have failed, and none has come through",
            "topic",
            "partition",
        )
        self.rebalances = counter("rebalances", "Assignments received")
        self.decide_seconds = histogram("decide_seconds", "Deciding one cycle's records")
        self.transaction_seconds = histogram("transaction_seconds", "One cycle's Kafka transaction, begin to commit")
        self.apply_seconds = histogram("apply_seconds", "Writing one cycle's changes to RocksDB")
        self.restore_seconds = gauge("restore_seconds", "How long the last restore took")
        self.restore_progress = gauge("restore_progress_ratio", "Present restore, 0 to 1; 1 when there is none")
        self.restore_progress.set(1.0)
        self.lag = gauge("lag_records", "Committed records not yet decided", "topic", "partition")
        self.assigned = gauge("assigned_partitions", "Input partitions this worker has")
        self.clock_skew = gauge("clock_skew_seconds", "This host's clock less the broker's: ahead of it, or behind")
        self.waiting = gauge("waiting_partitions", "Input partitions whose shard this worker was not given whole")
        self.store_keys = gauge("store_keys", "Keys in local state, RocksDB's estimate")
        self.store_bytes = gauge("store_bytes", "Size of local state's table files")

    def stands_still(self, tp: tuple[str, int], seconds: float) -> None:
        """No cycle with this partition has come through for so long; 0: it gets on."""
        self.standing_still.labels(tp[0], str(tp[1])).set(seconds)

    def turned(self) -> None:
        """The cycle has come round: the worker does not hang."""
        self.turned_at = time.monotonic()
