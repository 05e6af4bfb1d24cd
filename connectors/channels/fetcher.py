"""Orders and after-sales told of and not shown are read from their platform: ``channel.notices`` in, ``channel.<name>.events`` out.

 1. Notices are read in batches. Those of one order or after-sale that stand together, or come while it waits, are one: it is read once.
 2. Each shop has its own queue, its own callers and the platform's pace: a shop that is slow or away holds up no other.
 3. The snapshot goes to Kafka; then, and not before, its notices count as done. The group's position moves to the first notice
    that is not: after ``kill -9`` what was under way is read again.
 4. What fails is tried again after a pause that grows, while others go on. An order the platform does not know goes to quarantine
    after four looks, and so does one whose answer can't be read: ``penstock quarantine redrive`` has it read again. Not to review,
    where an operator corrects what a channel sent: here it has sent nothing to correct.

A notice that arrives while its order is being read has it read once more: the answer may be older than the notice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from connectors.channels.aside import aside
from connectors.channels.base import NOTICES, Fetching, Outgoing
from connectors.channels.metrics import GatewayMetrics
from connectors.channels.outbox import NeverTaken, Outbox, Undelivered
from connectors.channels.shop_queue import Place, ShopQueue, Wanted
from connectors.driver.progress import Progress
from connectors.platforms.base import Platform
from schemas.codec import CODEC, CodecError
from schemas.records import ChannelNotice
from streams.engine.guard import Guard
from streams.engine.record import Record

logger = logging.getLogger(__name__)

#: Notices taken at a time, and how long one is waited for.
_BATCH, _WAIT_S = 500, 0.2
#: How long the broker may take to say how far the group is, before it is asked again.
_ASK_S = 5.0
#: With so many orders waiting no more notices are read, until half of them are through.
_WAITING_MAX = 20_000
#: A notice that can't be used waits so long for quarantine to take it, again and again.
_DELIVER_S = 30.0


class Fetched(NamedTuple):
    """A shop whose orders are read."""

    platform: Platform
    fetching: Fetching


class Fetcher:
    """``shops``: by channel and name. ``properties``: librdkafka's, ``bootstrap.servers`` among them. ``member``: its name in the group."""

    def __init__(
        self,
        shops: Mapping[tuple[str, str], Fetched],
        outbox: Outbox,
        metrics: GatewayMetrics,
        properties: Mapping[str, Any],
        group: str,
        member: str,
    ) -> None:
        self._outbox = outbox
        self._metrics = metrics
        self._queues = {
            names: ShopQueue(shop.platform, shop.fetching, outbox, metrics, self._done) for names, shop in shops.items()
        }
        self._progress: dict[int, Progress] = {}
        self._aside: set[asyncio.Task[None]] = set()
        self._paused = False
        #: Partitions that wait to be read from, until it is known where the group stands.
        self._unplaced: set[int] = set()
        self._properties = {
            "log_level": 0,
            **properties,
            "group.id": group,
            # The same after a restart: a gateway that was killed has its partitions back at once, not when its session has run out.
            "group.instance.id": member,
            "session.timeout.ms": 10_000,
            "auto.offset.reset": "earliest",
            # Positions are stored here as notices are finished, and committed once a second and at the end.
            "enable.auto.offset.store": False,
            "enable.auto.commit": True,
            "auto.commit.interval.ms": 1_000,
            "isolation.level": "read_committed",
            # What is told in a tenth of a second is read in one request.
            "fetch.wait.max.ms": 100,
            "fetch.min.bytes": 100_000,
            "partition.assignment.strategy": "cooperative-sticky",
        }

    async def run(self) -> None:
        """Until it is cancelled."""
        consumer = Consumer(self._properties)
        self._guard = Guard(consumer, self._properties, self._metrics.told)
        consumer.subscribe([NOTICES], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)
        queues = [asyncio.create_task(queue.run()) for queue in self._queues.values()]
        taking: asyncio.Task[list[Record]] | None = None
        try:
            while True:
                taking = asyncio.create_task(asyncio.to_thread(self._take, consumer, self._guard))
                for message in await asyncio.shield(taking):
                    self._took(message)
                self._store(consumer)
                self._hold(consumer)
                for task in queues:
                    if task.done():
                        task.result()  # raises what ended it: it never ends well
        finally:
            for task in (*queues, *self._aside):
                task.cancel()
            # What is still being taken is left: its positions are not stored.
            await asyncio.gather(*queues, *self._aside, *filter(None, [taking]), return_exceptions=True)
            self._store(consumer)
            await asyncio.to_thread(consumer.close)

    def _took(self, message: Record) -> None:
        if message.error() is not None:
            logger.info("channel.notices: %s", message.error())
            return
        place = Place(message.partition(), message.offset())
        self._progress.setdefault(place.partition, Progress()).begin(place.offset)
        try:
            name, record = CODEC.decode(message.value() or b"")
            if name != "ChannelNotice":
                raise CodecError(f"a {name} stands where a ChannelNotice belongs")
        except CodecError as exc:
            self._set_aside(message, place, exc)
            return
        notice = cast(ChannelNotice, record)
        queue = self._queues.get((notice["channel"], notice["shop"]))
        if queue is None:
            error = LookupError(
                f"shop {notice['shop']!r} of {notice['channel']} is not in PENSTOCK_SHOPS: add it, redrive"
            )
            self._set_aside(message, place, error)
            return
        queue.want(Wanted(notice, [place]))

    def _done(self, places: Sequence[Place]) -> None:
        for place in places:
            progress = self._progress.get(place.partition)
            # Another gateway may own the partition by now.
            if progress is not None:
                progress.finish((place.offset,))

    def _set_aside(self, message: Record, place: Place, error: Exception) -> None:
        key, raw = (message.key() or b"").decode("utf-8", "replace"), message.value() or b""
        whole, reference = (
            aside(NOTICES, key, raw, error, message.timestamp()[1], *place, whole=whole) for whole in (True, False)
        )
        task = asyncio.create_task(self._deliver_aside(whole, reference, place))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _deliver_aside(self, record: Outgoing, reference: Outgoing, place: Place) -> None:
        while True:
            try:
                await self._outbox.deliver([record], _DELIVER_S)
                break
            except NeverTaken:
                record = reference
                await asyncio.sleep(1)
            except Undelivered:
                await asyncio.sleep(1)
        self._done([place])

    def _store(self, consumer: Consumer) -> None:
        ready = [
            TopicPartition(NOTICES, number, position)
            for number, it in self._progress.items()
            if (position := it.position()) >= 0
        ]
        for tp in ready:
            try:
                consumer.store_offsets(offsets=[tp])
            except KafkaException:
                # It was taken away between two polls: who has it now begins at what was committed.
                self._progress.pop(tp.partition, None)

    def _hold(self, consumer: Consumer) -> None:
        waiting = sum(queue.waiting for queue in self._queues.values())
        for channel in {channel for channel, _ in self._queues}:
            those = (queue for names, queue in self._queues.items() if names[0] == channel)
            self._metrics.waiting.labels(channel).set(sum(queue.waiting for queue in those))
        if not self._paused and waiting > _WAITING_MAX:
            logger.warning(
                "%d orders wait to be read: no more notices are taken until half of them are through", waiting
            )
            consumer.pause(consumer.assignment())
            self._paused = True
        elif self._paused and waiting < _WAITING_MAX // 2:
            consumer.resume([tp for tp in consumer.assignment() if tp.partition not in self._unplaced])
            self._paused = False

    # -- on the thread that polls; the loop waits for it

    def _take(self, consumer: Consumer, guard: Guard) -> list[Record]:
        if self._unplaced:
            self._place(consumer, guard)
        return guard.take_ready(_BATCH, _WAIT_S)

    def _place(self, consumer: Consumer, guard: Guard) -> None:
        try:
            found = consumer.committed([TopicPartition(NOTICES, number) for number in self._unplaced], timeout=_ASK_S)
        except KafkaException as exc:
            logger.info("where to begin in %s is not known yet: %s", NOTICES, exc.args[0].str())
            return
        if any(tp.error is not None for tp in found):
            return
        guard.place(
            [TopicPartition(NOTICES, tp.partition, tp.offset if tp.offset >= 0 else OFFSET_BEGINNING) for tp in found]
        )
        self._unplaced.clear()
        if not self._paused:
            consumer.resume([TopicPartition(NOTICES, tp.partition) for tp in found])

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        consumer.pause(partitions)
        self._unplaced |= {tp.partition for tp in partitions}

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._store(consumer)
        for tp in partitions:
            self._progress.pop(tp.partition, None)
        self._unplaced -= {tp.partition for tp in partitions}
        self._guard.forget(partitions)
