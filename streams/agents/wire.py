"""What every agent does at its edges: records in, records out, table values as bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.codec import CODEC
from schemas.topics import TOPICS
from streams.engine import Batch


class OutOfPlace(ValueError):
    """A message that does not belong where it stands: a tombstone, another topic's record, another owner's key."""


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
        schemas.codec.CodecError, OutOfPlace: the record is not one of ours; the engine quarantines it.
    """
    topic = TOPICS[batch.topic]
    for message in batch.records:
        value = message.value()
        if value is None:
            raise OutOfPlace("a tombstone: the message has no value")
        name, record = CODEC.decode(value)
        if name not in topic.records:
            raise OutOfPlace(f"a {name} stands on {topic.name}, which carries {', '.join(topic.records)}")
        # An answer that is about no order goes by its SKU.
        owner = record[topic.key] or record["sku"]
        if message.key() != owner.encode():
            # Decided here, it would change a second balance (or saga) of its owner's.
            raise OutOfPlace(f"its key is {message.key()!r}, not its {topic.key} {owner!r}")
        yield name, record, message.timestamp()[1]


def send(batch: Batch, topic: str, key: str, name: str, record: Mapping[str, Any]) -> None:
    """Encodes and sends with the batch's transaction."""
    batch.send(topic, key.encode(), CODEC.encode(name, record))
