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
| PersonForgotten | the receiver is not kept any more: a parcel that still needs a waybill waits for its number |
| the tick | ``wake``: retries that are due, deadlines that are near |

A parcel goes WAITING -> REQUESTED -> WRITTEN, or RETRYING, or DEAD; an operator redrives or abandons. Where the platform answers that it
holds the order (an open after-sale, a risk review, a fulfillment order on hold), the parcel is WAITING again, with that reason and the time
at which it is tried again: at the latest then, at once when its order changes. That is no attempt, however often, and others of its order
are told meanwhile. What holds at any time:
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

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.records import Parcel, Writeback, WritebackRequest

from .collecting import with_amounts
from .events import HANDLERS
from .policy import Rules
from .state import UNDER_WAY, awaited, has_arrived, told_with, warn_at_ms
from .step import Decision, Step, obstacle


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


def _advance(step: Step) -> None:
    """Lets go what can go, one after another; says of the others why they wait."""
    if step.state["collect_minor"] is not None:
        step.state = with_amounts(step.state)
    for parcel in step.state["parcels"]:
        if parcel["next_at_ms"] is not None and parcel["next_at_ms"] <= step.at_ms:
            step.change(parcel, phase="WAITING", next_at_ms=None)
    cancelled = has_arrived(step.state) and step.state["status"] == "CANCELLED"
    for parcel in step.state["parcels"]:
        if parcel["phase"] not in ("WAITING", "RETRYING"):
            continue
        with_it = told_with(step.state, parcel)
        if with_it is not None:
            why = f"its number was told with shipment {with_it}"
            step.written(parcel, "ALREADY_SHIPPED", "", why)
        elif cancelled:
            why = "the platform shows the order as cancelled: call the parcel back, or abandon it"
            step.die(parcel, "ORDER_FORBIDS", "", why)
        elif parcel["phase"] == "WAITING" and parcel["next_at_ms"] is None:
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
