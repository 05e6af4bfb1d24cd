"""What is compiled decides as the slow reading does, to the last figure of the trace."""

from __future__ import annotations

import json
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents.rules.reading import draft
from streams.domain.routing.rules.compiling import Rules, compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.explaining import explained
from streams.domain.routing.rules.facts import Facts
from streams.domain.routing.rules.lint import lint

from . import made
from .reference import decided

#: The long form: decisions, orders for each document that can be compiled, and where it begins. A failure names its own seed.
DECISIONS, ORDERS, SEED = 100_000, 3, 20_261_130


def rules_of(document: dict[str, Any]) -> Rules | None:
    read = draft(json.dumps(document))
    assert not read.faults, read.faults
    return None if lint(read) or read.document is None else compiled(read.document)


def hold_equal(document: dict[str, Any], rules: Rules, facts: Facts) -> dict[str, Any]:
    said = explained(rules, decide(rules, facts))
    assert (said.pop("rules"), said.pop("versions")) == (rules.digest, facts.versions)
    expected = decided(document, facts)
    assert said == expected
    return said


# 100,000 decisions are among the long tests.
@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_compiled_rules_decide_as_the_reference_does(random: Random) -> None:
    document = made.document(random)
    rules = rules_of(document)
    if rules is not None:
        for _ in range(3):
            hold_equal(document, rules, made.facts(random))


def test_what_is_made_by_chance_comes_everywhere() -> None:
    """Else the properties hold of nothing."""
    seen: dict[str, int] = {}
    sound = 0
    for seed in range(3_500):
        random = Random(seed)
        document = made.document(random)
        rules = rules_of(document)
        if rules is None:
            continue
        sound += 1
        said = hold_equal(document, rules, made.facts(random))
        attempts = said["attempts"]
        what = [said["outcome"], *(each["result"] for each in attempts), f"chosen {len(attempts[-1]['chosen'])}"]
        what += [each.get("refused", "scored") for attempt in attempts for each in attempt["warehouses"]]
        what += ["passed over"] * bool(said["passed_over"]) + ["tried twice"] * (len(attempts) > 1)
        for each in what:
            seen[each] = seen.get(each, 0) + 1
    assert sound > 800
    refusals = "NOT_SET_UP DISABLED FULL NOTHING_TO_SELL DISTANCE WAREHOUSES WAREHOUSE_PROVINCE SAME_PROVINCE"
    refusals += (
        " COVERS CAPACITY_LEFT LOAD TABLE COVERAGE ETA CUTOFF CALENDAR DAILY_CAPACITY CARRIER ABILITY MIN_MARGIN"
    )
    wanted = [
        "allocated",
        "backordered",
        "all",
        "part",
        "none",
        "chosen 1",
        "chosen 2",
        "chosen 3",
        "scored",
        *refusals.split(),
    ]
    assert [each for each in (*wanted, "passed over", "tried twice") if seen.get(each, 0) < 5] == []


@pytest.mark.long
@pytest.mark.timeout(7_200)
def test_a_hundred_thousand_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    compared = 0
    for number in count():
        random = Random(SEED + number)
        document = made.document(random)
        rules = rules_of(document)
        for _ in range(ORDERS if rules is not None else 0):
            facts = made.facts(random)
            try:
                hold_equal(document, rules, facts)  # type: ignore[arg-type]
            except AssertionError as error:
                raise AssertionError(f"Random({SEED + number}): {error}") from error
            compared += 1
        if number % 5_000 == 4_999:
            with capsys.disabled():
                print(
                    f"\n{number + 1:,} documents, {compared:,} of {DECISIONS:,} decisions are equal", end="", flush=True
                )
            # Most documents that are made by chance are refused: it is decisions that are counted.
            assert compared > number // 2, "hardly any document that is made by chance can be compiled"
        if compared >= DECISIONS:
            break
