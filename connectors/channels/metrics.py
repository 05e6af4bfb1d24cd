"""What a gateway says of itself to Prometheus. Names begin with ``gateway_``; label values are channels and answers, never orders."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from connectors.channels.base import NOTICES, Outgoing
from streams.engine.guard import counted

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class GatewayMetrics:
    """One gateway's metrics in ``registry``."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry
        self.pushes = Counter(
            "gateway_pushes",
            "Pushes by what they were answered: accepted, spooled, retry, bad_signature, stale, malformed, too_large, ...",
            ("channel", "answer"),
            registry=registry,
        )
        self.push_seconds = Histogram(
            "gateway_push_seconds",
            "From a push's last byte to its answer",
            ("channel",),
            registry=registry,
            buckets=_SECONDS,
        )
        self.connections = Gauge("gateway_connections", "Clients that are connected", registry=registry)
        self.refused = Counter(
            "gateway_refused_connections",
            "Connections refused before a request: all places taken (full), too many of one address (address), a head that is too slow or "
            "too large (slow_head, large_head), an answer that is not taken (unread), no file descriptor left (files)",
            ("why",),
            registry=registry,
        )
        self.unsigned_bytes = Gauge(
            "gateway_unsigned_bytes", "Bytes held of bodies whose signature is not known yet", registry=registry
        )
        self.events = Counter(
            "gateway_events", "Snapshots of orders that Kafka has taken", ("channel",), registry=registry
        )
        self.notices = Counter(
            "gateway_notices", "Notices of changed orders that Kafka has taken", ("channel",), registry=registry
        )
        self.ignored = Counter(
            "gateway_ignored_messages",
            "Messages of platforms' queues that name no order; of pushes see gateway_pushes, answer ignored",
            ("channel",),
            registry=registry,
        )
        self.fetches = Counter(
            "gateway_fetches",
            "Orders read from the platform: found, unknown, or why they are tried again",
            ("channel", "outcome"),
            registry=registry,
        )
        self.waiting = Gauge(
            "gateway_waiting_orders", "Orders still to be read from the platform", ("channel",), registry=registry
        )
        self.told = counted("gateway", registry)
        self.spooled = Gauge("gateway_spooled_records", "Records on disk that wait for Kafka", registry=registry)
        self.held_back = Counter(
            "gateway_held_back",
            "Pushes that waited on disk and were not delivered, as their persons were forgotten meanwhile",
            registry=registry,
        )
        self.spool_damaged = Gauge(
            "gateway_spool_damaged_segments",
            "Files of the spool that the disk has damaged, kept until somebody takes them away",
            registry=registry,
        )
        self.listening = Gauge(
            "gateway_listener_up",
            "1: the platform's queue answers; 0: tried again",
            ("channel", "shop"),
            registry=registry,
        )
        self.kafka_up = Gauge("gateway_kafka_up", "1: Kafka takes what it is given", registry=registry)

    def delivered(self, records: Sequence[Outgoing]) -> None:
        """Counts what Kafka has taken of pushes and messages."""
        for record in records:
            channel = record.key.partition(":")[0]
            if record.topic == NOTICES:
                self.notices.labels(channel).inc()
            elif record.topic.startswith("channel.") and record.topic.endswith(".events"):
                self.events.labels(channel).inc()
