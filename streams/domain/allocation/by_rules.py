"""Planning by a rule document: what it is to know of the order and its surroundings, and its decision as a plan with its reasons."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.records import Order, OrderState, RoutingFacts
from streams.domain.receiver import FORGOTTEN
from streams.domain.releases.sharing import merge_key
from streams.domain.routing.book import Book, plan_by, turn
from streams.domain.routing.planning import Need, Plan
from streams.domain.routing.rules.facts import (
    Facts,
    LineFacts,
    OrderFacts,
    names_of_place,
    warehouse_facts,
)

from .on_trial import plan_on_trial
from .order_state import key_of
from .step import Levels, Step


def routing_facts(order: Order, mark: str) -> RoutingFacts:
    """What is kept of a version of the order for rules. ``mark``: the receiver's; of who is forgotten no district is kept, and no town."""
    receiver = order["receiver"]
    province, city, district = names_of_place(receiver["province"], receiver["city"], receiver["district"])
    forgotten = mark == FORGOTTEN
    return {
        "currency": order["currency"],
        "total_minor": order["total_minor"],
        "placed_at_ms": order["placed_at_ms"],
        "paid_at_ms": order["paid_at_ms"],
        "province": province,
        "city": city,
        "district": "" if forgotten else district,
        "town": "" if forgotten else receiver["town"],
    }


def plan_by_rules(step: Step, book: Book, needs: Sequence[Need], levels: Levels) -> Plan | None:
    """The plan of the document whose turn the order is; None: none is, or nothing was released when its version came in."""
    state = step.state
    routing = state["routing"]
    if routing is None:
        return None
    key = merge_group(state)
    if book.tries:
        return plan_on_trial(step, book, key, _facts(step, routing, needs, levels), needs, levels)
    its = turn(book, key, state["decided_by"])
    return None if its is None else plan_by(its, _facts(step, routing, needs, levels)).plan


def _facts(step: Step, routing: RoutingFacts, needs: Sequence[Need], levels: Levels) -> Facts:
    state, view = step.state, step.view
    skus = list(dict.fromkeys([need.sku for need in needs]))
    stand = warehouse_facts(skus, levels, view.warehouses, view.load, state["province"], state["country"])
    return Facts(facts_of(state, routing, needs), stand, step.at_ms)


def facts_of(state: OrderState, routing: RoutingFacts, needs: Sequence[Need]) -> OrderFacts:
    """What is to be sent of the order, and all else that rules may ask of it."""
    known = {key_of(line): line for line in state["lines"]}
    lines = []
    for line_no, sku, units in needs:
        line = known[line_no, sku]
        lines.append(LineFacts(line_no, sku, units, line["unit_price_minor"], line["bundle_line_no"]))
    return OrderFacts(
        lines=tuple(lines),
        channel=state["channel"],
        shop=state["shop"],
        currency=routing["currency"],
        country=state["country"],
        province=routing["province"],
        city=routing["city"],
        district=routing["district"],
        town=routing["town"],
        total_minor=routing["total_minor"],
        collect_minor=state["collect_minor"],
        placed_at_ms=routing["placed_at_ms"],
        paid_at_ms=routing["paid_at_ms"],
        ship_by_ms=state["ship_by_ms"],
    )


def merge_group(state: OrderState) -> bytes:
    """The key of all orders that may leave as one parcel: one shop's for one receiver, as far as the platform shows who that is.

    Where it shows nothing but the region, or the person is forgotten, the order stands for itself.
    """
    mark = state["receiver_mark"]
    if any(part != "-" for part in mark.split(" ")[1:]):
        return merge_key(state["shop"], mark, "")
    return merge_key(state["shop"], "", state["order_id"])
