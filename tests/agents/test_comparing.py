"""Failures of what is tried: each counted, each kind told once; and a clock that others' work does not move."""

from __future__ import annotations

import logging
import time

import pytest

from streams.agents.comparing import Comparisons, stopwatch
from tests.domain.releases.compared import compared


def test_each_failure_is_counted_and_each_kind_told_once(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[int] = []
    comparisons = Comparisons(lambda: counted.append(1))
    with caplog.at_level(logging.ERROR):
        for number in range(3):
            comparisons.tell(compared("FAILED", number=number, error="KeyError"))
            comparisons.tell(compared("UNDECIDED", number=number, error="cannot be used", role="SHADOW"))
            comparisons.tell(compared("BACKORDERED", "FAILED", number=number))
    assert len(counted) == 6
    assert [record.getMessage() for record in caplog.records] == [
        "rules/default@2 is tried, and failed: KeyError; what stands without it decides",
        "rules/default@2 is tried, and failed: cannot be used; what stands without it decides",
    ]


def test_who_waits_for_the_processor_is_no_slower() -> None:
    before, wall = stopwatch(), time.monotonic()
    time.sleep(0.2)
    assert time.monotonic() - wall >= 0.2
    assert 0 <= stopwatch() - before < 100_000
    while stopwatch() - before < 20_000:
        pass
