"""Values that were written lately, as objects: what a stage wrote it mostly reads again soon, and need not decode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streams.engine.work import Shard

Values = dict[Shard, dict[bytes, Any]]


class Recent:
    """The newest committed values of some tables' shards, deleted ones too: twice ``size`` of them, and what the last
    cycles wrote beyond that.

    Two generations instead of a list by age: when the young one is full it becomes the old one, and the old one goes. A write costs
    no more than a dict's update, a look-up two of them.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: Values = {}
        self._old: Values = {}
        self._count = 0

    def add(self, values: Mapping[Shard, Mapping[bytes, Any]], tables: Iterable[str]) -> None:
        """Takes over what a committed cycle has written to ``tables``."""
        for shard, items in values.items():
            if shard[0] not in tables:
                continue
            if self._count >= self._size:
                self._old, self._young, self._count = self._young, {}, 0
            self._young.setdefault(shard, {}).update(items)
            self._count += len(items)

    def of(self, shard: Shard) -> Iterator[dict[bytes, Any]]:
        """The shard's values, newest first."""
        for generation in (self._young, self._old):
            if shard in generation:
                yield generation[shard]

    def forget(self, shards: Iterable[Shard] | None = None) -> None:
        """Of these shards, or everything: what the store holds may be newer."""
        for generation in (self._young, self._old):
            if shards is None:
                generation.clear()
            else:
                for shard in shards:
                    generation.pop(shard, None)
