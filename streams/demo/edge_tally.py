"""What came of the orders placed at the platforms: counted by the topics' records, and at the end by what the platforms show."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.records import Shipped

_END = frozenset({"WRITTEN", "DEAD", "ABANDONED"})


class EdgeTally:
    """Fed by one thread that places and one that reads; read by a third."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: Order id -> when the platform last changed it (ms), of every change the hub has not taken yet.
        self._open: dict[str, list[int]] = defaultdict(list)
        self.orders: dict[str, set[str]] = defaultdict(set)
        self.changes: Counter[str] = Counter()
        self.accepted: dict[str, set[str]] = defaultdict(set)
        #: Orders of whose changes reconciliation found one that no push had told.
        self.found: Counter[str] = Counter()
        self.latencies_s: dict[str, list[float]] = defaultdict(list)
        self.allocated: dict[str, set[str]] = defaultdict(set)
        self.review: Counter[str] = Counter()
        #: Shipment id -> what the warehouse said.
        self.shipped: dict[str, Shipped] = {}
        self.phases: dict[str, Mapping[str, Any]] = {}
        self.retried: dict[str, set[str]] = defaultdict(set)
        self.dead: dict[str, Mapping[str, Any]] = {}
        self.writeback_s: dict[str, list[float]] = defaultdict(list)
        self._by_reconcile = False

    def placed(self, channel: str, order_no: str, changed_at_ms: int) -> None:
        """A platform has the order, or shows a change of it."""
        with self._lock:
            order_id = f"{channel}:{order_no}"
            self.orders[channel].add(order_id)
            self.changes[channel] += 1
            self._open[order_id].append(changed_at_ms)

    def reconciling(self) -> None:
        """What is accepted from now on may not have been told by a push: it counts as found, not in the latency."""
        with self._lock:
            self._by_reconcile = True

    def left_warehouse(self, shipped: Shipped) -> None:
        """A parcel."""
        with self._lock:
            self.shipped[shipped["shipment_id"]] = shipped

    def take(self, name: str, record: Mapping[str, Any]) -> None:
        """One record of the outcome topics, as it becomes visible."""
        with self._lock:
            channel = record.get("channel", "")
            match name:
                case "Order" if record["order_id"] in self._open or record["order_id"] in self.orders[channel]:
                    self._accepted(channel, record["order_id"], record["version"])
                case "Review":
                    self.review[channel] += 1
                case "OrderAllocated":
                    self.allocated[channel].add(record["order_id"])
                case "WritebackChanged":
                    self._writeback(channel, record)
                case "WritebackDead":
                    self.dead[record["shipment_id"]] = record

    def missing(self) -> list[str]:
        """Orders with changes that the hub has not taken in."""
        with self._lock:
            return [order_id for order_id, changes in self._open.items() if changes]

    def underway(self) -> int:
        """Parcels that left and are neither told nor given up."""
        with self._lock:
            return sum(1 for it in self.shipped if it not in self.phases or self.phases[it]["phase"] not in _END)

    def written(self, channel: str | None = None) -> list[Mapping[str, Any]]:
        """Parcels that were told."""
        with self._lock:
            return [it for it in self.phases.values() if it["phase"] == "WRITTEN" and channel in (None, it["channel"])]

    def _accepted(self, channel: str, order_id: str, version: int) -> None:
        now_s = time.time()
        self.accepted[channel].add(order_id)
        # A platform's version may have whole seconds only; one snapshot may show several changes.
        taken = [at_ms for at_ms in self._open[order_id] if at_ms // 1000 * 1000 <= version]
        if not taken:
            return
        self._open[order_id] = [at_ms for at_ms in self._open[order_id] if at_ms // 1000 * 1000 > version]
        if self._by_reconcile:
            self.found[channel] += 1
        else:
            self.latencies_s[channel] += [now_s - at_ms / 1000 for at_ms in taken]

    def _writeback(self, channel: str, record: Mapping[str, Any]) -> None:
        shipment, phase = record["shipment_id"], record["phase"]
        self.phases[shipment] = record
        if phase == "RETRYING":
            self.retried[channel].add(shipment)
        elif phase == "WRITTEN":
            self.writeback_s[channel].append((record["at_ms"] - record["shipped_at_ms"]) / 1000)


def percentile(values: Iterable[float], percent: int) -> float | None:
    """None of fewer than two."""
    sample = list(values)
    return statistics.quantiles(sample, n=100)[percent - 1] if len(sample) > 1 else None


def shipped_twice_or_not(tally: EdgeTally, channel: str, shown: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong at a platform: parcels the hub says were told that it does not show, or shows more than once."""
    wrong = []
    for it in tally.written(channel):
        order_no = it["order_id"].partition(":")[2]
        numbers = [s["tracking_no"] for s in shown.get(order_no, {}).get("shipments", ())]
        times = numbers.count(it["tracking_no"])
        if times != 1:
            wrong.append(f"{it['order_id']}: the parcel {it['shipment_id']} stands {times} times at the platform")
    return wrong
