"""One record that an agent cannot digest never stops the others; a fault that is not the record's never quarantines."""

from __future__ import annotations

import time
from pathlib import Path

from tests.conftest import Unique
from tests.engine.harness import expected, orders, rig
from tests.patience import PATIENCE_S


def test_only_the_failing_records_are_quarantined(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(2_000, seed=11, poison=9))
        it.start(BATCH_SIZE=500)
        want = expected(it.read(f"{it.app_id}-in"))
        it.wait_for(want)
        assert it.decided() == want
        quarantined = it.read(f"{it.app_id}.quarantine")
        assert sorted(m.key() for m in quarantined) == [b"poison%d" % i for i in range(9)]
        for message in quarantined:
            headers = {name: value.decode() for name, value in message.headers()}
            assert message.value() == b"poison"
            assert headers["topic"] == f"{it.app_id}-in"
            assert headers["error"] == "ValueError: poison"
            assert headers["partition"].isdigit() and headers["offset"].isdigit()


def test_a_missing_topic_stops_the_worker_with_a_clear_line(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.app_id += "-absent"
        worker = it.start()
        assert worker.wait(PATIENCE_S) != 0
        assert f"these topics do not exist: {it.app_id}-in" in it.log()


def test_differing_partition_counts_stop_the_worker(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.create(f"{it.app_id}-seen-changelog", partitions=3)
        worker = it.start()
        assert worker.wait(PATIENCE_S) != 0
        assert "need the same number of partitions" in it.log()
        assert f"{it.app_id}-seen-changelog (3)" in it.log()


def test_a_quarantine_topic_that_is_away_is_a_fault_and_loses_nothing(
    kafka: str, unique: Unique, tmp_path: Path
) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(300, seed=12, poison=1))
        started = time.monotonic()
        worker = it.start(QUARANTINE=f"{it.app_id}.nowhere", PATIENCE_S=4)
        assert worker.wait(PATIENCE_S) != 0, "the worker stops when the fault lasts"
        assert time.monotonic() - started > 4
        assert f"no cycle of {it.app_id}-in/" in it.log(), it.log()
        it.start()
        want = expected(it.read(f"{it.app_id}-in"))
        it.wait_for(want)
        assert it.decided() == want
