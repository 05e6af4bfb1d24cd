"""The stages of the group ``decisions`` without a broker: the live agents, their tables and views in memory, queues between them.

One record at a time and in the order sent, as one worker with one partition would read them; so a trial always comes out the same. What
the engine adds (transactions, batches, restarts) is left out: no decision may depend on it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from schemas.codec import CODEC
from schemas.topics import QUARANTINE, TABLE_RECORDS
from streams.agents.deciding import deciding
from streams.agents.wire import NothingCodec, RecordCodec
from streams.settings import Settings
from streams.topology import stages

_STAGES = stages("decisions")


class Told(NamedTuple):
    """One record that stood on a topic."""

    topic: str
    name: str
    record: Mapping[str, Any]


class MemoryTable:
    """A table as agents use it; values go through the live codec."""

    def __init__(self, codec: RecordCodec | NothingCodec) -> None:
        self.rows: dict[bytes, bytes] = {}
        self._codec: Any = codec

    def get_many(self, keys: Iterable[bytes]) -> dict[bytes, Any]:
        """Key -> value of those that are there."""
        return {key: self._codec.loads(self.rows[key]) for key in keys if key in self.rows}

    def put_many(self, items: Mapping[bytes, Any]) -> None:
        """Writes."""
        self.rows.update((key, self._codec.dumps(value)) for key, value in items.items())

    def delete(self, key: bytes) -> None:
        """Deletes."""
        self.rows.pop(key, None)

    def range(self, start: bytes = b"", stop: bytes | None = None) -> Iterator[tuple[bytes, Any]]:
        """Items in key order."""
        for key in sorted(self.rows):
            if key >= start and (stop is None or key < stop):
                yield key, self._codec.loads(self.rows[key])


class MemoryView(dict[str, Any]):
    """A compacted topic's newest values by key."""

    on_change: Callable[[str, Any, Any], None] | None = None

    def put(self, key: str, value: Any) -> None:
        """A newer value."""
        old, self[key] = self.get(key), value
        if self.on_change is not None:
            self.on_change(key, old, value)


class OneRecord:
    """A record as its agent gets it, in a batch of its own; without one it is a tick."""

    def __init__(self, topic: str, offset: int, key: bytes, value: bytes | None, at_ms: int) -> None:
        self.topic, self.partition, self.at_ms = topic, 0, at_ms
        self.is_tick = value is None
        self.records = [] if value is None else [self]
        self.sent: list[tuple[str, bytes, bytes]] = []
        self._key, self._value, self._offset = key, value, offset

    def send(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Goes out once the whole record is decided."""
        self.sent.append((topic, key or b"", value or b""))

    def key(self) -> bytes:
        return self._key

    def value(self) -> bytes | None:
        return self._value

    def offset(self) -> int:
        return self._offset

    def timestamp(self) -> tuple[int, int]:
        return 1, self.at_ms


class Hub:
    """Put records in, let it settle, read what was told and what the tables hold.

    ``connected``: (channel, shop) of those whose orders could be read again from their platform; nobody reads them here.
    """

    def __init__(self, settings: Settings, connected: Container[tuple[str, str]]) -> None:
        self._tables = {name: MemoryTable(_codec(name)) for stage in _STAGES for name in stage.tables}
        self._views = {name: MemoryView() for stage in _STAGES for name in stage.views}
        self._agents = deciding(self._tables, lambda topic: self._views[topic], settings, connected)
        self._queue: deque[tuple[str, int, bytes, bytes]] = deque()
        self._offsets: dict[str, int] = {}
        self.told: list[Told] = []

    def put(self, topic: str, key: str, name: str, record: Mapping[str, Any]) -> None:
        """A record onto a topic, by whoever stands outside.

        Raises:
            schemas.codec.CodecError: it does not fit its schema.
        """
        self._send(topic, key.encode(), CODEC.encode(name, record))

    def settle(self, at_ms: int) -> None:
        """Everything that is due by then, and all that follows from it, until nothing is under way."""
        for stage in _STAGES:
            self._decide(stage.name, OneRecord(stage.reads[0], -1, b"", None, at_ms))
        self.run(at_ms)

    def run(self, at_ms: int) -> None:
        """What is queued, and all that follows from it; the clock stands at ``at_ms``."""
        while self._queue:
            topic, offset, key, value = self._queue.popleft()
            for stage in _STAGES:
                if topic in stage.reads:
                    self._decide(stage.name, OneRecord(topic, offset, key, value, at_ms))

    def row(self, table: str, key: str) -> Any:
        """A table's value; None when there is none."""
        return self._tables[table].get_many([key.encode()]).get(key.encode())

    def rows(self, table: str) -> list[Any]:
        """All values of a table."""
        return [value for _, value in self._tables[table].range()]

    def view(self, topic: str) -> Mapping[str, Any]:
        """A compacted topic's newest values."""
        return self._views[topic]

    def _decide(self, stage: str, batch: Any) -> None:
        before = {name: dict(table.rows) for name, table in self._tables.items()}
        agent = self._agents[stage]
        try:
            (agent.on_tick if batch.is_tick else agent.on_batch)(batch)
        except Exception as exc:
            # As the engine does with a record that cannot be decided: nothing of it counts, and it is kept aside.
            for name, table in self._tables.items():
                table.rows = before[name]
            self.told.append(Told(QUARANTINE, "Quarantined", {"topic": batch.topic, "error": f"{exc!r}"}))
            return
        for topic, key, value in batch.sent:
            self._send(topic, key, value)

    def _send(self, topic: str, key: bytes, value: bytes) -> None:
        offset = self._offsets[topic] = self._offsets.get(topic, -1) + 1
        name, record = CODEC.decode(value)
        self.told.append(Told(topic, name, record))
        if topic in self._views:
            self._views[topic].put(key.decode(), record)
        self._queue.append((topic, offset, key, value))


def _codec(table: str) -> RecordCodec | NothingCodec:
    # A table without records is an index: its keys say everything.
    return RecordCodec(TABLE_RECORDS[table]) if table in TABLE_RECORDS else NothingCodec()
