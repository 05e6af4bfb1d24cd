"""What the tests of forgetting write: of everything that a store takes one record about an order, and the record that names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.codec import CODEC
from schemas.topics import FORGOTTEN, TOPICS
from streams.ops.sinks import Record, Sink
from tests.domain.make import AT_MS
from tests.personal.filled import PERSONAL, filled

#: ``filled`` puts a field's name into it, so this is the order that every record is about.
GONE = b"order_id"


def told(topics: Sequence[str], key: bytes = GONE) -> list[Record]:
    """One record of each type on each of the topics, everything in it filled."""
    names = [(topic, name) for topic in topics for name in TOPICS[topic].records if topic != FORGOTTEN]
    return [
        Record(topic, 0, at, AT_MS, key, CODEC.encode(name, about(name, key))) for at, (topic, name) in enumerate(names)
    ]


def rowless(key: bytes = GONE) -> list[Record]:
    """Of one nobody can say what it holds; the other has what cannot be stored."""
    return [
        Record("orders", 1, 0, AT_MS, key, f"{PERSONAL}, no Avro".encode()),
        Record("orders", 1, 1, AT_MS, key, CODEC.encode("Order", about("Order", key) | {"shop": "a\0b"})),
    ]


def about(name: str, key: bytes) -> dict[str, Any]:
    record = filled(name)
    return record | {"order_id": key.decode()} if "order_id" in record else record


def naming(order_id: bytes = GONE, offset: int = 0) -> Record:
    record = {"order_id": order_id.decode(), "by": "li", "reason": "asked for", "forgotten_at_ms": AT_MS}
    return Record(FORGOTTEN, 0, offset, AT_MS, order_id, CODEC.encode("PersonForgotten", record))


async def take(sink: Sink, records: Sequence[Record]) -> None:
    await sink.write(records)
    await sink.flush({})
