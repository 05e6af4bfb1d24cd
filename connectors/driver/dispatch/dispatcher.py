"""Reads a contract's requests as one member of its group, and sees each to its result.

What keeps a request from being carried out twice:

1. A request's offset moves on in the same transaction that carries its result.
2. Whatever lies between that offset and the log's end when partitions are assigned, and has no result in the log, may have been sent by a
   predecessor that told nobody: the system is asked before it is sent. The same goes for every further attempt.
3. No call without its intent in the log; the transaction that puts it there is refused when the group has moved on.
4. Partitions are given up once no call of theirs is under way any more.

What is no request, or can't be read, goes to quarantine in the transaction that moves the offset past it: once what stands before it in
its partition is answered, so that no successor finds it once more.

Requests that can't go yet (throttled, breaker open) wait in memory; with many of them waiting nothing more is read.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple

from connectors.driver.dispatch.assignment import Assignment, Taken
from connectors.driver.dispatch.contract import Contract
from connectors.driver.dispatch.job import Job, Place
from connectors.driver.dispatch.lane import Lane
from connectors.driver.dispatch.ledger import Ledger, Lost
from connectors.driver.dispatch.metrics import CallMetrics
from connectors.driver.dispatch.positions import answered, committed
from connectors.driver.fetcher import Fetcher
from connectors.driver.log_ends import Bounds, BrokerAway, LogEnds
from schemas.codec import CODEC, CodecError
from streams.ops.sinks import Partition, Record

logger = logging.getLogger(__name__)

#: Requests read and not answered at the most: some kB each.
HELD_MAX = 5_000
#: How long a call may take to its end while partitions are given up; longer than any client's time-out, with the asking afterwards.
_PATIENCE_S = 120.0
_AGAIN_S = 1.0
_LOOK_S = 1.0


class _NoRequest(NamedTuple):
    """A record that waits to be set aside."""

    assignment: Assignment
    progress: Taken
    record: Record
    error: CodecError


class Dispatcher:
    """``run`` it; ``stop`` ends it in order. ``group``: its consumer group, and the beginning of its transactions' ids."""

    def __init__(
        self,
        contract: Contract,
        kafka: Mapping[str, Any],
        group: str,
        metrics: CallMetrics,
        held_max: int = HELD_MAX,
    ) -> None:
        self._contract = contract
        self._kafka = kafka
        self._group = group
        self._metrics = metrics
        self._held_max = held_max
        self._ledger = Ledger(kafka, group, contract.requests)
        self._fetcher = Fetcher(kafka, group, [contract.requests], held_max, self, metrics.told)
        self._ends = LogEnds(kafka)
        self._loop = asyncio.get_running_loop()
        self._lanes: dict[Place, Lane] = {}
        self._no_requests: list[_NoRequest] = []
        self._setting_aside: set[asyncio.Task[None]] = set()
        self._running: list[asyncio.Task[None]] = []
        self._telling: asyncio.Task[None] | None = None
        self._assignment: Assignment | None = None
        self._to_begin: list[Partition] | None = None
        self._stir = asyncio.Event()
        self._stopping = False
        #: Why it can't do its work; empty: it can.
        self.waits = "it has not joined its group yet"

    async def run(self) -> None:
        """Until ``stop``, or a consumer that can't go on: raises FetchFailed."""
        self._telling = asyncio.create_task(self._ledger.run())
        self._running.append(self._telling)
        self._fetcher.start()
        try:
            while not self._stopping:
                await self._stirred()
                for task in self._running:
                    if task.done():
                        task.result()  # raises what ended it: it never ends well
                if self._to_begin is not None:
                    await self._begin()
                self._metrics.held.set(self.held)
                if self._assignment is not None and self.held < self._held_max:
                    self._take(self._assignment)
                self._set_aside()
        finally:
            # Leaving the group gives up the partitions: calls under way are told to their end.
            await self._fetcher.stop()
            for task in (*self._running, *self._setting_aside):
                task.cancel()
            await asyncio.gather(*self._running, *self._setting_aside, return_exceptions=True)

    def stop(self) -> None:
        """Ends ``run`` once the calls under way are through."""
        self._stopping = True
        self._stir.set()

    @property
    def held(self) -> int:
        """What was read and is not done with yet."""
        return sum(lane.held for lane in self._lanes.values()) + len(self._no_requests) + len(self._setting_aside)

    # -- called by the fetcher, on its thread

    def on_assigned(self, partitions: list[Partition]) -> None:
        self._tell_loop(lambda: self._assigned(partitions))

    def on_revoked(self) -> Future[None]:
        released: Future[None] = Future()
        if self._loop.is_closed():
            released.set_result(None)
        else:
            self._loop.call_soon_threadsafe(self._revoked, released)
        return released

    def on_out_of_range(self, partition: Partition) -> None:
        self._tell_loop(lambda: self._deleted(partition))

    def on_arrived(self) -> None:
        self._tell_loop(self._stir.set)

    # -- on the event loop

    def _tell_loop(self, what: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _assigned(self, partitions: list[Partition]) -> None:
        self._to_begin = partitions
        self._stir.set()

    def _deleted(self, partition: Partition) -> None:
        """The log has been cut behind us: begin anew with what is left."""
        if self._assignment is None:
            return
        logger.warning("the log of %s/%d was cut behind us: looking where it begins", *partition)
        partitions = [Partition(self._contract.requests, number) for number in sorted(self._assignment.partitions)]
        giving_up = asyncio.create_task(self._give_up())
        giving_up.add_done_callback(lambda _: self._assigned(partitions))

    def _revoked(self, released: Future[None]) -> None:
        self._to_begin = None
        task = asyncio.create_task(self._give_up())
        task.add_done_callback(lambda _: released.set_result(None))

    async def _give_up(self) -> None:
        assignment, self._assignment = self._assignment, None
        self.waits = "it has no partitions"
        if assignment is None:
            return
        # Without the ledger nothing can be told any more: there is nothing to wait for.
        patience_s = 0.0 if self._telling is None or self._telling.done() else _PATIENCE_S
        try:
            await asyncio.gather(*(lane.give_up(assignment, patience_s) for lane in self._lanes.values()))
        finally:
            assignment.over = True

    async def _stirred(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_S):
                await self._stir.wait()
        except TimeoutError:
            pass
        self._stir.clear()

    async def _begin(self) -> None:
        """Finds out where to begin, and up to where a predecessor may have been."""
        partitions, self._to_begin = self._to_begin, None
        if partitions is None:
            return
        if not partitions:
            self.waits = "others of its group have all partitions"
            return
        try:
            known = await committed(self._kafka, self._group, partitions)
            bounds = await self._ends.bounds(partitions)
            positions = {tp: self._start(tp, known.get(tp), bounds[tp].start) for tp in partitions}
            backlog = {tp: Bounds(positions[tp], bounds[tp].end) for tp in partitions}
            done = await answered(self._kafka, backlog, self._contract.results, self._contract.answered)
        except BrokerAway as exc:
            self.waits = f"the broker does not say where to begin: {exc}"
            logger.warning("%s", self.waits)
            await asyncio.sleep(_AGAIN_S)
            if self._to_begin is None and self._assignment is None:
                self._assigned(partitions)
            return
        if self._to_begin is not None:
            return  # assigned anew meanwhile
        progress = {tp.number: Taken(positions[tp], bounds[tp].end, done) for tp in partitions}
        self._assignment = Assignment(self._fetcher.membership, progress)
        self.waits = ""
        behind = sum(bounds[tp].end - positions[tp] for tp in partitions)
        logger.info("%d partitions; %d requests may have been sent before: asked first", len(partitions), behind)
        await self._fetcher.begin(positions)

    def _start(self, tp: Partition, known: int | None, start: int) -> int:
        if known is None or known >= start:
            return max(known or 0, start)
        # Not sent to any system, and no offset tells what it was: what made the requests knows what is due.
        logger.error(
            "%s/%d offsets %d to %d are gone: retention deleted them before they were read; reading goes on at %d",
            *(*tp, known, start - 1, start),
        )
        self._metrics.told.missing(tp.topic, start - known)
        return start

    def _take(self, assignment: Assignment) -> None:
        fetched = self._fetcher.take()
        for record in fetched.records:
            progress = assignment.partitions.get(record.partition)
            if progress is not None:
                self._accept(assignment, progress, record)
        for tp, position in fetched.reached.items():
            if tp.number in assignment.partitions:
                assignment.partitions[tp.number].reach(position)

    def _accept(self, assignment: Assignment, progress: Taken, record: Record) -> None:
        try:
            name, read = CODEC.decode(record.value or b"")
            request = self._contract.request(name, read)
            if request is None:
                raise CodecError(f"a {name} stands where a request belongs")
        except CodecError as exc:
            progress.begin(record.offset)
            self._no_requests.append(_NoRequest(assignment, progress, record, exc))
            return
        old = record.offset < progress.asked_before
        if old and (request.key, request.id) in progress.answered:
            return
        progress.begin(record.offset)
        # A further attempt: the one before it may have ended in silence.
        ask_first = request.again or old
        job = Job(request, assignment, record.partition, record.offset, ask_first, self._ledger)
        self._lane(request.lane).add(job)

    def _set_aside(self) -> None:
        """What is no request, of those partitions in which all before it is done with."""
        by_partition: dict[Taken, dict[int, _NoRequest]] = defaultdict(dict)
        for each in self._no_requests:
            if not each.assignment.over:
                by_partition[each.progress][each.record.offset] = each
        for progress, waiting in by_partition.items():
            for offset in progress.foremost(waiting):
                task = asyncio.create_task(self._quarantine(waiting.pop(offset)), name="set aside")
                self._setting_aside.add(task)
                task.add_done_callback(self._setting_aside.discard)
        self._no_requests = [each for waiting in by_partition.values() for each in waiting.values()]

    async def _quarantine(self, each: _NoRequest) -> None:
        try:
            await self._ledger.set_aside(each.assignment, each.record, each.error)
        except Lost:
            return  # its new owner finds it where it stands
        logger.error("in quarantine, it is no request: %s", each.error, extra=_place(each.record))
        self._stir.set()

    def _lane(self, place: Place) -> Lane:
        lane = self._lanes.get(place)
        if lane is None:
            clerk = self._contract.clerk(place)
            lane = self._lanes[place] = Lane(self._contract.requests, "/".join(place), clerk, self._stir.set)
            self._running.append(asyncio.create_task(lane.run(), name=f"lane {lane.name}"))
        return lane


def _place(record: Record) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
