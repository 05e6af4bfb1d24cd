"""The built-in rule as a document decides as today's planner does."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents.rules.builtin import default
from streams.domain.routing.planning import Need, plan
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, warehouse_facts
from streams.domain.routing.rules.trace import UNKNOWN
from tests.domain.make import level, warehouse

RULES = compiled(default())
PLACES, SKUS, CODES = ("浙江省", "广东", "Sichuan", "San Salvador", ""), ("A", "B", "C"), ("W0", "W1", "W2", "W3", "W4")
REFUSED = {"disabled": "DISABLED", "full: no open units left": "FULL", "not set up": "NOT_SET_UP"}


def surroundings(random: Random) -> tuple[list[Need], dict[str, Any], list[Any], dict[str, int]]:
    needs = [Need(str(at), random.choice(SKUS), random.randint(1, 5)) for at in range(random.randint(1, 4))]
    levels = {
        sku: [
            {
                **level(code, random.randint(0, 7), random.randint(0, 2), random.choice((0, 0, 1))),
                "open": random.random() < 0.9,
            }
            for code in random.sample((*CODES, "NOWHERE"), random.randint(0, 6))
        ]
        for sku in dict.fromkeys(need.sku for need in needs)
    }
    warehouses = [
        warehouse(
            code,
            random.choice(("浙江", "广东", "四川")),
            priority=random.randint(0, 1),
            enabled=random.random() < 0.9,
            max_open_units=random.choice((None, None, 4, 9)),
        )
        for code in random.sample(CODES, random.randint(0, 5))
    ]
    return needs, levels, warehouses, {code: random.randint(0, 5) for code in CODES}


def check(random: Random) -> str:
    needs, levels, warehouses, load = surroundings(random)
    place, country = random.choice(PLACES), random.choice(("CN", "", "SV", "US"))
    planned = plan(needs, levels, warehouses, load, place, country)

    lines = tuple(LineFacts(need.line_no, need.sku, need.quantity) for need in needs)
    stand = warehouse_facts(list(levels), levels, warehouses, load, place, country)
    decision = decide(RULES, Facts(OrderFacts(lines), stand))
    (attempt,) = decision.attempts

    assert decision.parts == planned.parts
    assert decision.unplaced == {each["sku"]: each["shortfall"] for each in planned.missing}
    assert {*attempt.chosen} == {each["warehouse"] for each in planned.considered if each["chosen"]}
    assert {each.warehouse for each in attempt.looked} == {each["warehouse"] for each in planned.considered}
    looked = {each.warehouse: each for each in attempt.looked}
    for each in planned.considered:
        it = looked[each["warehouse"]]
        assert it.covers == each["covers"]
        assert it.refused == (REFUSED.get(each["reason"], "") or ("" if each["covers"] else "NOTHING_TO_SELL"))
        if not it.refused:
            metres = None if each["distance_km"] is None else round(each["distance_km"] * 1000)
            assert it.costs[0] == (UNKNOWN if metres is None else metres)
    return "whole" if len(attempt.chosen) == 1 else "split" if attempt.chosen else "waits"


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_it_plans_as_the_planner_does(random: Random) -> None:
    check(random)


def test_orders_by_chance_are_sent_whole_split_and_not_at_all() -> None:
    outcomes = [check(Random(seed)) for seed in range(1_000)]
    assert min(map(outcomes.count, ("whole", "split", "waits"))) > 30
