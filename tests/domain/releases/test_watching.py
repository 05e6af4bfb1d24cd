"""A trial is watched by what its orders' comparisons say, and by nothing else: not their order, not other trials, not a shadow."""

from __future__ import annotations

from functools import reduce
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import DecisionCompared
from streams.domain.releases.guardrails import GUARDS, Guard
from streams.domain.releases.recorded import release_of, share_record
from streams.domain.releases.sharing import Share
from streams.domain.releases.watching import Course, Trial, because, guards_of, judged, trial_in, went_on
from tests.domain.released import release
from tests.domain.releases.compared import SINCE_MS, compared

SHARE = Share(2, 1_000, "s", SINCE_MS)
OUTCOMES = ("ALLOCATED", "BACKORDERED", "UNDECIDED", "FAILED")


def course(*records: DecisionCompared) -> Course:
    return reduce(went_on, records, Course())


@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(OUTCOMES), st.integers(0, 9_000)), max_size=40))
def test_it_counts_both_sides_whatever_the_order(told: list[tuple[str, str, int]]) -> None:
    records = [compared(tried, stands, micros=micros) for tried, stands, micros in told]
    mixed = list(records)
    Random(7).shuffle(mixed)
    found = course(*records)
    assert found == course(*mixed)
    for counts, at in ((found.tried, 0), (found.stands, 1)):
        assert counts.decisions == len(told)
        assert (counts.backordered, counts.undecided, counts.errors) == tuple(
            sum(each[at] == outcome for each in told) for outcome in ("BACKORDERED", "UNDECIDED", "FAILED")
        )


def test_its_trial_is_named_by_document_version_and_beginning() -> None:
    assert trial_in(compared()) == Trial("rules/default", 2, SINCE_MS)
    assert trial_in(compared(role="SHADOW")) is None
    assert (
        len(
            {
                trial_in(each)
                for each in (compared(), compared(since_ms=9), compared(version=3), compared(document="rules/b"))
            }
        )
        == 4
    )


MANY = 10_000
BAD: dict[str, Any] = {
    "errors": compared("FAILED", micros=None),
    "undecided": compared("UNDECIDED", micros=None),
    "backordered": compared("BACKORDERED"),
    "over_capacity": compared(over_capacity=3),
    "below_safety": compared(below_safety=1),
    "decision_us": compared(micros=5_000),
}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.figure)
def test_each_guard_is_fed_by_what_it_is_about(guard: Guard) -> None:
    limit, good = 100 if guard.figure == "decision_us" else guard.limit, compared()

    def with_bad(count: int) -> Course:
        return course(*[BAD[guard.figure]] * count, *[good] * (MANY - count))

    assert judged(with_bad(limit), SHARE) == ()
    (found,) = judged(with_bad(limit + 1), SHARE)
    assert (found.figure, found.sample) == (guard.figure, MANY)
    assert because((found,)).startswith(f"{guard.figure}: ")


def test_what_stands_lets_wait_too_is_no_fault_of_the_trial() -> None:
    both = course(*[compared("BACKORDERED", "BACKORDERED") for _ in range(600)])
    assert judged(both, SHARE) == ()
    alone = course(*[compared("BACKORDERED") for _ in range(600)])
    assert [each.figure for each in judged(alone, SHARE)] == ["backordered"]


def test_a_release_sets_limits_of_its_own() -> None:
    own = SHARE._replace(guards=(Guard("backordered", 5, 0), Guard("errors", 3, 5_000)))
    assert {each.figure: each for each in guards_of(own)} == {
        **{each.figure: each for each in GUARDS},
        "backordered": Guard("backordered", 5, 0),
        "errors": Guard("errors", 3, 5_000),
    }
    few = [compared("BACKORDERED"), *[compared() for _ in range(3)]]
    assert judged(course(*few), own) == ()
    (found,) = judged(course(*few, compared()), own)
    assert (
        because((found,))
        == "backordered: 2,000 of 10,000 more than the live version, and 0 is the limit, after 5 decisions"
    )


def test_a_share_is_on_record_as_it_was_given_and_begins_when_it_is_written() -> None:
    own = SHARE._replace(guards=(Guard("errors", 3, 5_000),))
    record: Any = {**release(live=1), "share": share_record(own)}
    assert release_of(record).share == own
    assert share_record(own._replace(since_ms=0), 99) == {**(share_record(own) or {}), "since_ms": 99}
    record["share"]["guards"].append({"figure": "of a newer Penstock", "limit": 1, "sample_min": 1})
    assert release_of(record).share == own
