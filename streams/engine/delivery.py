"""Hands records to Faust's streams and finds the one record that an agent cannot digest."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from faust.types import TP as FaustTP
from faust.types import ConsumerMessage

from streams.engine import aside
from streams.engine.batch import Batch, Batches
from streams.engine.errors import Fault, Misconfigured, StateFault, Stopped, WrongPartition
from streams.engine.log_clock import LogClock
from streams.engine.metrics import Metrics
from streams.engine.options import Options
from streams.engine.partitions import partitions_of
from streams.engine.record import Record
from streams.engine.refusals import Refusals
from streams.engine.shards import TP
from streams.engine.work import Work, timer_of

logger = logging.getLogger(__name__)

#: Collects what the delivery to this partition writes and sends.
Attempting = Callable[[int], AbstractContextManager[Work]]

#: Failures that no record causes.
FAULTS = (Fault, MemoryError, ConnectionError, TimeoutError)


class Courier:
    """Delivers one partition's records at a time, and waits until the agent is through with them."""

    def __init__(
        self, app: Any, attempting: Attempting, refusals: Refusals, options: Options, metrics: Metrics
    ) -> None:
        self._app = app
        self._attempting = attempting
        self._refusals = refusals
        self._metrics = metrics
        self._quarantine_topic = options.quarantine_topic or f"{app.conf.id}.quarantine"
        self._channels: dict[str, Any] = {}
        #: Topic -> partitions, of those whose records stand where their keys say.
        self._counts: dict[str, int] = {}
        self._message: ConsumerMessage | None = None
        self._through: asyncio.Future[None] | None = None
        self._given_up: BaseException | None = None

    def route(self, counts: Mapping[str, int]) -> list[str]:
        """Finds the channel of each topic; returns the topics. ``counts``: topic -> partitions.

        Raises:
            Misconfigured: two agents read one topic.
        """
        self._channels.clear()
        for channel in self._app.topics:
            for topic in channel.topics:
                if topic in self._channels:
                    raise Misconfigured(f"topic {topic!r} is read by two agents: let one of them read it")
                self._channels[topic] = channel
                if isinstance(channel.schema, Batches) and channel.schema.keyed:
                    self._counts[topic] = counts[topic]
        return sorted(self._channels)

    async def deliver(self, work: Work, tp: TP, records: Sequence[Record]) -> None:
        """Lets the agent decide; halves the batch on a failure, down to the record that goes to quarantine.

        A record that is another group's, or in another partition than its key's, the agent doesn't see.
        """
        work.starts.setdefault(tp, records[0].offset())
        pending = self._refusals.parted(tp, self._own(work, tp, records))
        while pending:
            part = pending.pop()
            refusal = self._refusals.of(tp, part)
            try:
                attempt = await self._attempt(tp, part, part[-1].timestamp()[1])
                if refusal is not None:
                    attempt = self._quarantined(tp, part[0], refusal.cause, whole=refusal.times == 1)
            except Stopped:
                raise
            except FAULTS as exc:
                raise exc if isinstance(exc, Fault) else Fault(repr(exc)) from exc
            except OSError as exc:
                raise StateFault(str(exc)) from exc
            except Exception as exc:
                if len(part) > 1:
                    middle = len(part) // 2
                    pending += [part[middle:], part[:middle]]
                    continue
                # Refused before, it was as it would be now.
                attempt = self._quarantined(tp, part[0], exc, whole=refusal is None)
            work.absorb(attempt)
        work.offsets[tp] = records[-1].offset() + 1
        work.records[tp[0]] = work.records.get(tp[0], 0) + len(records)

    async def tick(self, work: Work, tp: TP, at_ms: int) -> None:
        """Delivers a batch without records."""
        work.ticks.add(timer_of(tp))
        try:
            work.absorb(await self._attempt(tp, (), at_ms))
        except Exception as exc:
            if isinstance(exc, Fault | Stopped):
                raise
            raise Fault(f"an agent failed on a tick of {tp[0]}/{tp[1]}: {exc!r}") from exc

    def failing(self) -> None:
        """The agent raised: an acknowledgement that still comes is not one."""
        self._message = None

    def failed(self, exc: BaseException) -> None:
        """The agent raised this, and can be given records again."""
        if self._through is not None and not self._through.done():
            self._through.set_exception(exc)

    def give_up(self, exc: BaseException) -> None:
        """Nobody takes deliveries any more: the present one fails of this, and so would every later one, which would wait for ever."""
        self._given_up = exc
        self.failed(exc)

    def acknowledged(self, message: Any) -> None:
        """The agent asked for the next event."""
        if message is self._message and self._through is not None and not self._through.done():
            self._through.set_result(None)

    async def _attempt(self, tp: TP, records: Sequence[Record], at_ms: int) -> Work:
        generation_id = self._app.consumer_generation_id
        with self._attempting(tp[1]) as attempt:
            if isinstance(self._channels[tp[0]].schema, Batches):
                await self._hand_over(_message(tp, Batch(*tp, records, at_ms, attempt), records, generation_id))
            else:
                for record in records:
                    await self._hand_over(_message(tp, record.value(), (record,), generation_id))
        return attempt

    async def _hand_over(self, message: ConsumerMessage) -> None:
        if self._given_up is not None:
            raise self._given_up
        self._message, self._through = message, asyncio.get_running_loop().create_future()
        try:
            # Routed here and not by Faust's conductor, which acknowledges what it cannot decode.
            event = await self._channels[message.topic].decode(message, propagate=True)
            message.incref()
            await self._channels[message.topic].queue.put(event)
            await self._through
        finally:
            self._message = self._through = None

    def _own(self, work: Work, tp: TP, records: Sequence[Record]) -> Sequence[Record]:
        """The records that this group is to decide and this partition owns; what another partition owns goes to quarantine."""
        topic, partition = tp
        count = self._counts.get(topic)
        places = partitions_of([r.key() or b"" for r in records], count) if count else [partition] * len(records)
        headed = [r for r in records if r.headers()]
        if not headed and places.count(partition) == len(records):
            return records
        passed_over = {
            r.offset() for r in headed if aside.for_group(r.headers() or ()) not in (None, self._app.conf.id)
        }
        own = []
        for record, place in zip(records, places, strict=True):
            if record.offset() in passed_over:
                continue
            if place == partition or record.key() is None:
                own.append(record)
                continue
            exc = WrongPartition(
                f"its key belongs to partition {place} of {count}: its producer needs Java's partitioner, murmur2"
            )
            work.absorb(self._quarantined(tp, record, exc, whole=self._refusals.of(tp, [record]) is None))
        return own

    def _quarantined(self, tp: TP, record: Record, exc: Exception, *, whole: bool) -> Work:
        about = {"topic": tp[0], "partition": tp[1], "offset": record.offset(), "key": record.key()}
        how = "" if whole else ", by reference"
        # Not the error's text: what an agent stumbles over it may quote. It stands in the message's header.
        what = type(exc).__name__
        logger.error("%s/%d offset %d goes to quarantine%s: %s", *tp, record.offset(), how, what, extra=about)
        self._metrics.quarantined.labels(tp[0]).inc()
        work = Work()
        work.send(self._quarantine_topic, **aside.set_aside(record, self._app.conf.id, exc, whole=whole))
        return work


class Ticker:
    """Says which partitions are due for a tick, by the log's time; none while the host's clock is in doubt."""

    def __init__(self, app: Any, clock: LogClock) -> None:
        self._app = app
        self._clock = clock
        self._next: dict[str, float] = {}

    def due_in_s(self) -> float | None:
        """Until the next tick; None when no topic wants ticks."""
        if not self._intervals():
            return 1.0
        return max(0.0, min(self._next.get(t, 0.0) for t in self._intervals()) - time.monotonic())

    def due(self, ready: Iterable[TP]) -> list[tuple[TP, int]]:
        """Partitions that are due, with the time of the log that they are told."""
        now, due = time.monotonic(), []
        for topic, interval_s in self._intervals().items():
            if now >= self._next.get(topic, 0.0):
                self._next[topic] = now + interval_s
                due += [tp for tp in sorted(ready) if tp[0] == topic]
        return [(tp, self._clock.now_ms()) for tp in due] if not self._clock.doubt else []

    def _intervals(self) -> dict[str, float]:
        """Topic -> seconds; of an agent's several topics the first stands for all."""
        return {
            min(channel.topics): channel.schema.tick_s
            for channel in self._app.topics
            if isinstance(channel.schema, Batches) and channel.schema.tick_s
        }


def _message(tp: TP, value: Any, records: Sequence[Record], generation_id: int) -> ConsumerMessage:
    last = records[-1] if records else None
    key = last.key() if last is not None and len(records) == 1 else None
    return ConsumerMessage(
        topic=tp[0],
        partition=tp[1],
        offset=last.offset() if last is not None else -1,
        timestamp=last.timestamp()[1] / 1000.0 if last is not None else 0.0,
        timestamp_type=0,
        headers=dict(last.headers() or ()) if last is not None else {},
        key=key,
        value=value,
        checksum=None,
        tp=FaustTP(*tp),
        # Streams skip messages of another generation; the cycle lets none through itself.
        generation_id=generation_id,
    )
