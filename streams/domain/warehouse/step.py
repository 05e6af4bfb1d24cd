"""One decision of the warehouse stage while it is being made, and what comes out of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.records import (
    Adjust,
    Deliveries,
    Delivery,
    DeliveryAction,
    DeliveryChanged,
    DeliveryOutcome,
    DeliveryRequest,
    ReturnReceived,
    Shipped,
    WarehouseReport,
)
from streams.domain.named import Named

from .policy import Rules
from .state import NOT_ARRIVED, REASON_MAX, asked, collects, needs_receiver, ship_by_ms


class Decision(NamedTuple):
    """What one event does. ``state`` is the very object handed in when nothing changed; ``dead``: DeliveryDead and ReportSetAside."""

    state: Deliveries | None
    requests: tuple[DeliveryRequest, ...] = ()
    statuses: tuple[DeliveryChanged, ...] = ()
    dead: tuple[Named, ...] = ()
    shipped: tuple[Shipped, ...] = ()
    returned: tuple[ReturnReceived, ...] = ()
    adjusted: tuple[Adjust, ...] = ()
    #: Reports of merged parcels, for the owners of their other orders.
    passed_on: tuple[WarehouseReport, ...] = ()


class Step:
    """The order's next state and what will be sent. Lives for one decision."""

    def __init__(self, state: Deliveries, rules: Rules, at_ms: int) -> None:
        self.before = state
        self.state = state
        self.rules = rules
        self.at_ms = at_ms
        self.requests: list[DeliveryRequest] = []
        self.dead: list[Named] = []
        self.shipped: list[Shipped] = []
        self.returned: list[ReturnReceived] = []
        self.adjusted: list[Adjust] = []
        self.passed_on: list[WarehouseReport] = []

    def find(self, delivery_id: str) -> Delivery | None:
        """As it stands now."""
        return next((each for each in self.state["deliveries"] if each["delivery_id"] == delivery_id), None)

    def find_merged(self, code: str) -> Delivery | None:
        """The newest that is in a merged parcel of this code."""
        its = [
            each for each in self.state["deliveries"] if each["merged"] is not None and each["merged"]["code"] == code
        ]
        return its[-1] if its else None

    def update(self, **changes: Any) -> None:
        """Replaces fields of the state."""
        self.state = {**self.state, **changes}  # type: ignore[typeddict-item]

    def change(self, delivery: Delivery, **changes: Any) -> Delivery:
        """Replaces fields of one delivery order; what is then in the state is returned."""
        changed: Delivery = {**delivery, **changes}  # type: ignore[typeddict-item]
        code = delivery["delivery_id"]
        self.update(deliveries=[changed if d["delivery_id"] == code else d for d in self.state["deliveries"]])
        return changed

    def request(self, delivery: Delivery, action: DeliveryAction) -> None:
        """Asks the system for something."""
        state = self.state
        creates = action == "CREATE"
        attempt = 1 + (delivery["attempt"] if delivery["action"] == action else 0)
        asking = self.change(
            delivery,
            phase="REQUESTED" if creates else "CANCELLING",
            action=action,
            sent=True,
            attempt=attempt,
            requests=delivery["requests"] + 1,
            reason="" if creates else delivery["cancel"],
            next_at_ms=None,
        )
        goods = state["goods"]
        nothing = {"title": "", "unit_price_minor": 0}
        lines = [
            {"line_no": line_no, "sku": sku, "quantity": units, **(goods.get(line_no) or nothing)}
            for (line_no, sku), units in asked(asking).items()
        ]
        self.requests.append(
            {
                "request_id": request_id(asking),
                "order_id": state["order_id"],
                "channel": state["channel"],
                "shop": state["shop"],
                "order_no": state["order_no"],
                "delivery_id": asking["delivery_id"],
                "action": action,
                "warehouse": asking["warehouse"],
                "lines": lines,  # type: ignore[typeddict-item]
                "carrier": asking["carrier"],
                "collect_minor": collects(asking),
                "currency": state["currency"],
                "receiver": state["receiver"] if creates else None,
                "placed_at_ms": state["placed_at_ms"],
                "paid_at_ms": state["paid_at_ms"],
                "ship_by_ms": ship_by_ms(state, asking),
                "allocated_at_ms": asking["allocated_at_ms"],
                "wms_id": asking["wms_id"],
                "attempt": attempt,
                "again": attempt > 1 or (creates and delivery["sent"]),
                "by": asking["by"],
                "requested_at_ms": self.at_ms,
                "merged": asking["merged"],
            }
        )

    def die(self, delivery: Delivery, outcome: DeliveryOutcome, code: str, reason: str, phase: str = "DEAD") -> None:
        """It wants a person."""
        reason = reason[:REASON_MAX]
        it = self.change(delivery, phase=phase, outcome=outcome, code=code, reason=reason, next_at_ms=None)
        state = self.state
        self.dead.append(
            (
                "DeliveryDead",
                {
                    "order_id": state["order_id"],
                    "channel": state["channel"],
                    "shop": state["shop"],
                    "delivery_id": it["delivery_id"],
                    "warehouse": it["warehouse"],
                    "action": it["action"],
                    "attempts": it["attempt"],
                    "outcome": outcome,
                    "code": code,
                    "reason": reason,
                    "ship_by_ms": ship_by_ms(state, it),
                    "at_ms": self.at_ms,
                },
            )
        )

    def set_aside(self, report: WarehouseReport, code: str, reason: str) -> None:
        """A report has no effect, and a person is told."""
        same = ("order_id", "system", "warehouse", "kind", "report_id", "delivery_id")
        about = {field: report[field] for field in same}  # type: ignore[literal-required]
        about["body"] = report["body"]
        self.dead.append(("ReportSetAside", {**about, "code": code, "reason": reason, "at_ms": self.at_ms}))

    def decision(self, known: Deliveries | None) -> Decision:
        """What came of it; ``known`` is the state that was handed in."""
        state = self.state
        if state["receiver"] is not None and not needs_receiver(state):
            state = {**state, "receiver": None}
        dead = tuple(self.dead)
        if state is self.before or state == self.before:
            return Decision(known, dead=dead)
        told = {each["delivery_id"]: each for each in self.before["deliveries"]}
        changed = [each for each in state["deliveries"] if told.get(each["delivery_id"]) != each]
        return Decision(
            state,
            tuple(self.requests),
            tuple(self._status(each) for each in changed),
            dead,
            tuple(self.shipped),
            tuple(self.returned),
            tuple(self.adjusted),
            tuple(self.passed_on),
        )

    def _status(self, delivery: Delivery) -> DeliveryChanged:
        state = self.state
        return {
            "order_id": state["order_id"],
            "channel": state["channel"],
            "shop": state["shop"],
            "delivery_id": delivery["delivery_id"],
            "warehouse": delivery["warehouse"],
            "phase": delivery["phase"],
            "progress": delivery["progress"],
            "attempt": delivery["attempt"],
            "outcome": delivery["outcome"],
            "code": delivery["code"],
            "reason": delivery["reason"],
            "ship_by_ms": ship_by_ms(state, delivery),
            "next_at_ms": delivery["next_at_ms"],
            "at_ms": self.at_ms,
        }


def request_id(delivery: Delivery) -> str:
    """Of the newest request about it."""
    return f"{delivery['delivery_id']}#{delivery['requests']}"


def obstacle(state: Deliveries, delivery: Delivery) -> str:
    """Why a delivery order cannot be told now, in words; empty when it can."""
    if state["order_version"] == NOT_ARRIVED or state["order_version"] < delivery["order_version"]:
        return "its order has not been read yet"
    if state["status"] == "HOLD":
        return "the platform holds the order"
    if state["status"] == "UNPAID":
        return "the platform shows the order as not paid"
    for other in state["deliveries"]:
        back = other["cancel"] or other["phase"] == "TOO_LATE"
        if other["delivery_id"] != delivery["delivery_id"] and back and other["phase"] in _OPEN:
            return f"{other['delivery_id']} is to be taken back first"
    if state["receiver"] is None:
        return "the receiver is not kept any more: send it by hand, and abandon it here"
    return ""


#: Of one that is to be taken back: whether it leaves is not decided. One that is dead over it waits for its person.
_OPEN = frozenset(("REQUESTED", "RETRYING", "CREATED", "CANCELLING", "TOO_LATE", "DEAD"))
