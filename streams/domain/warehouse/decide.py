"""Warehouse: which delivery order a warehouse's system is told, when it is taken back, and what its reports mean.

One event about an order in, one decision out. Events of different topics come in any order, and more than once.

| event | does |
| --- | --- |
| Order | a newer version: status, deadline, receiver, goods; whom a person has corrected replaces what was told |
| OrderAllocated | a delivery order for each warehouse, of the reservations that none has yet |
| AllocationReleased | delivery orders with those reservations are taken back; what stays reserved goes out in a new one |
| OrderBackordered | nothing |
| DeliveryResult | of the newest request: done, to be tried again, or dead; of a cancellation who was first |
| WarehouseReport | judged by ``reports``: parcels, returns, stock, progress; or set aside; of a merged parcel, passed on, too |
| DeliveryCommand | redrive or abandon, once by its id |
| PersonForgotten | the receiver is not kept any more |
| the tick | ``wake``: retries that are due |

Who was first, the cancellation or the scan, is decided once, by what this partition reads first: the system's answer that it has taken the
order back (CANCELLED: parcels of it told later are set aside), or a parcel of it (SHIPPED: the cancellation is void). That the system could
not take it back (TOO_LATE) is told to a person, who may call the parcel back; its parcels are told on, for they have left.

What holds at any time:
1. One request is open per order.
2. What may be at a warehouse is never planned anew before it is known to be back.
3. A reservation is in one delivery order that is not taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.records import (
    AllocationReleased,
    Deliveries,
    Delivery,
    DeliveryCommand,
    DeliveryPart,
    DeliveryResult,
    Merged,
    Order,
    OrderAllocated,
    PersonForgotten,
)

from .naming import delivery_id
from .policy import Rules
from .reports import on_report
from .state import AT_WAREHOUSE, COMMANDS_MAX, DELIVERIES_MAX, REASON_MAX, SETTLED, adopted, awaited, planned, remaining
from .step import Decision, Step, obstacle, request_id


class NoSuchDelivery(ValueError):
    """A result or a command names a delivery order that the order has not."""


class TooManyDeliveries(ValueError):
    """An order has more delivery orders than are kept."""


def decide(state: Deliveries | None, name: str, record: Mapping[str, Any], rules: Rules, at_ms: int) -> Decision:
    """Decide one event about an order.

    :param state: what is known of the order, None when nothing.
    :param at_ms: the event's time in the log; goes into everything sent.
    :raises NoSuchDelivery, TooManyDeliveries: the record can't be taken into account; KeyError: nobody knows such an event.
    """
    step = Step(state if state is not None else awaited(record["order_id"]), rules, at_ms)
    _HANDLERS[name](step, record)
    _advance(step)
    return step.decision(state)


def wake(state: Deliveries, rules: Rules, at_ms: int) -> Decision:
    """What the time itself sets in motion: retries that are due."""
    step = Step(state, rules, at_ms)
    _advance(step)
    return step.decision(state)


def _advance(step: Step) -> None:
    """Lets go what can go, one request at a time; says of the others why they wait."""
    for each in step.state["deliveries"]:
        if each["next_at_ms"] is not None and each["next_at_ms"] <= step.at_ms:
            step.change(each, phase="CREATED" if each["cancel"] else "WAITING", next_at_ms=None)
    for each in step.state["deliveries"]:
        if any(other["phase"] in ("REQUESTED", "CANCELLING") for other in step.state["deliveries"]):
            break
        if each["cancel"] and each["phase"] == "CREATED":
            step.request(each, "CANCEL")
    for each in step.state["deliveries"]:
        if each["phase"] == "WAITING":
            _let_go(step, each)


def _let_go(step: Step, delivery: Delivery) -> None:
    if step.state["order_version"] >= delivery["order_version"] and step.state["status"] in ("SHIPPED", "CANCELLED"):
        shown = step.state["status"].lower()
        step.change(delivery, phase="ABANDONED", reason=f"the platform shows the order as {shown}")
        return
    before = _left_before(step, delivery)
    if before and delivery["by"] == "system":
        why = f"{before} left though it was to be taken back: look what it had, then redrive or abandon this one"
        step.die(delivery, "REFUSED", "", why)
        return
    reason = obstacle(step.state, delivery)
    if not reason:
        busy = (each for each in step.state["deliveries"] if each["phase"] in ("REQUESTED", "CANCELLING"))
        reason = "".join(f"{each['delivery_id']} is told first" for each in [*busy][:1])
    if not reason:
        step.request(delivery, "CREATE")
    elif delivery["reason"] != reason:
        step.change(delivery, reason=reason)


def _left_before(step: Step, delivery: Delivery) -> str:
    """An earlier delivery order that was to be taken back, and whose goods left all the same; empty for none."""
    for other in step.state["deliveries"]:
        if other["delivery_id"] == delivery["delivery_id"]:
            break
        if other["cancel"] and other["left"]:
            return other["delivery_id"]
    return ""


def _on_order(step: Step, order: Order) -> None:
    if order["version"] <= step.state["order_version"]:
        return
    corrected = step.state["order_version"] >= 0 and order["receiver_from"] != step.state["receiver_from"]
    step.state = adopted(step.state, order)
    if corrected:
        for each in step.state["deliveries"]:
            if each["phase"] in AT_WAREHOUSE and not each["cancel"]:
                _take_back(step, each, "the receiver was corrected", each["parts"], order["version"])


def _on_allocated(step: Step, allocation: OrderAllocated) -> None:
    planned_already = {
        part["reservation_id"] for each in step.state["deliveries"] for part in each["parts"] if not each["cancel"]
    }
    released = {part["reservation_id"] for each in step.state["deliveries"] for part in each["parts"]} - planned_already
    by_warehouse: dict[str, list[DeliveryPart]] = {}
    carriers: dict[str, str] = {}
    for part in allocation["parts"]:
        if part["reservation_id"] in planned_already or part["reservation_id"] in released:
            continue
        by_warehouse.setdefault(part["warehouse"], []).append(
            {
                "reservation_id": part["reservation_id"],
                "line_no": part["line_no"],
                "sku": part["sku"],
                "quantity": part["quantity"],
                "collect_minor": part["collect_minor"],
            }
        )
        carriers[part["warehouse"]] = part["carrier"] or carriers.get(part["warehouse"], "")
    for warehouse, parts in by_warehouse.items():
        about = (allocation["order_version"], parts, carriers[warehouse], allocation["decided_at_ms"])
        _plan(step, allocation["attempt"], warehouse, *about, allocation["merged"])


def _on_released(step: Step, released: AllocationReleased) -> None:
    ids = frozenset(released["reservation_ids"])
    for each in step.state["deliveries"]:
        if each["cancel"] or not any(part["reservation_id"] in ids for part in each["parts"]):
            continue
        kept = [part for part in each["parts"] if part["reservation_id"] not in ids]
        _take_back(step, each, released["reason"] or "what it had is released", kept, each["order_version"])


def _on_nothing(step: Step, record: Mapping[str, Any]) -> None:
    """See the table above."""


def _on_result(step: Step, result: DeliveryResult) -> None:
    it = _named(step, result["delivery_id"])
    if result["request_id"] != request_id(it) or it["phase"] not in ("REQUESTED", "CANCELLING"):
        if result["action"] == "CANCEL" and result["outcome"] == "DONE" and it["phase"] == "SHIPPED":
            # The parcel was read first: what has left has left, whatever the system says of it now.
            step.die(
                it, "TOO_LATE", "", "the system says it took it back, and has told of a parcel: ask there", "SHIPPED"
            )
        return
    outcome, code, reason = result["outcome"], result["code"], result["reason"][:REASON_MAX]
    told: dict[str, Any] = {"outcome": outcome, "code": code, "reason": reason}
    told["wms_id"] = result["wms_id"] or it["wms_id"]
    creates = it["action"] == "CREATE"
    match outcome:
        case "DONE" | "ALREADY":
            step.change(it, phase="CREATED" if creates else "CANCELLED", **told)
        case "UNCONNECTED":
            step.change(it, phase="CANCELLED" if it["cancel"] else "ELSEWHERE", **told)
        case "TOO_LATE":
            step.die(it, outcome, code, reason, "TOO_LATE")
        case "RETRYABLE" if it["attempt"] < step.rules.attempts:
            step.change(it, phase="RETRYING", next_at_ms=step.at_ms + step.rules.wait_ms, **told)
        case "REFUSED" if creates:
            # Certainly not there: nothing is to be taken back.
            it = step.change(it, sent=False)
            if it["cancel"]:
                step.change(it, phase="CANCELLED", **told)
            else:
                step.die(it, outcome, code, reason)
        case _:
            step.die(it, outcome, code, reason)


def _on_command(step: Step, command: DeliveryCommand) -> None:
    if command["command_id"] in step.state["commands"]:
        return
    it = _named(step, command["delivery_id"])
    step.update(commands=[*step.state["commands"], command["command_id"]][-COMMANDS_MAX:])
    by = {"by": command["by"]}
    if it["phase"] in SETTLED:
        step.change(it, reason=f"{command['action'].lower()} had no effect: it is {it['phase'].lower()}")
    elif command["action"] == "ABANDON":
        step.change(it, phase="ABANDONED", reason=command["reason"], next_at_ms=None, **by)
    elif it["phase"] in ("REQUESTED", "CANCELLING"):
        # A second request beside it could tell the system twice.
        step.change(it, reason="redrive had no effect: the answer to its request is awaited")
    else:
        phase = "CREATED" if it["cancel"] or it["phase"] == "CREATED" else "WAITING"
        step.change(it, phase=phase, attempt=0, reason="", next_at_ms=None, **by)


def _on_person_forgotten(step: Step, record: PersonForgotten) -> None:
    if step.state["receiver"] is not None:
        step.update(receiver=None)


def _take_back(step: Step, delivery: Delivery, why: str, kept: list[DeliveryPart] | Any, version: int) -> None:
    """It is not to be sent, but for the parts that are kept: those go out in one that comes after it."""
    if delivery["phase"] in SETTLED and delivery["phase"] != "SHIPPED":
        step.change(delivery, cancel=why)
        return
    if delivery["phase"] == "SHIPPED" and not remaining(delivery):
        return
    if delivery["phase"] == "REQUESTED":
        # Its answer is awaited first: what the system has not got can't be taken back.
        step.change(delivery, cancel=why)
    elif delivery["sent"]:
        step.change(delivery, cancel=why, phase="CREATED", attempt=0, next_at_ms=None)
    else:
        step.change(delivery, cancel=why, phase="CANCELLED", reason=why, next_at_ms=None)
    if kept:
        attempt = int(delivery["delivery_id"].split(".")[2])
        about = (version, list(kept), delivery["carrier"], delivery["allocated_at_ms"])
        _plan(step, attempt, delivery["warehouse"], *about)


def _plan(
    step: Step,
    attempt: int,
    warehouse: str,
    version: int,
    parts: list[DeliveryPart],
    carrier: str,
    at_ms: int,
    merged: Merged | None = None,
) -> None:
    """``merged``: of a part that stays when others are taken back, none: it is packed by itself."""
    deliveries = step.state["deliveries"]
    if len(deliveries) >= DELIVERIES_MAX:
        raise TooManyDeliveries(f"{step.state['order_id']} has {DELIVERIES_MAX} delivery orders: it can have no more")
    code = delivery_id(step.state["order_id"], attempt, warehouse, {each["delivery_id"] for each in deliveries})
    step.update(deliveries=[*deliveries, planned(code, warehouse, version, parts, carrier, at_ms, merged)])


def _named(step: Step, code: str) -> Delivery:
    found = step.find(code)
    if found is None:
        raise NoSuchDelivery(f"{step.state['order_id']} has no delivery order {code!r}")
    return found


_HANDLERS: dict[str, Callable[[Step, Any], None]] = {
    "Order": _on_order,
    "OrderAllocated": _on_allocated,
    "AllocationReleased": _on_released,
    "OrderBackordered": _on_nothing,
    "DeliveryResult": _on_result,
    "WarehouseReport": on_report,
    "DeliveryCommand": _on_command,
    "PersonForgotten": _on_person_forgotten,
}
