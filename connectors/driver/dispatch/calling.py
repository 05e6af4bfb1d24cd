"""The calls of one request, from the first question to the last answer.

1. It may have been sent before (a predecessor died over it, or it is a further attempt): the system is asked first.
2. The intent is in the log, then the call is made. Throttled: once more from the intent on; it is no attempt. Certainly not carried out: a
   few times more, soon. A no, or that the system holds it, is the answer.
3. No answer: after a while the system is asked what it knows, before it is called again.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from connectors.driver.dispatch.endpoint import Endpoint
from connectors.driver.dispatch.job import Job
from connectors.driver.dispatch.ledger import Said
from connectors.driver.dispatch.metrics import CallMetrics
from connectors.endings import CallError, Held, Refused, Throttled, Unsure

#: How often the system is asked what it knows before the request is left to its next attempt.
_ASKS_MAX = 3
_ENDED: tuple[tuple[type[CallError], str], ...] = (
    *((Refused, "REFUSED"), (Held, "HELD"), (Throttled, "THROTTLED"), (Unsure, "UNSURE")),
    (CallError, "UNAVAILABLE"),
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Found(NamedTuple):
    """What the system says of an earlier call: whether it was carried out, and how the thing stands in its own words."""

    done: bool
    status: str


class Errand(Protocol[T_co]):
    """One request, checked and ready: what it asks of the system, and how that is told."""

    async def call(self) -> T_co:
        """Has it done. Raises CallError."""

    async def ask(self) -> Found:
        """Whether it has been done. Harmless. Raises CallError."""

    def intent(self, calls: int) -> Said:
        """It is about to be called, for the ``calls``-th time."""

    def failed(self, ended: str, error: CallError, calls: int) -> Said:
        """A call has ended after which it goes on: THROTTLED, UNAVAILABLE or UNSURE."""

    def asked(self, answer: Found | CallError) -> Said:
        """The system was asked."""


@dataclass(frozen=True)
class Ending:
    """``calls``: made, each with its intent in the log; ``took_ms``: from the first on."""

    calls: int
    took_ms: int


@dataclass(frozen=True)
class Answered(Ending, Generic[T]):
    """By the last call."""

    answer: T


@dataclass(frozen=True)
class Known(Ending):
    """The system has it: by a call of these, unless there was none, or by one before."""

    found: Found


@dataclass(frozen=True)
class Failed(Ending):
    """Refused, held, or not carried out as far as is known; Unsure: asked afterwards, the system does not know it."""

    error: CallError
    #: Whether it has been done already is not known: the error is that of the asking.
    in_doubt: bool = False


class Calling(Generic[T]):
    """``run`` it, once."""

    def __init__(self, job: Job, endpoint: Endpoint, errand: Errand[T], metrics: CallMetrics) -> None:
        self._job = job
        self._endpoint = endpoint
        self._errand = errand
        self._metrics = metrics
        self._calls = 0
        self._began = time.monotonic()

    async def run(self) -> Answered[T] | Known | Failed:
        """Raises Lost; an error that is no CallError, as it comes."""
        # 1. Ask first
        if self._job.ask_first:
            known = await self._ask()
            if known is not None:
                return known
        self._began = time.monotonic()
        limits, tries = self._endpoint.limits, 0
        while True:
            # 2. Call
            ending = await self._call()
            if not isinstance(ending, Failed) or isinstance(ending.error, (Refused, Held)):
                return ending
            if isinstance(ending.error, Throttled):
                continue
            tries += 1
            if isinstance(ending.error, Unsure):
                # 3. No answer
                await asyncio.sleep(limits.settle_s)
                known = await self._ask()
                if known is not None:
                    return known
            self._job.calling = False
            if tries >= limits.tries:
                return ending
            # It was certainly not carried out: soon again, as part of the same attempt.
            await asyncio.sleep(limits.again_s * tries)

    async def _call(self) -> Answered[T] | Failed:
        """One call with its intent before it; and, where that is not the end, an entry of how it ended."""
        self._calls += 1
        async with self._endpoint.turn() as turn:
            await self._intend()
            self._job.calling = True
            try:
                answer = await turn.call(self._errand.call)
            except CallError as exc:
                error = exc
            else:
                self._count("ANSWERED")
                return Answered(*self._so_far(), answer)
        ended = next(name for kind, name in _ENDED if isinstance(error, kind))
        self._count(ended)
        if not isinstance(error, (Refused, Held)):
            await self._job.tell(self._errand.failed(ended, error, self._calls))
            self._job.calling = isinstance(error, Unsure)
        return Failed(*self._so_far(), error)

    async def _intend(self) -> None:
        await self._job.tell(self._errand.intent(self._calls))

    async def _ask(self) -> Known | Failed | None:
        """What the system says of an earlier call: the end of it all, or None when it has not had it."""
        for tries in range(1, _ASKS_MAX + 1):
            try:
                found = await self._endpoint.patiently(self._errand.ask)
            except CallError as exc:
                if not isinstance(exc, Refused) and tries < _ASKS_MAX:
                    await asyncio.sleep(self._endpoint.limits.settle_s * tries)
                    continue
                await self._job.tell(self._errand.asked(exc))
                return Failed(*self._so_far(), exc, in_doubt=not isinstance(exc, Refused))
            break
        await self._job.tell(self._errand.asked(found))
        return Known(*self._so_far(), found) if found.done else None

    def _so_far(self) -> tuple[int, int]:
        took_ms = round((time.monotonic() - self._began) * 1000) if self._calls else 0
        return self._calls, took_ms

    def _count(self, ended: str) -> None:
        self._metrics.calls.labels(self._job.request.lane[0], ended.lower()).inc()
