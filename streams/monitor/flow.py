"""Counts what goes through the hub: events in, what became of them, decisions and how long they took; and the two KPIs.

Counters count what was written since the monitor started. The KPIs look back over a window that is read again at every start:

    sync timeliness   share of channel events received within 5 s of happening on the platform       target >= 99.5 %
    mean processing   from a connector's receipt of an order to its first decision                   target <= 30 min

A decision's time is its time in the log, when readers can see it. Only an order's first decision has a latency: a backorder that is filled
when stock arrives has waited for stock, not for the hub.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.codec import CodecError
from schemas.topics import CHANNELS, channel_topic
from streams.engine.record import Record
from streams.monitor.glance import Glance
from streams.monitor.metrics import HubMetrics
from streams.monitor.window import SlidingMean

TIMELY_MS = 5_000

_EVENTS = {channel_topic(channel): channel for channel in CHANNELS}
#: Their key is the order's id, which begins with the channel: nothing is decoded.
_OUTCOMES = {
    "orders": "accepted",
    "aftersales": "accepted",
    "orders.duplicates": "duplicate",
    "orders.review": "review",
}
_DECISIONS = {"OrderAllocated": "allocated", "OrderBackordered": "backordered", "AllocationReleased": "released"}
_FIRST = ("attempt", "received_at_ms")

TOPICS = (*_EVENTS, *_OUTCOMES, "allocations")


class Flow:
    """Fed by one thread."""

    def __init__(self, metrics: HubMetrics, window_s: float) -> None:
        self._metrics = metrics
        self._timely = SlidingMean(window_s)
        self._processing = SlidingMean(window_s)
        self._glance = Glance(
            {
                "ChannelEvent": ("occurred_at_ms", "received_at_ms"),
                "ReceiverCorrected": (),
                "OrderAllocated": _FIRST,
                "OrderBackordered": _FIRST,
                "AllocationReleased": (),
                "Review": ("channel",),
            }
        )
        metrics.kpi_window.set(window_s)

    def take(self, message: Record, fresh: bool) -> None:
        """Takes in one message of ``TOPICS``; ``fresh``: written since the monitor started."""
        topic, value = message.topic(), message.value()
        try:
            if topic in _EVENTS:
                name, record = self._glance.read(value or b"")
                self._event(_EVENTS[topic], name, record, message.timestamp()[1], fresh)
            elif topic in _OUTCOMES:
                if fresh:
                    self._metrics.outcomes.labels(self._channel(topic, message), _OUTCOMES[topic]).inc()
            else:
                name, record = self._glance.read(value or b"")
                self._decision(_channel_of(message.key()), name, record, message.timestamp()[1], fresh)
        except CodecError:
            if topic in _EVENTS and fresh:
                # It came in all the same; intake quarantines it.
                self._metrics.events.labels(_EVENTS[topic]).inc()
            self._metrics.unreadable.labels(topic).inc()

    def refresh(self, now_ms: int) -> None:
        """Brings the KPIs up to now."""
        self._metrics.timeliness.set(self._timely.mean(now_ms))
        self._metrics.processing.set(self._processing.mean(now_ms))

    def _event(self, channel: str, name: str, record: Mapping[str, Any], at_ms: int, fresh: bool) -> None:
        if name == "ReceiverCorrected":
            # A person's word, which no platform is late with.
            return
        if name != "ChannelEvent":
            raise CodecError(f"a {name} stands where a ChannelEvent belongs")
        timely = record["received_at_ms"] - record["occurred_at_ms"] <= TIMELY_MS
        self._timely.add(at_ms, timely)
        if fresh:
            self._metrics.events.labels(channel).inc()
            self._metrics.timely.labels(channel).inc(timely)

    def _decision(self, channel: str, name: str, record: Mapping[str, Any], at_ms: int, fresh: bool) -> None:
        if name not in _DECISIONS:
            raise CodecError(f"a {name} stands where a decision belongs")
        if fresh:
            self._metrics.decisions.labels(channel, _DECISIONS[name]).inc()
        if record.get("attempt") == 1:
            # The connector's clock may be ahead of the broker's.
            took_s = max(0, at_ms - record["received_at_ms"]) / 1000
            self._processing.add(at_ms, took_s)
            if fresh:
                self._metrics.latency.labels(channel).observe(took_s)

    def _channel(self, topic: str, message: Record) -> str:
        # A review's key may be whatever its event had.
        if topic == "orders.review":
            _, record = self._glance.read(message.value() or b"")
            return _known(str(record.get("channel")))
        return _channel_of(message.key())


def _channel_of(key: bytes | None) -> str:
    """Of an order id."""
    return _known((key or b"").partition(b":")[0].decode("utf-8", "replace"))


def _known(channel: str) -> str:
    """A label has few values, whatever somebody writes to a topic."""
    return channel if channel in CHANNELS else "unknown"
