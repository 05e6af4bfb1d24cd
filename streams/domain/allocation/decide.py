"""Allocation: one event about an order in, one decision out. Events come in any order, and more than once.

| event | does |
| --- | --- |
| Order | a newer version: what follows from it is found by `course`; an older version: nothing |
| AfterSale | the same: an open one may hold, one that is done may cancel |
| Reserved, ReservationRejected | answers of the round; with the last of them the round is settled |
| ReservationResolved | a reservation that ended by itself (expired): withdraw and begin again |
| StockArrived | a backorder plans again |
| MergeAnswer | what the owner of its merge group says: plan, go together, go alone |
| FreezeAnswered, PoolServed | what a pool says of pieces that are sold before they are there |
| Shipped | commit what the parcel carries; before the order or its allocation: remembered |
| ReturnReceived | restock what came back |
| StockCommandAnswered | a Restock or Adjust of ours that was refused: told |
| OperatorDecision | hold, release a hold, cancel, answer what its flow asks, each once and answered; by the clock: a time that has come |
| PersonForgotten | no trace of the receiver is kept |

The agent's part, in order:
1. Find the state: `order_state[order_id]`.
2. Decide.
3. Store the state where it is another object than before.
4. Send commands to `inventory.commands` (key: sku), events to `allocations`, statuses to `order.status`, tasks to `tasks` (order id),
   what its companions' owner is told to `merging.requests` (group).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.records import OperatorDecision, OrderState
from streams.domain.named import Named
from streams.domain.routing.trace import missing_in

from . import companions
from .asking import units_per_sku
from .carried import carried_on
from .course import NOT_BEFORE, reconsider
from .flow_state import flow_due_ms
from .merge_events import follow_companions, on_merge_answer
from .order_events import CLOCK, follow_flow, on_aftersale, on_operator_decision, on_order, on_person_forgotten
from .order_state import awaited, unheld
from .parcels import have_waited_in_vain, meet_those_in_vain
from .pool_events import on_freeze_answered, on_pool_served
from .returns import on_return_received
from .step import AllocationDecision, Step, View
from .stock_events import on_rejected, on_reserved, on_resolved, on_shipped, on_stock_answered, on_stock_arrived

HANDLERS: dict[str, Callable[[Step, Any], None]] = {
    "Order": on_order,
    "AfterSale": on_aftersale,
    "Reserved": on_reserved,
    "ReservationRejected": on_rejected,
    "ReservationResolved": on_resolved,
    "StockArrived": on_stock_arrived,
    "MergeAnswer": on_merge_answer,
    "FreezeAnswered": on_freeze_answered,
    "PoolServed": on_pool_served,
    "Shipped": on_shipped,
    "ReturnReceived": on_return_received,
    "StockCommandAnswered": on_stock_answered,
    "OperatorDecision": on_operator_decision,
    "PersonForgotten": on_person_forgotten,
}

#: What a person or a warehouse tells -> the field with its id: whoever told it finds the answer by that.
TOLD = {
    "Shipped": "shipment_id",
    "ReturnReceived": "return_id",
    "OperatorDecision": "decision_id",
    "ReceiverCorrected": "correction_id",
}


def cause_of(name: str, record: Mapping[str, Any]) -> str:
    """By what it is named in what it leads to, as record:id; empty for all that nobody tells.

    A version of an order that a person's correction has made is named by that one.
    """
    if name == "Order":
        return f"ReceiverCorrected:{its}" if (its := record["correction_id"]) else ""
    return f"{name}:{record[TOLD[name]]}" if name in TOLD else ""


def decide(
    state: OrderState | None, name: str, record: Mapping[str, Any], view: View, at_ms: int
) -> AllocationDecision:
    """Decide one event about an order.

    :param state: what is known of the order, None when nothing.
    :param at_ms: the event's time in the log; goes into everything sent.
    :raises KeyError: for an event nobody knows.
    """
    before = carried_on(state) if state is not None else awaited(record["order_id"])
    step = Step(before, view, at_ms, cause_of(name, record))
    HANDLERS[name](step, record)
    if have_waited_in_vain(step):
        meet_those_in_vain(step)
        reconsider(step, "a parcel had left")
    if step.state["merge"] is not None:
        follow_companions(step)
    if step.state["flow"] is not None:
        follow_flow(step)
        if companions.active(step.state) is not None:
            follow_companions(step)
    after = state if step.state is before else step.state
    return AllocationDecision(
        after,
        tuple(step.commands),
        tuple(step.events),
        tuple(step.statuses),
        tuple(step.compared),
        tuple(step.tasks),
        tuple(step.merging),
    )


def retry(state: OrderState, at_ms: int) -> tuple[Named, ...]:
    """What a tick proposes for an order that has been backordered for a while: ask again for each SKU it lacks.

    The inventory answers StockArrived at once for what is there, which makes the order plan again: so an order whose
    stock was there, at a warehouse that was full or disabled, is tried again. Nothing for an order in any other phase.
    """
    if state["phase"] != "BACKORDERED":
        return ()
    state = carried_on(state)
    step = Step(state, View(_nothing, (), {}), at_ms)
    units = units_per_sku(unheld(state, state["parts"]))
    for missing in missing_in(state["trace"]):
        if missing["sku"] in units:
            step.await_stock(missing["sku"], units[missing["sku"]])
    return tuple(step.commands)


def time_ms(state: OrderState) -> int | None:
    """When an order that waits for its time may go, or its flow goes on; None for an order that does not, or not for that alone."""
    held = state["not_before_ms"] if state["phase"] == "HELD" and state["hold_reason"] == NOT_BEFORE else None
    its_flow = flow_due_ms(state)
    due = held if its_flow is None else its_flow if held is None else min(held, its_flow)
    if state["merge"] is None or (goes_ms := companions.due_ms(state)) is None:
        return due
    return goes_ms if due is None else min(due, goes_ms)


def its_time_has_come(state: OrderState, at_ms: int) -> tuple[Named, ...]:
    """What a tick proposes for an order that waited for its time; whether it has come is decided when this is read back."""
    due_ms = time_ms(state)
    if due_ms is None or due_ms > at_ms:
        return ()
    why = "flow" if due_ms == flow_due_ms(state) else NOT_BEFORE
    if due_ms == companions.due_ms(state):
        why = "companions"
    decision: OperatorDecision = {
        "decision_id": f"{state['order_id']}/{why}/{due_ms}",
        "order_id": state["order_id"],
        "action": "RELEASE_HOLD",
        "by": CLOCK,
        "reason": why,
        "decided_at_ms": at_ms,
        "task": "",
        "roles": [],
    }
    return (("OperatorDecision", decision),)


def _nothing(sku: str) -> tuple[()]:
    return ()
