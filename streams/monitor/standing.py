"""What is still open: events in review, records in quarantine or refused by a sink, balances that break the invariant of stock.

And what sales of goods that are not there yet tell of.

An item is closed by an audit entry that was carried out and names it as ``record=topic/partition@offset``. Topics are read from their
beginning at every start, in no order between them: the entry may be met before the item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from schemas.codec import CODEC, CodecError
from schemas.topics import QUARANTINE, SINK_REFUSED
from streams.engine.record import Record

REVIEW = "orders.review"
TOPICS = (REVIEW, QUARANTINE, SINK_REFUSED, "audit", "inventory.availability", "inventory.alerts")

#: Actions that leave nothing to do about an item.
_CLOSING = frozenset({"review.resubmitted", "review.discarded", "quarantine.redriven", "quarantine.discarded"})
#: ``penstock backup drill``.
_DRILL = "state.drill"


class Standing:
    """Fed by one thread."""

    def __init__(self) -> None:
        #: Topic -> item -> when it was set aside (ms since the epoch, its time in the log).
        self._open: dict[str, dict[str, int]] = {topic: {} for topic in (REVIEW, QUARANTINE, SINK_REFUSED)}
        #: Closed before they were met.
        self._closed: set[str] = set()
        #: SKU -> warehouses where its last balance breaks the invariant.
        self._broken: dict[str, int] = {}
        #: Balances met since the monitor started that break it.
        self.oversells = 0
        #: Alerts of pools met since the monitor started, by their kind.
        self.pool_alerts: Counter[str] = Counter()
        self.unreadable = 0
        #: When the first thing was put on record that is still there; ms since the epoch.
        self._first_ms: int | None = None
        #: When a backup was last restored for trial, and when that went well.
        self._drilled_ms = self._drilled_well_ms = 0

    def take(self, message: Record, fresh: bool) -> None:
        """Takes in one message of ``TOPICS``."""
        topic = message.topic()
        if topic in self._open:
            item = f"{topic}/{message.partition()}@{message.offset()}"
            if item in self._closed:
                self._closed.discard(item)
            else:
                self._open[topic][item] = message.timestamp()[1]
            return
        value = message.value()
        if value is None:
            self._broken.pop((message.key() or b"").decode("utf-8", "replace"), None)
            return
        try:
            name, record = CODEC.decode(value)
        except CodecError:
            self.unreadable += 1
            return
        if name == "AuditEntry":
            self._audited(record)
            self._drilled(record, message.timestamp()[1])
        elif name == "Availability":
            self._balanced(record, fresh)
        elif name == "PoolAlert":
            self.pool_alerts[record["kind"]] += fresh

    def count(self, topic: str) -> int:
        """Open items of a topic."""
        return len(self._open[topic])

    def oldest_ms(self, topic: str) -> int | None:
        """When the oldest open item of a topic was set aside."""
        return min(self._open[topic].values(), default=None)

    @property
    def oversold(self) -> int:
        """SKU and warehouse pairs whose last balance breaks ``0 <= reserved <= on hand``."""
        return sum(self._broken.values())

    @property
    def drill_failed(self) -> bool:
        """Whether the last one did."""
        return self._drilled_ms > self._drilled_well_ms

    @property
    def drilled_ms(self) -> int | None:
        """When a drill last went well; of a hub that never had one, since when it has been at work; None: it has not."""
        return self._drilled_well_ms or self._first_ms

    def _drilled(self, entry: Mapping[str, Any], at_ms: int) -> None:
        self._first_ms = min(at_ms, self._first_ms or at_ms)
        if entry["action"] == _DRILL:
            self._drilled_ms = max(at_ms, self._drilled_ms)
            if entry["outcome"] == "done":
                self._drilled_well_ms = max(at_ms, self._drilled_well_ms)

    def _audited(self, entry: Mapping[str, Any]) -> None:
        if entry["action"] not in _CLOSING or entry["outcome"] != "done":
            return
        item = entry["details"].get("record", "")
        items = self._open.get(item.rpartition("/")[0])
        # Of another topic it is nothing to remember.
        if items is not None and items.pop(item, None) is None:
            self._closed.add(item)

    def _balanced(self, record: Mapping[str, Any], fresh: bool) -> None:
        broken = sum(1 for level in record["levels"] if not 0 <= level["reserved"] <= level["on_hand"])
        if broken:
            self._broken[record["sku"]] = broken
            self.oversells += fresh
        else:
            self._broken.pop(record["sku"], None)
