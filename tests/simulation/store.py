"""The engine's store in memory: a worker's disk, which outlives the worker."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from streams.engine.store import Checkpoint
from streams.engine.ties import CARRIER
from streams.engine.work import Shard
from tests.simulation.clock import Crash, worker_now


class Disk:
    """What is on it: per shard the items, and how far they have followed the changelog."""

    def __init__(self) -> None:
        self.items: dict[Shard, dict[bytes, bytes]] = {}
        self.checkpoints: dict[Shard, Checkpoint] = {}


class MemoryStore:
    """``streams.engine.store.Store`` on a ``Disk``; each write is atomic, as a WriteBatch is."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk

    def get_many(self, shard: Shard, keys: Sequence[bytes]) -> list[bytes | None]:
        items = self.disk.items.get(shard, {})
        return [items.get(key) for key in keys]

    def scan(self, shard: Shard, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        items = self.disk.items.get(shard, {})
        keys = sorted(items)
        for key in keys[bisect_left(keys, start) :]:
            if stop is not None and key >= stop:
                return
            if key != CARRIER:
                yield key, items[key]

    def checkpoint(self, shard: Shard) -> Checkpoint | None:
        return self.disk.checkpoints.get(shard)

    def write(
        self, changes: Mapping[Shard, Mapping[bytes, bytes | None]], checkpoints: Mapping[Shard, Checkpoint]
    ) -> None:
        worker = worker_now.get()
        if worker is not None and not worker.alive:
            raise Crash
        for shard, items in changes.items():
            held = self.disk.items.setdefault(shard, {})
            for key, value in items.items():
                if value is None:
                    held.pop(key, None)
                else:
                    held[key] = value
        self.disk.checkpoints.update(checkpoints)

    def wipe(self, shard: Shard) -> None:
        self.disk.items.pop(shard, None)
        self.disk.checkpoints.pop(shard, None)

    def estimated_keys(self) -> int:
        return sum(map(len, self.disk.items.values()))

    def disk_bytes(self) -> int:
        return 0

    def close(self) -> None: ...
