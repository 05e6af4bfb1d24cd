"""The short form: real processes, platforms that fail a fifth of their calls, each process killed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos_edge.__main__ import SHORT
from tests.chaos_edge.run import run


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_parcel_once_no_change_lost_audit_complete(tmp_path: Path) -> None:
    outcome = run(SHORT, tmp_path)
    assert outcome.verdict.good, dict(outcome.verdict.findings)
    assert outcome.in_time
    # It was under fire.
    assert set(outcome.kills) == {"gateway", "dispatcher", "writeback"}
    assert outcome.faults["lost_answers"] and outcome.faults["errors"]
    assert outcome.verdict.written > SHORT.orders // 2
