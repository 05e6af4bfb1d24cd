"""Partitions that are taken away and given back while they are being restored: what the worker between has decided is restored too.

Found by the chaos harness: a restore that had begun before the partitions went away was taken for that of the second assignment, and the
worker numbered on from state that was a few cycles old.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.conftest import Unique
from tests.engine.harness import Rig, expected, orders, rig
from tests.patience import PATIENCE_S


def committed_by(it: Rig, count: int, timeout_s: float = PATIENCE_S) -> None:
    """Until so many records more stand in the output."""
    deadline = time.monotonic() + timeout_s
    while sum(map(len, it.decided().values())) < count:
        assert time.monotonic() < deadline, f"only {it.decided()} of {count}\n{it.log(0)}\n{it.log(1)}"
        time.sleep(0.3)


@pytest.mark.parametrize("protocol", ["classic", pytest.param("consumer", marks=pytest.mark.long)])
def test_given_back_while_being_restored(kafka: str, unique: Unique, tmp_path: Path, protocol: str) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        records = orders(4_000, seed=8)
        it.feed(records[:2_000])
        first = it.start(slot=9, GROUP_PROTOCOL=protocol)
        it.wait_for(expected(it.read(f"{it.app_id}-in")))
        assert it.stop(first) == 0, it.log(9)
        before = sum(map(len, it.decided().values()))
        # A worker with nothing: it has found out where the changelog ends, and rests there.
        go_on = tmp_path / "go-on"
        it.start(slot=0, GROUP_PROTOCOL=protocol, PAUSE_AT=f"restore:{go_on}")
        it.until(lambda: "pausing at restore" in it.log(0), "it restores")
        (everything,) = it.held()
        # Another takes some partitions over, decides, and goes.
        second = it.start(slot=1, GROUP_PROTOCOL=protocol)
        it.feed(records[2_000:3_000])
        committed_by(it, before + 200)
        assert it.stop(second) == 0, it.log(1)
        it.until(lambda: it.held() == [everything], "all are given back")
        go_on.touch()
        it.feed(records[3_000:])
        want = expected(it.read(f"{it.app_id}-in"))
        it.wait_for(want)
        assert it.decided() == want
