"""Puts what a sink cannot take on ``sink.refused``, with its original bytes and headers that say where it stood and why.

What is too large to stand there is named, by place and hash, as in the engine's quarantine. Of an order whose person is forgotten there is
what is left without them: of what nobody can read, nothing.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from connectors.driver.sinks.metrics import SinkMetrics
from schemas.topics import SINK_REFUSED
from streams.engine import aside
from streams.engine.transaction import NEVER_TAKEN
from streams.ops.cluster import Cluster
from streams.ops.forgetting import named, without_person
from streams.ops.reading import ClusterError
from streams.ops.sinks import Refused, SinkUnavailable
from streams.settings import Settings

logger = logging.getLogger(__name__)

#: A broker that takes nothing for so long is treated as an outage: the flush is tried again later.
_TIMEOUT_S = 30.0

Place = tuple[str, int, int]


class Aside:
    """Keeps trying for as long as the broker is away: a record that is on no topic and in no store would be lost."""

    def __init__(self, properties: Mapping[str, Any], sink: str, metrics: SinkMetrics) -> None:
        self._sink = sink
        self._cluster = Cluster(
            Settings(
                brokers=properties["bootstrap.servers"],
                data=Path(),
                kafka={name: value for name, value in properties.items() if name != "bootstrap.servers"},
            )
        )
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        #: What was sent since ``forget``, and whether it has arrived.
        self._sent: dict[Place, asyncio.Future[None]] = {}
        self._producer = Producer(
            {
                **properties,
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "acks": "all",
                # For ever: see above.
                "message.timeout.ms": 0,
                "message.max.bytes": 4 * 1024 * 1024,
                "log_level": 0,
            }
        )
        self._thread = threading.Thread(target=self._poll, name="sink-aside", daemon=True)
        self._thread.start()

    async def put(self, refused: Sequence[Refused]) -> None:
        """Returns when all replicas have them; one that was sent since ``forget`` is not sent again.

        Raises SinkUnavailable when the broker takes nothing for long: it goes on trying, call again.
        """
        new = [r for r in refused if _place(r) not in self._sent]
        for r in await self._without_persons(new) if new else ():
            self._sent[_place(r)] = self._send(r)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                for r in refused:
                    await asyncio.shield(self._sent[_place(r)])
        except TimeoutError:
            raise SinkUnavailable(f"Kafka does not take {len(refused)} refused records for {SINK_REFUSED}") from None

    async def _without_persons(self, refused: Sequence[Refused]) -> list[Refused]:
        """Raises SinkUnavailable: nobody knows whose they are."""
        try:
            gone = {record.key for record in await asyncio.to_thread(named, self._cluster)}
        except ClusterError as exc:
            raise SinkUnavailable(f"Kafka does not tell who is forgotten: {exc}") from exc
        return [
            Refused(r.record._replace(value=without_person(r.record.value)), "its person is forgotten")
            if r.record.key in gone
            else r
            for r in refused
        ]

    def forget(self) -> None:
        """What was put is behind a durable position: it doesn't come again."""
        self._sent.clear()

    async def close(self) -> None:
        """What is still under way is given up: its position is not durable, so it comes again."""
        self._stopped = True
        await asyncio.to_thread(self._thread.join)
        self._producer.purge()

    def _send(self, refused: Refused) -> asyncio.Future[None]:
        taken: asyncio.Future[None] = self._loop.create_future()
        self._produce(refused, taken, whole=True)
        return taken

    def _produce(self, refused: Refused, taken: asyncio.Future[None], *, whole: bool) -> None:
        def answered(error: KafkaError | None, _: Message) -> None:
            if not self._stopped:
                self._loop.call_soon_threadsafe(settle, error)

        def settle(error: KafkaError | None) -> None:
            if taken.done():
                return
            if error is None:
                taken.set_result(None)
                self._metrics.refused(refused.record.topic)
                about = {name: getattr(record, name) for name in ("topic", "partition", "offset", "key")}
                text = "%s/%d offset %d is set aside on %s%s: %s"
                how = "" if whole else ", by reference"
                logger.error(text, *_place(refused), SINK_REFUSED, how, refused.error, extra=about)
            elif whole and error.code() in NEVER_TAKEN:
                self._produce(refused, taken, whole=False)
            else:
                taken.set_exception(RuntimeError(f"{SINK_REFUSED} does not take a refused record: {error.str()}"))

        record = refused.record
        about = {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp_ms,
            "error": refused.error,
            "at": "",
            "sink": self._sink,
        }
        try:
            message = aside.message(record.key, record.value, about, whole=whole)
            self._producer.produce(SINK_REFUSED, on_delivery=answered, **message)
        except KafkaException as exc:
            settle(exc.args[0])

    def _poll(self) -> None:
        while not self._stopped:
            # What has killed the producer for good is told to those who wait for its records.
            with suppress(KafkaException, SystemError):
                self._producer.poll(0.1)


def _place(refused: Refused) -> Place:
    return refused.record.topic, refused.record.partition, refused.record.offset
