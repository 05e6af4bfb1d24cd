"""The short form of ``make drill``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backup.site import run


@pytest.mark.long
def test_a_site_that_is_lost_comes_back(tmp_path: Path) -> None:
    outcome = run(1_000, 5.0, 60.0, tmp_path, print)
    assert outcome.good, outcome.lines()
    assert outcome.kept + outcome.in_flight == outcome.sent
