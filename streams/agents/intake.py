"""Intake: raw channel events in; out comes each order once, in its canonical form, or a review with every reason."""

from __future__ import annotations

from collections.abc import Container

from streams.agents.wire import send
from streams.domain.intake.dedup import dedup
from streams.domain.intake.reading import read_event
from streams.engine import Batch, Table

#: Where each outcome goes.
TOPICS = {"Order": "orders", "Review": "orders.review", "Duplicate": "orders.duplicates"}


class Intake:
    """Table: ``seen`` by order id. ``known_skus``: SKUs that have, or have had, stock."""

    def __init__(self, seen: Table, known_skus: Container[str]) -> None:
        self._seen = seen
        self._known_skus = known_skus

    def on_batch(self, batch: Batch) -> None:
        """Reads each event, decides whether it is news, stores, sends.

        Raises:
            streams.domain.intake.reading.NotAChannelEvent, schemas.codec.CodecError: the engine quarantines the message.
        """
        readings = [
            read_event(
                message.value(),
                message.key(),
                {"topic": batch.topic, "partition": batch.partition, "offset": message.offset()},
                self._known_skus,
            )
            for message in batch.records
        ]
        seen = self._seen.get_many(reading.order_id.encode() for reading in readings)
        changed = {}
        for reading in readings:
            key = reading.order_id.encode()
            decision = dedup(reading, seen.get(key))
            if decision.seen is not None:
                seen[key] = changed[key] = decision.seen
            send(batch, TOPICS[decision.name], reading.order_id, decision.name, decision.record)
        self._seen.put_many(changed)

    def on_tick(self, batch: Batch) -> None:
        """Nothing waits for the clock here."""
