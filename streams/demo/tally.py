"""What came of the orders, counted as the records arrive."""

from __future__ import annotations

import statistics
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from streams.ops.masking import shown_value

#: Decisions that the latency figures are taken from: enough for a p99, bounded in memory.
_LATENCIES_MAX = 50_000


class Tally:
    """Counts; fed by one thread, read by another."""

    def __init__(self) -> None:
        self.published: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        #: (channel, outcome)
        self.by_channel: Counter[tuple[str, str]] = Counter()
        #: (warehouse, figure): parts, pieces, orders
        self.by_warehouse: Counter[tuple[str, str]] = Counter()
        #: (strategy, figure): orders, parcels, and of parcels each carrier's
        self.by_strategy: Counter[tuple[str, str]] = Counter()
        self.reasons: Counter[str] = Counter()
        #: Code -> the first such reason, as it may be shown.
        self.reason_examples: dict[str, Mapping[str, str]] = {}
        self.phases: dict[str, str] = {}
        self.alerts: Counter[str] = Counter()
        self.latencies_ms: deque[int] = deque(maxlen=_LATENCIES_MAX)
        self.quarantined = 0
        self.split_order = ""
        self.replanned_order = ""
        self._decided: set[str] = set()
        #: Orders that a person was asked about: how long that took is not the hub's.
        self._asked: set[str] = set()

    def add(self, name: str, record: dict[str, Any], now_ms: int) -> None:
        """Takes in one record from the outcome topics."""
        match name:
            case "Order":
                self._outcome(record["channel"], "accepted")
            case "Duplicate":
                self._outcome(record["channel"], "duplicate")
            case "Review":
                self._outcome(record["channel"], "review")
                self._review(record)
            case "OrderAllocated":
                self._decision(record, "allocated", now_ms)
                self._allocated(record)
            case "OrderBackordered":
                self._decision(record, "backordered", now_ms)
            case "OrderStatusChanged":
                self.phases[record["order_id"]] = record["status"]
                if record["reason"].startswith("flow:"):
                    self._asked.add(record["order_id"])
            case "StockAlert":
                self.alerts[record["kind"]] += 1

    def in_phase(self, phase: str) -> int:
        """Orders that stand there now."""
        return sum(1 for p in list(self.phases.values()) if p == phase)

    def latency_ms(self, percent: int) -> float | None:
        """From a connector's hands to the first decision."""
        sample = list(self.latencies_ms)
        return statistics.quantiles(sample, n=100)[percent - 1] if len(sample) > 1 else None

    def _outcome(self, channel: str, outcome: str) -> None:
        self.outcomes[outcome] += 1
        self.by_channel[channel, outcome] += 1

    def _review(self, record: dict[str, Any]) -> None:
        for reason in record["reasons"]:
            self.reasons[reason["code"]] += 1
            self.reason_examples.setdefault(reason["code"], {**reason, "value": shown_value(reason)})

    def _decision(self, record: dict[str, Any], decision: str, now_ms: int) -> None:
        self._outcome(record["channel"], decision)
        if record["order_id"] not in self._decided:
            self._decided.add(record["order_id"])
            if record["order_id"] not in self._asked:
                self.latencies_ms.append(now_ms - record["received_at_ms"])

    def _allocated(self, record: dict[str, Any]) -> None:
        warehouses = {part["warehouse"] for part in record["parts"]}
        if len(warehouses) > 1:
            self._outcome(record["channel"], "split")
            self.split_order = self.split_order or record["order_id"]
        if record["rounds"] > 1:
            self.replanned_order = self.replanned_order or record["order_id"]
        by_rules = record["trace"]["rounds"][-1]["by_rules"]
        if by_rules is not None:
            strategy = by_rules["attempts"][-1]["strategy"]
            self.by_strategy[strategy, "orders"] += 1
            for _, carrier in {(part["warehouse"], part["carrier"] or "") for part in record["parts"]}:
                self.by_strategy[strategy, "parcels"] += 1
                self.by_strategy[strategy, carrier] += 1
        for warehouse in warehouses:
            self.by_warehouse[warehouse, "orders"] += 1
        for part in record["parts"]:
            self.by_warehouse[part["warehouse"], "parts"] += 1
            self.by_warehouse[part["warehouse"], "pieces"] += part["quantity"]
