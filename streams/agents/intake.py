"""Intake: raw channel events in; out comes each order and after-sale once, in canonical form, or a review with every reason."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from schemas.records import Bundle
from streams.agents.wire import send
from streams.domain.channels.settings import DEFAULT, ChannelSettings
from streams.domain.intake.dedup import Reading, dedup
from streams.domain.intake.reading import read_event

if TYPE_CHECKING:
    # Faust takes longer to import than a trial to run.
    from streams.engine import Batch, Table

#: Where each outcome goes.
TOPICS = {"Order": "orders", "AfterSale": "aftersales", "Review": "orders.review", "Duplicate": "orders.duplicates"}


class Intake:
    """Table: ``seen`` by order id, and by after-sale under it.

    ``known_skus``: SKUs that have, or have had, stock. ``bundles``: combined goods by SKU. ``connected``: (channel, shop) of those whose
    orders and after-sales can be read again.
    """

    def __init__(
        self,
        seen: Table,
        known_skus: Container[str],
        bundles: Mapping[str, Bundle] = MappingProxyType({}),
        settings: ChannelSettings = DEFAULT,
        connected: Container[tuple[str, str]] = frozenset(),
    ) -> None:
        self._seen = seen
        self._known_skus = known_skus
        self._bundles = bundles
        self._settings = settings
        self._connected = connected

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
                settings=self._settings,
                bundles=self._bundles,
            )
            for message in batch.records
        ]
        seen = self._seen.get_many(reading.key.encode() for reading in readings)
        changed = {}
        for reading in readings:
            key = reading.key.encode()
            decision = dedup(reading, seen.get(key), self._reads_again(reading))
            if decision.seen is not None:
                seen[key] = changed[key] = decision.seen
            send(batch, TOPICS[decision.name], reading.order_id, decision.name, decision.record)
            if decision.notice is not None:
                send(batch, "channel.notices", reading.order_id, "ChannelNotice", decision.notice)
        self._seen.put_many(changed)

    def _reads_again(self, reading: Reading) -> bool:
        found = reading.order or reading.aftersale
        return found is not None and (found["channel"], found["shop"]) in self._connected

    def on_tick(self, batch: Batch) -> None:
        """Nothing waits for the clock here."""
