"""What every agent does at its edges: records in, records out, table values as bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.codec import CODEC
from streams.engine import Batch


class RecordCodec:
    """A table's values: one kind of Avro record."""

    def __init__(self, name: str) -> None:
        self.name = name

    def dumps(self, value: Mapping[str, Any]) -> bytes:
        return CODEC.encode(self.name, value)

    def loads(self, raw: bytes) -> Any:
        return CODEC.decode(raw)[1]


class NothingCodec:
    """For a table that is only an index: its keys say everything."""

    def dumps(self, value: None) -> bytes:
        return b"\x01"  # not empty: nobody can take it for a tombstone

    def loads(self, raw: bytes) -> None:
        return None


def received(batch: Batch) -> Iterator[tuple[str, Any, int]]:
    """(record name, record, its time in the log in ms).

    Raises:
        schemas.codec.CodecError: the record is not one of ours; the engine quarantines it.
    """
    for message in batch.records:
        name, record = CODEC.decode(message.value())
        yield name, record, message.timestamp()[1]


def send(batch: Batch, topic: str, key: str, name: str, record: Mapping[str, Any]) -> None:
    """Encodes and sends with the batch's transaction."""
    batch.send(topic, key.encode(), CODEC.encode(name, record))
