"""What parcels carry, held against what is reserved: a parcel commits what is in it, and nothing else.

| a parcel's units | are |
| --- | --- |
| held by a part of that warehouse | committed; the rest of the part stays reserved |
| of a part that was released meanwhile | taken off the shelf by an Adjust: they did leave |
| of a line or SKU the order has not, from a warehouse that was not asked, more than was asked | told, and nothing moves |
| before the order is there, or while it is being reserved | remembered, and met when it is allocated |
| of an order that was cancelled with nothing reserved | told and remembered: opened again it is held |

What was remembered for an allocation that does not come (rejected, held, cancelled, sent by others) is met and told as if it came then.

A parcel that names no lines carries all that the warehouse had of the order.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas.records import OrderState, ParcelLine, Part, Shipped, StateLine, TakenParcel

from .collecting import cut
from .order_state import HOLDING, Key, has_arrived, key_of, rest_of
from .step import Step
from .troubles import Trouble


def take(step: Step, shipped: Shipped) -> None:
    """A parcel has left: meet what is there of it now, and remember or tell the rest."""
    parcel: TakenParcel = {
        "shipment_id": shipped["shipment_id"],
        "warehouse": shipped["warehouse"],
        "lines": list(shipped["lines"]),
    }
    state, warehouse = step.state, shipped["warehouse"]
    step.update(shipments=[*state["shipments"], shipped["shipment_id"]])
    if state["phase"] == "CANCELLED":
        step.note(f"shipped from {warehouse} after it was cancelled", "parcel_after_release")
    if has_arrived(state):
        _meet_as_it_stands(step, parcel)
    elif state["phase"] != "CANCELLED":
        step.update(parcels=[*state["parcels"], parcel])


def _meet_as_it_stands(step: Step, parcel: TakenParcel) -> None:
    state = step.state
    if state["phase"] == "CANCELLED":
        _meet_cancelled(step, parcel)
    elif state["phase"] in ("ALLOCATED", "SHIPPED", "ELSEWHERE"):
        _meet(step, parcel)
    elif state["phase"] == "RESERVING" and _is_asked(state, parcel):
        step.update(parcels=[*state["parcels"], parcel])
    else:
        _meet_early(step, parcel)


def have_waited_in_vain(step: Step) -> bool:
    """Whether parcels were remembered, untold, for an allocation that this decision has made no more likely than any other."""
    before, state = step.before, step.state
    untold = before["phase"] == "RESERVING" or not has_arrived(before)
    return untold and bool(state["parcels"]) and has_arrived(state) and state["phase"] not in ("RESERVING", "ALLOCATED")


def meet_those_in_vain(step: Step) -> None:
    """Meet them as the order stands now, and tell of them."""
    parcels = step.state["parcels"]
    step.update(parcels=[])
    for parcel in parcels:
        if step.state["phase"] == "CANCELLED":
            step.note(f"shipped from {parcel['warehouse']} before it was cancelled", "parcel_after_release")
        _meet_as_it_stands(step, parcel)


def meet_remembered(step: Step) -> None:
    """The order is allocated: what came before is met now."""
    parcels = step.state["parcels"]
    step.update(parcels=[])
    for parcel in parcels:
        _meet(step, parcel)


def _meet_early(step: Step, parcel: TakenParcel) -> None:
    """Before an allocation stands: what was released meanwhile did leave; the rest waits for what is reserved next."""
    left = _matched(step, parcel)
    if left is None or left:
        rest: TakenParcel = {**parcel, "lines": left or []}
        step.update(parcels=[*step.state["parcels"], rest])
        if step.state["phase"] != "RESERVING":
            step.note(f"shipped from {parcel['warehouse']} before it was allocated", "parcel_after_release")


def _meet_cancelled(step: Step, parcel: TakenParcel) -> None:
    """What was never reserved is remembered: opened again, the order would be sent twice."""
    state = step.state
    left = _meet(step, parcel)
    lines = state["lines"] if left is None else left
    ours = {key_of(line) for line in state["lines"] if line["sent_by"] == "MERCHANT"}
    known: list[ParcelLine] = [
        {"line_no": line["line_no"], "sku": line["sku"], "quantity": line["quantity"]}
        for line in lines
        if line["quantity"] and any(_is_of(key, line) for key in ours)
    ]
    if known:
        step.update(parcels=[*step.state["parcels"], {**parcel, "lines": known}])


def _meet(step: Step, parcel: TakenParcel) -> list[ParcelLine] | None:
    """What of it met nothing, told; None: nothing of a parcel without lines did."""
    state = step.state
    left = _matched(step, parcel)
    if left is None:
        if state["phase"] != "CANCELLED" and not any(p["warehouse"] == parcel["warehouse"] for p in state["parts"]):
            step.note(f"shipped from {parcel['warehouse']}, which was not asked to", "parcel_wrong_warehouse")
        return None
    for line in left:
        reason, trouble = _why_not(state, parcel, line)
        step.note(reason, trouble)
    return left


def _why_not(state: OrderState, parcel: TakenParcel, line: ParcelLine) -> tuple[str, Trouble]:
    """Why units of a parcel met nothing, and which kind of trouble that is."""
    warehouse = parcel["warehouse"]
    units = f"{line['quantity']} x {line['sku']} (line {line['line_no'] or '?'})"
    what = f"shipment {parcel['shipment_id']} from {warehouse} carries {units}"
    if not any(_is_of(key_of(known), line) for known in state["lines"]):
        return f"{what}, which the order does not have", "parcel_unknown_line"
    asked = [part for part in state["parts"] if _is_of(key_of(part), line)]
    if not any(part["warehouse"] == warehouse for part in asked):
        return f"{what}, which was not asked to send it", "parcel_wrong_warehouse"
    return f"{what} more than it was asked to send", "parcel_too_many"


def _matched(step: Step, parcel: TakenParcel) -> list[ParcelLine] | None:
    """Commit, or take off the shelf, what the order's parts have of a parcel.

    Returns what none of them has; None for a parcel without lines that meets nothing at all.
    """
    state = step.state
    taken, left = _taken(state, parcel)
    if not taken:
        return left if parcel["lines"] else None
    parts: list[Part] = []
    gone: dict[Key, int] = {}
    for index, part in enumerate(state["parts"]):
        units = taken.get(index, 0)
        if not units:
            parts.append(part)
            continue
        if part["state"] == "RELEASED":
            gone[key_of(part)] = gone.get(key_of(part), 0) + units
        parts += _committed(step, part, units, parcel["shipment_id"])
    step.update(parts=parts)
    for (line_no, sku), units in gone.items():
        step.take_off(
            f"{state['order_id']}/left/{parcel['shipment_id']}/{line_no}/{sku}", sku, parcel["warehouse"], units
        )
        if state["phase"] != "CANCELLED":
            text = f"{parcel['warehouse']} shipped {units} x {sku} whose reservation had been released"
            step.note(text, "parcel_after_release")
    return left


def _committed(step: Step, part: Part, units: int, shipment_id: str) -> Iterator[Part]:
    """A part of which a parcel carried some units, or all."""
    rest = part["quantity"] - units
    collected, for_the_rest = cut(part, units)
    gone: Part = {**part, "quantity": units, "state": "COMMITTED", "collect_minor": collected}
    staying: Part = {**part, "quantity": rest, "collect_minor": for_the_rest}
    if part["state"] == "RELEASED":
        yield {**gone, "reservation_id": f"{part['reservation_id']}/left/{shipment_id}"}
        if rest:
            yield staying
    elif rest:
        rest_id = rest_of(part["reservation_id"])
        step.resolve(part, "Commit", quantity=units, rest_id=rest_id)
        yield gone
        yield {**staying, "reservation_id": rest_id}
    else:
        step.resolve(part, "Commit")
        yield gone


def _taken(state: OrderState, parcel: TakenParcel) -> tuple[dict[int, int], list[ParcelLine]]:
    """Units that the parcel takes of each part, by its index, and what it takes of none.

    Of what is held first, then of what was released last.
    """
    parts, warehouse = state["parts"], parcel["warehouse"]
    held = [i for i, part in enumerate(parts) if part["warehouse"] == warehouse and part["state"] == "GRANTED"]
    released = [i for i, part in enumerate(parts) if part["warehouse"] == warehouse and part["state"] == "RELEASED"]
    released.reverse()
    if not parcel["lines"]:
        if not held and released:
            attempt = _attempt_of(state, parts[released[0]])
            held = [i for i in released if _attempt_of(state, parts[i]) == attempt]
        return {i: parts[i]["quantity"] for i in held}, []
    taken: dict[int, int] = {}
    left: list[ParcelLine] = []
    for line in parcel["lines"]:
        units = line["quantity"]
        for i in (*held, *released):
            if _is_of(key_of(parts[i]), line):
                share = min(units, parts[i]["quantity"] - taken.get(i, 0))
                if share > 0:
                    taken[i] = taken.get(i, 0) + share
                    units -= share
        if units > 0:
            left.append({**line, "quantity": units})
    return taken, left


def _attempt_of(state: OrderState, part: Part) -> str:
    return part["reservation_id"][len(state["order_id"]) + 1 :].partition(".")[0]


def _is_of(key: Key, line: ParcelLine | StateLine) -> bool:
    """Whether a line of a parcel is that line; a warehouse that knows no lines names the SKU alone."""
    return line["sku"] == key[1] and line["line_no"] in ("", key[0])


def _is_asked(state: OrderState, parcel: TakenParcel) -> bool:
    """Whether the round under way asks for units of this parcel at its warehouse."""
    return any(
        part["state"] in HOLDING
        and part["warehouse"] == parcel["warehouse"]
        and (not parcel["lines"] or any(_is_of(key_of(part), line) for line in parcel["lines"]))
        for part in state["parts"]
    )
