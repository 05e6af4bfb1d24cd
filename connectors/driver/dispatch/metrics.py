"""What every connector to a slow system says to Prometheus. Label values are systems, accounts and how calls ended: no persons."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from streams.engine.guard import counted


class CallMetrics:
    """One process's metrics in ``registry``: ``<prefix>_calls_total`` and so on. ``labels``: what a system and an account are called."""

    def __init__(self, prefix: str, labels: tuple[str, str], registry: CollectorRegistry) -> None:
        self.registry = registry
        system, _ = labels
        self.calls = Counter(
            f"{prefix}_calls", f"Calls made to a {system}, by how they ended", (system, "ended"), registry=registry
        )
        self.breaker_open = Gauge(
            f"{prefix}_breaker_open", "1: calls wait, the endpoint does not answer", labels, registry=registry
        )
        self.told = counted(prefix, registry)
        self.held = Gauge(f"{prefix}_held_requests", "Requests read and not answered yet", registry=registry)
