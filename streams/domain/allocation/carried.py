"""States that an earlier version has stored, in today's terms. What they can't say is taken from what they stand for."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.records import OrderState, OrderStatus, Phase, StateLine, TakenParcel

from .order_state import CLOSED, has_arrived, key_of, units_committed

_STATUS: Mapping[Phase, OrderStatus] = {
    "UNPAID": "UNPAID",
    "HELD": "HOLD",
    "RESERVING": "PAID",
    "ALLOCATED": "PAID",
    "BACKORDERED": "PAID",
    "CANCELLED": "CANCELLED",
    "SHIPPED": "SHIPPED",
    "ELSEWHERE": "SHIPPED",
}


def carried_on(state: OrderState) -> OrderState:
    """The state as it is, or a first version's in today's terms.

    - It kept the warehouses that had shipped too early, not their parcels.
    - Its `restocked_quantity` counted units refunded before they were sent, too; in a closed order, all that was never sent.
    - It did not keep what the platform said, nor who had cancelled; an order cancelled before it arrived was by an operator.
    """
    if state["status"] is not None:
        return state
    if not has_arrived(state):
        if not state["shipped_warehouses"] and (state["phase"] != "CANCELLED" or state["cancelled_by_operator"]):
            return state
        by_operator = True if state["phase"] == "CANCELLED" else None
        return {**state, "parcels": _parcels(state), "shipped_warehouses": [], "cancelled_by_operator": by_operator}
    return {
        **state,
        "status": _STATUS[state["phase"]],
        "platform_hold": "held" if state["phase"] == "HELD" else "",
        "hold_reason": "held" if state["phase"] == "HELD" else "",
        "lines": _lines(state),
        "parcels": _parcels(state),
        "shipped_warehouses": [],
    }


def _parcels(state: OrderState) -> list[TakenParcel]:
    early: list[TakenParcel] = [
        {"shipment_id": "", "warehouse": warehouse, "lines": []} for warehouse in state["shipped_warehouses"]
    ]
    return [*state["parcels"], *early]


def _lines(state: OrderState) -> list[StateLine]:
    committed = units_committed(state["parts"])
    lines: list[StateLine] = []
    for line in state["lines"]:
        needless = line["restocked_quantity"]
        # In a closed order this many were never sent; the others came back.
        never = max(0, line["quantity"] - committed.get(key_of(line), 0))
        unsent = min(needless, never) if state["phase"] in CLOSED else needless
        lines.append({**line, "restocked_quantity": needless - unsent, "cancelled_quantity": unsent})
    return lines
