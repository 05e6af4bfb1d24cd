"""The allocation saga of one order: ask, gather, settle, withdraw. What each event sets in motion is in `allocation`.

No reservation leaks, because three things hold together:
1. A Reserve is sent only by `_ask`, which puts its part into the state as ASKED in the same decision.
2. A part leaves ASKED or GRANTED only with a Commit or a Release sent in that decision, or because the inventory said that it holds nothing
   (rejected, expired, resolved by another hand). `withdraw` releases ASKED parts too, without waiting for their answer.
3. Both commands go to the same key of the same log by the same writer: the Release is read after its Reserve.
So a late Reserved for a part that is no longer current tells of units that are already being given back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.records import Missing, OrderState, OrderStatusChanged, Part, Phase, StockLevel, Warehouse

from .order_state import DECIDING, HOLDING, closed_lines, outstanding
from .planning import Need, Plan, PlannedPart, plan
from .stock import Named, sellable_total
from .trace import missing_in, with_round

ROUNDS_MAX = 3

Levels = Mapping[str, Sequence[StockLevel]]


class View(NamedTuple):
    """What allocation sees of the world. Only a view: it may be late, the inventory decides.

    `levels(sku)`: the known levels of a SKU, empty when none. `load`: open units per warehouse.
    `reservation_ttl_ms`: how long a reservation waits for its shipment; None, the default, is until shipped or cancelled.
    """

    levels: Callable[[str], Sequence[StockLevel]]
    warehouses: Sequence[Warehouse]
    load: Mapping[str, int]
    reservation_ttl_ms: int | None = None


class AllocationDecision(NamedTuple):
    """What one event does. `state` is the very object handed in when nothing changed."""

    state: OrderState | None
    commands: tuple[Named, ...]
    events: tuple[Named, ...]
    statuses: tuple[OrderStatusChanged, ...]


class Step:
    """One decision while it is being made: the order's next state and what will be sent. Lives for one call of `decide`."""

    __slots__ = ("at_ms", "commands", "events", "state", "statuses", "view")

    def __init__(self, state: OrderState, view: View, at_ms: int) -> None:
        self.state = state
        self.view = view
        self.at_ms = at_ms
        self.commands: list[Named] = []
        self.events: list[Named] = []
        self.statuses: list[OrderStatusChanged] = []

    def update(self, **changes: Any) -> None:
        """Replace fields of the state."""
        self.state = {**self.state, **changes}  # type: ignore[typeddict-item]

    def enter(self, phase: Phase, reason: str, *, note: bool = False) -> None:
        """Go to a phase and say so; staying in it is said only for a `note`."""
        state = self.state
        if state["phase"] != phase:
            self.state = state = {**state, "phase": phase}
        elif not note:
            return
        self.statuses.append(
            {
                "order_id": state["order_id"],
                "channel": state["channel"],
                "shop": state["shop"],
                "status": phase,
                "reason": reason,
                "order_version": state["order_version"],
                "at_ms": self.at_ms,
            }
        )

    def note(self, reason: str) -> None:
        """Say something about an order that stays in its phase."""
        self.enter(self.state["phase"], reason, note=True)

    def resolve(self, part: Part, verb: str, **more: str) -> None:
        """Send a Release or a Commit for a part."""
        self.commands.append(
            (
                verb,
                {
                    "command_id": f"{part['reservation_id']}/{verb.lower()}",
                    "reservation_id": part["reservation_id"],
                    "order_id": self.state["order_id"],
                    "sku": part["sku"],
                    "warehouse": part["warehouse"],
                    "requested_at_ms": self.at_ms,
                    **more,
                },
            )
        )

    def await_stock(self, sku: str, quantity: int) -> None:
        """Ask to be told when this many units can be sold."""
        self.commands.append(("AwaitStock", {**self._about(sku, "await"), "quantity": quantity}))

    def forget_stock(self, sku: str) -> None:
        """Wait no longer, and let the next in the queue have what was announced."""
        self.commands.append(("ForgetStock", self._about(sku, "forget")))

    def _about(self, sku: str, verb: str) -> dict[str, object]:
        order_id = self.state["order_id"]
        return {
            "command_id": f"{order_id}/{self.state['attempt']}/{verb}/{sku}",
            "order_id": order_id,
            "sku": sku,
            "requested_at_ms": self.at_ms,
        }


def begin(step: Step, reason: str, fresh: Levels | None = None) -> None:
    """Start a new attempt for everything outstanding. `fresh` levels are newer than the view's."""
    state = step.state
    needs = outstanding(state["lines"], state["parts"])
    if not needs:
        close_empty(step)
        return
    levels = known_levels(step.view, needs, fresh)
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
        _ask(step, planned.parts)
        step.enter("RESERVING", reason)


def settle(step: Step, fresh: Levels) -> None:
    """Once every part of the round has its answer: allocated, or the next round, or a backorder."""
    states = {part["state"] for part in step.state["parts"]}
    if "ASKED" in states:
        return
    if "REJECTED" in states:
        _next_round(step, fresh)
    else:
        _allocated(step)


def withdraw(step: Step, reason: str) -> None:
    """Take back whatever was asked: release every part that holds or may hold units, stop waiting, say so."""
    state = step.state
    released = _release_holding(step, reason)
    for sku in state["waiting"]:
        step.forget_stock(sku)
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
                    "reservation_ids": released,
                    "decided_at_ms": step.at_ms,
                },
            )
        )
    if state["waiting"]:
        step.update(waiting=[])


def close_empty(step: Step) -> None:
    """End an order of which nothing is left to send: all of it was shipped, or all of it refunded."""
    shipped = any(part["state"] == "COMMITTED" for part in step.state["parts"])
    close(step, "SHIPPED" if shipped else "CANCELLED", "nothing left to send")


def close(step: Step, phase: Phase, reason: str) -> None:
    """Enter a phase from which nothing more is shipped."""
    step.update(lines=closed_lines(step.state))
    step.enter(phase, reason)


def commit_shipped(step: Step) -> None:
    """Commit the granted parts of every warehouse that has shipped; the order is shipped with its last part."""
    shipped = step.state["shipped_warehouses"]
    parts: list[Part] = []
    for part in step.state["parts"]:
        if part["state"] == "GRANTED" and part["warehouse"] in shipped:
            step.resolve(part, "Commit")
            parts.append({**part, "state": "COMMITTED"})
        else:
            parts.append(part)
    # A shipment that has met its parts is used up: it must not commit those of a later attempt.
    met = {part["warehouse"] for part in parts if part["state"] == "COMMITTED"}
    step.update(parts=parts, shipped_warehouses=[each for each in shipped if each not in met])
    if all(part["state"] == "COMMITTED" for part in parts):
        close(step, "SHIPPED", "every part was shipped")


def known_levels(view: View, needs: Sequence[Need], fresh: Levels | None) -> dict[str, Sequence[StockLevel]]:
    """The levels of each SKU needed, the fresh ones before the view's."""
    levels: dict[str, Sequence[StockLevel]] = {}
    for need in needs:
        sku = need.sku
        if sku not in levels:
            levels[sku] = fresh[sku] if fresh is not None and sku in fresh else view.levels(sku)
    return levels


def plan_for(step: Step, needs: Sequence[Need], levels: Levels) -> Plan:
    """Plan on these levels; warehouses that have already shipped the order come before all others."""
    state, view = step.state, step.view
    shipped = state["shipped_warehouses"]
    if shipped:
        sent_by = [warehouse for warehouse in view.warehouses if warehouse["warehouse"] in shipped]
        planned = plan(needs, levels, sent_by, view.load, state["province"])
        if not planned.missing:
            return planned
    return plan(needs, levels, view.warehouses, view.load, state["province"])


def backorder(step: Step, needs: Sequence[Need], levels: Levels | None, missing: Sequence[Missing]) -> None:
    """Decide that the order waits: for stock where there is too little, else for a warehouse that can send it.

    :param levels: what the plan was made on; None after the last round, when only the inventory knows better.
    """
    state = step.state
    wanted: dict[str, int] = {}
    for need in needs:
        wanted[need.sku] = wanted.get(need.sku, 0) + need.quantity
    short = [each["sku"] for each in missing if levels is None or sellable_total(levels[each["sku"]]) < wanted[each["sku"]]]
    waiting = list(state["waiting"])
    for sku in short:
        if sku not in waiting:
            step.await_stock(sku, wanted[sku])
            waiting.append(sku)
    reason = "rounds_used_up" if levels is None else "out_of_stock" if short else "no_warehouse_can_send"
    step.update(waiting=waiting)
    step.events.append(
        ("OrderBackordered", {**_decision(step), "missing": list(missing), "reason": reason})
    )
    step.enter("BACKORDERED", reason)


def _ask(step: Step, planned: Sequence[PlannedPart]) -> None:
    state, view, at_ms = step.state, step.view, step.at_ms
    order_id = state["order_id"]
    prefix = f"{order_id}/{state['attempt']}.{state['round']}/"
    expires_at_ms = None if view.reservation_ttl_ms is None else at_ms + view.reservation_ttl_ms
    parts = list(state["parts"])
    for line_no, sku, warehouse, quantity in planned:
        reservation_id = f"{prefix}{line_no}/{warehouse}"
        parts.append(
            {
                "reservation_id": reservation_id,
                "line_no": line_no,
                "sku": sku,
                "warehouse": warehouse,
                "quantity": quantity,
                "state": "ASKED",
            }
        )
        step.commands.append(
            (
                "Reserve",
                {
                    "command_id": f"{reservation_id}/reserve",
                    "reservation_id": reservation_id,
                    "order_id": order_id,
                    "sku": sku,
                    "warehouse": warehouse,
                    "quantity": quantity,
                    "expires_at_ms": expires_at_ms,
                    "requested_at_ms": at_ms,
                },
            )
        )
    for sku in state["waiting"]:
        step.forget_stock(sku)
    step.update(parts=parts, waiting=[])


def _next_round(step: Step, fresh: Levels) -> None:
    """Release what was granted and plan again on the fresh numbers; after the last round, backorder."""
    state = step.state
    refused = [part for part in state["parts"] if part["state"] == "REJECTED"]
    _release_holding(step, "replanned")
    parts = [part for part in state["parts"] if part["state"] == "COMMITTED"]
    needs = outstanding(state["lines"], parts)
    if state["round"] >= ROUNDS_MAX:
        step.update(parts=parts)
        backorder(step, needs, None, _refused_units(refused, missing_in(state["trace"])))
        return
    number = state["round"] + 1
    levels = _without_refused(known_levels(step.view, needs, fresh), refused, fresh)
    planned = plan_for(step, needs, levels)
    step.update(
        round=number, parts=parts, trace=with_round(state["trace"], number, planned.considered, planned.missing)
    )
    if planned.missing:
        backorder(step, needs, levels, planned.missing)
    else:
        _ask(step, planned.parts)


def _without_refused(
    levels: dict[str, Sequence[StockLevel]], refused: Sequence[Part], fresh: Levels
) -> dict[str, Sequence[StockLevel]]:
    """The levels, bounded by what the refusals prove: a warehouse that refused n units has fewer than n to sell.

    Keeps a view that is late from making the same plan again. Fresh levels need no bound.
    """
    for part in refused:
        sku = part["sku"]
        if sku in fresh or sku not in levels:
            continue
        bounded: list[StockLevel] = []
        for level in levels[sku]:
            if level["warehouse"] == part["warehouse"]:
                most = level["reserved"] + level["safety_stock"] + part["quantity"] - 1
                level = {**level, "on_hand": min(level["on_hand"], most)}
            bounded.append(level)
        levels[sku] = bounded
    return levels


def _refused_units(refused: Sequence[Part], traced: Sequence[Missing]) -> list[Missing]:
    """The shortfall per SKU refused: as answered where the trace still knows it, else the whole quantity."""
    shortfalls = {each["sku"]: each["shortfall"] for each in traced}
    units: dict[str, int] = {}
    for part in refused:
        sku = part["sku"]
        units[sku] = shortfalls[sku] if sku in shortfalls else units.get(sku, 0) + part["quantity"]
    return [{"sku": sku, "shortfall": shortfall} for sku, shortfall in units.items()]


def _allocated(step: Step) -> None:
    state = step.state
    step.events.append(
        (
            "OrderAllocated",
            {
                **_decision(step),
                "parts": [
                    {
                        "reservation_id": part["reservation_id"],
                        "line_no": part["line_no"],
                        "sku": part["sku"],
                        "warehouse": part["warehouse"],
                        "quantity": part["quantity"],
                    }
                    for part in state["parts"]
                    if part["state"] == "GRANTED"
                ],
            },
        )
    )
    step.enter("ALLOCATED", "every part is reserved")
    if state["shipped_warehouses"]:
        commit_shipped(step)


def _decision(step: Step) -> dict[str, object]:
    """The fields every decision carries."""
    state = step.state
    return {
        "order_id": state["order_id"],
        "channel": state["channel"],
        "shop": state["shop"],
        "order_version": state["order_version"],
        "attempt": state["attempt"],
        "rounds": state["round"],
        "trace": state["trace"],
        "received_at_ms": state["received_at_ms"],
        "decided_at_ms": step.at_ms,
    }


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
