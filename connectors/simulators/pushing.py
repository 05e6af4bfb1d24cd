"""Deliveries over HTTP as platforms make them: some at a time, each again after the platform's gaps until it is confirmed.

For platforms that post to the hub (Douyin, Shopify, Kuaidi100). Those whose messages are fetched have queues of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import aiohttp

from connectors import calls
from connectors.simulators.counts import Counts


@dataclass(slots=True)
class Push:
    """One message for one address. ``tries``: how often it was delivered in vain."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    tries: int = 0
    #: Of a sender that dates and signs its address: made anew at each delivery, in the place of ``url``.
    address: Callable[[], str] | None = None


@dataclass(frozen=True)
class Retries:
    """A platform's rule. ``gaps_s``: seconds before each repetition; as many repetitions as gaps."""

    gaps_s: Sequence[float]
    timeout_s: float
    #: (HTTP status, body) -> the receiver took it.
    confirmed: Callable[[int, bytes], bool]
    #: Deliveries at a time.
    at_once: int = 32
    #: Factor on the gaps: a test doesn't wait half an hour.
    scale: float = 1.0


class Pusher:
    """Delivers; ``send`` never waits. Start and close it in the event loop."""

    def __init__(self, retries: Retries, counts: Counts) -> None:
        self._retries = retries
        self._counts = counts
        self._queue: deque[Push] = deque()
        self._filled = asyncio.Event()
        self._underway = 0
        self._timers: set[asyncio.TimerHandle] = set()
        self._workers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to deliver."""
        self._workers = [asyncio.create_task(self._deliver_all()) for _ in range(self._retries.at_once)]

    async def close(self) -> None:
        """Ends at once; what is pending is forgotten."""
        self.clear()
        for worker in self._workers:
            worker.cancel()
        for worker in self._workers:
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        self._workers = []

    def clear(self) -> None:
        """Forgets what is not delivered yet, but for what is on its way."""
        self._queue.clear()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    @property
    def pending(self) -> int:
        """Pushes neither confirmed nor given up."""
        return len(self._queue) + self._underway + len(self._timers)

    def send(self, push: Push) -> None:
        """Delivers it as soon as one of the deliverers is free."""
        self._queue.append(push)
        self._filled.set()

    async def _deliver_all(self) -> None:
        timeout = aiohttp.ClientTimeout(total=self._retries.timeout_s)
        # A session each: it owns one connection, and no pool has to be asked.
        async with calls.session(timeout, connections=1) as session:
            while True:
                while not self._queue:
                    self._filled.clear()
                    await self._filled.wait()
                push = self._queue.popleft()
                self._underway += 1
                try:
                    confirmed = await self._deliver(session, push)
                finally:
                    self._underway -= 1
                if confirmed:
                    self._counts.pushes_acked += 1
                else:
                    self._again(push)

    async def _deliver(self, session: aiohttp.ClientSession, push: Push) -> bool:
        self._counts.pushes += 1
        try:
            url = push.address() if push.address is not None else push.url
            async with session.post(url, data=push.body, headers=push.headers) as answer:
                return self._retries.confirmed(answer.status, await calls.whole(answer))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _again(self, push: Push) -> None:
        retries = self._retries
        if push.tries >= len(retries.gaps_s):
            self._counts.pushes_given_up += 1
            return
        gap_s = retries.gaps_s[push.tries] * retries.scale
        # A copy: a duplicate of this push may still wait in the queue.
        again = replace(push, tries=push.tries + 1)

        def put() -> None:
            self._timers.discard(timer)
            self._counts.pushes_retried += 1
            self.send(again)

        timer = asyncio.get_running_loop().call_later(gap_s, put)
        self._timers.add(timer)
