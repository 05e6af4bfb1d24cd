"""Into a sink's store: rows are written again, without positions, so that the live sink goes on from where it was.

That a record applied twice leaves what it left once is the sink's part: its upserts guard themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from confluent_kafka import Message
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from streams.engine.work import Work
from streams.ops.sinks import Record, Refused, Sink, SinkFenced, SinkMisfit, SinkUnavailable, as_record
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.replay.plan import Plan
from streams.replay.target import Target

_WAIT_MAX_S = 15.0


class ToSink(Target):
    """Any sink.

    Args:
        identity: names the store, the same wherever it is reached from.
        probe: looks, without changing anything, whether the store is there and of this version; raises ReplayRefused.
        tell: a line for the person at the terminal.
        stopping: whether the run is to end; a store that is away is waited for until then.
        forgotten: the records that name orders whose persons are: the store is told of them first, in case it does not know them yet.
    """

    def __init__(
        self,
        sink: Sink,
        plan: Plan,
        identity: str,
        probe: Callable[[], Awaitable[None]],
        tell: Callable[[str], None],
        stopping: asyncio.Event,
        forgotten: Sequence[Record] = (),
    ) -> None:
        self.identity = identity
        self._sink = sink
        self._plan = plan
        self._probe = probe
        self._tell = tell
        self._stopping = stopping
        self._forgotten = forgotten

    async def check(self, resumed: bool) -> None:
        if self._plan.topic not in self._sink.topics:
            takes = ", ".join(self._sink.topics)
            raise ReplayRefused(f"{self._sink.name} has no tables for {self._plan.topic}; it takes {takes}")
        await self._probe()

    async def open(self, positions: Mapping[int, int]) -> None:
        # What a killed run wrote beyond its progress is written again, and leaves the same rows.
        try:
            await self._sink.setup()
        except SinkUnavailable as exc:
            raise ReplayRefused(f"{self._sink.name} cannot be reached: {exc}") from exc
        except SinkMisfit as exc:
            raise ReplayRefused(str(exc)) from exc

    async def put(self, messages: Sequence[Message], work: Work) -> Sequence[Refused]:
        records = [*self._forgotten, *map(as_record, messages)]
        refused = list(await self._sink.write(records))
        # The sink keeps what was written: the same flush again, until the store takes it.
        patience = AsyncRetrying(
            retry=retry_if_exception_type(SinkUnavailable),
            wait=wait_random_exponential(multiplier=0.2, max=_WAIT_MAX_S),
            stop=lambda _: self._stopping.is_set(),
            sleep=self._sleep,
            before_sleep=self._away,
            reraise=True,
        )
        try:
            refused += await patience(self._sink.flush, {})
        except SinkUnavailable as exc:
            raise ReplayStopped(f"stopped while {self._sink.name} was away: {exc}") from exc
        except (SinkFenced, SinkMisfit) as exc:
            raise ReplayStopped(str(exc)) from exc
        if patience.statistics["attempt_number"] > 1:
            self._tell(f"{self._sink.name} is back")
        self._forgotten = ()
        return refused

    async def close(self) -> None:
        await self._sink.close()

    def _away(self, state: RetryCallState) -> None:
        reason = str(state.outcome.exception()) if state.outcome is not None else ""
        self._sink.paused(reason)
        if state.attempt_number == 1:
            self._tell(f"{self._sink.name} is away: {reason}; the replay waits for it")

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
