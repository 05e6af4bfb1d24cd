"""The way to one account of a system, a platform's shop or a logistics provider: when it may be called, and what a failing one does.

A call waits, and is no attempt, while

1. the system wants to be left alone (it answered that it is throttled, and for how long),
2. its breaker is open: a number of calls in a row had no answer. After a while one call tries; if it is answered, all go on,
3. the rate for this account, or for all accounts of the system together, is used up.

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
from prometheus_client import Gauge
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import Context, OpenedState

from connectors.driver.dispatch.limits import Limits, LimitsBook
from connectors.driver.dispatch.quiet import Quiet
from connectors.endings import Held, Refused, Throttled

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: A breaker's time is the wall clock's, which may be set: it looks again by then.
_WAIT_MAX_S = 600.0
#: A second at once where the system names no wait: each try is an intent in the log. So no row of guesses grows, nor has to be ended.
_QUIET_S = 1.0


class Endpoint:
    """``name`` says which, in logs. ``shared`` is the rate of the whole system."""

    def __init__(self, name: str, limits: Limits, shared: AsyncLimiter, on_state: Callable[[bool], None]) -> None:
        self.name = name
        self.limits = limits
        self._shared = shared
        self._rate = AsyncLimiter(*limits.calls)
        self._on_state = on_state
        # A no is an answer: the endpoint is well.
        self._breakers = AsyncCircuitBreakerFactory(limits.failures, limits.open_s, exclude=[Refused, Held, Throttled])
        self._quiet = Quiet(_QUIET_S)
        self._trying = False
        self._changed = asyncio.Condition()
        self._open = False

    @property
    def is_open(self) -> bool:
        """Its breaker lets no calls through."""
        return self._open

    async def available(self) -> None:
        """Until a call would not have to wait for the system or the breaker, as far as can be seen now."""
        await self._quiet.over()
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

    async def patiently(self, what: Callable[[], Awaitable[T]]) -> T:
        """A call in a turn of its own, that is made again when it was throttled. Raises what else it raises."""
        while True:
            async with self.turn() as turn:
                try:
                    return await turn.call(what)
                except Throttled:
                    continue

    async def call(self, what: Callable[[], Awaitable[T]]) -> T:
        """Makes the call and minds how it ends. Raises what it raises."""
        called_at = self._quiet.now()
        breaker = await self._breakers.get_breaker(self.name)
        try:
            try:
                async with breaker:
                    return await what()
            except OpenedState:
                # It opened while this turn was being prepared; the call is made all the same: it was admitted.
                return await what()
        except Throttled as exc:
            self._quiet.throttled(exc, called_at)
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


class Endpoints:
    """Makes them. ``breaker_open``: a gauge by system and account."""

    def __init__(self, limits: LimitsBook, breaker_open: Gauge) -> None:
        self._limits = limits
        self._breaker_open = breaker_open
        #: Of a system: the rate of all its accounts together.
        self._shared: dict[str, AsyncLimiter] = {}

    def to(self, system: str, account: str = "") -> Endpoint:
        """The way to an account. Call it once for each."""
        limits = self._limits.of(system, account)
        shared = self._shared.setdefault(system, AsyncLimiter(*limits.platform))
        gauge = self._breaker_open.labels(system, account)
        gauge.set(0)
        return Endpoint(f"{system}/{account}", limits, shared, lambda is_open: gauge.set(is_open))
