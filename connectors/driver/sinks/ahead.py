"""The next batch, prepared while the one before it is being flushed: the store works then, and this process would wait.

Only a full batch: one that is not grows until the flush is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from connectors.driver.fetcher import Fetched, Fetcher
from streams.ops.sinks import Sink


class InHand(NamedTuple):
    """Records that were fetched, and what the sink made of them."""

    fetched: Fetched
    prepared: Any


class Ahead:
    """Holds one batch at the most. ``stir`` is set by whoever has news of the fetcher."""

    def __init__(self, fetcher: Fetcher, sink: Sink, batch: int, stir: asyncio.Event) -> None:
        self._fetcher = fetcher
        self._sink = sink
        self._batch = batch
        self._stir = stir
        self._held: asyncio.Task[InHand] | None = None

    @property
    def ready(self) -> bool:
        """There is one to take."""
        return self._held is not None

    async def take(self) -> InHand:
        """The one that is ready, or else what the fetcher has. Raises FetchFailed."""
        held, self._held = self._held, None
        return await (held or self._prepare())

    def drop(self) -> None:
        """What was prepared is not ours any more, or comes again."""
        self._held = None

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Prepares while the block runs, and behind it finishes what it has begun. What goes wrong is raised by ``take``."""
        done = asyncio.Event()
        watching = asyncio.create_task(self._watch(done))
        try:
            yield
        finally:
            done.set()
            self._stir.set()
            await watching
            if self._held is not None:
                await asyncio.wait([self._held])

    async def _watch(self, done: asyncio.Event) -> None:
        while not done.is_set():
            if self._fetcher.waiting() >= self._batch:
                self._held = asyncio.create_task(self._prepare())
                return
            self._stir.clear()
            await self._stir.wait()

    async def _prepare(self) -> InHand:
        fetched = self._fetcher.take()
        return InHand(fetched, await self._sink.prepare(fetched.records))
