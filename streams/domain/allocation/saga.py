"""The allocation saga of one order: begin, settle a round, shrink, withdraw, end. What sets it in motion is in `decide`.

No reservation leaks, because three things hold together:
1. A Reserve is sent only by `ask`, which puts its part into the state as ASKED in the same decision. A part of a part is
   made only with the Commit or Release that leaves it, under the `rest_id` sent along.
2. A part leaves ASKED or GRANTED only with a Commit or a Release sent in that decision, or because the inventory said
   that it holds nothing (rejected, expired, resolved by another hand). `withdraw` releases ASKED parts too, at once.
3. These commands go to the same key of the same log by the same writer: the Release is read after its Reserve, and what
   resolves a rest after what made it.
So a late Reserved for a part that is no longer current tells of units that are already being given back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.records import Missing, Part
from streams.domain.routing.planning import Need, Plan
from streams.domain.routing.trace import missing_in, with_round

from . import presale
from .asking import ask, backorder, begin_attempt, known_levels, plan_for, queued_for, without_refused
from .collecting import cut, with_amounts
from .companions import is_kept, merged_as
from .order_state import (
    DECIDING,
    HOLDING,
    Key,
    announced,
    is_under_way,
    kept,
    rest_of,
    unheld,
    units_left,
    units_unclear,
)
from .step import Levels, Step

# A rejection means that others took the units between plan and reservation. Who loses three races in a row waits.
ROUNDS_MAX = 3


def begin(step: Step, reason: str, needs: Sequence[Need] | None = None) -> None:
    """Start a new attempt for everything that is to be sent and not held already, `needs` where the caller knows it."""
    state = step.state
    parts = kept(state["parts"]) if state["parts"] else []
    if needs is None:
        needs = unheld(state, parts)
    if parts:
        step.update(parts=parts)
        presale.harden(step)
        parts = list(step.state["parts"])
    sold_ahead = presale.of_sales(step, needs, parts)
    if sold_ahead or any(map(presale.lacks_goods, parts)):
        _begin_with_pools(step, reason, parts, sold_ahead)
        return
    if not needs:
        step.update(parts=parts)
        end(step)
        return
    levels = known_levels(step.view, needs, None)
    planned = plan_for(step, needs, levels)
    begin_attempt(step, planned, parts=parts)
    if planned.missing:
        backorder(step, needs, levels, planned.missing)
    else:
        ask(step, planned, reason)


def _begin_with_pools(step: Step, reason: str, parts: Sequence[Part], needs: Sequence[Need]) -> None:
    """Goods that are sold before they are there come first: the others are planned once these are."""
    trace = with_round(None, 1, Plan((), [], []))
    step.update(attempt=step.state["attempt"] + 1, round=1, parts=parts, trace=trace)
    presale.freeze(step, needs, hard=True)
    if any(part["state"] == "ASKED" and not presale.is_waiting(part) for part in step.state["parts"]):
        step.enter("RESERVING", reason)
    else:
        presale.wait(step)


def end(step: Step) -> None:
    """Nothing is to be asked for: what is held waits for its parcel, else the order is closed until its platform says otherwise."""
    state = step.state
    if state["parcels"] and not any(part["state"] == "GRANTED" for part in state["parts"]):
        # They must not be met with what is reserved if it opens again.
        for parcel in state["parcels"]:
            step.note(
                f"shipped from {parcel['warehouse']}, and nothing was reserved for it", "parcel_without_reservation"
            )
        step.update(parcels=[])
    if any(part["state"] == "GRANTED" for part in state["parts"]):
        taken_back = bool(step.events) and step.events[-1][0] == "AllocationReleased"
        if state["phase"] != "ALLOCATED" or taken_back:
            shown = units_unclear(state)
            announce(
                step, "reserved, and shown as sent by the platform" if shown else "reserved since before it was held"
            )
    elif state["status"] == "SHIPPED" and not any(part["state"] == "COMMITTED" for part in state["parts"]):
        step.enter("SHIPPED", "shipped before it was allocated")
    elif is_under_way(state):
        step.enter("SHIPPED", "every part was shipped")
    else:
        step.update(cancelled_by_operator=False)
        step.enter("CANCELLED", "nothing left to send")


def settle(step: Step, fresh: Levels) -> None:
    """Once every part of the round has its answer: allocated, or the next round, or a backorder."""
    # A pool that had nothing for the order is no refusal of this round.
    states = {part["state"] for part in step.state["parts"] if part["pool"] is None or part["state"] != "REJECTED"}
    if "ASKED" in states:
        return
    if "REJECTED" in states:
        _next_round(step, fresh)
    elif "GRANTED" in states:
        if step.state["merge"] is None or not is_kept(step):
            _allocated(step)
    else:
        step.enter("SHIPPED", "every part was shipped")


def withdraw(
    step: Step,
    reason: str,
    lost: Sequence[str] = (),
    *,
    staying: Mapping[Key, int] | None = None,
    ends: bool = False,
) -> None:
    """Take back whatever was asked: release every part that holds or may hold units, stop waiting, say so.

    :param lost: reservations that ended by themselves and go into the event with the released ones.
    :param staying: units that stay reserved all the same, because they may have left and must not be sold again; left out: those that
        the platform shows as sent.
    :param ends: it is over, or no longer paid: what it has of pools is given back, too. Else that stays, as far as it is wanted.
    """
    state = step.state
    released: list[str] = []
    if any(part["state"] in HOLDING for part in state["parts"]):
        unclear = dict(units_unclear(state) if staying is None else staying)
        released = _release_holding(step, reason, unclear, ends=ends)
    for sku in queued_for(state):
        step.forget_stock(sku)
    if state["waiting"]:
        step.update(waiting=[])
    if state["phase"] in DECIDING:
        _say_released(step, reason, [*lost, *released])


def shrink(step: Step, reason: str) -> None:
    """Give back what is held of an allocation beyond what is wanted, and announce what stays of it as a new attempt."""
    left = units_left(step.state)
    released: list[str] = []
    parts: list[Part] = []
    for part in step.state["parts"]:
        if part["state"] != "GRANTED":
            parts.append(part)
            continue
        key = part["line_no"], part["sku"]
        stays = min(part["quantity"], left.get(key, 0))
        left[key] = left.get(key, 0) - stays
        parts += _released_but(step, part, stays, reason)
        if stays < part["quantity"]:
            released.append(part["reservation_id"])
    _say_released(step, reason, released)
    step.update(parts=parts)
    if any(part["state"] == "GRANTED" for part in parts):
        announce(step, reason)
    else:
        end(step)


def announce(step: Step, reason: str) -> None:
    """Say what is allocated as an attempt of its own, where nothing had to be asked for."""
    step.update(attempt=step.state["attempt"] + 1, round=1, trace=with_round(None, 1, Plan((), [], [])))
    _say_allocated(step)
    step.update(trace=None)
    step.enter("ALLOCATED", reason, note=True)


def _next_round(step: Step, fresh: Levels) -> None:
    """Release what was granted and plan again on the fresh numbers; after the last round, backorder."""
    state = step.state
    refused = [part for part in state["parts"] if part["state"] == "REJECTED" and part["pool"] is None]
    _release_holding(step, "replanned", units_unclear(state))
    parts = kept(step.state["parts"])
    needs = unheld(step.state, parts)
    if not needs:
        step.update(parts=parts)
        end(step)
        return
    shortfalls = {each["sku"]: each["shortfall"] for each in missing_in(state["trace"])}
    if state["round"] >= ROUNDS_MAX:
        step.update(parts=parts)
        backorder(step, needs, None, _refused_units(refused, shortfalls))
        return
    number = state["round"] + 1
    levels = without_refused(known_levels(step.view, needs, fresh), refused, shortfalls, fresh)
    planned = plan_for(step, needs, levels)
    trace = with_round(state["trace"], number, planned)
    step.update(round=number, parts=parts, decided_by=planned.decided_by, trace=trace)
    if planned.missing:
        backorder(step, needs, levels, planned.missing)
    else:
        ask(step, planned, "replanned")


def _refused_units(refused: Sequence[Part], shortfalls: Mapping[str, int]) -> list[Missing]:
    """The shortfall per SKU refused: as answered where the trace still knows it, else the whole quantity."""
    units: dict[str, int] = {}
    for part in refused:
        sku = part["sku"]
        units[sku] = shortfalls[sku] if sku in shortfalls else units.get(sku, 0) + part["quantity"]
    return [{"sku": sku, "shortfall": shortfall} for sku, shortfall in units.items()]


def _allocated(step: Step) -> None:
    _say_allocated(step)
    merged = merged_as(step.state)
    others = [] if merged is None else [each for each in merged["orders"] if each != step.state["order_id"]]
    if others:
        step.enter("ALLOCATED", f"every part is reserved; it leaves with {', '.join(others)}")
    else:
        step.enter("ALLOCATED", "every part is reserved")


def _say_allocated(step: Step) -> None:
    parts = with_amounts(step.state)
    if parts is not step.state["parts"]:
        step.update(parts=parts)
    held = [part for part in parts if part["state"] == "GRANTED"]
    told = [
        {
            "reservation_id": part["reservation_id"],
            "line_no": part["line_no"],
            "sku": part["sku"],
            "warehouse": part["warehouse"],
            "quantity": part["quantity"],
            "collect_minor": part["collect_minor"],
            "carrier": part["carrier"],
        }
        for part in held
    ]
    collect = None if step.state["collect_minor"] is None else sum(part["collect_minor"] or 0 for part in held)
    step.decide("OrderAllocated", parts=told, collect_minor=collect, merged=merged_as(step.state))


def _say_released(step: Step, reason: str, reservation_ids: list[str]) -> None:
    state = step.state
    step.events.append(
        (
            "AllocationReleased",
            {
                "order_id": state["order_id"],
                "channel": state["channel"],
                "shop": state["shop"],
                "attempt": state["attempt"],
                "reason": reason,
                "reservation_ids": reservation_ids,
                "decided_at_ms": step.at_ms,
            },
        )
    )


def _release_holding(step: Step, reason: str, unclear: dict[Key, int], *, ends: bool = False) -> list[str]:
    """Release every part that holds or may hold units; the ids released.

    What no warehouse has heard of is forgotten with its Release; what was announced is remembered as RELEASED.

    :param unclear: units that stay reserved all the same, of parts that were announced.
    :param ends: also what is of pools; else that stays as far as it is wanted, frozen pieces of a part all or none.
    """
    has_pools = not ends and any(part["pool"] is not None for part in step.state["parts"])
    left = units_left(step.state) if has_pools else {}
    known = {part["reservation_id"] for part in announced(step.state)}
    released: list[str] = []
    parts: list[Part] = []
    for part in step.state["parts"]:
        if part["state"] not in HOLDING:
            parts.append(part)
            continue
        if part["pool"] is not None and not ends:
            stays = min(left.get((part["line_no"], part["sku"]), 0), part["quantity"])
            if stays == part["quantity"] or (stays and part["warehouse"]):
                left[part["line_no"], part["sku"]] -= stays
                parts += _released_but(step, part, stays, reason)
                continue
        if part["reservation_id"] not in known:
            step.resolve(part, "Release", reason=reason)
            released.append(part["reservation_id"])
            continue
        key = part["line_no"], part["sku"]
        stays = min(unclear.get(key, 0), part["quantity"])
        if stays:
            unclear[key] -= stays
        parts += _released_but(step, part, stays, reason)
        if stays < part["quantity"]:
            released.append(part["reservation_id"])
    step.update(parts=parts)
    return released


def _released_but(step: Step, part: Part, stays: int, reason: str) -> list[Part]:
    """Release a part but for the units that stay; what becomes of it."""
    if stays >= part["quantity"]:
        return [part]
    if not stays:
        step.resolve(part, "Release", reason=reason)
        return [{**part, "state": "RELEASED"}]
    rest_id, units = rest_of(part["reservation_id"]), part["quantity"] - stays
    step.resolve(part, "Release", reason=reason, quantity=units, rest_id=rest_id)
    theirs, rest = cut(part, units)
    return [
        {**part, "quantity": units, "state": "RELEASED", "collect_minor": theirs},
        {**part, "reservation_id": rest_id, "quantity": stays, "collect_minor": rest},
    ]
