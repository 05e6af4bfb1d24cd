"""Drives one sink. What a turn does, in this order (the numbers are those of ``streams/ops/sinks.py``):

1. Setup, once, however long the store is away.
2. Positions, after each assignment and whenever the store says that it is not where the driver left it: at a flush, or when it is
   looked at every few seconds. A store that was set back is told of, and goes on from there (``whereabouts.py``). What the log no
   longer has is named, counted, and passed over.
3. Write: a batch is turned into the store's form and handed in. Records that have none go to ``sink.refused``, and are safe there before
4. Flush: rows and positions in one step. Records that the store itself refuses reach ``sink.refused`` before the sink commits (it
   awaits ``set_aside``), or right after it for a sink that does not. A kill may tell such a record twice there, never lose it.
5. Show: the positions are committed to the consumer group too, for lag tools. Nobody goes on from them; they
   tell whether the store was set back while no driver ran.

While a batch is flushed the next one is prepared (``ahead.py``), and the one after that is fetched. While the store is away nothing
is fetched, the group keeps its member, and the batches in hand are kept. When partitions are taken away, or another driver has
moved a position on, they are dropped: whoever has them begins where the store says.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connectors.driver.fetcher import Fetcher
from connectors.driver.log_ends import Bounds, BrokerAway, LogEnds
from connectors.driver.sinks.ahead import Ahead, InHand
from connectors.driver.sinks.aside import Aside
from connectors.driver.sinks.lag import Lag
from connectors.driver.sinks.metrics import SinkMetrics
from connectors.driver.sinks.outage import Outage
from connectors.driver.sinks.whereabouts import Whereabouts
from streams.engine.guard import Told
from streams.ops.sinks import Partition, Refused, Sink, SinkFenced, SinkMisfit, SinkUnavailable, Span

logger = logging.getLogger(__name__)

T = TypeVar("T")

_PAUSE_S = 0.5


@dataclass(frozen=True)
class Options:
    """``kafka``: librdkafka properties of every client, ``bootstrap.servers`` among them."""

    kafka: Mapping[str, Any] = field(repr=False)
    #: ``penstock-sink-<name>`` when empty.
    group: str = ""
    #: Records of one flush at the most; as many again are prepared meanwhile, and as many fetched.
    batch: int = 5_000
    #: A batch that is not full is flushed when its first record has waited for this long.
    linger_s: float = 0.2
    #: How often the lag is measured.
    measure_s: float = 1.0
    #: How often the store is asked whether it still is where it was left: of a partition nothing comes in, no flush tells.
    look_s: float = 5.0


class Driver:
    """``run`` it; ``stop`` it from the event loop. Also the fetcher's listener, called on its thread."""

    def __init__(self, sink: Sink, options: Options, metrics: SinkMetrics) -> None:
        self._sink = sink
        self._options = options
        self._metrics = metrics
        self._loop = asyncio.get_running_loop()
        self._stir = asyncio.Event()
        self._stopping = False
        #: Partitions that were assigned; where each stands in the store, once ``placed``.
        self._assigned: tuple[Partition, ...] = ()
        self._had: tuple[Partition, ...] = ()
        self._placed = False
        self._durable: dict[Partition, int] = {}
        self._revoking: list[Future[None]] = []
        self._ends = LogEnds(options.kafka)
        self._lag = Lag(self._ends, metrics)
        self._whereabouts = Whereabouts(sink.name, metrics)
        self._look_at = 0.0
        self._outage = Outage(sink.name, metrics, self._pause, self._resume)
        group = options.group or f"penstock-sink-{sink.name}"
        self._fetcher = Fetcher(options.kafka, group, sink.topics, options.batch, self, Told(stale=metrics.stale))
        self._ahead = Ahead(self._fetcher, sink, options.batch, self._stir)
        self._aside = Aside(options.kafka, sink.name, metrics)
        sink.set_aside = self._aside.put

    async def run(self) -> None:
        """Until ``stop``: then the flush under way is finished and the group is left.

        Raises:
            SinkMisfit: a person must act.
            FetchFailed: the consumer cannot go on.
        """
        measuring = asyncio.create_task(self._measure())
        try:
            # 1. Setup
            await self._outlast(self._sink.setup)
            await self._outage.over()
            self._fetcher.start()
            while not self._stopping:
                await self._turn()
        except _Interrupted:
            pass
        finally:
            self.stop()
            self._let_go()
            measuring.cancel()
            await self._fetcher.stop()
            await self._aside.close()
            await self._sink.close()

    def stop(self) -> None:
        """Ends ``run``, after the flush under way."""
        self._stopping = True
        self._outage.interrupt()
        self._stir.set()

    @property
    def is_up(self) -> bool:
        """The store takes what it is given, as far as is known."""
        return self._outage.since is None

    @property
    def lacking(self) -> int:
        """Offsets that the store had before it was set back, and does not have again."""
        return self._whereabouts.lacking

    async def _turn(self) -> None:
        if self._revoking:
            self._let_go()
        elif not self._assigned:
            await self._wait(None)
        elif not self._placed:
            with suppress(_Interrupted):
                await self._place()
        elif time.monotonic() >= self._look_at:
            with suppress(_Interrupted):
                await self._look()
        elif not self._ahead.ready and not self._fetcher.touched():
            # A store that went away with a batch that is no longer ours, and answers now, has nothing else to prove.
            await self._outage.over()
            await self._wait(self._look_at - time.monotonic())
        else:
            if not self._ahead.ready:
                await self._gather()
            if self._urgent():
                return
            try:
                await self._carry(await self._ahead.take())
            except _Interrupted:
                # What is in hand is dropped; it comes again, to whoever has the partitions then.
                self._placed = False

    async def _place(self) -> None:
        # 2. Positions
        self._ahead.drop()
        assigned = self._assigned
        # Of those it had before, too: what is left of them in the sink's memory is forgotten.
        asked = sorted({*assigned, *self._had})
        known = await self._outlast(lambda: self._sink.positions(asked))
        self._had = assigned
        try:
            bounds = await self._ends.bounds(assigned)
            self._whereabouts.were(await self._fetcher.shown(self._whereabouts.unknown(assigned)))
        except BrokerAway:
            await self._wait(_PAUSE_S)
            return
        if self._urgent() or assigned != self._assigned:
            return
        displaced = self._whereabouts.found(known, bounds)
        # One that was set back to before it had anything lacks what the log has dropped since.
        begin = {tp: self._start(tp, known.get(tp, 0 if tp in displaced else None), bounds[tp]) for tp in assigned}
        # Where the store says it is, though the log may begin later: the next flush moves on from there.
        self._durable = {tp: known.get(tp, bounds[tp].start) for tp in assigned}
        self._lag.begin(self._durable)
        self._placed = True
        self._look_at = time.monotonic() + self._options.look_s
        await self._fetcher.begin(begin)
        self._show({tp: self._durable[tp] for tp in displaced})

    async def _look(self) -> None:
        self._look_at = time.monotonic() + self._options.look_s
        stored = await self._outlast(lambda: self._sink.positions(self._assigned))
        self._placed = self._whereabouts.still(stored)
        await self._outage.over()

    def _start(self, tp: Partition, known: int | None, log: Bounds) -> int:
        if known is None:
            return log.start
        if known > log.end:
            raise SinkMisfit(
                f"{self._sink.name} has {tp.topic}/{tp.number} up to offset {known:,}, but the log ends at {log.end:,}: "
                "it is another log; give the sink an empty store, or bring the topic back"
            )
        if known < log.start:
            missing = log.start - known
            logger.error(
                "sink %s: %s/%d offsets %d to %d are gone from the log: %d records are missing in the store; it goes on at %d",
                *(self._sink.name, tp.topic, tp.number, known, log.start - 1, missing, log.start),
            )
            self._metrics.missing(tp.topic, missing)
            return log.start
        return known

    async def _gather(self) -> None:
        """Until a batch is full or has waited long enough."""
        deadline = time.monotonic() + self._options.linger_s
        while not self._urgent() and self._fetcher.waiting() < self._options.batch:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not await self._wait(left_s):
                return

    async def _carry(self, batch: InHand) -> None:
        records, reached = batch.fetched
        self._lag.fetched(records)
        # 3. Write. What the sink cannot take is safe elsewhere before any position says that it is done with.
        refused = self._sink.accept(batch.prepared)
        if refused:
            await self._outlast(lambda: self._aside.put(refused))
        # 4. Flush
        spans = {tp: Span(self._durable[tp], end) for tp, end in reached.items() if end > self._durable[tp]}
        if not spans:
            return
        try:
            async with self._ahead.at_work():
                answered = await self._outlast(lambda: self._flush(spans))
        except SinkFenced as exc:
            self._metrics.fenced.inc()
            logger.warning("sink %s: %s; it goes on where the store says", self._sink.name, exc)
            self._placed = False
            await self._wait(_PAUSE_S)
            return
        await self._outage.over()
        ends = {tp: span.end for tp, span in spans.items()}
        self._durable.update(ends)
        self._whereabouts.moved(ends)
        self._lag.flushed(records, ends)
        self._metrics.rows(self._sink.rows_written)
        if answered:
            await self._outlast(lambda: self._aside.put(answered))
        self._aside.forget()
        # 5. Show
        self._show(ends)

    def _show(self, ends: Mapping[Partition, int]) -> None:
        self._fetcher.show({tp: (at, self._whereabouts.note(tp)) for tp, at in ends.items()})

    async def _flush(self, spans: Mapping[Partition, Span]) -> Sequence[Refused]:
        begun = time.monotonic()
        answered = await self._sink.flush(spans)
        self._metrics.flush_seconds.observe(time.monotonic() - begun)
        return answered

    async def _outlast(self, call: Callable[[], Awaitable[T]]) -> T:
        """What the call answers once the store is there. Raises _Interrupted when something else is more urgent."""
        try:
            return await self._outage.outlast(call)
        except SinkUnavailable as exc:
            raise _Interrupted from exc

    async def _pause(self, reason: str) -> None:
        await self._fetcher.hold(True)
        self._sink.paused(reason)

    async def _resume(self) -> int:
        await self._fetcher.hold(False)
        return await self._lag.measure()

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(self._options.measure_s)
            self._outage.measure()
            await self._lag.measure()

    def _urgent(self) -> bool:
        return bool(self._revoking) or self._stopping

    async def _wait(self, timeout_s: float | None) -> bool:
        """Until something stirs; False when the time is up."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._stir.wait()
        except TimeoutError:
            return False
        self._stir.clear()
        return True

    def _let_go(self) -> None:
        """Nothing of the partitions is left in memory."""
        self._assigned, self._placed, self._durable = (), False, {}
        self._ahead.drop()
        self._whereabouts.let_go()
        self._metrics.partitions.set(0)
        self._lag.forget()
        revoking, self._revoking = self._revoking, []
        for done in revoking:
            done.set_result(None)
        if not self._stopping:
            self._outage.wait_again()

    # -- the fetcher's listener, on its thread: what follows is done on the event loop, in the order told

    def on_assigned(self, partitions: list[Partition]) -> None:
        self._loop.call_soon_threadsafe(self._assign, partitions)

    def on_revoked(self) -> Future[None]:
        done: Future[None] = Future()
        self._loop.call_soon_threadsafe(self._revoke, done)
        return done

    def on_out_of_range(self, partition: Partition) -> None:
        self._loop.call_soon_threadsafe(self._misplaced, partition)

    def on_arrived(self) -> None:
        self._loop.call_soon_threadsafe(self._stir.set)

    def _assign(self, partitions: list[Partition]) -> None:
        logger.info("sink %s has %d partitions", self._sink.name, len(partitions))
        self._assigned, self._placed = tuple(partitions), False
        self._metrics.partitions.set(len(partitions))
        self._stir.set()

    def _revoke(self, done: Future[None]) -> None:
        if self._stopping:
            done.set_result(None)
            return
        self._revoking.append(done)
        self._outage.interrupt()
        self._stir.set()

    def _misplaced(self, partition: Partition) -> None:
        logger.info("sink %s: the position in %s/%d is not in the log", self._sink.name, *partition)
        self._placed = False
        self._stir.set()


class _Interrupted(Exception):
    """Partitions are taken away, or the driver is to stop: whoever waits for the store stops waiting."""
