"""Who would send an order first, had every warehouse the goods: what another sends is sent from there for want of stock."""

from __future__ import annotations

from .compiling import Rules
from .deciding import decide
from .facts import Facts
from .trace import DISABLED, FULL, NOT_SET_UP, Decision

#: Refusals that more goods change nothing about.
_ANYWAY = frozenset((NOT_SET_UP, DISABLED, FULL))


def first_choice(rules: Rules, facts: Facts, decision: Decision) -> str | None:
    """The warehouse; None: nothing is sent.

    :param decision: of these rules on these facts.
    """
    if not decision.parts:
        return None
    lines = facts.order.lines
    pieces = sum([line.quantity for line in lines])
    first = decision.attempts[0]
    # Mostly so where each has of everything.
    if first.result == "all" and all(each.covers == pieces or each.refused in _ANYWAY for each in first.looked):
        return first.chosen[0]

    # What is there stays as it is: rules may rank by it.
    back = max([choice.keep_back for choice in rules.choices])
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, back) + line.quantity
    filled = [
        each._replace(sells={sku: max(units, each.sells.get(sku, 0)) for sku, units in wanted.items()})
        for each in facts.warehouses
    ]
    attempt = decide(rules, facts._replace(warehouses=tuple(filled))).attempts[-1]
    return attempt.chosen[0] if attempt.chosen else None
