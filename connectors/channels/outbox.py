"""Records to Kafka: many callers, one producer; each waits for its own records, and all that come within 20 ms share a request.

A delivery is known when all replicas have the record (``acks=all``); the producer is idempotent, so its own retries double nothing.
A caller that stops waiting has not taken its records back: they may still be delivered. Whoever sends them again makes duplicates,
which intake, the fetcher and the readers of traces know.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from connectors.channels.base import Outgoing
from streams.engine.transaction import NEVER_TAKEN

logger = logging.getLogger(__name__)

#: A record that waits for longer says that Kafka is away: what comes meanwhile is not queued behind it.
_AWAY_S = 3.0
#: librdkafka gives a record up after this time, and tells so.
_GIVEN_UP_MS = 30_000


class Undelivered(Exception):
    """Kafka has not confirmed all of the records (in time): send them again later. It may have some of them."""


class NeverTaken(Undelivered):
    """One of them is of a kind that Kafka never takes, however often it is sent: too large, say."""


class _Sent:
    """The records of one ``deliver``."""

    __slots__ = ("done", "error", "left", "since")

    def __init__(self, done: asyncio.Future[None], left: int) -> None:
        self.done = done
        self.left = left
        self.error: KafkaError | None = None
        self.since = time.monotonic()


class Outbox:
    """Make it on the event loop that uses it. ``properties``: librdkafka's, ``bootstrap.servers`` among them."""

    def __init__(self, properties: dict[str, Any]) -> None:
        self._properties = {
            "log_level": 0,
            **properties,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 20,
            "compression.type": "lz4",
            "message.timeout.ms": _GIVEN_UP_MS,
            "message.max.bytes": 4 * 1024 * 1024,
            # A broker that is back is noticed at once, not after ten seconds.
            "reconnect.backoff.max.ms": 1_000,
        }
        self._loop = asyncio.get_running_loop()
        self._under_way: dict[_Sent, None] = {}
        self._answered: deque[_Sent] = deque()
        self._waking = False
        self._lock = threading.Lock()
        self._stopped = False
        #: How the last delivery ended.
        self.up = True
        self._producer = Producer(self._properties)
        self._thread = threading.Thread(target=self._poll, name="gateway-outbox", daemon=True)
        self._thread.start()

    @property
    def away(self) -> bool:
        """Kafka has confirmed nothing of what was sent some time ago."""
        oldest = next(iter(self._under_way), None)
        return oldest is not None and time.monotonic() - oldest.since > _AWAY_S

    async def deliver(self, records: Sequence[Outgoing], within_s: float) -> None:
        """Returns when all replicas have all of them. Raises Undelivered, NeverTaken."""
        if not records:
            return
        if self.away:
            raise Undelivered("Kafka does not answer")
        sent = _Sent(self._loop.create_future(), len(records))
        self._under_way[sent] = None
        try:
            # 1. Queue them: librdkafka copies the bytes.
            answered = self._answer_of(sent)
            for at, record in enumerate(records):
                try:
                    self._producer.produce(
                        record.topic,
                        key=record.key.encode(),
                        value=record.value,
                        headers=list(record.headers) or None,
                        on_delivery=answered,
                    )
                except (BufferError, KafkaException) as exc:
                    self._unsent(sent, len(records) - at)
                    if isinstance(exc, KafkaException) and exc.args[0].code() in NEVER_TAKEN:
                        raise NeverTaken(exc.args[0].str()) from exc
                    raise Undelivered(f"the producer takes no more: {exc}") from exc
            # 2. Wait until the last one is answered for.
            async with asyncio.timeout(within_s):
                await asyncio.shield(sent.done)
        except TimeoutError:
            self.up = False
            raise Undelivered(f"Kafka has not answered within {within_s:g} s") from None
        self.up = sent.error is None
        if sent.error is not None:
            self._look_at(sent.error)
            raise (NeverTaken if sent.error.code() in NEVER_TAKEN else Undelivered)(sent.error.str())

    async def close(self, within_s: float) -> int:
        """Waits for what is under way; returns how many records Kafka has not confirmed."""
        left: int = await asyncio.to_thread(self._producer.flush, within_s)
        self._stopped = True
        await asyncio.to_thread(self._thread.join)
        return left

    def _unsent(self, sent: _Sent, count: int) -> None:
        with self._lock:
            sent.left -= count
            if sent.left:
                return
        self._under_way.pop(sent, None)

    def _answer_of(self, sent: _Sent) -> Callable[[KafkaError | None, Message], None]:
        def answered(error: KafkaError | None, _: Message) -> None:
            # On the polling thread.
            with self._lock:
                sent.error = sent.error or error
                sent.left -= 1
                if sent.left:
                    return
                self._answered.append(sent)
                if self._waking:
                    return
                self._waking = True
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._wake)

        return answered

    def _wake(self) -> None:
        """All that were answered since the last time, in one go: waking a loop costs more than an answer."""
        with self._lock:
            self._waking = False
            answered = list(self._answered)
            self._answered.clear()
        for sent in answered:
            self._under_way.pop(sent, None)
            if not sent.done.done():
                sent.done.set_result(None)

    def _look_at(self, error: KafkaError) -> None:
        """An idempotent producer that has lost its place takes nothing any more: a new one does."""
        if error.fatal():
            logger.warning("the producer is made anew: %s", error.str())
            old, self._producer = self._producer, Producer(self._properties)
            # What it still held is answered for: its senders send it again.
            for leave in (old.purge, lambda: old.flush(1.0)):
                with suppress(KafkaException, SystemError):
                    leave()

    def _poll(self) -> None:
        while not self._stopped:
            # A producer that has failed for good says it here too, once; its senders hear of it by their records.
            with suppress(KafkaException, SystemError):
                self._producer.poll(0.1)
