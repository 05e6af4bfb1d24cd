"""What orders' statuses tell: which orders wait, and since when (unpaid, held, being reserved, for stock, for their parcel); troubles.

An order is kept from the phase it waits in to the one that ends it: memory is what waits, not what there ever was. So the topic is read
from its beginning. What is told of an order that stays in its phase does not make it wait anew. Troubles are counted from the monitor's
start.
"""

from __future__ import annotations

from collections import Counter
from itertools import product

from schemas.codec import CodecError
from schemas.topics import CHANNELS
from streams.domain.allocation.troubles import TROUBLES
from streams.engine.record import Record
from streams.monitor.glance import Glance
from streams.monitor.metrics import WAITING_PHASES, HubMetrics

STATUS = "order.status"
TOPICS = (STATUS,)


class Statuses:
    """Fed by one thread."""

    def __init__(self, metrics: HubMetrics) -> None:
        self._metrics = metrics
        #: Order -> its channel, its phase, and when it entered it (ms since the epoch, by the log's time).
        self._orders: dict[bytes, tuple[str, str, int]] = {}
        self._glance = Glance({"OrderStatusChanged": ("channel", "status", "trouble")})
        # An alert goes by what is added to them: what is not there yet has nothing to be added to.
        for channel, trouble in product(CHANNELS, TROUBLES):
            metrics.troubles.labels(channel, trouble)

    def take(self, message: Record, fresh: bool) -> None:
        """Takes in one message of ``TOPICS``; ``fresh``: written since the monitor started."""
        try:
            name, record = self._glance.read(message.value() or b"")
            if name != "OrderStatusChanged":
                raise CodecError(f"a {name} stands where a status belongs")
        except CodecError:
            self._metrics.unreadable.labels(STATUS).inc()
            return
        if fresh and record["trouble"]:
            self._metrics.troubles.labels(record["channel"], record["trouble"]).inc()
        order, phase = message.key() or b"", record["status"]
        if phase not in WAITING_PHASES:
            self._orders.pop(order, None)
            return
        before = self._orders.get(order)
        if before is None or before[1] != phase:
            self._orders[order] = record["channel"], phase, message.timestamp()[1]

    def refresh(self, now_ms: int) -> None:
        """Brings the metrics up to now."""
        count: Counter[tuple[str, str]] = Counter()
        oldest: dict[tuple[str, str], int] = {}
        for channel, phase, since_ms in self._orders.values():
            place = channel, phase
            count[place] += 1
            oldest[place] = min(oldest.get(place, since_ms), since_ms)
        for channel in CHANNELS:
            for phase in WAITING_PHASES:
                place = channel, phase
                self._metrics.waiting.labels(channel, phase).set(count[place])
                self._metrics.waiting_oldest.labels(channel, phase).set(
                    max(0, now_ms - oldest.get(place, now_ms)) / 1000
                )
