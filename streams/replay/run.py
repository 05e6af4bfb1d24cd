"""One run of a replay, from the lock to the last entry in the audit trail.

1. Lock: nobody else writes this topic into this target. A run that resumes waits for the lock of its killed self to end.
2. Progress: shut out whoever held the lock before; where to go on.
3. Target: opened at those positions.
4. Audit: started, or resumed.
5. Records: read, chosen, held to the rate, put into the target, progress committed; again until the plan's end or a signal.
6. Target finished; audit: done. Or, after a signal or a fault: interrupted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aiolimiter import AsyncLimiter
from confluent_kafka import Message

from streams.engine.work import Work
from streams.ops.sinks import Refused
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.replay.journal import Journal
from streams.replay.lock import SESSION_S, Lock, lock_name
from streams.replay.log import Log, Range, Reading
from streams.replay.only import Only
from streams.replay.plan import Plan
from streams.replay.progress import Progress, positions
from streams.replay.target import Target
from streams.settings import Settings

#: Records of one transaction at the most.
_BATCH = 2_000
_REFUSED_SHOWN = 5


@dataclass
class Outcome:
    """What a run has done; counts are of this run, not of those it resumed. ``cause``: why it ended early, None when it is through."""

    replayed: int = 0
    left_out: int = 0
    undecodable: int = 0
    refused: int = 0
    #: The first few: place and error.
    refusals: list[Refused] = field(default_factory=list)
    cause: str | None = None

    def counts(self) -> dict[str, int]:
        """For the audit trail."""
        return {
            "replayed": self.replayed,
            "left_out": self.left_out,
            "undecodable": self.undecodable,
            "refused": self.refused,
        }


class Run:
    """Call ``to_its_end`` once.

    Args:
        rate: records a second at the most; None: as fast as it goes.
        stopping: set it, and the run ends after the transaction under way.
        show: told the positions and the records replayed after each transaction.
    """

    def __init__(
        self,
        settings: Settings,
        log: Log,
        plan: Plan,
        target: Target,
        journal: Journal,
        *,
        rate: float | None,
        stopping: asyncio.Event,
        show: Callable[[Mapping[int, int], int], None],
    ) -> None:
        self._settings = settings
        self._log = log
        self._plan = plan
        self._target = target
        self._journal = journal
        self._stopping = stopping
        self._show = show
        self._burst = _BATCH if rate is None else max(1, min(_BATCH, int(rate)))
        self._limiter = None if rate is None else AsyncLimiter(self._burst, self._burst / rate)
        self._only = Only(plan.topic, plan.only)
        name = lock_name(settings.app_id, plan.topic, target.identity)
        self._lock = Lock(settings, name, plan.replay_id)
        self._progress = Progress(settings, plan.replay_id, name, plan.topic)
        self._positions: dict[int, int] = {}
        self._outcome = Outcome()

    async def to_its_end(self, *, resumed: bool) -> Outcome:
        """Until the plan is done, or ``stopping`` is set.

        Raises:
            ReplayRefused: nothing was changed.
            ReplayStopped: what is done is kept, and the audit trail says so.
        """
        begun = False
        try:
            # 1. Lock
            await asyncio.to_thread(self._lock.acquire, 2.0 * SESSION_S if resumed else 0.0)
            # 2. Progress
            await asyncio.to_thread(self._progress.start)
            plan = self._plan
            self._positions = await asyncio.to_thread(
                positions, self._settings, plan.replay_id, plan.topic, plan.ranges, settled=True
            )
            self._check_held()
            # 3. Target
            await self._target.open(self._positions)
            # 4. Audit
            if resumed:
                await asyncio.to_thread(self._journal.resumed, self._positions)
            else:
                await asyncio.to_thread(self._journal.started)
            begun = True
            # 5. Records
            self._show(self._positions, 0)
            if not await self._records():
                raise ReplayStopped("stopped by a signal")
            # 6. The end
            await self._target.finish()
            await asyncio.to_thread(self._journal.done, self._outcome.counts())
        except ReplayStopped as exc:
            if not begun:
                raise
            self._outcome.cause = str(exc)
            try:
                await asyncio.to_thread(self._journal.interrupted, str(exc), self._positions, self._outcome.counts())
            except ReplayRefused as silent:
                # The broker may be what is away: the progress stands, the entry does not.
                self._outcome.cause = f"{exc}; {silent}"
        finally:
            await self._target.close()
            await asyncio.to_thread(self._progress.close)
            await asyncio.to_thread(self._lock.release)
        return self._outcome

    def _check_held(self) -> None:
        """Retention may have taken what is still to be read; whoever made the topic anew took all of it."""
        for span in self._plan.ranges:
            held, position = self._log.bounds(self._plan.topic, span.partition), self._positions[span.partition]
            if position < span.end and not held.start <= position <= held.end >= span.end:
                raise ReplayRefused(
                    f"{self._plan.topic}/{span.partition} holds {held.start} to {held.end - 1}, not all of {position} to "
                    f"{span.end - 1} any more: begin a new replay of what is held"
                )

    async def _records(self) -> bool:
        """True at the plan's end, False when stopped."""
        left = [Range(r.partition, self._positions[r.partition], r.end) for r in self._plan.ranges]
        reading = Reading(self._log, self._plan.topic, left)
        while not reading.done:
            messages = await asyncio.to_thread(reading.next, _BATCH)
            for chosen, behind in self._pieces(messages, dict(reading.positions)):
                if self._stopping.is_set():
                    return False
                await self._piece(chosen, behind)
        return True

    def _pieces(
        self, messages: Sequence[Message], after: Mapping[int, int]
    ) -> Iterator[tuple[list[Message], Mapping[int, int]]]:
        """The records meant, at most a burst of them at a time, with the positions after them; the last with those after all."""
        chosen: list[Message] = []
        behind = dict(self._positions)
        for message in messages:
            if len(chosen) == self._burst:
                yield chosen, dict(behind)
                chosen = []
            behind[int(message.partition() or 0)] = int(message.offset() or 0) + 1
            if self._only(message):
                chosen.append(message)
            else:
                self._outcome.left_out += 1
        yield chosen, after

    async def _piece(self, chosen: Sequence[Message], behind: Mapping[int, int]) -> None:
        if not chosen and behind == self._positions:
            return
        work = Work()
        if chosen:
            if self._limiter is not None:
                await self._limiter.acquire(len(chosen))
            if not self._lock.held:
                raise ReplayStopped("its lock was lost: the broker has not heard of this process for too long")
            refused = await self._target.put(chosen, work)
            self._outcome.refused += len(refused)
            self._outcome.refusals += refused[: _REFUSED_SHOWN - len(self._outcome.refusals)]
        await asyncio.to_thread(self._progress.commit, behind, work)
        self._positions = dict(behind)
        self._outcome.replayed += len(chosen)
        self._outcome.undecodable = self._only.undecodable
        self._show(self._positions, self._outcome.replayed)
