"""What agents say of themselves to Prometheus, beside what the engine says of them."""

from __future__ import annotations

import math

from prometheus_client import CollectorRegistry, Counter, Gauge


class MergingMetrics:
    """Of orders that wait for companions (合单)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._told = Counter(
            "penstock_merging_told",
            "Orders that waited for companions, by what they were told: joined, plan, go (as one parcel), alone, left",
            ["kind"],
            registry=registry,
        )

    def told(self, kind: str, count: int) -> None:
        """So many orders more."""
        self._told.labels(kind.lower()).inc(count)


class RulesMetrics:
    """Of the rule documents that a worker follows."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.refused = Counter(
            "penstock_rules_refused",
            "Times that a released version of rules or tables was found to decide nothing: not there, damaged, or not compiled",
            registry=registry,
        )
        self.failed = Counter(
            "penstock_rules_tried_failed",
            "Orders that a version in the shadow or on a share said nothing of: it ended with an error, or cannot be used",
            registry=registry,
        )
        self.holidays_until = Gauge(
            "penstock_holidays_known_until_timestamp_seconds",
            "From when on live calendars don't know the holidays, and plain days of the week are taken; NaN: none keeps any",
            registry=registry,
        )
        self.holidays_until.set(math.nan)
