"""Allocation: one event about an order in, one decision out. Events come in any order, and more than once.

| event | does |
| --- | --- |
| Order | paid: begin an attempt; changed: withdraw, begin again; held, cancelled: withdraw; an older version: nothing |
| Reserved, ReservationRejected | answers of the round; with the last of them the round is settled |
| ReservationResolved | a reservation that ended by itself (expired): withdraw and begin again |
| StockArrived | a backorder plans again |
| Shipped | commit the parts of that warehouse; before the order or its allocation: remembered |
| OperatorDecision | release a hold, cancel |

The agent's part, in order:
1. Find the state: `order_state[order_id]`.
2. Decide.
3. Store the state where it is another object than before.
4. Send commands to `inventory.commands` (key: sku), events to `allocations`, statuses to `order.status` (order id).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.records import OrderState
from streams.domain.named import Named
from streams.domain.routing.trace import missing_in

from .asking import units_per_sku
from .order_events import on_operator_decision, on_order
from .order_state import awaited, outstanding
from .step import AllocationDecision, Step, View
from .stock_events import on_rejected, on_reserved, on_resolved, on_shipped, on_stock_arrived

HANDLERS: dict[str, Callable[[Step, Any], None]] = {
    "Order": on_order,
    "Reserved": on_reserved,
    "ReservationRejected": on_rejected,
    "ReservationResolved": on_resolved,
    "StockArrived": on_stock_arrived,
    "Shipped": on_shipped,
    "OperatorDecision": on_operator_decision,
}


def decide(
    state: OrderState | None, name: str, record: Mapping[str, Any], view: View, at_ms: int
) -> AllocationDecision:
    """Decide one event about an order.

    :param state: what is known of the order, None when nothing.
    :param at_ms: the event's time in the log; goes into everything sent.
    :raises KeyError: for an event nobody knows.
    """
    before = state if state is not None else awaited(record["order_id"])
    step = Step(before, view, at_ms)
    HANDLERS[name](step, record)
    after = state if step.state is before else step.state
    return AllocationDecision(after, tuple(step.commands), tuple(step.events), tuple(step.statuses))


def retry(state: OrderState, at_ms: int) -> tuple[Named, ...]:
    """What a tick proposes for an order that has been backordered for a while: ask again for each SKU it lacks.

    The inventory answers StockArrived at once for what is there, which makes the order plan again: so an order whose
    stock was there, at a warehouse that was full or disabled, is tried again. Nothing for an order in any other phase.
    """
    if state["phase"] != "BACKORDERED":
        return ()
    step = Step(state, View(_nothing, (), {}), at_ms)
    units = units_per_sku(outstanding(state["lines"], state["parts"]))
    for missing in missing_in(state["trace"]):
        if missing["sku"] in units:
            step.await_stock(missing["sku"], units[missing["sku"]])
    return tuple(step.commands)


def _nothing(sku: str) -> tuple[()]:
    return ()
