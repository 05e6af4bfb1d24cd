"""Local state with a spoilt file: never half believed, and rebuilt from the changelog by the next start."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from streams.engine.errors import StateCorrupt
from streams.engine.options import Options
from streams.engine.store import Checkpoint, Store, open_store
from tests.conftest import Unique
from tests.engine.harness import expected, orders, rig
from tests.patience import PATIENCE_S

SHARD = ("seen", 0)
LOG = logging.getLogger(__name__)


def spoil(folder: Path) -> None:
    """Zeroes over the beginning of every table file: its data blocks, not what is read when it is opened."""
    files = list(folder.glob("*.sst"))
    assert files, "nothing has been flushed into a table file"
    for path in files:
        with path.open("r+b") as file:
            file.write(b"\0" * min(2_000, path.stat().st_size // 4))


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A store with 5,000 keys that opens, and whose data cannot be read."""
    path = tmp_path / "state"
    store = Store(path, Options())
    store.write({SHARD: {b"%05d" % i: b"v%d" % (i * 7919) for i in range(5_000)}}, {SHARD: Checkpoint(5_000, 0)})
    store.close()
    Store(path, Options()).close()  # what stood in the log is in a table file now
    spoil(path)
    return path


def test_a_scan_over_a_spoilt_file_fails_instead_of_ending_early(spoilt: Path) -> None:
    store = open_store(spoilt, Options(), LOG)
    with pytest.raises(StateCorrupt):
        list(store.scan(SHARD))
    store.close()


def test_what_was_found_spoilt_while_running_is_begun_anew_at_the_next_start(spoilt: Path) -> None:
    store = open_store(spoilt, Options(), LOG)
    with pytest.raises(StateCorrupt):
        store.get_many(SHARD, [b"00001"])
    store.close()
    again = open_store(spoilt, Options(), LOG)
    assert again.checkpoint(SHARD) is None
    assert list(again.scan(SHARD)) == []
    again.close()
    assert spoilt.with_name("state.corrupt").exists(), "it is set aside, for whoever wants to know"


@pytest.mark.long
def test_a_worker_whose_state_is_spoilt_decides_as_if_it_were_not(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(4_000, seed=6))
        first = it.start()
        it.wait_for(expected(it.read(f"{it.app_id}-in")))
        assert it.stop(first) == 0, it.log()
        state = tmp_path / "worker-0" / "state"
        Store(state, Options()).close()  # what stood in the log is in a table file now
        spoil(state)
        it.feed(orders(5_000, seed=6))  # the same again: every record asks for state that cannot be read
        assert it.start().wait(PATIENCE_S) != 0, "it ends, so that whoever runs it starts it again"
        it.start()
        want = expected(it.read(f"{it.app_id}-in"))
        it.wait_for(want)
        assert it.decided() == want
