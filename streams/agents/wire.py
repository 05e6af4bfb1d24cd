"""What every agent does at its edges: records in, records out, table values as bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from schemas.codec import CODEC
from schemas.topics import TOPICS
from streams.topology import stages

if TYPE_CHECKING:
    # Faust takes longer to import than a trial to run.
    from streams.engine import Batch

#: Topics between two stages of the same workers.
_INNER = frozenset(topic for stage in stages("decisions") for topic in stage.reads)
#: Messages to other stages that are kept as records, twice this many at the most.
_SENT_MAX = 8_192


class OutOfPlace(ValueError):
    """A message that does not belong where it stands: a tombstone, another topic's record, another owner's key."""


class RecordCodec:
    """A table's values: one kind of record."""

    def __init__(self, name: str) -> None:
        self.name = name

    def dumps(self, value: Mapping[str, Any]) -> bytes:
        return CODEC.encode_state(self.name, value)

    def loads(self, raw: bytes) -> Any:
        return CODEC.decode(raw)[1]


class NothingCodec:
    """For a table that is only an index: its keys say everything."""

    def dumps(self, value: None) -> bytes:
        return b"\x01"  # not empty: nobody can take it for a tombstone

    def loads(self, raw: bytes) -> None:
        return None


class Sent:
    """What this process has sent to its own stages lately: it need not be decoded when it comes back.

    By the message's bytes, so it makes no difference whether the transaction they were sent with has committed, or who has decided
    the same in the meantime. Two generations: when the young one is full it becomes the old one, and the old one goes.
    """

    def __init__(self, size: int = _SENT_MAX) -> None:
        self._size = size
        self._young: dict[bytes, tuple[str, Any]] = {}
        self._old: dict[bytes, tuple[str, Any]] = {}

    def add(self, message: bytes, name: str, record: Mapping[str, Any]) -> None:
        """The record must not be changed afterwards."""
        if len(self._young) >= self._size:
            self._old, self._young = self._young, {}
        self._young[message] = name, record

    def decode(self, message: bytes) -> tuple[str, Any]:
        """(record name, record), as ``CODEC.decode`` gives it and with its errors."""
        return self._young.get(message) or self._old.get(message) or CODEC.decode(message)


SENT = Sent()


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
        name, record = SENT.decode(value)
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
    message = CODEC.encode(name, record)
    if topic in _INNER:
        SENT.add(message, name, record)
    batch.send(topic, key.encode(), message)
