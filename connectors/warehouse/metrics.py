"""What the process that tells warehouses says to Prometheus. Label values are warehouses, actions and outcomes: no persons."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter

from connectors.driver.dispatch.metrics import CallMetrics
from connectors.shops import Wms


class WarehouseMetrics(CallMetrics):
    """One process's metrics in ``registry``."""

    def __init__(self, registry: CollectorRegistry, systems: Iterable[Wms]) -> None:
        super().__init__("delivery", ("system", "warehouse"), registry)
        self.requests = Counter(
            "delivery_requests",
            "Requests answered, by outcome",
            ("warehouse", "action", "outcome"),
            registry=registry,
        )
        for system in systems:
            for warehouse in system.ours:
                # Rates need a first value before the first event.
                self.breaker_open.labels(system.name, warehouse).set(0)
                for action, outcome in (
                    *(("create", "DONE"), ("create", "RETRYABLE"), ("create", "REFUSED")),
                    *(("cancel", "DONE"), ("cancel", "TOO_LATE"), ("cancel", "REFUSED")),
                ):
                    self.requests.labels(warehouse, action, outcome)
