"""Records in segments: frames of MessagePack, each a list of ``[offset, ms, key, value, headers]``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import msgspec
from confluent_kafka import Message

from streams.backup import vault
from streams.backup.errors import Damaged
from streams.backup.manifest import Chain, Segment
from streams.backup.vault import Key, Writer
from streams.engine.record import Record as Handed
from streams.replay.log import headers_of

#: A frame is written once it is so large, in bytes.
_FRAME = 1024 * 1024

Headers = list[tuple[str, bytes | None]]


class Record(msgspec.Struct, array_like=True, frozen=True):
    """One record, as it stood."""

    offset: int
    at_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def kept(message: Message | Handed) -> Record:
    """A record that a consumer has handed over."""
    key, value = _raw(message.key()), _raw(message.value())
    return Record(int(message.offset() or 0), message.timestamp()[1], key, value, headers_of(cast(Message, message)))


def _raw(part: Any) -> bytes | None:
    return part.encode() if isinstance(part, str) else part


class SegmentWriter:
    """Of one partition's records, in their order. The file comes with the first of them."""

    def __init__(self, folder: Path, name: str, key: Key | None, start: int) -> None:
        self._folder, self._name, self._key, self._start = folder, name, key, start
        self._writer: Writer | None = None
        self._batch: list[Record] = []
        self._size = self._count = 0
        self._is_finished = False

    def add(self, record: Record) -> None:
        self._batch.append(record)
        self._size += 64 + len(record.key or b"") + len(record.value or b"")
        if self._size > _FRAME:
            self._flush()

    def finish(self, end: int) -> Segment | None:
        """The segment; None: no record came."""
        self._flush()
        if self._writer is None:
            return None
        self._is_finished = True
        self._writer.__exit__(None, None, None)
        return Segment(self._start, end, self._count, self._writer.written())

    def drop(self, kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        """Something went wrong: no file is left."""
        if self._writer is not None and not self._is_finished:
            self._writer.__exit__(kind, error, at)

    def _flush(self) -> None:
        if not self._batch:
            return
        if self._writer is None:
            self._writer = Writer(self._folder, self._name, self._key).__enter__()
        self._writer.frame(msgspec.msgpack.encode(self._batch))
        self._count += len(self._batch)
        self._batch, self._size = [], 0


def records(folder: Path, chain: Chain, key: Key | None) -> Iterator[Record]:
    """A partition's, from where its log began. Raises Damaged, BackupRefused."""
    for segment in chain.segments:
        for frame in vault.frames(folder, segment.file.name, key, segment.file):
            try:
                batch = msgspec.msgpack.decode(frame, type=list[Record])
            except msgspec.DecodeError as exc:
                raise Damaged(segment.file.name, f"it holds no records: {exc}") from exc
            yield from (record for record in batch if record.offset >= chain.low)
