"""What the group gives to a worker: state first, then the records. On tasks of their own: the partitions that are ready go on meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from streams.engine.holding import Holding
from streams.engine.restore import Restoration
from streams.engine.shards import TP
from streams.engine.source import Source

logger = logging.getLogger(__name__)


class Arrivals:
    """One worker's.

    Args:
        app: is told that tables are restored, or that they can't be.
        busy: held while records are decided: what is ready changes between two batches.
        holding: what is held now.
    """

    def __init__(
        self, app: Any, restoration: Restoration, source: Source, busy: asyncio.Lock, holding: Callable[[], Holding]
    ) -> None:
        self._app = app
        self._restoration = restoration
        self._source = source
        self._busy = busy
        self._holding = holding
        self._one_by_one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, partitions: list[TP], term: int) -> None:
        """These can be worked on, and are held for this term (``Holding.given``)."""
        task = asyncio.create_task(self._restore(partitions, term))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """What is not ready yet will not be."""
        for task in self._tasks:
            task.cancel()

    async def _restore(self, partitions: list[TP], term: int) -> None:
        """Brings up what these partitions need, and reads from those that are still of this assignment.

        One that went away and has come back is another assignment's: someone else may have decided on it meanwhile.
        """

        def still_ours() -> list[TP]:
            return self._holding().of_term(partitions, term)

        try:
            async with self._one_by_one:
                while not await self._restored(still_ours):
                    pass  # a shard that was open has been closed meanwhile, with the partition that kept it open
            self._app.tables.restored.set()
        except Exception as exc:
            logger.error("the worker stops: %s", exc)
            await self._app.crash(exc)

    async def _restored(self, still_ours: Callable[[], list[TP]]) -> bool:
        """Restores what is not open of these partitions' shards; True when all are open and read from."""
        partitions = still_ours()
        shards = self._holding().lacks(partitions)
        # To its end as long as one of them is ours: a restore that is cut short is nobody's state.
        await self._restoration.run(partitions, shards, lambda: not still_ours())
        async with self._busy:
            still = still_ours()
            if not self._holding().restored(still, shards):
                return False
            if still:
                self._source.resume(still)
        return True
