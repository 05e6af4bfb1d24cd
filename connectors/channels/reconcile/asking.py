"""A shop's platform, asked within its limits: so many calls a second at the most, and again when it could not answer.

Reading is harmless to repeat, so an unsure outcome is asked again like any other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from aiolimiter import AsyncLimiter
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from connectors.endings import Throttled, Unavailable, Unsure
from connectors.platforms.base import Changed, Platform, Snapshot, Standing

_ATTEMPTS = 6
#: A ban longer than this is left to the next round.
_WAIT_MAX_S = 60.0
_backoff = wait_random_exponential(multiplier=0.1, max=2)

T = TypeVar("T")


class Asking:
    """One shop. Every method raises CallError when the last attempt failed too."""

    def __init__(self, platform: Platform, calls_per_s: float) -> None:
        self.platform = platform
        self._limit = AsyncLimiter(max(1.0, calls_per_s), max(1.0, calls_per_s) / calls_per_s)

    async def order(self, order_no: str) -> Snapshot:
        """The order as it is now."""
        return await self._ask(lambda: self.platform.order(order_no))

    async def whole(self, row: Changed) -> Snapshot:
        """What a row is of, order or after-sale, as it is now."""
        if row.aftersale_id:
            return await self._ask(lambda: self.platform.aftersale(row.order_no, row.aftersale_id))
        return await self.order(row.order_no)

    async def standing(self, order_no: str) -> Standing:
        """What the platform knows of its shipping."""
        return await self._ask(lambda: self.platform.standing(order_no))

    async def changed(self, start_ms: int, end_ms: int, *, aftersales: bool) -> AsyncIterator[Sequence[Changed]]:
        """Pages of a window. After a failure the window is listed again from its beginning: rows may come twice."""
        listed = self.platform.aftersales if aftersales else self.platform.changed
        async for attempt in _attempts():
            with attempt:
                await self._limit.acquire()
                async for page in listed(start_ms, end_ms):
                    yield page
                    # Each page is a call of its own.
                    await self._limit.acquire()

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T:
        async for attempt in _attempts():
            with attempt:
                await self._limit.acquire()
                return await call()
        raise AssertionError("unreachable: the last attempt returns or raises")


def _attempts() -> AsyncRetrying:
    return AsyncRetrying(
        stop=stop_after_attempt(_ATTEMPTS),
        retry=retry_if_exception_type((Unavailable, Unsure, Throttled)),
        wait=_wait,
        reraise=True,
    )


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    if isinstance(error, Throttled):
        return min(_WAIT_MAX_S, error.wait_s)
    return _backoff(state)
