"""What the process that tells stock says to Prometheus. Label values are channels, shops and outcomes: no persons.

How long each SKU has waited, and what shops show beyond what they were told, the monitor says: it sees all of them, whoever has them.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from connectors.driver.dispatch.metrics import CallMetrics
from connectors.shops import Shop

#: Seconds; the goal is 5 from a reservation to the lower number.
_BUCKETS = (0.25, 0.5, 1, 2, 3, 5, 8, 15, 30, 60, 300, 1800)
OUTCOMES = ("DONE", "ALREADY", "SUPERSEDED", "RETRYABLE", "HELD", "REFUSED")


class ListingMetrics(CallMetrics):
    """One process's metrics in ``registry``."""

    def __init__(self, registry: CollectorRegistry, shops: Iterable[Shop]) -> None:
        super().__init__("listing", ("channel", "shop"), registry)
        about = ("channel", "shop")
        self.requests = Counter(
            "listing_requests", "Quantities answered, by outcome", (*about, "outcome"), registry=registry
        )
        self.seconds = Histogram(
            "listing_seconds",
            "From the change of what a shop should show to its platform's yes",
            about,
            buckets=_BUCKETS,
            registry=registry,
        )
        for shop in shops:
            # Rates need a first value before the first event.
            self.breaker_open.labels(shop.channel, shop.shop).set(0)
            self.seconds.labels(shop.channel, shop.shop)
            for outcome in OUTCOMES:
                self.requests.labels(shop.channel, shop.shop, outcome)
