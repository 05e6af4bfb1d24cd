"""``penstock listing run`` put together: the shops' clients and ways; the loop is the driver's.

Ready: it has partitions of the requests, and at least one shop's platform answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any, cast

from prometheus_client import CollectorRegistry

from connectors import shops as shops_file
from connectors.channels.stock.base import ChannelStock
from connectors.channels.stock.clients import CLIENTS, stock_client
from connectors.channels.stock.errand import Clerk, Newest
from connectors.channels.stock.metrics import ListingMetrics
from connectors.clock import keeping_time
from connectors.driver.dispatch import process
from connectors.driver.dispatch.endpoint import Endpoint, Endpoints
from connectors.driver.dispatch.job import Place, Request
from connectors.driver.dispatch.limits import LimitsBook
from schemas.records import ListingRequest
from streams.settings import Settings


def limits_book(path: Path | None = None) -> LimitsBook:
    """By channel and shop. Raises InvalidSetting."""
    packaged = resources.files(__package__).joinpath("limits.toml").read_text("utf-8")
    return LimitsBook(packaged, tuple(CLIENTS), "shop", path)


class Office:
    """The contract of quantities to be shown, and what a shop's clerk needs, made once."""

    name = "listing-dispatch"
    requests = "listing.requests"
    results = "listing.results"

    def __init__(self, shops: shops_file.Shops, limits: LimitsBook, metrics: ListingMetrics) -> None:
        self._metrics = metrics
        self._newest = Newest()
        self._accounts = [shop for shop in shops.shops if shop.channel in CLIENTS]
        self._endpoints = Endpoints(limits, metrics.breaker_open)
        self._shops: dict[Place, tuple[ChannelStock, Endpoint]] = {}

    @asynccontextmanager
    async def open(self, call_s: float) -> AsyncIterator[Office]:
        """With its connections."""
        async with AsyncExitStack() as stack:
            for shop in self._accounts:
                client = await stack.enter_async_context(stock_client(shop, total_s=call_s))
                place = (shop.channel, shop.shop)
                self._shops[place] = client, self._endpoints.to(*place)
            yield self

    def request(self, name: str, record: Mapping[str, Any]) -> Request | None:
        """See Contract."""
        if name != "ListingRequest":
            return None
        it = cast(ListingRequest, record)
        self._newest.read(it)
        lane = (it["place"]["channel"], it["place"]["shop"])
        return Request(it["sku"], it["request_id"], lane, it["due_ms"], it["again"], it)

    def answered(self, name: str, record: Mapping[str, Any]) -> tuple[str, str] | None:
        """See Contract."""
        return (record["sku"], record["request_id"]) if name == "ListingResult" else None

    def clerk(self, lane: Place) -> Clerk:
        """See Contract: of a shop, known or not."""
        client, endpoint = self._shops.get(lane, (None, None))
        return Clerk(client, endpoint, self._newest, self._metrics)

    def away(self) -> str:
        """Why nobody can be told anything; empty: somebody can."""
        away = [endpoint.is_open for _, endpoint in self._shops.values()]
        return "no shop's platform answers" if away and all(away) else ""


async def run(settings: Settings, shops: shops_file.Shops, limits: LimitsBook, options: process.Options) -> None:
    """Until SIGTERM or Ctrl-C: calls under way are finished and told. Raises FetchFailed, CannotServe."""
    metrics = ListingMetrics(CollectorRegistry(), shops.shops)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, keeping_time(settings))
        office = await stack.enter_async_context(Office(shops, limits, metrics).open(options.call_s))
        await process.run(office, settings, metrics, options, office.away)
