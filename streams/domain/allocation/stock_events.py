"""What the inventory's answers and the warehouses' shipments set in motion."""

from __future__ import annotations

from schemas.records import ReservationRejected, ReservationResolved, Reserved, Shipped, StockArrived
from streams.domain.routing.trace import MISSING_MAX, missing_in, with_rejection, with_round

from .asking import ask, await_missing, backorder, known_levels, plan_for, queued_for
from .order_state import HOLDING, has_arrived, outstanding, part_of, with_part
from .saga import begin, commit_shipped, settle, withdraw
from .step import Step

_GONE = frozenset(("COMMITTED", "ALREADY_COMMITTED"))


def on_reserved(step: Step, result: Reserved) -> None:
    """A part is granted. One that is no longer current is being released already; one nobody knows is released now."""
    part = part_of(step.state, result["reservation_id"])
    if part is not None and part["state"] == "ASKED":
        step.update(parts=with_part(step.state["parts"], result["reservation_id"], "GRANTED"))
        settle(step, {})
    elif not has_arrived(step.state):
        step.resolve(result, "Release", reason="unknown_order")


def on_rejected(step: Step, result: ReservationRejected) -> None:
    """A part is refused, with fresh numbers for the next plan."""
    part = part_of(step.state, result["reservation_id"])
    if part is None or part["state"] != "ASKED":
        return
    step.update(
        parts=with_part(step.state["parts"], result["reservation_id"], "REJECTED"),
        trace=with_rejection(step.state["trace"], result["sku"], result["shortfall"]),
    )
    settle(step, {result["sku"]: result["levels"]})


def on_resolved(step: Step, result: ReservationResolved) -> None:
    """The answer to a Commit or Release of ours, which tells nothing new; or the end of a reservation by itself."""
    reservation_id, answer = result["reservation_id"], result["answer"]
    part = part_of(step.state, reservation_id)
    if part is None:
        return
    if part["state"] == "COMMITTED" and answer not in _GONE:
        step.note(f"{part['warehouse']} shipped {part['quantity']} x {part['sku']}, but the reservation: {answer}")
    elif part["state"] in HOLDING and answer in _GONE:
        step.update(parts=with_part(step.state["parts"], reservation_id, "COMMITTED"))
        if step.state["phase"] == "ALLOCATED":
            commit_shipped(step)
        else:
            settle(step, {})
    elif part["state"] in HOLDING:
        step.update(parts=with_part(step.state["parts"], reservation_id, "RELEASED"))
        withdraw(step, f"reservation_{answer.lower()}", [reservation_id])
        begin(step, f"reservation {answer.lower()}")


def on_stock_arrived(step: Step, arrived: StockArrived) -> None:
    """Units a backorder may use. Whoever can't use them says so, for the next in the queue."""
    state, sku = step.state, arrived["sku"]
    if state["phase"] != "BACKORDERED":
        step.forget_stock(sku)
        return
    needs = outstanding(state["lines"], state["parts"])
    levels = known_levels(step.view, needs, {sku: arrived["levels"]})
    planned = plan_for(step, needs, levels)
    waiting = [each for each in state["waiting"] if each != sku]
    if planned.missing and planned.missing[:MISSING_MAX] == missing_in(state["trace"]):
        # The decision stands as it was announced: no new one.
        step.update(waiting=waiting)
        if sku not in await_missing(step, needs, levels, planned.missing):
            step.forget_stock(sku)
        return
    step.update(
        attempt=state["attempt"] + 1,
        round=1,
        trace=with_round(None, 1, planned.considered, planned.missing),
        waiting=waiting if planned.missing else [],
    )
    if planned.missing:
        backorder(step, needs, levels, planned.missing)
    else:
        ask(step, planned.parts, "stock arrived")
    # After the Reserve in the same log: what this order leaves of the units goes to the next in the queue.
    for each in dict.fromkeys((sku, *queued_for(state))):
        if each not in step.state["waiting"]:
            step.forget_stock(each)


def on_shipped(step: Step, shipped: Shipped) -> None:
    """A warehouse has sent its parcel, each shipment once."""
    state, warehouse = step.state, shipped["warehouse"]
    if shipped["shipment_id"] in state["shipments"]:
        return
    step.update(shipments=[*state["shipments"], shipped["shipment_id"]])
    if state["phase"] == "CANCELLED":
        step.note(f"shipped from {warehouse} after it was cancelled")
        return
    if state["phase"] == "SHIPPED":
        return
    if warehouse not in state["shipped_warehouses"]:
        step.update(shipped_warehouses=[*state["shipped_warehouses"], warehouse])
    if state["phase"] == "ALLOCATED":
        if all(part["warehouse"] != warehouse for part in state["parts"]):
            step.note(f"shipped from {warehouse}, which was not asked to")
        commit_shipped(step)
    elif state["phase"] != "RESERVING" and has_arrived(state):
        step.note(f"shipped from {warehouse} before it was allocated")
