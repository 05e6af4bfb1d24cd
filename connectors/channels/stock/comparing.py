"""What shops show, asked of their platforms, within their limits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

from prometheus_client import CollectorRegistry

from connectors.channels.stock.base import ChannelStock
from connectors.channels.stock.clients import CLIENTS, stock_client
from connectors.channels.stock.metrics import ListingMetrics
from connectors.driver.dispatch.endpoint import Endpoint, Endpoints
from connectors.driver.dispatch.limits import LimitsBook
from connectors.endings import CallError, Refused
from connectors.shops import Shops
from schemas.records import ListingPlace

_TRIES = 4
_PAUSE_S = 0.5


async def asked(
    shops: Shops, limits: LimitsBook, places: Mapping[str, ListingPlace], call_s: float = 30.0
) -> dict[str, int | str]:
    """By place: units it shows, or why that is not known."""
    metrics = ListingMetrics(CollectorRegistry(), ())
    endpoints = Endpoints(limits, metrics.breaker_open)
    async with AsyncExitStack() as stack:
        ways: dict[tuple[str, str], tuple[ChannelStock, Endpoint, asyncio.Semaphore]] = {}
        for shop in shops.shops:
            if shop.channel in CLIENTS:
                client = await stack.enter_async_context(stock_client(shop, total_s=call_s))
                endpoint = endpoints.to(shop.channel, shop.shop)
                ways[shop.channel, shop.shop] = client, endpoint, asyncio.Semaphore(endpoint.limits.concurrent)

        async def one(place: ListingPlace) -> int | str:
            way = ways.get((place["channel"], place["shop"]))
            if way is None:
                return f"the shops file has no {place['shop']!r} of {place['channel']}"
            client, endpoint, slots = way
            for left in reversed(range(_TRIES)):
                try:
                    async with slots:
                        return await endpoint.patiently(lambda: client.shown(place))
                except CallError as exc:
                    if isinstance(exc, Refused) or not left:
                        return str(exc)
                await asyncio.sleep(_PAUSE_S)
            raise AssertionError("not reached")

        found = await asyncio.gather(*(one(place) for place in places.values()))
    return dict(zip(places, found, strict=True))
