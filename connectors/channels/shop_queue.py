"""One shop's orders and after-sales to be read: each once, at the platform's pace, what fails again and again until it is through."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aiolimiter import AsyncLimiter

from connectors.channels.aside import aside
from connectors.channels.base import NOTICES, Fetching, Outgoing, event
from connectors.channels.metrics import GatewayMetrics
from connectors.channels.outbox import Outbox, Undelivered
from connectors.driver.dispatch.quiet import Quiet
from connectors.endings import CallError, Throttled
from connectors.platforms.base import Platform, Refused, Snapshot
from schemas.codec import CODEC
from schemas.records import ChannelNotice
from streams.domain.intake.kinds import kind_of, subject

logger = logging.getLogger(__name__)

_PAUSE_S, _PAUSE_MAX_S = 0.5, 60.0
#: A push may be faster than the platform's own copies of an order: it is looked for so often before it counts as unknown.
_LOOKS = 4
#: An answer that can't be read is read so often: a platform mends itself sometimes.
_READS = 8
_DELIVER_S = 30.0


class Place(NamedTuple):
    """Where a notice stands in ``channel.notices``."""

    partition: int
    offset: int


@dataclass
class Wanted:
    """An order or an after-sale to be read: its newest notice, and where all of its notices stand."""

    notice: ChannelNotice
    places: list[Place]
    #: How often it was not found, and how often its answer could not be read.
    unknown: int = 0
    unreadable: int = 0
    failures: int = field(default=0)

    @property
    def what(self) -> str:
        """What is to be read: notices of the same are one."""
        return subject(self.notice["order_id"], self.notice["aftersale_id"] or None)


class ShopQueue:
    """``done`` is told the places of notices that nothing is left to do for."""

    def __init__(
        self,
        platform: Platform,
        fetching: Fetching,
        outbox: Outbox,
        metrics: GatewayMetrics,
        done: Callable[[Sequence[Place]], None],
    ) -> None:
        self._platform = platform
        self._outbox = outbox
        self._metrics = metrics
        self._done = done
        self._at_once = fetching.at_once
        # A second's calls may come at once, as platforms count them.
        self._pace = AsyncLimiter(fetching.per_s, 1.0)
        self._due: asyncio.Queue[str] = asyncio.Queue()
        #: By what is to be read: what waits, or waits for the one that is being read.
        self._wanted: dict[str, Wanted] = {}
        self._running: set[str] = set()
        self._quiet = Quiet()

    @property
    def waiting(self) -> int:
        """Orders that are not through."""
        return len(self._wanted) + len(self._running)

    def want(self, wanted: Wanted) -> None:
        """It is to be read, after this call."""
        what = wanted.what
        earlier = self._wanted.get(what)
        if earlier is not None:
            earlier.places += wanted.places
            if wanted.notice["occurred_at_ms"] >= earlier.notice["occurred_at_ms"]:
                earlier.notice = wanted.notice
            return
        self._wanted[what] = wanted
        if what not in self._running:
            self._due.put_nowait(what)

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as callers:
            for _ in range(self._at_once):
                callers.create_task(self._call())

    async def _call(self) -> None:
        while True:
            what = await self._due.get()
            await self._pace.acquire()
            called_at = await self._quiet.over()
            wanted = self._wanted.pop(what)
            self._running.add(what)
            pause_s = await self._read(wanted, called_at)
            self._running.discard(what)
            if pause_s is not None:
                self._again(what, wanted, pause_s)
                continue
            self._done(wanted.places)
            if what in self._wanted:
                self._due.put_nowait(what)

    def _again(self, what: str, wanted: Wanted, pause_s: float) -> None:
        """What came meanwhile waits with it: one reading will do for both."""
        newer = self._wanted.pop(what, None)
        if newer is not None:
            wanted.places += newer.places
            if newer.notice["occurred_at_ms"] >= wanted.notice["occurred_at_ms"]:
                wanted.notice = newer.notice
        self._wanted[what] = wanted
        asyncio.get_running_loop().call_later(pause_s, self._due.put_nowait, what)

    async def _read(self, wanted: Wanted, called_at: float) -> float | None:
        """Reads it and sends it on: None when that is done, else how long to wait before the next try, in s."""
        notice = wanted.notice
        channel = notice["channel"]
        try:
            snapshot = await self._snapshot(notice)
        except Throttled as exc:
            self._count(channel, "throttled")
            self._quiet.throttled(exc, called_at)
            return max(0.0, self._quiet.left_s)
        except Refused as exc:
            # What is the account's fault (a token, a permission) is Unavailable: here the platform means this order.
            if exc.outcome == "RETRYABLE":
                return self._failed(wanted, "unavailable", exc)
            wanted.unknown += 1
            if wanted.unknown < _LOOKS:
                return self._failed(wanted, "not_yet", exc)
            return await self._give_up(wanted, "unknown", exc)
        except CallError as exc:
            return self._failed(wanted, "unavailable", exc)
        except Exception as exc:
            wanted.unreadable += 1
            logger.warning("an answer of %s can't be read: %s", channel, type(exc).__name__, extra=_about(notice))
            if wanted.unreadable < _READS:
                return self._failed(wanted, "unreadable", exc)
            return await self._give_up(
                wanted, "unreadable", RuntimeError(f"its answer can't be read: {type(exc).__name__}")
            )
        self._quiet.answered(called_at)
        try:
            await self._outbox.deliver([_event(notice, snapshot)], _DELIVER_S)
        except Undelivered:
            return _pause(0)
        self._count(channel, "found")
        self._metrics.events.labels(channel).inc()
        return None

    async def _snapshot(self, notice: ChannelNotice) -> Snapshot:
        order_no, aftersale_id = notice["order_no"], notice["aftersale_id"]
        if aftersale_id:
            return await self._platform.aftersale(order_no, aftersale_id)
        return await self._platform.order(order_no)

    def _failed(self, wanted: Wanted, outcome: str, exc: Exception) -> float:
        notice = wanted.notice
        self._count(notice["channel"], outcome)
        wanted.failures += 1
        if wanted.failures in (3, 30):
            text = "%s of %s can't be read for the %d. time, and is tried again: %s"
            reason = exc if isinstance(exc, CallError) else type(exc).__name__
            logger.warning(text, wanted.what, notice["shop"], wanted.failures, reason, extra=_about(notice))
        return _pause(wanted.failures)

    async def _give_up(self, wanted: Wanted, outcome: str, exc: Exception) -> float | None:
        notice, place = wanted.notice, wanted.places[-1]
        raw = CODEC.encode("ChannelNotice", notice)
        record = aside(NOTICES, notice["order_id"], raw, exc, notice["received_at_ms"], *place)
        try:
            await self._outbox.deliver([record], _DELIVER_S)
        except Undelivered:
            return _pause(0)
        logger.error("%s of %s goes to quarantine: %s", wanted.what, notice["shop"], exc, extra=_about(notice))
        self._count(notice["channel"], outcome)
        return None

    def _count(self, channel: str, outcome: str) -> None:
        self._metrics.fetches.labels(channel, outcome).inc()


def _event(notice: ChannelNotice, snapshot: Snapshot) -> Outgoing:
    return event(
        {
            "channel": notice["channel"],
            "shop": notice["shop"],
            "order_no": notice["order_no"],
            "kind": kind_of(aftersale=bool(snapshot.aftersale_id), fetched=True),
            "event_id": notice["notice_id"],
            "occurred_at_ms": snapshot.modified_ms or notice["occurred_at_ms"],
            "received_at_ms": notice["received_at_ms"],
            "content_type": "application/json",
            "payload": snapshot.payload,
        }
    )


def _about(notice: ChannelNotice) -> dict[str, str]:
    return {"order_id": notice["order_id"]}


def _pause(failures: int) -> float:
    """Full jitter: shops that failed together don't come back together."""
    return random.uniform(0.1, min(_PAUSE_MAX_S, _PAUSE_S * 2 ** min(failures, 10)))
