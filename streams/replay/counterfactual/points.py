"""What a recorded decision was made on: order and trace as recorded, and balances that lead the rule that made it to that very trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, product
from typing import Any, NamedTuple

from schemas.documents.rules.builtin import default
from streams.domain.routing.book import Compiled
from streams.domain.routing.geography import destination
from streams.domain.routing.planning import Need, Plan, plan
from streams.domain.routing.rules.compiling import Rules, compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.facts import Facts, order_facts, warehouse_facts, with_tables
from streams.domain.routing.rules.tracing import planned_by
from streams.domain.routing.trace import CONSIDERED_MAX
from streams.replay.counterfactual.recorded import Recorded
from streams.replay.shadow.books import Books
from streams.replay.shadow.views import Views, load_in

#: Sets of balances that are tried for one decision.
_VIEWS_MAX = 300

#: Why a decision has no facts.
NO_ORDER, NO_PLAN, NO_LINES, NO_BALANCES = "NO_ORDER", "NO_PLAN", "NO_LINES", "NO_BALANCES"
NO_RULES = "NO_RULES"


class Point(NamedTuple):
    """The facts of a decision's first plan, the plan, and the rules that made it, on those facts with the tables that they looked at."""

    facts: Facts
    planned: Plan
    rules: Rules
    looked: Facts


def point(recorded: Recorded, views: Views, books: Books) -> Point | str:
    """The facts, or why the log does not have them."""
    if recorded.order is None:
        return NO_ORDER
    trace = recorded.decision.get("trace")
    first = trace["rounds"][0] if trace is not None and trace["rounds"] else None
    if first is None or not first["considered"]:
        return NO_PLAN
    order = order_facts(recorded.order)
    if not order.lines:
        return NO_LINES
    by = None if first["by_rules"] is None else first["by_rules"]["decided_by"]
    its = books.compiled(by) if by is not None else Compiled(compiled_default(), None)
    if its is None:
        return NO_RULES
    needs = [Need(line.line_no, line.sku, line.quantity) for line in order.lines]
    skus = list(dict.fromkeys(line.sku for line in order.lines))
    receiver = recorded.order["receiver"]
    place, country, load = destination(receiver), receiver["country"], load_in(first["considered"])
    versions = {"order": recorded.order["version"]}
    # An attempt plans when its order comes in, or goes on when something else does.
    moments = (recorded.order_ms, recorded.decision["decided_at_ms"], recorded.at_ms)
    for at_ms, levels, warehouses in _seen(skus, views, list(dict.fromkeys(moments))):

        def facts(now_ms: int, levels: Any = levels, warehouses: Any = warehouses) -> Facts:
            return Facts(order, warehouse_facts(skus, levels, warehouses, load, place, country), now_ms, versions)

        if by is None:
            planned = plan(needs, levels, warehouses, load, place, country)
            if planned.considered[:CONSIDERED_MAX] == first["considered"]:
                found = facts(recorded.decision["decided_at_ms"])
                return Point(found, planned, its.rules, found)
            continue
        found = facts(at_ms)
        looked = found if its.tables is None else with_tables(found, its.tables, {})
        planned = planned_by(by, its.rules, looked, decide(its.rules, looked))
        if (planned.considered[:CONSIDERED_MAX], planned.by_rules) == (first["considered"], first["by_rules"]):
            return Point(found, planned, its.rules, looked)
    return NO_BALANCES


@cache
def compiled_default() -> Rules:
    """The rule that is built in."""
    return compiled(default())


def _seen(
    skus: Sequence[str], views: Views, moments: Sequence[int]
) -> Iterator[tuple[int, Mapping[str, Sequence[Any]], Sequence[Any]]]:
    """Balances and warehouses that planning may have seen, the likely first."""
    for at_ms in moments:
        choices = [views.levels(sku, at_ms) for sku in skus]
        settings = views.warehouses(at_ms)
        for rank in _ranks([len(each) for each in choices]):
            levels = {sku: choices[at][number] for at, (sku, number) in enumerate(zip(skus, rank, strict=True))}
            for warehouses in settings:
                yield at_ms, levels, warehouses


def _ranks(counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Places in each of so many lists of choices: the first ones of all, which is mostly right; then those that are nearest to them."""
    yield (0,) * len(counts)
    yield from sorted(islice(product(*map(range, counts)), 20_000), key=sum)[1:_VIEWS_MAX]
