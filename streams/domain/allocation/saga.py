"""The allocation saga of one order: begin, settle a round, withdraw, close. What sets it in motion is in `decide`.

No reservation leaks, because three things hold together:
1. A Reserve is sent only by `ask`, which puts its part into the state as ASKED in the same decision.
2. A part leaves ASKED or GRANTED only with a Commit or a Release sent in that decision, or because the inventory said
   that it holds nothing (rejected, expired, resolved by another hand). `withdraw` releases ASKED parts too, at once.
3. Both commands go to the same key of the same log by the same writer: the Release is read after its Reserve.
So a late Reserved for a part that is no longer current tells of units that are already being given back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.records import Missing, Part, Phase
from streams.domain.routing.trace import missing_in, with_round

from .asking import ask, backorder, known_levels, plan_for, queued_for, without_refused
from .order_state import DECIDING, HOLDING, closed_lines, outstanding, restocks
from .step import Levels, Step

# A rejection means that others took the units between plan and reservation. Who loses three races in a row waits.
ROUNDS_MAX = 3


def begin(step: Step, reason: str) -> None:
    """Start a new attempt for everything outstanding."""
    state = step.state
    needs = outstanding(state["lines"], state["parts"])
    if not needs:
        shipped = any(part["state"] == "COMMITTED" for part in state["parts"])
        close(step, "SHIPPED" if shipped else "CANCELLED", "nothing left to send")
        return
    levels = known_levels(step.view, needs, None)
    planned = plan_for(step, needs, levels)
    step.update(
        attempt=state["attempt"] + 1,
        round=1,
        parts=[part for part in state["parts"] if part["state"] == "COMMITTED"],
        trace=with_round(None, 1, planned.considered, planned.missing),
    )
    if planned.missing:
        backorder(step, needs, levels, planned.missing)
    else:
        ask(step, planned.parts, reason)


def settle(step: Step, fresh: Levels) -> None:
    """Once every part of the round has its answer: allocated, or the next round, or a backorder."""
    states = {part["state"] for part in step.state["parts"]}
    if "ASKED" in states:
        return
    if "REJECTED" in states:
        _next_round(step, fresh)
    elif "GRANTED" in states:
        _allocated(step)
    else:
        close(step, "SHIPPED", "every part was shipped")


def withdraw(step: Step, reason: str, lost: Sequence[str] = ()) -> None:
    """Take back whatever was asked: release every part that holds or may hold units, stop waiting, say so.

    :param lost: reservations that ended by themselves and go into the event with the released ones.
    """
    state = step.state
    released = _release_holding(step, reason)
    for sku in queued_for(state):
        step.forget_stock(sku)
    if state["waiting"]:
        step.update(waiting=[])
    if state["phase"] in DECIDING:
        step.events.append(
            (
                "AllocationReleased",
                {
                    "order_id": state["order_id"],
                    "channel": state["channel"],
                    "shop": state["shop"],
                    "attempt": state["attempt"],
                    "reason": reason,
                    "reservation_ids": [*lost, *released],
                    "decided_at_ms": step.at_ms,
                },
            )
        )


def close(step: Step, phase: Phase, reason: str) -> None:
    """Enter a phase from which nothing more is shipped; what came back already goes to the shelf."""
    step.update(lines=closed_lines(step.state))
    step.enter(phase, reason)
    restock_returned(step)


def restock_returned(step: Step) -> None:
    """Put returned units back at the warehouse that had shipped them, each unit once."""
    commands, lines = restocks(step.state, step.at_ms)
    if commands:
        step.commands.extend(("Restock", command) for command in commands)
        step.update(lines=lines)


def commit_shipped(step: Step) -> None:
    """Commit the granted parts of every warehouse that has shipped; the order is shipped with its last part."""
    shipped = step.state["shipped_warehouses"]
    parts: list[Part] = []
    for part in step.state["parts"]:
        if part["state"] == "GRANTED" and part["warehouse"] in shipped:
            step.resolve(part, "Commit")
            part = {**part, "state": "COMMITTED"}
        parts.append(part)
    # A shipment that has met its parts is used up: it must not commit those of a later attempt.
    met = {part["warehouse"] for part in parts if part["state"] == "COMMITTED"}
    step.update(parts=parts, shipped_warehouses=[each for each in shipped if each not in met])
    if all(part["state"] == "COMMITTED" for part in parts):
        close(step, "SHIPPED", "every part was shipped")


def _next_round(step: Step, fresh: Levels) -> None:
    """Release what was granted and plan again on the fresh numbers; after the last round, backorder."""
    state = step.state
    refused = [part for part in state["parts"] if part["state"] == "REJECTED"]
    _release_holding(step, "replanned")
    parts = [part for part in state["parts"] if part["state"] == "COMMITTED"]
    needs = outstanding(state["lines"], parts)
    shortfalls = {each["sku"]: each["shortfall"] for each in missing_in(state["trace"])}
    if state["round"] >= ROUNDS_MAX:
        step.update(parts=parts)
        backorder(step, needs, None, _refused_units(refused, shortfalls))
        return
    number = state["round"] + 1
    levels = without_refused(known_levels(step.view, needs, fresh), refused, shortfalls, fresh)
    planned = plan_for(step, needs, levels)
    trace = with_round(state["trace"], number, planned.considered, planned.missing)
    step.update(round=number, parts=parts, trace=trace)
    if planned.missing:
        backorder(step, needs, levels, planned.missing)
    else:
        ask(step, planned.parts, "replanned")


def _refused_units(refused: Sequence[Part], shortfalls: Mapping[str, int]) -> list[Missing]:
    """The shortfall per SKU refused: as answered where the trace still knows it, else the whole quantity."""
    units: dict[str, int] = {}
    for part in refused:
        sku = part["sku"]
        units[sku] = shortfalls[sku] if sku in shortfalls else units.get(sku, 0) + part["quantity"]
    return [{"sku": sku, "shortfall": shortfall} for sku, shortfall in units.items()]


def _allocated(step: Step) -> None:
    parts = [
        {
            "reservation_id": part["reservation_id"],
            "line_no": part["line_no"],
            "sku": part["sku"],
            "warehouse": part["warehouse"],
            "quantity": part["quantity"],
        }
        for part in step.state["parts"]
        if part["state"] == "GRANTED"
    ]
    step.decide("OrderAllocated", parts=parts)
    # Told with the decision; nothing after it needs the trace, which is the longest part of the state.
    step.update(trace=None)
    step.enter("ALLOCATED", "every part is reserved")
    if step.state["shipped_warehouses"]:
        commit_shipped(step)


def _release_holding(step: Step, reason: str) -> list[str]:
    """Release every part that holds or may hold units; the ids released."""
    released: list[str] = []
    parts: list[Part] = []
    for part in step.state["parts"]:
        if part["state"] in HOLDING:
            step.resolve(part, "Release", reason=reason)
            released.append(part["reservation_id"])
            part = {**part, "state": "RELEASED"}
        parts.append(part)
    if released:
        step.update(parts=parts)
    return released
