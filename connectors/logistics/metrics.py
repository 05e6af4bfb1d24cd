"""What the dispatcher says to Prometheus. Label values are channels, shops and outcomes: no persons."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from connectors.driver.dispatch.metrics import CallMetrics
from connectors.shops import Shop

#: From a second to the deadline of the most patient platform.
_WRITTEN_S = (1, 2, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400, 172_800, 259_200)
#: Outcomes that count as written back.
WRITTEN = ("SHIPPED", "ALREADY_SHIPPED")


class DispatchMetrics(CallMetrics):
    """One process's metrics in ``registry``."""

    def __init__(self, registry: CollectorRegistry, shops: Iterable[Shop]) -> None:
        super().__init__("writeback", ("channel", "shop"), registry)
        self.submissions = Counter(
            "writeback_submissions", "Requests answered, by outcome, or HELD", ("channel", "outcome"), registry=registry
        )
        self.seconds = Histogram(
            "writeback_seconds",
            "From leaving the warehouse to standing at the platform",
            ("channel",),
            registry=registry,
            buckets=_WRITTEN_S,
        )
        self.waybills = Counter(
            "writeback_waybills", "E-waybills asked for, by how it ended", ("provider", "ended"), registry=registry
        )
        self.subscriptions = Counter(
            "writeback_trace_subscriptions", "Parcels' traces subscribed to", ("ended",), registry=registry
        )
        for shop in shops:
            # Rates need a first value before the first event.
            self.breaker_open.labels(shop.channel, shop.shop).set(0)
            for outcome in ("SHIPPED", "RETRYABLE"):
                self.submissions.labels(shop.channel, outcome)
