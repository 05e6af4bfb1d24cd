"""What the reconciliation says to Prometheus. Names begin with ``reconcile_``; label values are channels and shops: no persons."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas.topics import CHANNELS


class ReconcileMetrics:
    """The metrics of one process in ``registry``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry

        def counter(name: str, doc: str, *labels: str) -> Counter:
            return Counter(f"reconcile_{name}", doc, labels, registry=registry)

        self.pulls = counter("pulls", "Pulls of a shop's changes: done, failed", "channel", "outcome")
        self.listed = counter("listed", "Changes that the channels listed", "channel")
        self.found = counter("found", "Orders or changes that only the pull found, and sent in", "channel")
        self.drift = counter("drift", "Orders of which channel and hub said different things", "channel")
        self.checks = counter(
            "checks", "Key events asked back: agrees, differs, unanswered", "channel", "about", "outcome"
        )
        self.mark = Gauge(
            "reconcile_mark_timestamp_seconds",
            "Changes before this time are in Kafka, since the epoch",
            ("channel", "shop"),
            registry=registry,
        )
        self.pending = Gauge("reconcile_pending_checks", "Key events still to be confirmed", registry=registry)
        for channel in CHANNELS:
            for series in (self.listed, self.found, self.drift):
                series.labels(channel)
