"""Who would send first, had every warehouse the goods: beside the slow reading of the document, and beside the built-in rule."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents.rules.builtin import default, read
from streams.domain.routing.planning import plan
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, WarehouseFacts, warehouse_facts
from streams.domain.routing.rules.first_choice import first_choice

from . import made
from .reference import decided
from .test_default import surroundings
from .test_reference import rules_of

MOST_STOCK = {"mode": "lexicographic", "criteria": [{"by": "stock"}]}
NEAREST = {"mode": "lexicographic", "criteria": [{"by": "distance"}]}


def first(document: dict[str, Any], *has: dict[str, Any], quantity: int = 2) -> str | None:
    """Of an order of 2 x A, with warehouses W0, W1, ... the nearest first."""
    rules = compiled(read(json.dumps({"version": 1, "name": "x", **document})))
    stand = tuple(WarehouseFacts(f"W{at}", **{"metres": 1_000 * at, **each}) for at, each in enumerate(has))
    facts = Facts(OrderFacts((LineFacts("1", "A", quantity),), province="浙江省"), stand)
    return first_choice(rules, facts, decide(rules, facts))


A, NONE = {"sells": {"A": 9}}, {"sells": {}}


@pytest.mark.parametrize(
    ("expected", "has"),
    [
        ("W0", (A, A)),
        ("W0", (NONE, A)),
        ("W0", ({"sells": {"A": 1}}, {"sells": {"A": 1}})),
        (None, (NONE, NONE)),
        # What is no want of stock is no first choice.
        ("W1", ({**A, "enabled": False}, A)),
        ("W1", ({**A, "set_up": False}, A)),
        ("W1", ({**A, "max_open_units": 3, "open_units": 3}, A)),
        ("W1", ({**A, "max_open_units": 3, "open_units": 2}, A)),
        (None, ({**A, "enabled": False},)),
        (None, ()),
    ],
)
def test_who_has_nothing_may_be_the_first_choice_and_who_may_not_send_is_not(
    expected: str | None, has: tuple[dict[str, Any], ...]
) -> None:
    assert first({"default": {"rank": NEAREST}}, *has) == expected


def test_the_strategy_that_would_have_decided_says_who() -> None:
    """The region's own has nothing, so the next strategy decides: the pieces go from elsewhere for want of stock."""
    own = {
        "name": "own",
        "when": [{"field": "province", "in": ["浙江"]}],
        "filters": [{"filter": "warehouses", "in": ["W1"]}],
        "rank": NEAREST,
    }
    assert first({"strategies": [own], "default": {"rank": NEAREST}}, A, NONE) == "W1"


def test_a_rank_by_stock_goes_by_what_is_there() -> None:
    assert first({"default": {"rank": MOST_STOCK}}, {"sells": {"A": 3}}, {"sells": {"A": 9}}, NONE) == "W1"


def test_what_a_strategy_keeps_back_is_no_stock_of_the_order() -> None:
    assert first({"default": {"rank": NEAREST, "filters": [{"filter": "keep_back", "pieces": 5}]}}, NONE, A) == "W0"


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_it_is_who_the_slow_reading_has_first_when_all_have_all(random: Random) -> None:
    document, facts = made.document(random), made.facts(random)
    rules = rules_of(document)
    # With goods kept back or figures of stock it matters how much more there is.
    if rules is None or any(each in str(document) for each in ("keep_back", "'stock'", "'stock_after'")):
        return
    plenty = {line.sku: 99 for line in facts.order.lines}
    full = facts._replace(warehouses=tuple(each._replace(sells=plenty) for each in facts.warehouses))
    chosen = decided(document, full)["attempts"][-1]["chosen"]
    decision = decide(rules, facts)
    assert first_choice(rules, facts, decision) == (chosen[0] if decision.parts else None)


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_built_in_rule_and_its_document_have_one_first_choice(random: Random) -> None:
    needs, levels, warehouses, load = surroundings(random)
    rules = compiled(default())
    lines = tuple(LineFacts(need.line_no, need.sku, need.quantity) for need in needs)
    facts = Facts(OrderFacts(lines), warehouse_facts(list(levels), levels, warehouses, load, "浙江省", "CN"))
    planned = plan(needs, levels, warehouses, load, "浙江省", "CN")
    assert first_choice(rules, facts, decide(rules, facts)) == planned.first_choice
