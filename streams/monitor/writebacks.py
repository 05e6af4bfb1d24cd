"""Where tracking numbers stand on their way back to the platforms: by phase, how many are late, how well and how fast it goes.

A parcel is kept from its first word to the one that it is written back or abandoned: memory is what is open, not what there ever was. So
topics are read from their beginning. The KPI looks back over a window: the share of successes among writebacks that ended in it, written
back or dead (one that was dead and then redriven ended twice); target >= 99 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from schemas.codec import CodecError
from schemas.topics import CHANNELS
from streams.engine.record import Record
from streams.monitor.glance import Glance
from streams.monitor.metrics import WRITEBACK_PHASES, HubMetrics
from streams.monitor.window import SlidingMean

STATUS = "writeback.status"
TOPICS = (STATUS,)

_PARCEL = ("order_id", "shipment_id")
_ENDS = {"WRITTEN": 1.0, "DEAD": 0.0}
#: A parcel in one of these is nobody's concern any more.
_SETTLED = frozenset(("WRITTEN", "ABANDONED"))

Parcel = tuple[str, str]


class Writebacks:
    """Fed by one thread. ``metrics``: None where only what stands open is asked for."""

    def __init__(self, metrics: HubMetrics | None = None, window_s: float = 3_600.0) -> None:
        self._metrics = metrics
        self._success = SlidingMean(window_s)
        self._open: dict[Parcel, tuple[str, str]] = {}
        self._near: set[Parcel] = set()
        #: Its channel, and since when its platform has held its order.
        self._held: dict[Parcel, tuple[str, int]] = {}
        self._glance = Glance(
            {
                "WritebackChanged": (*_PARCEL, "channel", "phase", "shipped_at_ms", "held_since_ms", "at_ms"),
                "WritebackDeadlineNear": _PARCEL,
            }
        )

    def take(self, message: Record, fresh: bool) -> None:
        """Takes in one message of ``TOPICS``; ``fresh``: written since the monitor started."""
        try:
            name, record = self._glance.read(message.value() or b"")
            if name not in ("WritebackChanged", "WritebackDeadlineNear"):
                raise CodecError(f"a {name} stands on {STATUS}")
        except CodecError:
            if self._metrics is not None:
                self._metrics.unreadable.labels(STATUS).inc()
            return
        parcel = record["order_id"], record["shipment_id"]
        if name == "WritebackDeadlineNear":
            if parcel in self._open:
                self._near.add(parcel)
            return
        self._changed(parcel, record, message.timestamp()[1], fresh)

    def phases(self) -> Counter[tuple[str, str]]:
        """(channel, phase) -> parcels that stand there, neither written back nor abandoned."""
        return Counter(self._open.values())

    @property
    def near(self) -> int:
        """Parcels whose deadline is near or past, and that are still not written back."""
        return len(self._near)

    def refresh(self, now_ms: int) -> None:
        """Brings the metrics up to now."""
        if self._metrics is None:
            return
        phases = self.phases()
        for channel in CHANNELS:
            since_ms = min((since for of, since in self._held.values() if of == channel), default=now_ms)
            self._metrics.writeback_held.labels(channel).set(max(0, now_ms - since_ms) / 1000)
            for phase in WRITEBACK_PHASES:
                self._metrics.writebacks.labels(channel, phase).set(phases[channel, phase])
        self._metrics.writeback_near.set(self.near)
        self._metrics.writeback_success.set(self._success.mean(now_ms))

    def _changed(self, parcel: Parcel, record: Mapping[str, Any], at_ms: int, fresh: bool) -> None:
        channel, phase = record["channel"], record["phase"]
        before = self._open.get(parcel)
        # Said again of a parcel that was settled before, it is no second writeback.
        if phase in _ENDS and before is not None and before[1] != phase:
            self._success.add(at_ms, _ENDS[phase])
        if record["held_since_ms"] is None:
            self._held.pop(parcel, None)
        else:
            self._held[parcel] = channel, record["held_since_ms"]
        if phase not in _SETTLED:
            self._open[parcel] = channel, phase
            return
        self._near.discard(parcel)
        self._open.pop(parcel, None)
        if phase == "WRITTEN" and before is not None and fresh and self._metrics is not None:
            took_s = max(0, record["at_ms"] - record["shipped_at_ms"]) / 1000
            label = channel if channel in CHANNELS else "unknown"
            self._metrics.writeback_seconds.labels(label).observe(took_s)
