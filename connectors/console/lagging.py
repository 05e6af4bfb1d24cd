"""How far behind the stages and sinks are, asked of Kafka in a thread when somebody wants to know, and no more often than needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

from streams.ops.cluster import ClusterError

#: So old a measurement is asked for anew, and so old it says nothing any more.
_AGAIN_S, _STALE_S = 5.0, 30.0
#: So long a page waits for the first one, unless Kafka did not answer the last time.
_PATIENCE_S = 1.0
#: The sink whose tables the console shows.
TABLES = "postgres"


class Reader(NamedTuple):
    """A stage or a sink: records that it has still to take, and the age of the oldest of them."""

    name: str
    is_sink: bool
    records: int
    seconds: float


class Lagging:
    """``measure`` blocks, and raises ClusterError."""

    def __init__(self, measure: Callable[[], Sequence[Reader]]) -> None:
        self._measure = measure
        self._found: Sequence[Reader] | None = None
        self._at = self._asked = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._answers = True

    def latest(self) -> Sequence[Reader] | None:
        """As last measured; None: not lately, or Kafka does not answer. One that is getting old is measured anew meanwhile."""
        now = monotonic()
        if now - self._asked > _AGAIN_S and (self._asking is None or self._asking.done()):
            self._asked = now
            self._asking = asyncio.create_task(self._ask())
        return self._found if now - self._at <= _STALE_S else None

    async def tables_behind_s(self) -> float | None:
        """Seconds that the tables are behind the topics; None: nobody knows."""
        found = self.latest()
        if found is None and self._asking is not None and self._answers:
            # Who looks first is not told that nobody knows, when a moment later somebody does.
            await asyncio.wait([self._asking], timeout=_PATIENCE_S)
            found = self.latest()
        return (
            max((it.seconds for it in found if it.is_sink and it.name == TABLES), default=None)
            if found is not None
            else None
        )

    async def _ask(self) -> None:
        try:
            self._found, self._at = await asyncio.to_thread(self._measure), monotonic()
            self._answers = True
        except ClusterError:
            self._found, self._answers = None, False
