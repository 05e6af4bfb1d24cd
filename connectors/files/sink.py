"""Records as JSON lines, by topic and day: for archives, notebooks, and as the second proof that a sink's contract can be kept.

A line: {"topic", "partition", "offset", "at" (of the record, UTC), "key", "record" (its type; null: a tombstone), "value"}
Names, phones, addresses and raw payloads are masked unless asked for; of orders whose persons are forgotten they are empty.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from connectors.files.folder import Folder, Segment
from schemas.codec import CODEC, CodecError
from schemas.topics import FORGOTTEN, TOPICS
from streams.ops.forgetting import without_person
from streams.ops.masking import readable
from streams.ops.moments import utc
from streams.ops.sinks import Partition, Record, Refused, Sink, SinkMisfit, SinkUnavailable, Span

T = TypeVar("T")

#: What a person must put right; everything else (full, read-only, a network disk that is away) may pass.
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST)


#: A flush that waits for the disk is not kept waiting for longer than so many records take.
_GIVE_WAY_AFTER = 100


class _Prepared(NamedTuple):
    """Records with their lines, by topic and day, and those that have none."""

    lines: list[tuple[tuple[str, str], Record, bytes]]
    refused: list[Refused]


class FilesSink(Sink):
    """Writes below ``folder``; see ``connectors/files/folder.py`` for how a flush is made one step."""

    name = "files"
    #: Those that carry records of ours; what was set aside has bytes of any kind.
    topics = tuple(topic.name for topic in TOPICS.values() if topic.records)

    def __init__(self, folder: Path, *, unmask: bool = False, topics: Sequence[str] | None = None) -> None:
        self._folder = Folder(folder)
        self._unmask = unmask
        self.topics = tuple(topics) if topics is not None else type(self).topics
        self.rows_written: dict[str, int] = {}
        self._lines: dict[tuple[str, str], list[tuple[Record, bytes]]] = {}
        #: Partitions that the folder knew when it was asked, or has learnt from this driver since.
        self._known: set[Partition] = set()
        self._encode = msgspec.json.Encoder(enc_hook=str).encode

    async def setup(self) -> None:
        await self._do(self._folder.open)

    async def positions(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        self._lines.clear()
        stored = await self._do(self._folder.positions)
        found = {tp: stored[tp] for tp in partitions if tp in stored}
        self._known = (self._known - set(partitions)) | found.keys()
        return found

    async def prepare(self, batch: Sequence[Record]) -> _Prepared:
        lines: list[tuple[tuple[str, str], Record, bytes]] = []
        refused = []
        for number, record in enumerate(batch, 1):
            try:
                day, line = self._line(record)
            except CodecError as exc:
                refused.append(Refused(record, f"{type(exc).__name__}: {exc}"))
                continue
            lines.append(((record.topic, day), record, line))
            if number % _GIVE_WAY_AFTER == 0:
                await asyncio.sleep(0)
        return _Prepared(lines, refused)

    def accept(self, prepared: _Prepared) -> Sequence[Refused]:
        for place, record, line in prepared.lines:
            self._lines.setdefault(place, []).append((record, line))
        return prepared.refused

    async def flush(self, spans: Mapping[Partition, Span]) -> Sequence[Refused]:
        named = (record for (topic, _), lines in self._lines.items() if topic == FORGOTTEN for record, _ in lines)
        forget = {record.key.decode() for record in named if record.key}
        await self._do(lambda: self._folder.flush(self._segments, spans, self._known, forget))
        self._known |= spans.keys()
        for (topic, _), lines in self._lines.items():
            self.rows_written[topic] = self.rows_written.get(topic, 0) + len(lines)
        self._lines.clear()
        return ()

    async def close(self) -> None:
        """Nothing is open between two calls."""

    def _segments(self, forgotten: Set[str]) -> list[Segment]:
        keys = {order.encode() for order in forgotten}
        return [
            Segment(*at, b"".join(self._kept(record, line, keys) + b"\n" for record, line in lines))
            for at, lines in sorted(self._lines.items())
        ]

    def _kept(self, record: Record, line: bytes, forgotten: Set[bytes]) -> bytes:
        if record.key not in forgotten:
            return line
        return self._line(record._replace(value=without_person(record.value)))[1]

    def _line(self, record: Record) -> tuple[str, bytes]:
        at = utc(record.timestamp_ms, "milliseconds")
        name, value = CODEC.decode(record.value) if record.value is not None else (None, None)
        document = {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "at": at,
            "key": record.key.decode("utf-8", "backslashreplace") if record.key is not None else None,
            "record": name,
            "value": readable(name, value, unmask=self._unmask) if name is not None else None,
        }
        return at[:10], self._encode(document)

    async def _do(self, call: Callable[[], T]) -> T:
        """Off the event loop: disks take their time."""
        try:
            return await asyncio.to_thread(call)
        except OSError as exc:
            if exc.errno in _FORBIDDEN:
                raise SinkMisfit(
                    f"{exc.filename or self._folder.path}: {exc.strerror}: give the sink a folder it may write to"
                ) from exc
            raise SinkUnavailable(f"{self._folder.path}: {exc.strerror or exc}") from exc
