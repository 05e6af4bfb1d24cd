"""``penstock writeback run`` put together: shops' clients and ways, logistics providers, the carrier dictionary, one dispatcher.

Live: the event loop turns. Ready: it has partitions of the requests, and at least one platform answers: one that is away is no reason to
take the others' process out of service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from aiolimiter import AsyncLimiter
from prometheus_client import CollectorRegistry

from connectors import shops as shops_file
from connectors.clock import keeping_time
from connectors.logistics.carriers import Carriers, InvalidCarriers, store
from connectors.logistics.dispatcher import HELD_MAX, Dispatcher
from connectors.logistics.endpoint import Endpoint
from connectors.logistics.job import Shopkeeper
from connectors.logistics.lane import Lane
from connectors.logistics.ledger import Ledger
from connectors.logistics.limits import LimitsBook
from connectors.logistics.metrics import DispatchMetrics
from connectors.logistics.providers import calling
from connectors.logistics.providers.cainiao import Cainiao
from connectors.logistics.providers.kuaidi100 import Kuaidi100
from connectors.logistics.providers.waybill import WaybillClient
from connectors.logistics.submission import Submitter
from connectors.logistics.traces import TraceDesk
from connectors.logistics.waybills import Source, WaybillOffice
from connectors.platforms import client
from streams.ops.http import Heartbeat, serve
from streams.settings import Settings
from streams.topology import group_id

logger = logging.getLogger(__name__)

_HANGS_S = 120.0
#: A newer carrier dictionary is in use after this long.
_LOOK_S = 10.0


class Options(NamedTuple):
    """How it runs. ``port`` 0: no metrics; ``call_s``: how long a platform may take to answer."""

    port: int = 0
    call_s: float = 30.0
    held_max: int = HELD_MAX


class Office:
    """Everything a lane needs, made once; ``lane`` makes the lane of a shop."""

    def __init__(
        self, settings: Settings, shops: shops_file.Shops, limits: LimitsBook, metrics: DispatchMetrics
    ) -> None:
        self.settings = settings
        self.shops = shops
        self.limits = limits
        self.metrics = metrics
        self.carriers: Carriers = store.current(settings.carriers_folder).carriers
        self.ledger = Ledger(settings.brokers, settings.app_id, settings.kafka)
        self.shopkeepers: dict[tuple[str, str], Shopkeeper] = {}
        self.sources: list[Source] = []
        self._shared: dict[str, AsyncLimiter] = {}
        self._submitters: list[Submitter] = []
        self.waybills = WaybillOffice(self.sources, shops, lambda: self.carriers)
        self.traces = TraceDesk((), shops, metrics)

    @asynccontextmanager
    async def open(self, call_s: float) -> AsyncIterator[Office]:
        """With its connections."""
        async with AsyncExitStack() as stack:
            for shop in self.shops.shops:
                way = self._endpoint(shop.channel, shop.shop)
                platform = await stack.enter_async_context(client(shop, total_s=call_s))
                self.shopkeepers[shop.channel, shop.shop] = Shopkeeper(platform, way)
            if self.shops.logistics:
                http = await stack.enter_async_context(calling.session(total_s=call_s))
                for account in self.shops.logistics:
                    kind = Cainiao if account.provider == "cainiao" else Kuaidi100
                    asked: WaybillClient = kind(account, http)
                    self.sources.append(Source(account, asked, self._endpoint(account.provider, "")))
            self.traces = TraceDesk(self.sources, self.shops, self.metrics)
            try:
                yield self
            finally:
                await self.traces.close()

    def lane(self, channel: str, shop: str, dispatcher: Dispatcher) -> Lane:
        """The lane of a shop, set up or not."""
        keeper = self.shopkeepers.get((channel, shop))
        submitter = Submitter(keeper, self.carriers, self.ledger, self.waybills, self.traces, self.metrics)
        self._submitters.append(submitter)
        return Lane(f"{channel}/{shop}", submitter, self.ledger, dispatcher.room)

    async def keep_carriers(self) -> None:
        """Looks for a newer carrier dictionary now and then, until it is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                found = await asyncio.to_thread(store.current, self.settings.carriers_folder)
            except InvalidCarriers as exc:
                logger.error("the carrier dictionary stays at version %s: %s", self.carriers.version, exc)
                continue
            if found.carriers.version != self.carriers.version:
                logger.warning("carrier dictionary: version %s of %s", found.carriers.version, found.carriers.date)
                self.carriers = found.carriers
                for submitter in self._submitters:
                    submitter.carriers = found.carriers

    def _endpoint(self, channel: str, shop: str) -> Endpoint:
        limits = self.limits.of(channel, shop)
        shared = self._shared.setdefault(channel, AsyncLimiter(*limits.platform))
        gauge = self.metrics.breaker_open.labels(channel, shop)
        gauge.set(0)
        return Endpoint(f"{channel}/{shop}", limits, shared, lambda is_open: gauge.set(is_open))


async def run(settings: Settings, shops: shops_file.Shops, limits: LimitsBook, options: Options) -> None:
    """Until SIGTERM or Ctrl-C: calls under way are finished and told. Raises FetchFailed, CannotServe, InvalidCarriers."""
    metrics = DispatchMetrics(CollectorRegistry(), shops.shops)
    kafka = {"log_level": 0, **settings.kafka, "bootstrap.servers": settings.brokers}
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, keeping_time(settings))
        office = await stack.enter_async_context(Office(settings, shops, limits, metrics).open(options.call_s))
        dispatcher: Dispatcher = Dispatcher(
            *(kafka, group_id(settings.app_id, "dispatch"), office.ledger),
            lane=lambda channel, shop: office.lane(channel, shop, dispatcher),
            metrics=metrics,
            held_max=options.held_max,
        )
        beat = Heartbeat("the event loop", _HANGS_S)

        def ready() -> tuple[bool, str]:
            away = [keeper.endpoint.is_open for keeper in office.shopkeepers.values()]
            if away and all(away):
                return False, "no platform answers"
            return not dispatcher.waits, dispatcher.waits or "requests are dealt with"

        server = None
        if options.port:
            server = serve(options.port, metrics.registry, live=beat, ready=ready, host=settings.metrics_host)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, dispatcher.stop)
        beside = [asyncio.create_task(beat.keep()), asyncio.create_task(office.keep_carriers())]
        try:
            await dispatcher.run()
        finally:
            for task in beside:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*beside, return_exceptions=True)
            if server is not None:
                await asyncio.to_thread(server.close)
