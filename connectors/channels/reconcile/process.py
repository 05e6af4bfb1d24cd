"""``penstock reconcile``: the parts put together, each on its own beat.

    following    at once: what the hub knows
    pulling      a shop each ``interval_s``: what the pushes missed
    confirming   as they fall due: payments and shipments

Live: the event loop turns. Ready: every shop's last pull was done. A shop whose platform fails waits for its next turn; the others go on.
Kafka away: everything waits, and begins again where the marks and the file say.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry

from connectors.channels.marks import read_mark
from connectors.channels.reconcile.asking import Asking
from connectors.channels.reconcile.confirm import Confirming
from connectors.channels.reconcile.delivery import Delivery
from connectors.channels.reconcile.follow import Follower
from connectors.channels.reconcile.known import KnownOrders
from connectors.channels.reconcile.metrics import ReconcileMetrics
from connectors.channels.reconcile.pull import Pull, Pulled, Spans, source_of
from connectors.clock import keeping_time
from connectors.driver.log_ends import BrokerAway, LogEnds
from connectors.endings import CallError
from connectors.platforms.client import client
from connectors.platforms.times import now_ms
from connectors.shops import Shops
from streams.ops.cluster import ClusterError
from streams.ops.http import Heartbeat
from streams.settings import Settings

logger = logging.getLogger(__name__)

_HANGS_S = 120.0
_CONFIRM_EVERY_S = 1.0
_AGAIN_S = 5.0
#: No platform lists changes older than three months.
_KEPT_MS = 100 * 86_400_000


@dataclass(frozen=True)
class Options:
    """How it is run; see ``penstock reconcile --help``."""

    interval_s: float = 60.0
    overlap_s: float = 600.0
    settle_s: float = 60.0
    lookback_s: float = 86_400.0
    calls_per_s: float = 5.0
    confirm_percent: float = 100.0
    confirm_after_s: float = 5.0


class Outcome(NamedTuple):
    """What a shop's pull came to; ``error``: why it was not done."""

    channel: str
    shop: str
    pulled: Pulled = Pulled()
    error: str = ""


class Reconciler:
    """One process. ``run`` until SIGTERM, or ``once``."""

    def __init__(self, settings: Settings, shops: Shops, options: Options) -> None:
        self._settings = settings
        self._shops = shops
        self._options = options
        self.metrics = ReconcileMetrics(CollectorRegistry())
        self.live = Heartbeat("the event loop", _HANGS_S)
        self._failing: dict[str, str] = {}
        self._pulled: set[str] = set()
        self._known = KnownOrders(settings.data / "reconcile.sqlite")
        self._follower = Follower(
            settings, self._known, options.confirm_percent, int(options.confirm_after_s * 1000), now_ms
        )
        self._delivery = Delivery(settings)
        self._ends = LogEnds({**settings.kafka, "bootstrap.servers": settings.brokers})
        self._reader = ThreadPoolExecutor(1, "reconcile-reader")
        #: Of each shop: its orders, then its after-sales.
        self._pulls: list[tuple[Pull, Pull]] = []
        self._confirming: Confirming | None = None

    def ready(self) -> tuple[bool, str]:
        """See the module's text."""
        if self._failing:
            shop, why = next(iter(self._failing.items()))
            return False, f"{len(self._failing)} pulls were not done, {shop} among them: {why}"
        if len(self._pulled) < len(self._shops.shops):
            return False, f"{len(self._shops.shops) - len(self._pulled)} shops have not been pulled yet"
        return True, "every shop is pulled"

    async def once(self) -> tuple[list[Outcome], Counter[str]]:
        """Every shop's changes up to now, and every confirmation that waits. Raises ClusterError."""
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await self._catch_up()
            outcomes = await asyncio.gather(*(self._pull(pulls) for pulls in self._pulls))
            await self._catch_up()
            checks: Counter[str] = Counter()
            while self._confirming is not None and self._known.waiting():
                # All of them, however young: nobody comes back for them.
                found = await self._confirming.run_due(now_ms(), early=True)
                checks += found
                if set(found) == {"again"}:
                    await asyncio.sleep(_CONFIRM_EVERY_S)
            return list(outcomes), checks

    async def run(self) -> None:
        """Until SIGTERM or Ctrl-C. Raises ClusterError when the topics can't be read at the start."""
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with AsyncExitStack() as stack:
            await self._open(stack)
            work = [self._following(), self._confirming_all(), *(self._pulling(pulls) for pulls in self._pulls)]
            tasks: list[asyncio.Task[None]] = [asyncio.create_task(it) for it in (self.live.keep(), *work)]
            stopping: asyncio.Task[Any] = asyncio.create_task(stop.wait())
            try:
                done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()  # raises what ended it: none of them ends well
            finally:
                for task in (stopping, *tasks):
                    task.cancel()
                await asyncio.gather(stopping, *tasks, return_exceptions=True)

    async def _open(self, stack: AsyncExitStack) -> None:
        # Threads that still read or write end before what they use is closed.
        stack.callback(self._known.close)
        stack.callback(self._follower.close)
        stack.callback(self._reader.shutdown)
        await self._read(stack.enter_context, keeping_time(self._settings))
        await self._read(self._follower.start)
        self._known.forget(now_ms() - _KEPT_MS)
        asking: dict[tuple[str, str], Asking] = {}
        spans = Spans(
            *(int(s * 1000) for s in (self._options.overlap_s, self._options.settle_s, self._options.lookback_s))
        )
        channels = self._settings.channels
        for shop in self._shops.shops:
            platform = await stack.enter_async_context(client(shop))
            asking[shop.channel, shop.shop] = own = Asking(platform, self._options.calls_per_s)
            orders, sales = [await self._made(own, spans, aftersales=aftersales) for aftersales in (False, True)]
            self._pulls.append((orders, sales))
        self._confirming = Confirming(asking, self._known, self._delivery, self.metrics, channels)

    async def _made(self, asking: Asking, spans: Spans, *, aftersales: bool) -> Pull:
        source = source_of(asking.platform.shop, aftersales=aftersales)
        mark = await asyncio.to_thread(read_mark, self._settings, source)
        known, delivery, caught_up = self._known, self._delivery, self._catch_up
        channels = self._settings.channels
        return Pull(asking, known, delivery, self.metrics, spans, mark, caught_up, channels, aftersales=aftersales)

    async def _read(self, do: Callable[..., object], *args: object) -> None:
        # One thread: one call at a time, and the last one is over before the consumer is closed.
        await asyncio.get_running_loop().run_in_executor(self._reader, do, *args)

    async def _catch_up(self) -> None:
        try:
            ends = await self._ends.ends(self._follower.partitions())
        except BrokerAway as exc:
            raise ClusterError(f"the topics cannot be read: {exc}") from exc
        await self._read(self._follower.catch_up, ends)

    async def _following(self) -> None:
        while True:
            await self._read(self._follower.poll, 0.2)
            await asyncio.sleep(0.05)

    async def _pulling(self, pulls: tuple[Pull, Pull]) -> None:
        while True:
            begun = time.monotonic()
            await self._pull(pulls)
            await asyncio.sleep(max(1.0, begun + self._options.interval_s - time.monotonic()))

    async def _pull(self, pulls: tuple[Pull, Pull]) -> Outcome:
        """A shop's orders and its after-sales: one that fails leaves the other be."""
        orders, sales = pulls
        done, problems = Pulled(), []
        for pull in (orders, sales):
            pulled, problem = await self._one(pull)
            done = Pulled(*(a + b for a, b in zip(done, pulled, strict=True)))
            problems += [problem] if problem else []
        if not problems:
            self._pulled.add(orders.source)
        return Outcome(orders.channel, orders.shop, done, "; ".join(problems))

    async def _one(self, pull: Pull) -> tuple[Pulled, str]:
        """What it came to, and why it was not done."""
        try:
            pulled = await pull.run(now_ms())
        except (CallError, ClusterError) as exc:
            if pull.source not in self._failing:
                logger.warning("the changes of %s were not pulled: %s", pull.source, exc)
            self._failing[pull.source] = str(exc)
            self.metrics.pulls.labels(pull.channel, "failed").inc()
            return Pulled(), str(exc)
        if self._failing.pop(pull.source, None) is not None:
            logger.warning("the changes of %s are pulled again", pull.source)
        if pulled.found:
            logger.warning("%s: %d changes that no push had told were sent in", pull.source, pulled.found)
        self.metrics.pulls.labels(pull.channel, "done").inc()
        return pulled, ""

    async def _confirming_all(self) -> None:
        while True:
            await asyncio.sleep(_CONFIRM_EVERY_S)
            try:
                if self._confirming is not None:
                    await self._confirming.run_due(now_ms())
            except ClusterError as exc:
                logger.warning("confirmations wait: %s", exc)
                await asyncio.sleep(_AGAIN_S)
