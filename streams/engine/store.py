"""The worker's local state: one RocksDB for all its tables, written once a cycle.

Layout: ``table name, 0, partition (2 bytes, big-endian), key`` -> value; under ``0, table name, 0, partition`` the shard's checkpoint.
Under ``0, 0, table name, 0, partition``: which changelog that is a checkpoint of, and its last tie (``ties.py``).
A shard (one partition of one table) and its checkpoint are written in the same WriteBatch, so the store is never ahead of the changelog
and its checkpoint always says how far behind it is.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import rocksdict

from streams.engine.errors import StateCorrupt, StateFault
from streams.engine.options import Options
from streams.engine.ties import CARRIER, Tie
from streams.engine.work import Shard

_CHECKPOINT = struct.Struct(">qq")
#: Of which checkpoint it is: an earlier version moves that on and leaves this behind.
_NEXT_OFFSET = struct.Struct(">q")


class Checkpoint(NamedTuple):
    """How far a shard has followed its changelog."""

    #: The next changelog offset to read.
    next_offset: int
    #: When it was written, ms since the epoch by the log's time.
    at_ms: int
    #: Which topic it followed (``Identity.id``); empty: an earlier version didn't say.
    changelog_id: str = ""
    #: The last tie up to there.
    tie: Tie | None = None


def prefix_of(shard: Shard) -> bytes:
    """What all keys of a shard begin with."""
    table, partition = shard
    return table.encode() + b"\0" + partition.to_bytes(2, "big")


class Store:
    """RocksDB under ``path``; all keys and values are bytes. Reads and writes may come from different threads.

    Raises:
        StateFault: the disk is full, a file is corrupt, another worker has the folder open.
    """

    def __init__(self, path: Path, options: Options) -> None:
        self.path = path
        path.mkdir(0o700, parents=True, exist_ok=True)
        with self._faults(f"cannot open the state in {path}"):
            self._db = rocksdict.Rdict(str(path), _rocksdb_options(options))

    def get_many(self, shard: Shard, keys: Sequence[bytes]) -> list[bytes | None]:
        """Values in the order of ``keys``; one call into RocksDB."""
        prefix = prefix_of(shard)
        with self._faults("cannot read the state"):
            values: Any = self._db.get([prefix + key for key in keys])
        return list(values)

    def scan(self, shard: Shard, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """Items with ``start <= key < stop``, in key order."""
        prefix = prefix_of(shard)
        end = prefix + stop if stop is not None else None
        with self._faults("cannot read the state"):
            items = self._db.iter()
            items.seek(prefix + start)
            while items.valid():
                key: bytes = items.key()
                if not key.startswith(prefix) or (end is not None and key >= end):
                    return
                if key[len(prefix) :] != CARRIER:
                    yield key[len(prefix) :], items.value()
                items.next()
            # An iterator that meets a corrupt block is at its end, too: only its status tells.
            items.status()

    def checkpoint(self, shard: Shard) -> Checkpoint | None:
        """Where the shard stands, or None when nothing of it is here."""
        with self._faults("cannot read the state"):
            pair: Any = self._db.get([b"\0" + prefix_of(shard), b"\0\0" + prefix_of(shard)])
        raw, about = pair
        if raw is None:
            return None
        next_offset, at_ms = _CHECKPOINT.unpack(raw)
        if about is None or _NEXT_OFFSET.unpack(about[: _NEXT_OFFSET.size]) != (next_offset,):
            return Checkpoint(next_offset, at_ms)
        changelog_id, _, tie = about[_NEXT_OFFSET.size :].partition(b" ")
        return Checkpoint(next_offset, at_ms, changelog_id.decode(), Tie.loads(tie) if tie else None)

    def write(
        self, changes: Mapping[Shard, Mapping[bytes, bytes | None]], checkpoints: Mapping[Shard, Checkpoint]
    ) -> None:
        """Applies changes (None deletes) and checkpoints atomically."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        put, delete = batch.put, batch.delete
        for shard, items in changes.items():
            prefix = prefix_of(shard)
            for key, value in items.items():
                if value is None:
                    delete(prefix + key)
                else:
                    put(prefix + key, value)
        for shard, checkpoint in checkpoints.items():
            put(b"\0" + prefix_of(shard), _CHECKPOINT.pack(checkpoint.next_offset, checkpoint.at_ms))
            tie = checkpoint.tie.dumps() if checkpoint.tie is not None else b""
            about = _NEXT_OFFSET.pack(checkpoint.next_offset) + checkpoint.changelog_id.encode() + b" " + tie
            put(b"\0\0" + prefix_of(shard), about)
        with self._faults("cannot write the state"):
            self._db.write(batch)

    def wipe(self, shard: Shard) -> None:
        """Forgets everything of a shard."""
        prefix = prefix_of(shard)
        batch = rocksdict.WriteBatch(raw_mode=True)
        batch.delete(b"\0" + prefix)
        batch.delete(b"\0\0" + prefix)
        batch.delete_range(prefix, prefix + b"\xff" * 64)
        with self._faults("cannot write the state"):
            self._db.write(batch)

    def estimated_keys(self) -> int:
        """RocksDB's own estimate over all shards."""
        return int(self._db.property_int_value("rocksdb.estimate-num-keys") or 0)

    def disk_bytes(self) -> int:
        """Size of the table files."""
        return int(self._db.property_int_value("rocksdb.total-sst-files-size") or 0)

    def close(self) -> None:
        """Flushes and closes."""
        with self._faults("cannot close the state"):
            self._db.close()

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        """rocksdict raises bare ``Exception``: all of them are the store's faults. A key that is no bytes is its caller's."""
        try:
            yield
        except (StateFault, GeneratorExit, TypeError):
            raise
        except Exception as exc:
            if "orruption" not in str(exc):
                raise StateFault(f"{what}: {exc}") from exc
            # Most of a store can be opened and read for long before a corrupt block is met: the next start must know.
            _condemned(self.path).touch()
            raise StateCorrupt(f"{what}: {exc}") from exc


def open_store(path: Path, options: Options, log: Any) -> Store:
    """Opens the store; one that is, or was found, corrupt is set aside and begun anew, since the changelog has it all."""
    if not _condemned(path).exists():
        try:
            return Store(path, options)
        except StateCorrupt as exc:
            log.warning("%s", exc)
    log.warning("the state in %s is corrupt: it is set aside and rebuilt from the changelog", path)
    aside = path.with_name(path.name + ".corrupt")
    shutil.rmtree(aside, ignore_errors=True)
    if path.exists():
        path.rename(aside)
    _condemned(path).unlink(missing_ok=True)
    return Store(path, options)


def _condemned(path: Path) -> Path:
    """A mark beside a store that was found corrupt."""
    return path.with_name(path.name + ".condemned")


def _rocksdb_options(options: Options) -> Any:
    blocks = rocksdict.BlockBasedOptions()
    blocks.set_block_cache(rocksdict.Cache(options.block_cache_bytes))
    blocks.set_bloom_filter(10, False)
    # Counted against the cache, so that memory stays flat however many keys there are.
    blocks.set_cache_index_and_filter_blocks(True)
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(True)
    # In parts of 4 KiB: a whole file's filter (1.2 MB for a million keys) is larger than a shard of the cache (1 MB), is never kept there,
    # and is read again for every batch. Measured with 12,000,000 keys, looking up 1,000 new ones at a time: 43 us a key, in parts 6 us.
    blocks.set_index_type(rocksdict.BlockBasedIndexType.two_level_index_search())
    blocks.set_partition_filters(True)
    blocks.set_metadata_block_size(4096)
    blocks.set_pin_top_level_index_and_filter(True)
    blocks.set_format_version(5)
    rocks = rocksdict.Options(raw_mode=True)
    rocks.create_if_missing(True)
    rocks.set_block_based_table_factory(blocks)
    rocks.set_write_buffer_size(options.write_buffer_bytes)
    rocks.set_max_write_buffer_number(3)
    rocks.set_max_total_wal_size(4 * options.write_buffer_bytes)
    rocks.set_compression_type(rocksdict.DBCompressionType.lz4())
    rocks.set_max_open_files(256)
    rocks.set_max_background_jobs(2)
    rocks.set_keep_log_file_num(2)
    return rocks
