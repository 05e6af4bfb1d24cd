"""What the inventory's answers and the warehouses' shipments set in motion."""

from __future__ import annotations

from schemas.records import (
    Answer,
    ReservationRejected,
    ReservationResolved,
    Reserved,
    Shipped,
    StockArrived,
    StockCommandAnswered,
)
from streams.domain.routing.trace import MISSING_MAX, missing_in, with_rejection

from .asking import ask, await_missing, backorder, begin_attempt, known_levels, plan_for, queued_for
from .course import reconsider
from .order_state import HOLDING, announced, has_arrived, part_of, rest_of, unheld, with_part
from .parcels import take
from .presale import waits_for_goods
from .returns import meet_receipts
from .saga import begin, settle, withdraw
from .step import Levels, Step

_GONE = frozenset(("COMMITTED", "ALREADY_COMMITTED"))


def on_reserved(step: Step, result: Reserved) -> None:
    """A part is granted. One that is no longer current is being released already; one nobody knows is released now."""
    part = part_of(step.state, result["reservation_id"])
    if part is not None and part["state"] == "ASKED":
        step.update(parts=with_part(step.state["parts"], result["reservation_id"], "GRANTED"))
        _settle(step, {})
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
    _settle(step, {result["sku"]: result["levels"]})


def _settle(step: Step, fresh: Levels) -> None:
    settle(step, fresh)
    if step.state["parcels"] and step.state["phase"] == "ALLOCATED":
        reconsider(step, "a parcel had left")


def on_resolved(step: Step, result: ReservationResolved) -> None:
    """The answer to a Commit or Release of ours, which mostly tells nothing new; or the end of a reservation by itself."""
    reservation_id, answer = result["reservation_id"], result["answer"]
    part = part_of(step.state, reservation_id)
    if part is None:
        return
    if part["state"] == "COMMITTED":
        # An expiry that was read before our Commit: the answer to that one follows.
        if answer not in _GONE and answer != "EXPIRED":
            text = f"{part['warehouse']} shipped {part['quantity']} x {part['sku']}, but the reservation: {answer}"
            step.note(text, "parcel_without_reservation")
            step.take_off(f"{reservation_id}/left", part["sku"], part["warehouse"], part["quantity"])
            _lose_rest(step, reservation_id, answer)
    elif answer in _GONE:
        released = part["state"] == "RELEASED"
        step.update(parts=with_part(step.state["parts"], reservation_id, "COMMITTED"))
        if released:
            step.note(
                f"{part['quantity']} x {part['sku']} left {part['warehouse']}, and were to be released",
                "parcel_after_release",
            )
        if released or step.state["phase"] != "RESERVING":
            reconsider(step, "units left")
        else:
            _settle(step, {})
    elif part["state"] == "RELEASED":
        if answer not in ("RELEASED", "ALREADY_RELEASED"):
            _lose_rest(step, reservation_id, answer)
    else:
        lose(step, reservation_id, answer)


def _lose_rest(step: Step, reservation_id: str, answer: Answer) -> None:
    """What was to stay of it holds nothing either. Asked to be kept for good it is frozen anew by then, and given back."""
    rest = part_of(step.state, rest_of(reservation_id))
    if rest is not None and rest["state"] in HOLDING and rest["pool"] is not None and rest["pool"]["hard"]:
        step.resolve(rest, "Release", reason=f"reservation_{answer.lower()}")
    lose(step, rest_of(reservation_id), answer)


def lose(step: Step, reservation_id: str, answer: Answer) -> None:
    """A reservation that was counted on holds nothing: what it was for is planned again."""
    state = step.state
    part = part_of(state, reservation_id)
    if part is None or part["state"] not in HOLDING:
        return
    if part["pool"] is not None or any(each["reservation_id"] == reservation_id for each in announced(state)):
        step.update(parts=with_part(state["parts"], reservation_id, "RELEASED"))
    else:
        step.update(parts=[each for each in state["parts"] if each["reservation_id"] != reservation_id])
    if state["phase"] in ("RESERVING", "ALLOCATED") or (state["phase"] == "BACKORDERED" and part["pool"] is not None):
        withdraw(step, f"reservation_{answer.lower()}", [reservation_id])
        begin(step, f"reservation {answer.lower()}")
    elif state["phase"] == "HELD" and part["pool"] is not None and answer == "EXPIRED":
        step.note(f"{part['quantity']} x {part['sku']} are frozen no more: the balance was not paid in the pool's time")


def on_stock_answered(step: Step, answered: StockCommandAnswered) -> None:
    """A Restock or an Adjust of ours is done; one that the inventory refuses is told."""
    if answered["answer"] == "REFUSED" and has_arrived(step.state):
        what = f"{answered['sku']} at {answered['warehouse']} could not be counted ({answered['command_id']})"
        step.note(f"{what}: {answered['reason']}", "stock_refused")


def on_stock_arrived(step: Step, arrived: StockArrived) -> None:
    """Units a backorder may use. Whoever can't use them says so, for the next in the queue."""
    state, sku = step.state, arrived["sku"]
    if state["phase"] != "BACKORDERED" or waits_for_goods(state):
        step.forget_stock(sku)
        return
    needs = unheld(state, state["parts"])
    levels = known_levels(step.view, needs, {sku: arrived["levels"]})
    planned = plan_for(step, needs, levels)
    waiting = [each for each in state["waiting"] if each != sku]
    if planned.missing and planned.missing[:MISSING_MAX] == missing_in(state["trace"]):
        # The decision stands as it was announced: no new one.
        step.update(waiting=waiting)
        if sku not in await_missing(step, needs, levels, planned.missing):
            step.forget_stock(sku)
        return
    begin_attempt(step, planned, waiting=waiting if planned.missing else [])
    if planned.missing:
        backorder(step, needs, levels, planned.missing)
    else:
        ask(step, planned, "stock arrived")
    # After the Reserve in the same log: what this order leaves of the units goes to the next in the queue.
    for each in dict.fromkeys((sku, *queued_for(state))):
        if each not in step.state["waiting"]:
            step.forget_stock(each)


def on_shipped(step: Step, shipped: Shipped) -> None:
    """A warehouse has sent a parcel, each shipment once."""
    if shipped["shipment_id"] in step.state["shipments"]:
        return
    take(step, shipped)
    if has_arrived(step.state):
        if step.state["receipts"]:
            meet_receipts(step)
        reconsider(step, "a parcel left")
