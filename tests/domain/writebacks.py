"""Records of an order's parcels for the tests of the writeback, and an order that lives through them."""

from __future__ import annotations

from typing import Any

from streams.domain.writeback import decide as writeback
from streams.domain.writeback.policy import Rules
from streams.domain.writeback.step import Decision
from tests.domain.make import AT_MS

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
ORDER = "taobao:1"


#: A line that this merchant sends, all of it.
NOTHING_HAPPENED = {"returned_quantity": 0, "cancelled_quantity": 0, "sent_by": "MERCHANT", "bundle_line_no": ""}


def order(version: int = 1, status: str = "PAID", order_id: str = ORDER, **fields: Any) -> dict[str, Any]:
    """Two lines, paid at AT_MS."""
    channel, _, order_no = order_id.partition(":")
    lines = [
        {"line_no": no, "sku": sku, "quantity": units, **NOTHING_HAPPENED}
        for no, sku, units in (("1", "MUG", 2), ("2", "CUP", 1))
    ]
    return {
        "order_id": order_id,
        "channel": channel,
        "shop": f"{channel}-home",
        "order_no": order_no,
        "version": version,
        "status": status,
        "hold_reason": "refund_open" if status == "HOLD" else None,
        "placed_at_ms": AT_MS - MINUTE_MS,
        "paid_at_ms": AT_MS,
        "ship_by_ms": None,
        "collect_minor": None,
        "currency": "CNY",
        "receiver": {"name": "A", "phone": "1"},
        "lines": lines,
        **fields,
    }


def line(no: str = "1", units: int = 2) -> dict[str, Any]:
    return {"line_no": no, "sku": {"1": "MUG", "2": "CUP"}[no], "quantity": units}


def allocated(*parts: tuple[str, dict[str, Any]], order_id: str = ORDER, attempt: int = 1) -> dict[str, Any]:
    """(warehouse, line) pairs; HZ has all when there are none."""
    given = parts or (("HZ", line("1")), ("HZ", line("2", 1)))
    return {
        "order_id": order_id,
        "attempt": attempt,
        "parts": [
            {"collect_minor": None, "carrier": None, **each, "warehouse": warehouse} for warehouse, each in given
        ],
    }


def shipped(shipment: str = "S1", warehouse: str = "HZ", number: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "shipment_id": shipment,
        "order_id": ORDER,
        "warehouse": warehouse,
        "carrier": "SF",
        "tracking_no": f"SF{shipment}" if number is None else number,
        "shipped_at_ms": AT_MS,
        "lines": [],
        **fields,
    }


def result(request: Any, outcome: str = "SHIPPED", **fields: Any) -> dict[str, Any]:
    """The platform's answer to a request."""
    return {
        "request_id": request["request_id"],
        "order_id": request["order_id"],
        "shipment_id": request["shipment_id"],
        "outcome": outcome,
        "code": "" if outcome == "SHIPPED" else "B150",
        "reason": "" if outcome == "SHIPPED" else "busy",
        "carrier": request["carrier"],
        "tracking_no": request["tracking_no"],
        "retry_after_ms": None,
        "held": False,
        **fields,
    }


def command(action: str = "REDRIVE", shipment: str = "S1", command_id: str = "C1", **fields: Any) -> dict[str, Any]:
    return {
        "command_id": command_id,
        "order_id": ORDER,
        "shipment_id": shipment,
        "action": action,
        "carrier": "",
        "tracking_no": "",
        "by": "li",
        "reason": "called the carrier",
        **fields,
    }


class Life:
    """One order, event by event; keeps all that came out."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.state: Any = None
        self.at_ms = AT_MS
        self.requests: list[Any] = []
        self.statuses: list[Any] = []
        self.warnings: list[Any] = []
        self.dead: list[Any] = []

    def take(self, name: str, record: Any) -> Life:
        """One record, a moment later."""
        self.at_ms += 1
        return self._came(writeback.decide(self.state, name, record, self.rules, self.at_ms))

    def tick(self, after_ms: int) -> Life:
        """The time passes, and is told."""
        self.at_ms += after_ms
        return self._came(writeback.wake(self.state, self.rules, self.at_ms))

    def begun(self, *shipments: Any, **fields: Any) -> Life:
        """The order, its allocation and its parcels (one, S1) are read."""
        self.take("Order", order(**fields)).take("OrderAllocated", allocated())
        for each in shipments or (shipped(),):
            self.take("Shipped", each)
        return self

    def answer(self, outcome: str = "SHIPPED", **fields: Any) -> Life:
        """The platform answers the newest request."""
        return self.take("WritebackResult", result(self.requests[-1], outcome, **fields))

    def hold(self, reason: str = "ON_HOLD", **fields: Any) -> Life:
        """The platform answers the newest request that it holds the order."""
        return self.answer("RETRYABLE", held=True, code="ON_HOLD", reason=reason, **fields)

    def parcel(self, shipment: str = "S1") -> Any:
        return next(each for each in self.state["parcels"] if each["shipment_id"] == shipment)

    def phases(self) -> list[str]:
        return [parcel["phase"] for parcel in self.state["parcels"]]

    def _came(self, decision: Decision) -> Life:
        self.state = decision.state
        self.requests += decision.requests
        self.dead += decision.dead
        for name, record in decision.statuses:
            (self.statuses if name == "WritebackChanged" else self.warnings).append(record)
        return self
