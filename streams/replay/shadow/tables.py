"""The shadow's tables, as the agents use them, in a store of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from streams.engine.store import Store


class Values(Protocol):
    """A table's values as bytes."""

    def dumps(self, value: Any) -> bytes: ...

    def loads(self, raw: bytes) -> Any: ...


class ShadowTable:
    """One table. Its whole content is one shard, whatever partitions the live one has, unless ``partition`` is set."""

    def __init__(self, store: Store, name: str, codec: Values) -> None:
        self._store = store
        self._name = name
        self._codec = codec
        #: Whose records are being decided.
        self.partition = 0

    @property
    def _shard(self) -> tuple[str, int]:
        return self._name, self.partition

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """Key -> value of those that are there."""
        asked = list(dict.fromkeys(keys))
        found = self._store.get_many(self._shard, asked)
        return {key: self._codec.loads(raw) for key, raw in zip(asked, found, strict=True) if raw is not None}

    def put_many(self, items: Mapping[bytes, Any]) -> None:
        """Writes at once: nothing here is ever undone."""
        self._store.write({self._shard: {key: self._codec.dumps(value) for key, value in items.items()}}, {})

    def delete(self, key: bytes) -> None:
        """Deletes."""
        self._store.write({self._shard: {key: None}}, {})

    def range(self, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, Any]]:
        """Items in key order."""
        for key, raw in self._store.scan(self._shard, start, stop):
            yield key, self._codec.loads(raw)
