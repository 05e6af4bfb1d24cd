"""Guardrails: each figure against a plain count of all that happened, its limit to the last unit, and its minimum sample."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.releases.guardrails import (
    GUARDS,
    Breach,
    Counts,
    Guard,
    Outcome,
    breaches,
    counted,
    figure,
    in_words,
)

FINE = Outcome("allocated", 10)
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from(("allocated", "allocated", "backordered", "undecided", "error")),
    st.integers(0, 3_000_000),
    st.booleans(),
    st.booleans(),
)
MANY = st.lists(OUTCOMES, min_size=1, max_size=60)


def folded(outcomes: list[Outcome]) -> Counts:
    return reduce(counted, outcomes, Counts())


def share(outcomes: list[Outcome], result: str) -> Fraction:
    return Fraction(sum(each.result == result for each in outcomes) * 10_000, len(outcomes))


@given(MANY, MANY)
def test_a_figure_is_what_a_plain_count_gives(trial: list[Outcome], live: list[Outcome]) -> None:
    ours, theirs = folded(trial), folded(live)
    assert figure("errors", ours, theirs) == floor(share(trial, "error"))
    assert figure("undecided", ours, theirs) == floor(share(trial, "undecided"))
    assert figure("backordered", ours, theirs) == floor(share(trial, "backordered") - share(live, "backordered"))
    assert figure("over_capacity", ours, theirs) == sum(each.over_capacity for each in trial)
    assert figure("below_safety", ours, theirs) == sum(each.below_safety for each in trial)
    slowest_but_one_in_a_hundred = sorted(each.micros for each in trial)[ceil(len(trial) * 99 / 100) - 1]
    found = figure("decision_us", ours, theirs)
    assert found & (found - 1) == 0
    assert found // 2 < max(slowest_but_one_in_a_hundred, 1) <= found


BAD = {
    "errors": Outcome("error", 10),
    "undecided": Outcome("undecided", 10),
    "backordered": Outcome("backordered", 10),
    "over_capacity": Outcome("allocated", 10, over_capacity=True),
    "below_safety": Outcome("allocated", 10, below_safety=True),
    "decision_us": Outcome("allocated", 5_000),
}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.figure)
def test_each_guard_trips_one_past_its_limit_and_not_at_it(guard: Guard) -> None:
    many = 10_000
    # Of 10,000 decisions, so many bad ones are the limit; of times, the hundredth part may be slow.
    limit = 100 if guard.figure == "decision_us" else guard.limit
    live = folded([FINE] * many)
    at_the_limit = [BAD[guard.figure]] * limit + [FINE] * (many - limit)
    assert breaches((guard,), folded(at_the_limit), live) == ()
    (found,) = breaches(GUARDS, folded([BAD[guard.figure], *at_the_limit[:-1]]), live)
    assert found.figure == guard.figure and found.sample == many and found.is_ > found.limit


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.figure)
def test_nothing_is_said_before_the_minimum_sample(guard: Guard) -> None:
    few = [BAD[guard.figure]] * max(guard.sample_min - 1, 0)
    live = folded([FINE] * guard.sample_min)
    assert breaches((guard,), folded(few), live) == ()
    assert breaches((guard,), folded([*few, BAD[guard.figure]]), live)


@pytest.mark.parametrize(("micros", "limit"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (8, 8), (9, 16)])
def test_a_time_that_is_a_limit_is_within_it(micros: int, limit: int) -> None:
    assert figure("decision_us", folded([Outcome("allocated", micros)]), Counts()) == limit


def test_how_many_wait_is_held_against_the_live_version_and_needs_as_many_of_it() -> None:
    guard = Guard("backordered", 10, 1_000)
    trial = folded([BAD["backordered"]] * 5 + [FINE] * 5)
    assert breaches((guard,), trial, folded([BAD["backordered"]] * 4 + [FINE] * 6)) == ()
    assert breaches((guard,), trial, folded([FINE] * 9)) == ()
    assert breaches((guard,), trial, folded([FINE] * 10)) == (Breach("backordered", 5_000, 1_000, 10),)


def test_a_breach_says_its_figure() -> None:
    said = in_words(Breach("backordered", 512, 300, 1_200))
    assert said == "backordered: 512 of 10,000 more than the live version, and 300 is the limit, after 1,200 decisions"
    assert "99 of 100 within 8,192 us" in in_words(Breach("decision_us", 8_192, 4_096, 1_000))
