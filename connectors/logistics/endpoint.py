"""The way to one endpoint, a platform's shop or a logistics provider: when it may be called, and what a failing one does to others' calls.

A call waits, and is no attempt, while

1. the platform wants to be left alone (it answered that it is throttled, and for how long),
2. its breaker is open: a number of calls in a row had no answer. After a while one call tries; if it is answered, all go on,
3. the rate for this shop, or for all shops of the platform together, is used up.

The breaker is purgatory's, the rates are aiolimiter's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from aiolimiter import AsyncLimiter
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import Context, OpenedState

from connectors.logistics.limits import Limits
from connectors.platforms.base import Held, Refused, Throttled

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Told to wait longer than this, it looks again by then.
_WAIT_MAX_S = 600.0


class Endpoint:
    """``name`` says which, in logs. ``shared`` is the rate of the whole platform."""

    def __init__(self, name: str, limits: Limits, shared: AsyncLimiter, on_state: Callable[[bool], None]) -> None:
        self.name = name
        self.limits = limits
        self._shared = shared
        self._rate = AsyncLimiter(*limits.calls)
        self._on_state = on_state
        # A no is an answer: the endpoint is well.
        self._breakers = AsyncCircuitBreakerFactory(limits.failures, limits.open_s, exclude=[Refused, Held, Throttled])
        self._left_alone_until = 0.0
        self._trying = False
        self._changed = asyncio.Condition()
        self._open = False

    @property
    def is_open(self) -> bool:
        """Its breaker lets no calls through."""
        return self._open

    def leave_alone(self, seconds: float) -> None:
        """No calls for so long."""
        self._left_alone_until = max(self._left_alone_until, time.monotonic() + seconds)

    async def available(self) -> None:
        """Until a call would not have to wait for the platform or the breaker, as far as can be seen now."""
        while (wait_s := self._left_alone_until - time.monotonic()) > 0:
            await asyncio.sleep(min(wait_s, _WAIT_MAX_S))
        context = await self._context()
        while context.state == "opened" and (wait_s := (context.opened_at or 0) + context.ttl - time.time()) > 0:
            await asyncio.sleep(min(wait_s, _WAIT_MAX_S))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Waits as the module's text says. Make at most one call in it, soon."""
        trial = await self._admitted()
        try:
            await self._rate.acquire()
            await self._shared.acquire()
            yield Turn(self)
        finally:
            if trial:
                async with self._changed:
                    self._trying = False
                    self._changed.notify_all()

    async def call(self, what: Callable[[], Awaitable[T]]) -> T:
        """Makes the call and minds how it ends. Raises what it raises."""
        breaker = await self._breakers.get_breaker(self.name)
        try:
            try:
                async with breaker:
                    return await what()
            except OpenedState:
                # It opened while this turn was being prepared; the call is made all the same: it was admitted.
                return await what()
        except Throttled as exc:
            self.leave_alone(exc.wait_s)
            raise
        finally:
            self._tell(breaker.context)

    async def _admitted(self) -> bool:
        """Whether this is the one call that tries a breaker that was open."""
        while True:
            await self.available()
            context = await self._context()
            if context.state == "closed":
                return False
            async with self._changed:
                if not self._trying:
                    self._trying = True
                    return True
                await self._changed.wait()

    async def _context(self) -> Context:
        return (await self._breakers.get_breaker(self.name)).context

    def _tell(self, context: Context) -> None:
        is_open = context.state != "closed"
        if is_open != self._open:
            self._open = is_open
            said = "has no answers: calls wait for %.0f s" if is_open else "answers again"
            logger.warning(f"{self.name} {said}", *([self.limits.open_s] if is_open else []))
            self._on_state(is_open)


class Turn:
    """The right to one call now."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def call(self, what: Callable[[], Awaitable[T]]) -> T:
        """Raises what the call raises."""
        return await self._endpoint.call(what)
