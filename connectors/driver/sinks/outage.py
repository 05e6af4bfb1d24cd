"""Patience with a store that is away: how long to wait, what to say of it, and when to stop waiting."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from connectors.driver.sinks.metrics import SinkMetrics
from streams.ops.sinks import SinkUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Full jitter: any time between none and this much, doubled with each attempt. Many drivers don't come back in one blow.
_FIRST_S, _LONGEST_S = 0.5, 5.0


class Outage:
    """Says once that the store is away, again when it is away for another reason, and once that it is back; tries again in between.

    Args:
        on_paused: told the reason when it goes away.
        on_resumed: tells how many offsets of the log have waited, when it is back.
    """

    def __init__(
        self,
        sink: str,
        metrics: SinkMetrics,
        on_paused: Callable[[str], Awaitable[None]],
        on_resumed: Callable[[], Awaitable[int]],
    ) -> None:
        self._sink = sink
        self._metrics = metrics
        self._on_paused = on_paused
        self._on_resumed = on_resumed
        self._hurry = asyncio.Event()
        self._jitter = wait_random_exponential(multiplier=_FIRST_S, max=_LONGEST_S)
        #: Monotonic seconds; None: the store takes what it is given.
        self.since: float | None = None
        self._why = ""
        metrics.up.set(1)

    def interrupt(self) -> None:
        """Whoever waits for the store stops waiting: something else is more urgent."""
        self._hurry.set()

    def wait_again(self) -> None:
        """The urgent thing is done."""
        self._hurry.clear()

    async def outlast(self, call: Callable[[], Awaitable[T]]) -> T:
        """The call's result, as soon as the store gives one. Raises SinkUnavailable when interrupted, and what else the call raises."""

        async def attempt() -> T:
            return await call()

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(SinkUnavailable),
            wait=self._wait_s,
            sleep=self._sleep,
            before_sleep=self._note,
            stop=lambda _: self._hurry.is_set(),
            reraise=True,
        )
        result: T = await retrying(attempt)
        return result

    async def over(self) -> None:
        """The store has taken something."""
        if self.since is None:
            return
        waited = await self._on_resumed()
        logger.warning(
            "sink %s resumed after %.1f s; %s offsets waited", self._sink, time.monotonic() - self.since, f"{waited:,}"
        )
        self.since = None
        self._metrics.up.set(1)
        self._metrics.outage_seconds.set(0)

    def measure(self) -> None:
        """Brings the metric up to now."""
        if self.since is not None:
            self._metrics.outage_seconds.set(time.monotonic() - self.since)

    async def _note(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        self.measure()
        known, self._why = self._why, str(error)
        if self.since is not None:
            level = logging.DEBUG if known == self._why else logging.WARNING
            logger.log(level, "sink %s is still away: %s", self._sink, error)
            return
        self.since = time.monotonic()
        self._metrics.up.set(0)
        self._metrics.outages.inc()
        logger.warning("sink %s paused: %s; records wait in Kafka", self._sink, error)
        await self._on_paused(str(error))

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked_s = error.retry_after_s if isinstance(error, SinkUnavailable) else None
        # The store's own wish is the least.
        return (asked_s or 0.0) + self._jitter(state)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return
        # Not once more: a store that has fallen silent would take its time over it.
        raise SinkUnavailable("interrupted while waiting for it")
