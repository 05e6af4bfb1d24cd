"""What keeps a large state as fast as a small one, as RocksDB itself says that it took it."""

from __future__ import annotations

from pathlib import Path

from streams.engine.options import Options
from streams.engine.store import Checkpoint, Store


def test_filters_and_indexes_are_in_parts_that_fit_the_cache(tmp_path: Path) -> None:
    store = Store(tmp_path / "state", Options())
    try:
        store.write({("seen", 0): {b"key": b"1"}}, {("seen", 0): Checkpoint(1, 0)})
        assert store.get_many(("seen", 0), [b"key", b"other"]) == [b"1", None]
    finally:
        store.close()
    (options,) = (path.read_text() for path in sorted((tmp_path / "state").glob("OPTIONS-*"))[-1:])
    assert "partition_filters=true" in options
    assert "index_type=kTwoLevelIndexSearch" in options
    assert "metadata_block_size=4096" in options
