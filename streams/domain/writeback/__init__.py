"""Writeback: which tracking number is told to a platform, when, how often, and when a person must look.

One event about an order in, one decision out. Events of different topics come in any order, and more than once.

| event | does |
| --- | --- |
| Order | a newer version: status, deadline, receiver, lines; a hold's end lets parcels go, a cancellation ends them |
| OrderAllocated | what each warehouse ships: the content of parcels that name no lines |
| AllocationReleased | nothing: a warehouse that has shipped all the same shipped what it had been given |
| Shipped | a parcel, once by its id |
| WritebackResult | of the newest request: written back, to be tried again, or dead, by the table in ``policy`` |
| WritebackCommand | redrive or abandon, once by its id |
| the tick | ``wake``: retries that are due, deadlines that are near |

A parcel goes WAITING -> REQUESTED -> WRITTEN, or RETRYING, or DEAD; an operator redrives or abandons. What holds at any time:
1. One request is open per order: the next parcel goes when the one before is written, dead or abandoned.
2. A success is never overwritten, and only the newest request's answer counts.
3. A parcel is in a phase that says where it stands, with its reason: none is dropped in silence.

The agent's part, in order:
1. Find the state: `writebacks[order_id]`.
2. Decide.
3. Store the state where it is another object than before, and its next time in `writeback_due`.
4. Send requests by time left, statuses and dead ones, all keyed by order id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas.records import (
    Order,
    OrderAllocated,
    Parcel,
    Shipped,
    Writeback,
    WritebackCommand,
    WritebackRequest,
    WritebackResult,
)

from .policy import SUCCESS, Policy, Rules, policies
from .state import (
    COMMANDS_MAX,
    PARCELS_MAX,
    UNDER_WAY,
    adopted,
    allocated,
    awaited,
    content,
    due_ms,
    has_arrived,
    left,
    remainder,
    told_with,
    warn_at_ms,
)
from .step import Decision, Step, obstacle, request_id

__all__ = [
    "Decision",
    "NoSuchParcel",
    "Policy",
    "Rules",
    "TooManyParcels",
    "by_time_left",
    "decide",
    "due_ms",
    "policies",
    "wake",
]


class NoSuchParcel(ValueError):
    """A result or a command names a shipment that the order has not."""


class TooManyParcels(ValueError):
    """An order has more parcels than are kept."""


def decide(state: Writeback | None, name: str, record: Mapping[str, Any], rules: Rules, at_ms: int) -> Decision:
    """Decide one event about an order.

    :param state: what is known of the order, None when nothing.
    :param at_ms: the event's time in the log; goes into everything sent.
    :raises NoSuchParcel, TooManyParcels: the record can't be taken into account; KeyError: nobody knows such an event.
    """
    step = Step(state if state is not None else awaited(record["order_id"]), rules, at_ms)
    HANDLERS[name](step, record)
    _advance(step)
    return step.decision(state)


def wake(state: Writeback, rules: Rules, at_ms: int) -> Decision:
    """What the time itself sets in motion: retries that are due, a warning for each parcel whose deadline is near."""
    step = Step(state, rules, at_ms)
    _advance(step)
    for parcel in step.state["parcels"]:
        warn_ms = warn_at_ms(step.state, parcel, rules)
        if warn_ms is not None and warn_ms <= at_ms:
            step.warn(parcel)
    return step.decision(state)


def by_time_left(requests: Iterable[WritebackRequest]) -> list[WritebackRequest]:
    """The most urgent first; an order's own stay in their order."""
    return sorted(requests, key=lambda request: request["ship_by_ms"])


def _on_order(step: Step, order: Order) -> None:
    if order["version"] > step.state["order_version"]:
        step.state = adopted(step.state, order)


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
    outcome, code, reason = result["outcome"], result["code"], result["reason"]
    # A waybill that was obtained for it is its number from now on, whatever the platform said.
    obtained = result["tracking_no"] and (outcome in SUCCESS or not parcel["tracking_no"])
    if obtained:
        parcel = step.change(parcel, tracking_no=result["tracking_no"], carrier=result["carrier"] or parcel["carrier"])
    if outcome in SUCCESS:
        # Also when it was abandoned meanwhile: the platform knows the number, and that is what is true.
        step.change(parcel, phase="WRITTEN", outcome=outcome, code=code, reason=reason, next_at_ms=None)
    elif parcel["phase"] == "REQUESTED":
        policy = step.rules.policies[outcome]
        if parcel["attempt"] >= policy.attempts:
            step.die(parcel, outcome, code, reason)
        else:
            wait_ms = max(policy.wait_ms, result["retry_after_ms"] or 0)
            retry = {"outcome": outcome, "code": code, "reason": reason, "next_at_ms": step.at_ms + wait_ms}
            step.change(parcel, phase="RETRYING", **retry)


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
        step.change(parcel, phase="ABANDONED", reason=command["reason"], next_at_ms=None, **by)
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


def _advance(step: Step) -> None:
    """Lets go what can go, one after another; says of the others why they wait."""
    for parcel in step.state["parcels"]:
        if parcel["phase"] == "RETRYING" and (parcel["next_at_ms"] or 0) <= step.at_ms:
            step.change(parcel, phase="WAITING", next_at_ms=None)
    cancelled = has_arrived(step.state) and step.state["status"] == "CANCELLED"
    for parcel in step.state["parcels"]:
        if parcel["phase"] not in ("WAITING", "RETRYING"):
            continue
        with_it = told_with(step.state, parcel)
        if with_it is not None:
            why = f"its number was told with shipment {with_it}"
            step.change(parcel, phase="WRITTEN", outcome="ALREADY_SHIPPED", code="", reason=why, next_at_ms=None)
        elif cancelled:
            why = "the platform shows the order as cancelled: call the parcel back, or abandon it"
            step.die(parcel, "ORDER_FORBIDS", "", why)
        elif parcel["phase"] == "WAITING":
            _let_go(step, parcel)


def _let_go(step: Step, parcel: Parcel) -> None:
    reason = obstacle(step.state, parcel)
    if reason is None:
        before = next((each for each in step.state["parcels"] if each["phase"] in UNDER_WAY), None)
        if before is None:
            step.request(parcel)
            return
        reason = f"shipment {before['shipment_id']} is told first"
    if parcel["reason"] != reason:
        step.change(parcel, reason=reason)


HANDLERS: dict[str, Callable[[Step, Any], None]] = {
    "Order": _on_order,
    "OrderAllocated": _on_allocated,
    "AllocationReleased": _on_nothing,
    "OrderBackordered": _on_nothing,
    "Shipped": _on_shipped,
    "WritebackResult": _on_result,
    "WritebackCommand": _on_command,
}
