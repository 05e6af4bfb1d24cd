"""What the order, its allocation, its shipments, the platform and operators set in motion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.records import Order, OrderAllocated, Parcel, PersonForgotten, Shipped, WritebackCommand, WritebackResult

from .policy import SUCCESS
from .state import COMMANDS_MAX, PARCELS_MAX, REASON_MAX, adopted, allocated, content, left, remainder
from .step import Step, request_id


class NoSuchParcel(ValueError):
    """A result or a command names a shipment that the order has not."""


class TooManyParcels(ValueError):
    """An order has more parcels than are kept."""


def _on_order(step: Step, order: Order) -> None:
    if order["version"] > step.state["order_version"]:
        step.state = adopted(step.state, order)
        for parcel in step.state["parcels"]:
            if parcel["phase"] == "WAITING" and parcel["next_at_ms"] is not None:
                # The hold may be what ended.
                step.change(parcel, next_at_ms=None)


def _on_allocated(step: Step, allocation: OrderAllocated) -> None:
    step.state = allocated(step.state, allocation)


def _on_nothing(step: Step, record: Mapping[str, Any]) -> None:
    """See the table above."""


def _on_shipped(step: Step, shipped: Shipped) -> None:
    parcels = step.state["parcels"]
    if any(parcel["shipment_id"] == shipped["shipment_id"] for parcel in parcels):
        return
    if len(parcels) >= PARCELS_MAX:
        raise TooManyParcels(f"{shipped['order_id']} has {PARCELS_MAX} parcels already: it can have no more")
    step.state = {**step.state, "parcels": [*parcels, left(shipped)]}


def _on_result(step: Step, result: WritebackResult) -> None:
    parcel = _parcel(step, result["shipment_id"])
    if result["request_id"] != request_id(parcel) or parcel["phase"] == "WRITTEN":
        return
    outcome, code, reason = result["outcome"], result["code"], result["reason"][:REASON_MAX]
    # A waybill that was obtained for it is its number from now on, whatever the platform said.
    obtained = result["tracking_no"] and (outcome in SUCCESS or not parcel["tracking_no"])
    if obtained:
        parcel = step.change(parcel, tracking_no=result["tracking_no"], carrier=result["carrier"] or parcel["carrier"])
    if outcome in SUCCESS:
        # Also when it was abandoned meanwhile: the platform knows the number, and that is what is true.
        step.written(parcel, outcome, code, reason)
    elif parcel["phase"] == "REQUESTED":
        policy = step.rules.policies[outcome]
        answered = {"outcome": outcome, "code": code, "reason": reason}
        wait_ms = max(step.rules.held_ms if result["held"] else policy.wait_ms, result["retry_after_ms"] or 0)
        next_at_ms = step.at_ms + wait_ms
        if result["held"]:
            since_ms = parcel["held_since_ms"] or step.at_ms
            attempt = parcel["attempt"] - 1
            held = {"next_at_ms": next_at_ms, "held_since_ms": since_ms, "attempt": attempt}
            step.change(parcel, phase="WAITING", **held, **answered)
        elif parcel["attempt"] >= policy.attempts:
            step.die(parcel, outcome, code, reason)
        else:
            step.change(parcel, phase="RETRYING", next_at_ms=next_at_ms, held_since_ms=None, **answered)


def _on_command(step: Step, command: WritebackCommand) -> None:
    if command["command_id"] in step.state["commands"]:
        return
    parcel = _parcel(step, command["shipment_id"])
    step.state = {**step.state, "commands": [*step.state["commands"], command["command_id"]][-COMMANDS_MAX:]}
    by = {"by": command["by"]}
    if parcel["phase"] in ("WRITTEN", "ABANDONED"):
        ended = "written back" if parcel["phase"] == "WRITTEN" else "abandoned"
        step.change(parcel, reason=f"{command['action'].lower()} had no effect: it is {ended}")
    elif command["action"] == "ABANDON":
        step.change(parcel, phase="ABANDONED", reason=command["reason"], next_at_ms=None, held_since_ms=None, **by)
    elif parcel["phase"] == "REQUESTED":
        # A second request beside it could tell the platform twice.
        step.change(parcel, reason="redrive had no effect: the answer to its request is awaited")
    else:
        _redrive(step, parcel, command)


def _redrive(step: Step, parcel: Parcel, command: WritebackCommand) -> None:
    lines = parcel["lines"]
    if content(step.state, parcel) is None:
        # The operator has been told that its content is not known, and sends it: what is left is in it.
        lines = remainder(step.state, parcel) or step.state["lines"]
    step.change(
        parcel,
        phase="WAITING",
        attempt=0,
        carrier=command["carrier"] or parcel["carrier"],
        tracking_no=command["tracking_no"] or parcel["tracking_no"],
        lines=lines,
        reason="",
        next_at_ms=None,
        by=command["by"],
    )


def _parcel(step: Step, shipment_id: str) -> Parcel:
    for parcel in step.state["parcels"]:
        if parcel["shipment_id"] == shipment_id:
            return parcel
    raise NoSuchParcel(f"{step.state['order_id']} has no shipment {shipment_id!r}")


def _on_person_forgotten(step: Step, record: PersonForgotten) -> None:
    if step.state["receiver"] is not None:
        step.state = {**step.state, "receiver": None}


HANDLERS: dict[str, Callable[[Step, Any], None]] = {
    "Order": _on_order,
    "OrderAllocated": _on_allocated,
    "AllocationReleased": _on_nothing,
    "OrderBackordered": _on_nothing,
    "Shipped": _on_shipped,
    "WritebackResult": _on_result,
    "WritebackCommand": _on_command,
    "PersonForgotten": _on_person_forgotten,
}
