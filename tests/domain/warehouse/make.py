"""Records of an order's delivery orders, and an order that lives through them."""

from __future__ import annotations

from typing import Any

from streams.domain.warehouse.decide import decide, wake
from streams.domain.warehouse.policy import Rules
from streams.domain.warehouse.step import Decision
from tests.domain.make import AT_MS, line
from tests.domain.make import order as whole_order

ORDER = "taobao:1"
CODE = "taobao.1.1.HZ1"


def order(version: int = 1, order_id: str = ORDER, **facts: Any) -> dict[str, Any]:
    """Two lines, paid; a receiver that can be told."""
    made = whole_order(line("MUG", 2), line("CUP", 1, "2"), version=version, order_id=order_id, **facts)
    return {**made, "receiver": {**made["receiver"], "city": "杭州市"}}


def part(
    sku: str = "MUG", quantity: int = 2, line_no: str = "1", warehouse: str = "HZ1", **facts: Any
) -> dict[str, Any]:
    return {
        "reservation_id": f"{ORDER}/1.1/{line_no}/{warehouse}",
        "line_no": line_no,
        "sku": sku,
        "warehouse": warehouse,
        "quantity": quantity,
        "collect_minor": None,
        "carrier": "SF",
        **facts,
    }


BOTH = (part(), part("CUP", 1, "2"))


def allocated(*parts: dict[str, Any], order_id: str = ORDER, attempt: int = 1, **facts: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "channel": order_id.partition(":")[0],
        "shop": "tea",
        "order_version": 1,
        "attempt": attempt,
        "rounds": 1,
        "parts": list(parts or BOTH),
        "trace": {"rounds": []},
        "received_at_ms": AT_MS,
        "decided_at_ms": AT_MS,
        "collect_minor": None,
        "merged": None,
        **facts,
    }


def released(*parts: dict[str, Any], reason: str = "cancelled") -> dict[str, Any]:
    ids = [each["reservation_id"] for each in parts or BOTH]
    about = {"order_id": ORDER, "channel": "taobao", "shop": "tea", "attempt": 1, "reason": reason}
    return {**about, "reservation_ids": ids, "decided_at_ms": AT_MS}


def report(kind: str = "LEFT", **facts: Any) -> dict[str, Any]:
    made = {
        "order_id": ORDER,
        "system": "wms",
        "warehouse": "HZ1",
        "kind": kind,
        "report_id": "R-1",
        "delivery_id": CODE,
        "status": "DELIVERED",
        "final": True,
        "parcels": [],
        "units": [],
        "page": 1,
        "pages": 1,
        "happened_at_ms": AT_MS,
        "received_at_ms": AT_MS,
        "body": b"",
        **facts,
    }
    return {"digest": repr(sorted(made.items())), **made}


def parcel(number: str = "YT1", **units: int) -> dict[str, Any]:
    lines = [{"line_no": "", "sku": sku, "quantity": count} for sku, count in units.items()]
    return {"carrier": "YTO", "tracking_no": number, "weight_g": 500, "lines": lines}


def unit(sku: str, quantity: int, condition: str = "ZP", cause: str = "") -> dict[str, Any]:
    return {"line_no": "", "sku": sku, "quantity": quantity, "condition": condition, "cause": cause}


class Life:
    """One order, or document, through its events; all that was sent is kept."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.state: Any = None
        self.at_ms = AT_MS
        self.requests: list[Any] = []
        self.statuses: list[Any] = []
        self.dead: list[tuple[str, Any]] = []
        self.shipped: list[Any] = []
        self.returned: list[Any] = []
        self.adjusted: list[Any] = []

    def on(self, name: str, record: dict[str, Any]) -> Decision:
        return self._keep(decide(self.state, name, record, self.rules, self.at_ms))

    def wait(self, ms: int) -> Decision:
        self.at_ms += ms
        return self._keep(wake(self.state, self.rules, self.at_ms))

    def _keep(self, decision: Decision) -> Decision:
        self.state = decision.state
        self.requests += decision.requests
        self.statuses += decision.statuses
        self.dead += decision.dead
        self.shipped += decision.shipped
        self.returned += decision.returned
        self.adjusted += decision.adjusted
        return decision

    def answer(self, outcome: str = "DONE", request: int = -1, **facts: Any) -> Decision:
        """Of the newest request, or another."""
        it = self.requests[request]
        same = {field: it[field] for field in ("request_id", "order_id", "delivery_id", "action")}
        return self.on(
            "DeliveryResult",
            {**same, "outcome": outcome, "code": "", "reason": "", "wms_id": "W1", "at_ms": self.at_ms, **facts},
        )

    def created(self) -> Life:
        """Read, allocated, told, and there."""
        self.on("Order", order())
        self.on("OrderAllocated", allocated())
        self.answer()
        return self

    def phase(self, code: str = CODE) -> str:
        return next(str(each["phase"]) for each in self.state["deliveries"] if each["delivery_id"] == code)

    def aside(self) -> list[str]:
        """Codes of the reports that were set aside."""
        return [record["code"] for name, record in self.dead if name == "ReportSetAside"]
