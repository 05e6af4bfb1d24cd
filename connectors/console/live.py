"""The live panel's figures: asked of the tables by one loop a process, by shop, and added up for whoever watches.

Every second what comes in; every five what stands: reviews, waiting orders, decisions of the last hour. Nobody watches: nothing is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

import asyncpg

from connectors.console.freshness import freshness
from connectors.console.lagging import Lagging, Reader
from connectors.console.permissions import Shops
from connectors.console.problems import Problem, in_log
from connectors.console.shops import each_shop
from connectors.console.store import Store

logger = logging.getLogger(__name__)

EVERY_S = 1.0
_STANDING_EVERY_S = 5.0
#: Decisions that the means are of.
WINDOW_S = 3_600

_EVERYWHERE = Shops(True, frozenset())
#: By the record's time in Kafka: what came in shows when the sink has written it, at its own second.
_INFLOW = """
SELECT shop, channel, count(*) FILTER (WHERE logged_at > $1::timestamptz - interval '10 seconds') AS seconds_10, count(*) AS minute
FROM order_events WHERE logged_at > $1::timestamptz - interval '1 minute' AND kind = 'Order' GROUP BY 1, 2
"""
_REVIEWS = """
SELECT shop, code, count(*) AS items FROM review_queue, unnest(codes) AS code WHERE state = 'open' GROUP BY 1, 2
"""
_BACKLOG = """
SELECT shop, count(*) AS items, min(received_at) AS oldest FROM review_queue WHERE state = 'open' AND received_at IS NOT NULL GROUP BY 1
"""
_WAITING = """
SELECT shop, phase, count(*) AS orders, min(changed_at) AS oldest FROM order_status
WHERE phase IN ('HELD', 'RESERVING', 'BACKORDERED') GROUP BY 1, 2
"""
#: First decisions alone: one that waited for stock says nothing of the hub.
_DECIDED = f"""
SELECT each.shop, d.* FROM ({each_shop("allocations")}) each CROSS JOIN LATERAL (
    SELECT count(*) AS decided, count(*) FILTER (WHERE a.decision = 'ALLOCATED') AS allocated,
        sum(extract(epoch FROM a.decided_at - a.received_at))::float8 AS seconds
    FROM allocations a WHERE a.shop = each.shop AND a.decided_at > $1::timestamptz - make_interval(secs => $2) AND a.attempt = 1
) d WHERE d.decided > 0
"""

_Rows = Sequence[Mapping[str, Any]]


class Standing(NamedTuple):
    """What changes slowly, by shop."""

    reviews: _Rows
    backlog: _Rows
    waiting: _Rows
    decided: _Rows


class Pulse(NamedTuple):
    """All of one second, by shop; ``lag`` is None where nobody knows."""

    number: int
    at: datetime
    as_of: datetime | None
    inflow: _Rows
    standing: Standing
    lag: Sequence[Reader] | None


class Waiting(NamedTuple):
    """Orders in a phase that must not last."""

    status: str
    orders: int
    oldest: datetime


class Figures(NamedTuple):
    """A pulse as somebody sees it: of their shops."""

    #: Channel -> accepted in the last ten seconds, and in the last minute.
    channels: list[tuple[str, int, int]]
    #: Reason's code -> open items.
    reasons: list[tuple[str, int]]
    review_open: int
    review_oldest: datetime | None
    waiting: list[Waiting]
    decided: int
    allocated: int
    #: From receipt to the first decision; None: nothing was decided.
    mean_s: float | None


def figures(pulse: Pulse, shops: Shops) -> Figures:
    """Adds up what is of these shops."""
    short, minute = Counter[str](), Counter[str]()
    for row in _of(pulse.inflow, shops):
        short[row["channel"]] += row["seconds_10"]
        minute[row["channel"]] += row["minute"]
    reasons = Counter[str]()
    for row in _of(pulse.standing.reviews, shops):
        reasons[row["code"]] += row["items"]
    backlog, decided = _of(pulse.standing.backlog, shops), _of(pulse.standing.decided, shops)
    phases: dict[str, Waiting] = {}
    for row in _of(pulse.standing.waiting, shops):
        known = phases.get(row["phase"], Waiting(row["phase"], 0, row["oldest"]))
        phases[row["phase"]] = Waiting(known.status, known.orders + row["orders"], min(known.oldest, row["oldest"]))
    count = sum(row["decided"] for row in decided)
    return Figures(
        channels=[(channel, short[channel], minute[channel]) for channel in sorted(minute)],
        reasons=sorted(reasons.items(), key=lambda each: (-each[1], each[0])),
        review_open=sum(row["items"] for row in backlog),
        review_oldest=min((row["oldest"] for row in backlog), default=None),
        waiting=[phases[name] for name in sorted(phases)],
        decided=count,
        allocated=sum(row["allocated"] for row in decided),
        mean_s=sum(row["seconds"] for row in decided) / count if count else None,
    )


def _of(rows: _Rows, shops: Shops) -> list[Mapping[str, Any]]:
    # What has no shop is seen by who sees all.
    return [row for row in rows if (row["shop"] in shops if row["shop"] is not None else shops.everywhere)]


class Live:
    """One a process. Watchers wait for the next pulse; the first one sets the loop going, and it stops after the last."""

    def __init__(self, store: Store, lagging: Lagging, hub: str) -> None:
        self._store = store
        self._lagging = lagging
        self._hub = hub
        self._watchers = 0
        self._loop: asyncio.Task[None] | None = None
        self._beat = asyncio.Condition()
        self._last: Pulse | Problem | None = None
        self._number = 0
        self._closed = False

    async def watched(self) -> AsyncIterator[Pulse | Problem]:
        """Pulses as they come, and what keeps them from coming; until ``close``."""
        self._watchers += 1
        if self._loop is None:
            self._last = None
            self._loop = asyncio.create_task(self._run())
        seen = 0
        try:
            while not self._closed:
                async with self._beat:
                    while not self._closed and (self._last is None or self._number == seen):
                        await self._beat.wait()
                    seen, last = self._number, self._last
                if last is not None and not self._closed:
                    yield last
        finally:
            self._watchers -= 1
            if not self._watchers and self._loop is not None:
                self._loop.cancel()
                self._loop = None

    async def close(self) -> None:
        """Ends every watcher's wait."""
        self._closed = True
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop
        async with self._beat:
            self._beat.notify_all()

    async def _run(self) -> None:
        standing, due = Standing((), (), (), ()), 0.0
        while True:
            begun = monotonic()
            last: Pulse | Problem
            try:
                async with self._store.reading(_EVERYWHERE) as connection:
                    if begun >= due:
                        standing, due = await _standing(connection), begun + _STANDING_EVERY_S
                    last = await self._pulse(connection, standing)
            except Problem as problem:
                last = problem
            except Exception as error:
                # One bad second is not the end of the panel.
                logger.error("the live figures could not be asked for: %s", in_log(error))
                last = Problem("fault")
                last.__cause__ = error
            async with self._beat:
                self._last = last
                self._number += 1
                self._beat.notify_all()
            await asyncio.sleep(max(0.1, EVERY_S - (monotonic() - begun)))

    async def _pulse(self, connection: asyncpg.Connection, standing: Standing) -> Pulse:
        at = await connection.fetchval("SELECT now()")
        fresh = await freshness(connection, self._hub)
        inflow = await connection.fetch(_INFLOW, at)
        return Pulse(self._number + 1, at, fresh, inflow, standing, self._lagging.latest())


async def _standing(connection: asyncpg.Connection) -> Standing:
    at = await connection.fetchval("SELECT now()")
    return Standing(
        reviews=await connection.fetch(_REVIEWS),
        backlog=await connection.fetch(_BACKLOG),
        waiting=await connection.fetch(_WAITING),
        decided=await connection.fetch(_DECIDED, at, float(WINDOW_S)),
    )
