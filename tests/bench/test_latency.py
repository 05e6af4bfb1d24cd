"""The figures of the latency table, on decisions made up for it."""

from __future__ import annotations

import pytest

from tests.bench.latency import percentiles
from tests.bench.measure import ContestantDied
from tests.bench.saga_observer import Seen


def test_percentiles_are_of_all_decisions() -> None:
    found = percentiles([Seen(due, due + 1 + due % 1000) for due in range(10_000)])
    assert (found["p50"], found["p99"], found["p99.9"]) == (501, 991, 1000)
    assert found["decisions"] == 10_000


def test_a_rate_is_held_while_the_latency_stays() -> None:
    assert percentiles([Seen(due, due + 300 + due % 7 * 100) for due in range(5_000)])["held"] == 1


def test_a_rate_is_not_held_when_the_backlog_grows() -> None:
    assert percentiles([Seen(due, due * 1.5 + 100) for due in range(5_000)])["held"] == 0


def test_a_few_decisions_are_no_measurement() -> None:
    with pytest.raises(ContestantDied, match="only 3 decisions"):
        percentiles([Seen(due, due + 1) for due in range(3)])
