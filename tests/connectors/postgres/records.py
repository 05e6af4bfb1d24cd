"""Records for the tests of the sink: a whole hub's topics out of a simulated history, and single ones with what a test is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from connectors.postgres import PostgresSink
from schemas.codec import CODEC
from streams.ops.sinks import Partition, Record, Span
from tests.domain.make import AT_MS, order
from tests.simulation.history import History


def of_history(seed: int) -> list[Record]:
    """What the real workers of a simulated shop committed to the topics the sink takes; crashes and repetitions included."""
    history = History(seed)
    history.run()
    return [
        Record(entry.topic(), entry.partition(), entry.offset(), entry.timestamp()[1], entry.key(), entry.value())
        for entry in history.committed()
        if entry.topic() in PostgresSink.topics
    ]


def interleaved(records: Iterable[Record], rng: Random) -> list[Record]:
    """As a consumer gets them: each partition in order, partitions in any."""
    queues: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        queues.setdefault(record[:2], []).append(record)
    mixed = []
    while queues:
        partition = rng.choice(sorted(queues))
        mixed.append(queues[partition].pop(0))
        if not queues[partition]:
            del queues[partition]
    return mixed


def batches(records: list[Record], rng: Random) -> Iterator[list[Record]]:
    while records:
        size = rng.choice((1, 10, 50, 500))
        yield records[:size]
        records = records[size:]


def spans_of(batch: Iterable[Record], positions: dict[Partition, int]) -> dict[Partition, Span]:
    """What a flush of these records covers; moves ``positions`` on."""
    spans: dict[Partition, Span] = {}
    for record in batch:
        partition = Partition(record.topic, record.partition)
        spans[partition] = Span(positions.get(partition, 0), record.offset + 1)
    positions.update({partition: span.end for partition, span in spans.items()})
    return spans


def message(topic: str, offset: int, name: str, fields: dict[str, Any], *, at_ms: int = AT_MS) -> Record:
    return Record(topic, 0, offset, at_ms, b"key", CODEC.encode(name, fields))


def an_order(offset: int, **fields: Any) -> Record:
    """An accepted order with a line; ``fields`` are the record's."""
    number = fields.pop("number", str(offset))
    made = order(order_id=f"shop:{number}")
    return message("orders", offset, "Order", {**made, "order_no": number, **fields})
