"""What a recorded decision was made on: order and trace as recorded, and balances that lead the built-in planner to that very trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from streams.domain.routing.geography import destination
from streams.domain.routing.planning import Need, Plan, plan
from streams.domain.routing.rules.facts import Facts, order_facts, warehouse_facts
from streams.domain.routing.trace import CONSIDERED_MAX
from streams.replay.counterfactual.recorded import Recorded
from streams.replay.shadow.views import Views, load_in

#: Sets of balances that are tried for one decision.
_VIEWS_MAX = 300

#: Why a decision has no facts.
NO_ORDER, NO_PLAN, NO_LINES, NO_BALANCES = "NO_ORDER", "NO_PLAN", "NO_LINES", "NO_BALANCES"


class Point(NamedTuple):
    """The facts of a decision's first plan, and the plan."""

    facts: Facts
    planned: Plan


def point(recorded: Recorded, views: Views) -> Point | str:
    """The facts, or why the log does not have them."""
    if recorded.order is None:
        return NO_ORDER
    trace = recorded.decision.get("trace")
    first = trace["rounds"][0]["considered"] if trace is not None and trace["rounds"] else ()
    if not first:
        return NO_PLAN
    order = order_facts(recorded.order)
    if not order.lines:
        return NO_LINES
    needs = [Need(line.line_no, line.sku, line.quantity) for line in order.lines]
    skus = list(dict.fromkeys(line.sku for line in order.lines))
    receiver = recorded.order["receiver"]
    place, country, load = destination(receiver), receiver["country"], load_in(first)
    # An attempt plans when its order comes in, or goes on when something else does.
    moments = (recorded.order_ms, recorded.decision["decided_at_ms"], recorded.at_ms)
    for levels, warehouses in _seen(skus, views, list(dict.fromkeys(moments))):
        planned = plan(needs, levels, warehouses, load, place, country)
        if planned.considered[:CONSIDERED_MAX] == first:
            stand = warehouse_facts(skus, levels, warehouses, load, place, country)
            versions = {"order": recorded.order["version"]}
            return Point(Facts(order, stand, recorded.decision["decided_at_ms"], versions), planned)
    return NO_BALANCES


def _seen(
    skus: Sequence[str], views: Views, moments: Sequence[int]
) -> Iterator[tuple[Mapping[str, Sequence[Any]], Sequence[Any]]]:
    """Balances and warehouses that planning may have seen, the likely first."""
    for at_ms in moments:
        choices = [views.levels(sku, at_ms) for sku in skus]
        settings = views.warehouses(at_ms)
        for rank in _ranks([len(each) for each in choices]):
            levels = {sku: choices[at][number] for at, (sku, number) in enumerate(zip(skus, rank, strict=True))}
            for warehouses in settings:
                yield levels, warehouses


def _ranks(counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Places in each of so many lists of choices: the first ones of all, which is mostly right; then those that are nearest to them."""
    yield (0,) * len(counts)
    yield from sorted(islice(product(*map(range, counts)), 20_000), key=sum)[1:_VIEWS_MAX]
