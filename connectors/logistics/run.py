"""``penstock writeback run`` put together: shops' clients and ways, logistics providers, the carrier dictionary; the loop is the driver's.

Ready: it has partitions of the requests, and at least one platform answers: one that is away is no reason to take the others' process out
of service.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

from prometheus_client import CollectorRegistry

from connectors import shops as shops_file
from connectors.clock import keeping_time
from connectors.driver.dispatch import process
from connectors.driver.dispatch.endpoint import Endpoints
from connectors.driver.dispatch.job import Place, Request
from connectors.driver.dispatch.limits import LimitsBook
from connectors.logistics.carriers import Carriers, InvalidCarriers, store
from connectors.logistics.metrics import DispatchMetrics
from connectors.logistics.needs import Shopkeeper
from connectors.logistics.providers import calling
from connectors.logistics.providers.cainiao import Cainiao
from connectors.logistics.providers.kuaidi100 import Kuaidi100
from connectors.logistics.providers.waybill import WaybillClient
from connectors.logistics.submission import Submitter
from connectors.logistics.traces import TraceDesk
from connectors.logistics.waybills import Source, WaybillOffice
from connectors.platforms import client
from schemas.records import WritebackRequest
from streams.settings import Settings

logger = logging.getLogger(__name__)

#: A newer carrier dictionary is in use after this long.
_LOOK_S = 10.0


class Office:
    """The contract of writebacks, and everything a shop's clerk needs, made once."""

    name = "dispatch"
    requests = "writeback.requests"
    results = "writeback.results"

    def __init__(
        self, settings: Settings, shops: shops_file.Shops, limits: LimitsBook, metrics: DispatchMetrics
    ) -> None:
        self.settings = settings
        self.shops = shops
        self.metrics = metrics
        self.carriers: Carriers = store.current(settings.carriers_folder).carriers
        self.shopkeepers: dict[tuple[str, str], Shopkeeper] = {}
        self.sources: list[Source] = []
        self._endpoints = Endpoints(limits, metrics.breaker_open)
        self._submitters: list[Submitter] = []
        self.waybills = WaybillOffice(self.sources, shops, lambda: self.carriers)
        self.traces = TraceDesk((), shops, metrics)

    @asynccontextmanager
    async def open(self, call_s: float) -> AsyncIterator[Office]:
        """With its connections."""
        async with AsyncExitStack() as stack:
            for shop in self.shops.shops:
                way = self._endpoints.to(shop.channel, shop.shop)
                platform = await stack.enter_async_context(client(shop, total_s=call_s))
                self.shopkeepers[shop.channel, shop.shop] = Shopkeeper(platform, way)
            if self.shops.logistics:
                http = await stack.enter_async_context(calling.session(total_s=call_s))
                for account in self.shops.logistics:
                    kind = Cainiao if account.provider == "cainiao" else Kuaidi100
                    asked: WaybillClient = kind(account, http)
                    self.sources.append(Source(account, asked, self._endpoints.to(account.provider)))
            self.traces = TraceDesk(self.sources, self.shops, self.metrics)
            try:
                yield self
            finally:
                await self.traces.close()

    def request(self, name: str, record: Mapping[str, Any]) -> Request | None:
        """See Contract."""
        if name != "WritebackRequest":
            return None
        it = cast(WritebackRequest, record)
        return Request(
            key=it["order_id"],
            id=it["request_id"],
            lane=(it["channel"], it["shop"]),
            due_ms=it["ship_by_ms"],
            again=not it["request_id"].endswith("#1"),
            record=it,
        )

    def answered(self, name: str, record: Mapping[str, Any]) -> tuple[str, str] | None:
        """See Contract."""
        return (record["order_id"], record["request_id"]) if name == "WritebackResult" else None

    def clerk(self, lane: Place) -> Submitter:
        """See Contract: of a shop, set up or not."""
        keeper = self.shopkeepers.get(lane)
        submitter = Submitter(keeper, self.carriers, self.waybills, self.traces, self.metrics)
        self._submitters.append(submitter)
        return submitter

    def away(self) -> str:
        """Why nobody can be told anything; empty: somebody can."""
        away = [keeper.endpoint.is_open for keeper in self.shopkeepers.values()]
        return "no platform answers" if away and all(away) else ""

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


async def run(settings: Settings, shops: shops_file.Shops, limits: LimitsBook, options: process.Options) -> None:
    """Until SIGTERM or Ctrl-C: calls under way are finished and told. Raises FetchFailed, CannotServe, InvalidCarriers."""
    metrics = DispatchMetrics(CollectorRegistry(), shops.shops)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, keeping_time(settings))
        office = await stack.enter_async_context(Office(settings, shops, limits, metrics).open(options.call_s))
        await process.run(office, settings, metrics, options, office.away, office.keep_carriers())
