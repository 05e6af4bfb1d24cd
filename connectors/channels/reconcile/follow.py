"""Follows the topics that tell what the hub knows, as a consumer of no group, into the file of ``known.py``.

orders             the version and status last accepted, and the digest of what it says
aftersales         the same of after-sales, each under its order's id and its own
order.status       the phase of its saga
orders.review      what could not be accepted: it is known all the same
writeback.status   tracking numbers the platforms have taken: to be confirmed
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import cast
from zlib import crc32

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from connectors.channels.reconcile.compare import said, sale_shown, shown
from connectors.channels.reconcile.contents import content
from connectors.channels.reconcile.known import KnownOrders, Learnt, Pending
from schemas.codec import CODEC, CodecError
from schemas.records import ChannelEvent, CheckedEvent
from streams.domain.intake.kinds import subject
from streams.domain.intake.sales import subject_of
from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.engine.record import Record
from streams.ops.cluster import ClusterError
from streams.ops.sinks import Partition
from streams.settings import Settings
from streams.topology import RECONCILED

_TIMEOUT_S = 20.0
_NEW_TOPICS_S = 10.0
_BATCH = 2_000
#: An end that is not reached in this time is that of a transaction under way.
_OPEN_S = 3.0
#: A first reading finds a whole history: what happened longer ago than this is not asked back.
_FRESH_MS = 600_000
_UNPAID = frozenset({"", "UNPAID", "CANCELLED"})


class Follower:
    """One caller at a time.

    Args:
        sample: of a hundred key events these many are confirmed at the channel.
        delay_ms: how long after the event.
    Raises ClusterError: the topics cannot be read.
    """

    def __init__(
        self, settings: Settings, known: KnownOrders, sample: float, delay_ms: int, clock: Callable[[], int]
    ) -> None:
        self._known = known
        self._sample = sample
        self._delay_ms = delay_ms
        self._clock = clock
        #: Partition -> the offset up to which everything was taken in, markers at the end included.
        self._reached: dict[tuple[str, int], int] = {}
        properties = Options.quiet(settings.kafka).reader(
            settings.brokers,
            "reconcile",
            {
                "fetch.wait.max.ms": 100,
            },
        )
        self._consumer = Consumer(properties)
        self._guard = Guard(self._consumer, properties)

    def start(self) -> None:
        """Finds where to go on."""
        try:
            metadata = self._consumer.list_topics(timeout=_TIMEOUT_S)
            deadline = time.monotonic() + _NEW_TOPICS_S
            while missing := [topic for topic in RECONCILED if topic not in metadata.topics]:
                if time.monotonic() > deadline:
                    raise ClusterError(f"there is no topic {missing[0]}; penstock topics create makes it")
                # One created a moment ago may not be known to the broker that answers.
                time.sleep(0.2)
                metadata = self._consumer.list_topics(timeout=_TIMEOUT_S)
            self._known.belongs_to(metadata.cluster_id or "")
            stored = self._known.positions()
            places = [(topic, p) for topic in RECONCILED for p in metadata.topics[topic].partitions]
            self._reached = {place: stored.get(place, 0) for place in places}
            # What it does not know yet it learns from the log's beginning on, wherever that is.
            starts = [TopicPartition(*place, at or OFFSET_BEGINNING) for place, at in self._reached.items()]
            self._guard.assign(starts)
        except KafkaException as exc:
            raise ClusterError(f"the topics cannot be read: {exc.args[0].str()}") from exc

    def poll(self, timeout_s: float) -> int:
        """Takes in what has come, waiting for it so long at the most; returns how many records."""
        records: list[Record] = []
        for message in self._taken(timeout_s):
            error = message.error()
            if error is None:
                records.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                place = (message.topic(), message.partition())
                self._reached[place] = max(self._reached[place], message.offset())
            elif error.fatal():
                raise ClusterError(f"the topics cannot be read: {error.str()}")
        if records:
            self._take(records)
        return len(records)

    def _taken(self, timeout_s: float) -> list[Record]:
        try:
            return self._guard.take(_BATCH, timeout_s)
        except KafkaFault as exc:
            raise ClusterError(f"the topics cannot be read: {exc}") from exc

    def partitions(self) -> list[Partition]:
        """What it reads."""
        return [Partition(*place) for place in self._reached]

    def catch_up(self, ends: Mapping[Partition, int]) -> None:
        """Until all that stands before these ends has been taken in."""
        heard = time.monotonic()
        while any(self._reached[place] < end for place, end in ends.items()):
            if self.poll(0.1):
                heard = time.monotonic()
            elif time.monotonic() - heard > _OPEN_S:
                return

    def close(self) -> None:
        self._consumer.close()

    def _take(self, records: list[Record]) -> None:
        orders: dict[str, tuple[str, int, str]] = {}
        phases: dict[str, tuple[str, str, int]] = {}
        reviews: list[tuple[str, int]] = []
        repeats: list[tuple[str, int]] = []
        contents: dict[str, tuple[str, bytes, int]] = {}
        pending: list[Pending] = []
        before = self._known.statuses({r.key().decode() for r in records if r.topic() == "orders" and r.key()})
        positions: dict[tuple[str, int], int] = {}
        for record in records:
            positions[record.topic(), record.partition()] = record.offset() + 1
            value = record.value()
            if value is None:
                continue
            try:
                name, it = CODEC.decode(value)
            except CodecError:
                continue  # the workers have set it aside
            match name:
                case "Order":
                    order_id, status = it["order_id"], it["status"]
                    if status == "PAID" and before.get(order_id, "") in _UNPAID:
                        self._confirm(pending, record, order_id, "PAYMENT", it["shop"])
                    before[order_id] = status
                    orders[order_id] = (order_id, it["version"], status)
                    contents[order_id] = (order_id, content(it, order_id).digest, it["version"])
                case "AfterSale":
                    sale = subject(it["order_id"], it["aftersale_id"])
                    orders[sale] = (sale, it["version"], said(it["state"], it["platform_state"]))
                case "OrderStatusChanged":
                    phases[it["order_id"]] = (it["order_id"], it["status"], it["at_ms"])
                case "Duplicate" if it["kind"] == "EXACT":
                    repeats.append((subject(it["order_id"], it["aftersale_id"] or None), it["version"]))
                case "Review":
                    reviews.append(_reviewed(it["order_id"], it["event"]))
                case "WritebackChanged" if it["phase"] == "WRITTEN":
                    self._confirm(pending, record, it["order_id"], "SHIPMENT", it["shop"], it["tracking_no"])
        places = [(topic, partition, position) for (topic, partition), position in positions.items()]
        learnt = Learnt(list(orders.values()), list(phases.values()), reviews, repeats, pending, places)
        self._known.learn(learnt._replace(contents=list(contents.values())))
        for place, position in positions.items():
            self._reached[place] = max(self._reached[place], position)

    def _confirm(
        self, pending: list[Pending], record: Record, order_id: str, about: CheckedEvent, shop: str, number: str = ""
    ) -> None:
        now_ms = self._clock()
        # The same orders in every run: whether one is confirmed does not depend on who asks.
        if record.timestamp()[1] >= now_ms - _FRESH_MS and crc32(order_id.encode()) % 10_000 < self._sample * 100:
            pending.append(Pending(order_id, about, number, shop, now_ms + self._delay_ms, 0))


def _reviewed(order_id: str, event: bytes) -> tuple[str, int]:
    """What the snapshot in review is of, and its version; 0: it can't be read."""
    try:
        _, it = CODEC.decode(event)
        what = subject_of(cast(ChannelEvent, it), order_id)
        look = shown if what == order_id else sale_shown
        return what, look(it["channel"], it["payload"], 0).version
    except (CodecError, KeyError):
        return order_id, 0
