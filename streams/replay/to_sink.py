"""Into a sink's store: rows are written again, without positions, so that the live sink goes on from where it was.

That a record applied twice leaves what it left once is the sink's part: its upserts guard themselves.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence

from confluent_kafka import Message

from connectors.base import Record, Refused, Sink, SinkFenced, SinkMisfit, SinkUnavailable
from streams.engine.work import Work
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.replay.plan import Plan
from streams.replay.target import Target

_BACKOFF_MAX_S = 15.0


class ToSink(Target):
    """Any sink. ``stopping``: whether the run is to end; a store that is away is waited for until then."""

    def __init__(
        self, sink: Sink, plan: Plan, identity: str, tell: Callable[[str], None], stopping: asyncio.Event
    ) -> None:
        self.identity = identity
        self._sink = sink
        self._plan = plan
        self._tell = tell
        self._stopping = stopping

    async def check(self, resumed: bool) -> None:
        if self._plan.topic not in self._sink.topics:
            raise ReplayRefused(
                f"{self._sink.name} has no tables for {self._plan.topic}; it takes {', '.join(self._sink.topics)}"
            )
        try:
            await self._sink.setup()
        except SinkUnavailable as exc:
            raise ReplayRefused(f"{self._sink.name} cannot be reached: {exc}") from exc
        except SinkMisfit as exc:
            raise ReplayRefused(str(exc)) from exc

    async def open(self, positions: Mapping[int, int]) -> None:
        """What a killed run wrote beyond its progress is written again, and leaves the same rows."""

    async def put(self, messages: Sequence[Message], work: Work) -> Sequence[Refused]:
        refused = list(await self._sink.write([_record(self._plan.topic, m) for m in messages]))
        tries = 0
        while True:
            try:
                refused += await self._sink.flush({})
            except SinkUnavailable as exc:
                # What was written is kept by the sink: the same flush again.
                self._sink.paused(str(exc))
                if not tries:
                    self._tell(f"{self._sink.name} is away: {exc}; the replay waits for it")
                await self._pause(tries, exc.retry_after_s)
                tries += 1
            except (SinkFenced, SinkMisfit) as exc:
                raise ReplayStopped(str(exc)) from exc
            else:
                if tries:
                    self._tell(f"{self._sink.name} is back")
                return refused

    async def close(self) -> None:
        await self._sink.close()

    async def _pause(self, tries: int, wish_s: float | None) -> None:
        most = min(_BACKOFF_MAX_S, 0.2 * 2 ** min(tries, 10))
        try:
            await asyncio.wait_for(self._stopping.wait(), wish_s or random.uniform(most / 2, most))
        except TimeoutError:
            return
        raise ReplayStopped(f"stopped while {self._sink.name} was away")


def _record(topic: str, m: Message) -> Record:
    return Record(topic, int(m.partition() or 0), int(m.offset() or 0), int(m.timestamp()[1]), m.key(), m.value())
