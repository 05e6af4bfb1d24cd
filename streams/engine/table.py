"""Tables: Faust's, with writes held in the cycle's overlay until its transaction is through."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

from faust.tables.manager import TableManager as FaustTableManager
from faust.tables.table import Table as FaustTable

from streams.engine.errors import EngineError, Misconfigured
from streams.engine.footing import Ground
from streams.engine.store import Store
from streams.engine.work import DELETED, Shard, Work


class ValueCodec(Protocol):
    """How a table's values become bytes."""

    def dumps(self, value: Any) -> bytes: ...

    def loads(self, raw: bytes) -> Any: ...


class UnderWay(Protocol):
    """What a table sees of the cycle under way."""

    #: What is committed and applied.
    store: Store
    #: Where writes go.
    attempt: Work

    @property
    def partition(self) -> int: ...

    def overlays(self, shard: Shard) -> Iterator[dict[bytes, Any]]: ...

    def recent(self, shard: Shard) -> Iterator[dict[bytes, Any]]: ...


class Table(FaustTable[Any, Any]):
    """A table whose shard *p* belongs to the input partitions *p*.

    ``get_many``/``put_many``/``delete``/``range`` take keys as bytes and are the fast way, one call into RocksDB for a batch.
    Faust's mapping interface (``table[key]``) works too, with its key and value serializers.

    Args:
        codec: bytes of the values; Faust's ``value_type`` serializer when not given.
        sources: topics whose records write this table: checked at start to have the same partition count.
        frozen: a value is never changed in place, not even one that was read: those written lately are not decoded anew.
    """

    def __init__(
        self,
        app: Any,
        *,
        codec: ValueCodec | None = None,
        sources: Sequence[str] = (),
        frozen: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(app, **kwargs)
        self.codec = codec
        self.frozen = frozen
        self.sources = tuple(sources)

    # -- batches

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """Values of those of ``keys`` that the table holds, as the records before this one left them."""
        cycle = self._cycle
        shard = (self.name, cycle.partition)
        found: dict[bytes, Any] = {}
        missing = list(dict.fromkeys(keys))
        for values in chain(cycle.overlays(shard), cycle.recent(shard)):
            if values.keys().isdisjoint(missing):  # most keys are new ones: one call in C for all of them
                continue
            rest = []
            for key in missing:
                value = values.get(key, _ABSENT)
                if value is _ABSENT:
                    rest.append(key)
                elif value is not DELETED:
                    found[key] = value
            missing = rest
        if missing:
            loads = self.codec.loads if self.codec is not None else self._loads
            for key, raw in zip(missing, cycle.store.get_many(shard, missing), strict=True):
                if raw is not None:
                    found[key] = loads(raw)
        return found

    def put_many(self, items: Mapping[bytes, Any]) -> None:
        """Writes; a value must not be changed in place afterwards."""
        if items:
            dumps = self.codec.dumps if self.codec is not None else self._dumps
            self._put(items, {key: dumps(value) for key, value in items.items()})

    def delete(self, key: bytes) -> None:
        """Deletes; of no effect when the key is not there."""
        self._put({key: DELETED}, {key: None})

    def range(self, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, Any]]:
        """Items with ``start <= key < stop`` of this partition, in key order."""
        cycle = self._cycle
        shard = (self.name, cycle.partition)
        newer: dict[bytes, Any] = {}
        for overlay in reversed(list(cycle.overlays(shard))):
            newer.update((k, v) for k, v in overlay.items() if k >= start and (stop is None or k < stop))
        if not newer:
            for key, raw in cycle.store.scan(shard, start, stop):
                yield key, self._loads(raw)
            return
        merged = {key: self._loads(raw) for key, raw in cycle.store.scan(shard, start, stop)} | newer
        for key in sorted(merged):
            if merged[key] is not DELETED:
                yield key, merged[key]

    # -- Faust's mapping interface

    @property
    def data(self) -> Any:  # type: ignore[override]
        """What Faust's own methods take for the store."""
        return _Mapping(self)

    def on_key_set(self, key: Any, value: Any) -> None:
        self._sensor_on_set(self, key, value)

    def on_key_del(self, key: Any) -> None:
        self._sensor_on_del(self, key)

    async def on_start(self) -> None:
        await self.changelog_topic.maybe_declare()

    def reset_state(self) -> None:
        """State is the engine's; Faust has nothing to reset."""

    def dump_key(self, key: Any) -> bytes:
        """Key bytes of Faust's interface."""
        if isinstance(key, bytes):
            return key
        raw = self.app.serializers.dumps_key(self.key_type, key, serializer=self.key_serializer)
        return raw if raw is not None else b""

    def load_key(self, raw: bytes) -> Any:
        return self.app.serializers.loads_key(self.key_type, raw, serializer=self.key_serializer)

    @property
    def _cycle(self) -> UnderWay:
        cycle: UnderWay | None = getattr(self.app, "engine_cycle", None)
        if cycle is None:
            raise EngineError(f"table {self.name!r} is used before the worker has started")
        return cycle

    def _put(self, values: Mapping[bytes, Any], raw: Mapping[bytes, bytes | None]) -> None:
        cycle = self._cycle
        cycle.attempt.put((self.name, cycle.partition), values, raw)

    def _dumps(self, value: Any) -> bytes:
        if self.codec is not None:
            return self.codec.dumps(value)
        raw = self.app.serializers.dumps_value(self.value_type, value, serializer=self.value_serializer)
        return raw if raw is not None else b""

    def _loads(self, raw: bytes) -> Any:
        if self.codec is not None:
            return self.codec.loads(raw)
        return self.app.serializers.loads_value(self.value_type, raw, serializer=self.value_serializer)


_ABSENT: Any = object()


class _Mapping:
    """A table's present shard as the dict that Faust's table methods expect."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __getitem__(self, key: Any) -> Any:
        raw = self._table.dump_key(key)
        try:
            return self._table.get_many([raw])[raw]
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: Any, value: Any) -> None:
        self._table.put_many({self._table.dump_key(key): value})

    def __delitem__(self, key: Any) -> None:
        self._table.delete(self._table.dump_key(key))

    def __contains__(self, key: Any) -> bool:
        raw = self._table.dump_key(key)
        return raw in self._table.get_many([raw])

    def get(self, key: Any, default: Any = None) -> Any:
        raw = self._table.dump_key(key)
        return self._table.get_many([raw]).get(raw, default)

    def __iter__(self) -> Iterator[Any]:
        return (self._table.load_key(raw) for raw, _ in self._table.range())

    def items(self) -> Iterator[tuple[Any, Any]]:
        return ((self._table.load_key(raw), value) for raw, value in self._table.range())

    def keys(self) -> Iterator[Any]:
        return iter(self)

    def values(self) -> Iterator[Any]:
        return (value for _, value in self._table.range())

    def __len__(self) -> int:
        return sum(1 for _ in self._table.range())


class TableManager(FaustTableManager):
    """Faust's table registry without its recovery: the engine restores shards as their partitions are assigned."""

    def __init__(self, app: Any, **kwargs: Any) -> None:
        super().__init__(app, **kwargs)
        self.restored = asyncio.Event()

    @property
    def changelog_names(self) -> dict[str, str]:
        """Table name -> changelog topic."""
        return {name: table.changelog_topic.get_topic_name() for name, table in self.items()}

    async def on_start(self) -> None:
        for table in self.values():
            if not isinstance(table, Table):
                raise Misconfigured(
                    f"table {table.name!r} is a {type(table).__name__}: the engine keeps plain tables only"
                )
            await table.maybe_start()
        self._tables_finalized.set()
        self._tables_registered.set()

    async def on_stop(self) -> None:
        for table in self.values():
            await table.stop()

    def on_partitions_revoked(self, revoked: Any) -> None:
        """The cycle closes revoked shards itself."""

    async def wait_until_recovery_completed(self) -> bool:
        """Until the first assignment's state is restored; True when the app stops before that."""
        if self.app.producer_only or self.app.client_only:
            return False
        stopped: bool = await self.wait_for_stopped(self.restored.wait())
        return stopped


def ground_of(app: Any) -> Ground:
    """What the app reads and keeps."""
    inputs = tuple(sorted({topic for channel in app.topics for topic in channel.topics}))
    sources = {table.name: table.sources for table in app.tables.values()}
    return Ground(app.conf.id, inputs, app.tables.changelog_names, sources)
