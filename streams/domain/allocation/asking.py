"""Asking for an order's units: plan on what is known, send a Reserve per part, or decide that the order waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.records import Missing, OrderMerge, OrderState, Part, StockLevel
from streams.domain.inventory.stock import sellable_total
from streams.domain.routing.planning import Need, Plan, plan
from streams.domain.routing.trace import missing_in, with_round

from .by_rules import plan_by_rules
from .companions import active, leave
from .presale import waits_for_goods
from .step import Levels, Step, View


def known_levels(view: View, needs: Sequence[Need], fresh: Levels | None) -> dict[str, Sequence[StockLevel]]:
    """The levels of each SKU needed, the fresh ones before the view's."""
    levels: dict[str, Sequence[StockLevel]] = {}
    for need in needs:
        sku = need.sku
        if sku not in levels:
            levels[sku] = fresh[sku] if fresh is not None and sku in fresh else view.levels(sku)
    return levels


def without_refused(
    levels: Levels, refused: Sequence[Part], shortfalls: Mapping[str, int], fresh: Levels
) -> dict[str, Sequence[StockLevel]]:
    """The levels, bounded by what refusals prove, so that a view that is late does not make the same plan again.

    The only part of its SKU that was refused lacked exactly the SKU's shortfall; one of several lacked at least a unit.
    Fresh levels need no bound.
    """
    bounded = dict(levels)
    skus = [part["sku"] for part in refused]
    for part in refused:
        sku = part["sku"]
        if sku not in fresh and sku in bounded:
            lacked = shortfalls.get(sku, 1) if skus.count(sku) == 1 else 1
            bounded[sku] = [_bounded(level, part["warehouse"], part["quantity"] - lacked) for level in bounded[sku]]
    return bounded


def _bounded(level: StockLevel, warehouse: str, sellable_most: int) -> StockLevel:
    if level["warehouse"] != warehouse:
        return level
    most = level["reserved"] + level["safety_stock"] + sellable_most
    return {**level, "on_hand": min(level["on_hand"], most)}


def plan_for(step: Step, needs: Sequence[Need], levels: Levels) -> Plan:
    """Plan on these levels, by the rule document whose turn the order is, else by the built-in rule.

    Warehouses that are known to have shipped the order already come before all others, whatever the rules say.
    """
    state, view = step.state, step.view
    if state["parcels"]:
        shipped = {parcel["warehouse"] for parcel in state["parcels"]}
        senders = [warehouse for warehouse in view.warehouses if warehouse["warehouse"] in shipped]
        planned = plan(needs, levels, senders, view.load, state["province"], state["country"])
        if not planned.missing:
            return planned._replace(decided_by=state["decided_by"])
    its = active(state)
    if its is not None and its["warehouse"]:
        if (with_them := _plan_at(step, its, needs, levels)) is not None:
            return with_them
        leave(step, f"its goods are not all at {its['warehouse']}")
    return _planned(step, view, needs, levels)


def _plan_at(step: Step, its: OrderMerge, needs: Sequence[Need], levels: Levels) -> Plan | None:
    """The plan of rules that see its companions' warehouse alone; None: they do not send it all from there."""
    view, warehouse = step.view, its["warehouse"]
    step.view = view._replace(warehouses=[each for each in view.warehouses if each["warehouse"] == warehouse])
    try:
        planned = _planned(step, step.view, needs, levels)
    finally:
        step.view = view
    # One parcel has one carrier.
    return None if planned.missing else planned._replace(carriers={warehouse: its["carrier"]} if its["carrier"] else {})


def _planned(step: Step, view: View, needs: Sequence[Need], levels: Levels) -> Plan:
    state = step.state
    if view.book is not None and (by_rules := plan_by_rules(step, view.book, needs, levels)) is not None:
        return by_rules
    return plan(needs, levels, view.warehouses, view.load, state["province"], state["country"])


def begin_attempt(step: Step, planned: Plan, **changes: Any) -> None:
    """Go by a plan as the first of a new attempt, and say what was compared with it."""
    trace = with_round(None, 1, planned)
    step.update(attempt=step.state["attempt"] + 1, round=1, decided_by=planned.decided_by, trace=trace, **changes)
    for beside in planned.beside:
        step.compare(beside)


def ask(step: Step, planned: Plan, reason: str) -> None:
    """Send one Reserve per part."""
    state, view, at_ms = step.state, step.view, step.at_ms
    order_id = state["order_id"]
    prefix = f"{order_id}/{state['attempt']}.{state['round']}/"
    expires_at_ms = None if view.reservation_ttl_ms is None else at_ms + view.reservation_ttl_ms
    parts = list(state["parts"])
    for line_no, sku, warehouse, quantity in planned.parts:
        reservation_id = f"{prefix}{line_no}/{warehouse}"
        parts.append(
            {
                "reservation_id": reservation_id,
                "line_no": line_no,
                "sku": sku,
                "warehouse": warehouse,
                "quantity": quantity,
                "state": "ASKED",
                "collect_minor": None,
                "carrier": planned.carriers.get(warehouse),
                "pool": None,
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
    step.update(parts=parts)
    step.enter("RESERVING", reason)


def units_per_sku(needs: Sequence[Need]) -> dict[str, int]:
    """Units needed of each SKU, over all lines."""
    units: dict[str, int] = {}
    for need in needs:
        units[need.sku] = units.get(need.sku, 0) + need.quantity
    return units


def queued_for(state: OrderState) -> list[str]:
    """The SKUs in whose queues a backorder may stand: those it waits for, and those a retry has asked for."""
    if state["phase"] != "BACKORDERED":
        return []
    retried = [each["sku"] for each in missing_in(state["trace"]) if each["sku"] not in state["waiting"]]
    return [*state["waiting"], *retried]


def await_missing(step: Step, needs: Sequence[Need], levels: Levels | None, missing: Sequence[Missing]) -> list[str]:
    """Wait for each SKU of which there is too little anywhere; returns those SKUs.

    A SKU that is there, at warehouses that can't send it (disabled, full), is not waited for: in the queue it would
    block those who lack stock. Such an order is tried again by time (`allocation.retry`).

    :param levels: what the plan was made on; None when only the inventory knows better.
    """
    wanted = units_per_sku(needs)
    waiting = step.state["waiting"]
    short: list[str] = []
    for each in missing:
        sku = each["sku"]
        if levels is None or sellable_total(levels[sku]) < wanted[sku]:
            short.append(sku)
            if sku not in waiting:
                step.await_stock(sku, wanted[sku])
                waiting = [*waiting, sku]
    if waiting is not step.state["waiting"]:
        step.update(waiting=waiting)
    return short


def backorder(step: Step, needs: Sequence[Need], levels: Levels | None, missing: Sequence[Missing]) -> None:
    """Decide that the order waits, for stock or for a warehouse. Parameters as in `await_missing`."""
    short = await_missing(step, needs, levels, missing)
    reason = "rounds_used_up" if levels is None else "out_of_stock" if short else "no_warehouse_can_send"
    step.decide("OrderBackordered", missing=list(missing), reason=reason)
    # Until now it waited for the goods of a sale.
    step.enter("BACKORDERED", reason, note=waits_for_goods(step.before))
