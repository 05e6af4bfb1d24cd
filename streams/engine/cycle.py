"""The heart of a worker: fetch, decide, commit, apply, over and over.

    1. Fetch   the batch the consumer has ready, what is begun before what is new (inflow.py); the next fetch overlaps the other steps.
    2. Decide  each partition's records go to their agent; table writes and messages stay in memory (a Work).
    3. Commit  one Kafka transaction: changelog, messages, input offsets. Off the event loop; the next cycle is fetched and decided
               meanwhile, on top of this one's overlay. Whatever arrives before this commit ends, and for as long again, goes with the
               next: half of the time is for work, so that what a commit costs stays small beside it.
    4. Apply   the same writes to RocksDB, with the changelog offset they correspond to, in one WriteBatch. They must follow what the
               store has: a checkpoint never passes a record that somebody else wrote.

Nothing leaves memory before step 3, so a failing agent needs no undoing: its attempt is dropped. RocksDB is written after the commit, so it
is never ahead of the changelog; a worker killed between 3 and 4 finds itself one cycle behind and catches up.

When a transaction fails, what was decided on top of it goes too: state is caught up from the changelog (a failed commit may have been
carried out), and the input is read again from the committed offsets.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from streams.engine.arrivals import Arrivals
from streams.engine.delivery import Courier, Ticker
from streams.engine.errors import (
    EngineError,
    Fault,
    MessageRefused,
    ProducerFenced,
    Stopped,
    TransactionAborted,
    concerning,
)
from streams.engine.footing import Footing
from streams.engine.holding import Holding
from streams.engine.log_clock import LogClock, clock_topic
from streams.engine.metrics import Metrics
from streams.engine.options import Options
from streams.engine.patience import Patience
from streams.engine.recent import Recent
from streams.engine.record import Record, by_partition
from streams.engine.refusals import Refusals
from streams.engine.replica import Replica
from streams.engine.restore import Restoration, Restorer
from streams.engine.shards import TP
from streams.engine.source import Source
from streams.engine.store import Store
from streams.engine.table import Table, ground_of
from streams.engine.transaction import Transactor
from streams.engine.tying import Tying
from streams.engine.work import Shard, Work, timer_of

logger = logging.getLogger(__name__)

#: After a commit the next one waits for as long as that one took, this long at the most, unless a batch is full.
_REST_MAX_S = 0.25


class Cycle:
    """One worker's cycle. Tables see of it what ``table.UnderWay`` names; the rest is its own."""

    def __init__(
        self, app: Any, store: Store, bootstrap: str, transactional_id: str, options: Options, metrics: Metrics
    ) -> None:
        self.store = store
        self._app = app
        self._bootstrap = bootstrap
        self._transactional_id = transactional_id
        self._options = options
        self._metrics = metrics
        self._step = options.on_step or (lambda name: None)
        self._changelogs: dict[str, str] = app.tables.changelog_names
        self.clock = LogClock(bootstrap, clock_topic(app.conf.id), options, metrics.clock_skew.set)
        self.footing = Footing(bootstrap, options, lambda: ground_of(app))
        self._restorer = Restorer(bootstrap, store, self._changelogs, self.clock, options, self.footing.identity_of)
        self._transactor = Transactor(bootstrap, transactional_id, options)
        self.source = Source(bootstrap, app.conf.id, options, self, metrics.told)
        self._refusals = Refusals(options.batch_size_max)
        self._courier = Courier(app, self.attempting, self._refusals, options, metrics)
        self._ticker = Ticker(app, self.clock)
        self._replicas: list[Replica[Any]] = getattr(app, "engine_replicas", [])
        self._tying = Tying(store, self.footing, self.source.wait_until_stable, self.clock.now_ms)
        self._restoration = Restoration(self._restorer, self.source, self._tying, options, metrics)
        self._commit_thread = ThreadPoolExecutor(1, "engine-commit")
        #: Held while records are decided; a rebalance waits for it.
        self._busy = asyncio.Lock()
        self._arrivals = Arrivals(app, self._restoration, self.source, self._busy, lambda: self.holding)
        self._recent = Recent(options.recent_values_max)
        self._frozen_tables = frozenset(n for n, t in app.tables.items() if isinstance(t, Table) and t.frozen)
        self.holding = Holding(app.tables.values(), (), self._changelogs)
        self._work: Work | None = None
        self._in_flight: tuple[Work, asyncio.Future[None]] | None = None
        self._failure: EngineError | None = None
        self._patience = Patience(options.fault_patience_s, metrics)
        self._stopping = False
        #: Next offset to decide, of the last commit.
        self._decided: dict[TP, int] = {}
        self._measure_due = 0.0
        #: When the next commit may begin (``time.monotonic``).
        self._rested_at = 0.0
        self._partition: int | None = None
        #: Messages sent from outside a delivery (a timer, a web view): they go with the next cycle.
        self._loose = Work()
        self.attempt = self._loose

    # -- for tables

    @property
    def partition(self) -> int:
        """The partition whose records are being decided."""
        if self._partition is None:
            raise EngineError("a table can be used only while a batch is being processed")
        return self._partition

    def overlays(self, shard: Shard) -> Iterator[dict[bytes, Any]]:
        """Writes not yet in the store, newest first."""
        for work in (self.attempt, self._work, self._in_flight[0] if self._in_flight else None):
            if work is not None and shard in work.values:
                yield work.values[shard]

    def recent(self, shard: Shard) -> Iterator[dict[bytes, Any]]:
        """Values that the store has too, newest first: to be looked at after the overlays."""
        return self._recent.of(shard)

    # -- running

    async def run(self) -> None:
        """Until ``stop``.

        Raises:
            EngineError: a fault outlasted the patience, or the app is misconfigured.
        """
        try:
            await self._off_loop(self._transactor.start)
            while not self._stopping:
                self._metrics.turned()
                await self.source.wait(self._ticker.due_in_s())
                async with self._busy:
                    if not self._stopping:
                        await self._once()
            async with self._busy:
                await self._settle_quietly()
        finally:
            self._stopping = True

    def subscribe(self, counts: Mapping[str, int]) -> list[str]:
        """Joins the group for the topics that agents read, and for the changelogs of their tables. ``counts``: topic -> partitions.

        Raises:
            Misconfigured: they cannot be read as the app is set up.
        """
        topics = self._courier.route(counts)
        self.holding = Holding(list(self._app.tables.values()), topics, self._changelogs)
        self.source.subscribe(topics, self._changelogs.values())
        return topics

    def stop_soon(self) -> None:
        """Finishes the running cycle and ends ``run``."""
        self._stopping = True
        self._courier.give_up(Stopped())
        self.source.wake()

    async def close(self) -> None:
        """Leaves the group, ends the clients, closes the store. After ``run`` has ended."""
        self._stopping = True
        self._arrivals.stop()
        await self.source.stop()
        await asyncio.get_running_loop().run_in_executor(None, self._close_blocking)

    def agent_failing(self) -> None:
        """An agent has raised while it had records, and is being made ready for others."""
        self._courier.failing()

    def agent_failed(self, exc: Exception) -> None:
        """The agent that raised this is ready again."""
        self._courier.failed(exc)

    def acknowledged(self, message: Any) -> None:
        """The agent is through with a delivery."""
        self._courier.acknowledged(message)

    @contextlib.contextmanager
    def attempting(self, partition: int) -> Iterator[Work]:
        """Collects what one delivery writes and sends."""
        self.attempt, self._partition = Work(), partition
        try:
            yield self.attempt
        finally:
            self.attempt, self._partition = self._loose, None

    async def _once(self) -> None:
        try:
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            # 1. Fetch and 2. Decide
            work, group = await self._gather()
            if not work:
                self._patience.forget(work.ticks)
                await self._settle_if_done()
                return
            # 3. Commit and 4. Apply, after those of the cycle before
            await self._settle()
            self._submit(work, group)
        except Stopped:
            pass
        except (Fault, TransactionAborted, ProducerFenced) as exc:
            await self._recover(exc)
        finally:
            self._work = None

    async def _gather(self) -> tuple[Work, Any]:
        """Steps 1 and 2, over and over while the cycle before is being committed, and then for as long again.

        A transaction costs the broker and this process about the same whatever is in it: one after the other without a rest would take
        all that both have, and what arrives meanwhile would wait for its own share of it. The group metadata are those of the first
        fetch: if the group has moved on since, the broker refuses the whole.
        """
        self._work = work = Work()
        group: Any = None
        while True:
            for replica in self._replicas:
                replica.refresh()
            narrowed = self._refusals.narrowed
            messages, metadata = self.source.take(self._refusals.room if narrowed else None)
            ticks = self._ticker.due(self.holding.ready) if not (narrowed and messages) else []
            if messages or ticks or self._loose:
                group = metadata if group is None else group
                self._step("fetched")
                await self._decide(work, messages, ticks)
                self._step("decided")
            full = narrowed or sum(work.records.values()) >= self._options.batch_size_max
            committing = self._in_flight is not None and not self._in_flight[1].done()
            rest_s = None if committing else self._rested_at - time.monotonic()  # the end of the commit wakes it too
            if not work or full or self._stopping or (rest_s is not None and rest_s <= 0):
                return work, group
            await self.source.wait(rest_s)

    async def _decide(self, work: Work, messages: Sequence[Record], ticks: Sequence[tuple[TP, int]]) -> None:
        started = time.perf_counter()
        work.absorb(self._loose)
        self._loose = self.attempt = Work()
        for tp, records in by_partition(messages):
            with concerning({tp: records[0].offset()}):
                await self._courier.deliver(work, tp, records)
        for tp, at_ms in ticks:
            with concerning({timer_of(tp): -1}):
                await self._courier.tick(work, tp, at_ms)
        self._metrics.decide_seconds.observe(time.perf_counter() - started)

    def _submit(self, work: Work, group: Any) -> None:
        future = asyncio.get_running_loop().run_in_executor(self._commit_thread, self._commit, work, group)
        # A commit that fails while nothing arrives is noticed too.
        future.add_done_callback(lambda _: self.source.wake())
        self._in_flight = (work, future)

    def _commit(self, work: Work, group: Any) -> None:
        """Steps 3 and 4, on the commit thread."""
        began, started = time.monotonic(), time.perf_counter()
        entry = self._tying.ledger.next(work)
        with concerning(work.concerns):
            next_offsets = self._transactor.commit(work, group, self._changelogs, entry)
        committed = time.perf_counter()
        self._metrics.transaction_seconds.observe(committed - started)
        self._step("apply")
        if next_offsets:
            self._tying.check_landed(work, next_offsets)
            self.store.write(work.changelog, self._tying.checkpoints(next_offsets, entry))
        self._tying.ledger.committed(work, entry)
        self._step("applied")
        self._metrics.apply_seconds.observe(time.perf_counter() - committed)
        ended = time.monotonic()
        self._rested_at = ended + min(_REST_MAX_S, ended - began)

    async def _settle(self) -> None:
        """Waits for the commit under way.

        Raises:
            EngineError: it failed.
        """
        if self._in_flight is None:
            return
        work, future = self._in_flight
        try:
            await future
        except MessageRefused as exc:
            with concerning(work.concerns):
                self._refusals.seek(work, exc)
            raise
        finally:
            self._in_flight = None
        self._recent.add(work.values, self._frozen_tables)
        self._patience.succeeded(work.concerns)
        self._refusals.accepted(work)
        self._metrics.batches.inc()
        for topic, count in work.records.items():
            self._metrics.records.labels(topic).inc(count)
        self._decided.update(work.offsets)
        if time.monotonic() > self._measure_due:
            self._measure_due = time.monotonic() + 1.0
            self._measure()

    def _measure(self) -> None:
        """Gauges that need not be newer than a second."""
        for tp, end in self.source.ends.items():
            if tp in self._decided:
                self._metrics.lag.labels(tp[0], str(tp[1])).set(max(0, end - self._decided[tp]))
        self._metrics.store_keys.set(self.store.estimated_keys())
        self._metrics.store_bytes.set(self.store.disk_bytes())

    async def _settle_if_done(self) -> None:
        if self._in_flight is not None and self._in_flight[1].done():
            await self._settle()

    async def _settle_quietly(self) -> None:
        try:
            await self._settle()
        except EngineError as exc:
            self._failure = exc

    # -- when something fails

    async def _recover(self, exc: EngineError) -> None:
        """Drops what was decided, waits, and begins again at the last commit."""
        while True:
            await self._settle_quietly()
            self._failure = None
            self._metrics.aborted.labels(type(exc).__name__).inc()
            # What a message is refused for is being looked for: every try is another one.
            if not isinstance(exc, MessageRefused):
                await asyncio.sleep(self._patience.failed(exc))
            if self._stopping:
                return
            try:
                await self._off_loop(self._begin_again, isinstance(exc, ProducerFenced))
                return
            except (Fault, TransactionAborted, ProducerFenced) as again:
                exc = again

    def _begin_again(self, new_producer: bool) -> None:
        if new_producer:
            self._transactor.close()
            self._transactor = Transactor(self._bootstrap, self._transactional_id, self._options)
            self._transactor.start()
        # The failed commit may have been carried out: the changelog knows.
        self._recent.forget()
        self._restorer.catch_up(self.holding.shards, lambda read, total: None, lambda: self._stopping)
        self._tying.look_again(self.holding.shards)
        self.source.rewind()

    # -- rebalances, called by the source

    async def on_assigned(self, partitions: list[TP]) -> None:
        """New partitions: those whose shard is whole now are read from once its state is restored."""
        self._metrics.rebalances.inc()
        whole, term = self.holding.given(partitions)
        self._measure_holding()
        self._arrivals.begin(whole, term)

    async def on_revoked(self, partitions: list[TP], lost: bool) -> None:
        """Partitions go: their last transaction is finished first (a lost partition's is fenced by the broker).

        What stays of a shard that they have split is not worked on any more.
        """
        async with self._busy:
            self._step("revoked")
            await self._settle_quietly()
            split = self.holding.taken(partitions)
            self._measure_holding()
            self.source.suspend(split)
            gone = {*partitions, *split}
            self.source.discard(gone)
            self._patience.forget((*gone, *map(timer_of, gone)))
            self._refusals.forget(gone)
            for tp in gone:
                if self._decided.pop(tp, None) is not None:
                    self._metrics.lag.labels(tp[0], str(tp[1])).set(0)
            self._recent.forget(self.holding.close_shards())

    def _measure_holding(self) -> None:
        self._metrics.assigned.set(len(self.holding.assigned))
        self._metrics.waiting.set(len(self.holding.waiting))

    async def _off_loop(self, function: Any, *args: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._commit_thread, function, *args)

    def _close_blocking(self) -> None:
        for replica in self._replicas:
            replica.stop()
        self.clock.stop()
        self._commit_thread.shutdown()
        self._restoration.close()
        self._transactor.close()
        self.store.close()
