"""``penstock delivery run`` put together: the systems' clients and ways, the carrier dictionary; the loop is the driver's.

Ready: it has partitions of the requests, and at least one system answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any, cast

import aiohttp
from prometheus_client import CollectorRegistry

from connectors import calls
from connectors import shops as shops_file
from connectors.clock import keeping_time
from connectors.driver.dispatch import process
from connectors.driver.dispatch.endpoint import Endpoint, Endpoints
from connectors.driver.dispatch.job import Place, Request
from connectors.driver.dispatch.limits import LimitsBook
from connectors.logistics.carriers import Carriers, store
from connectors.warehouse.base import Wms
from connectors.warehouse.errand import Clerk
from connectors.warehouse.metrics import WarehouseMetrics
from connectors.warehouse.qimen import Qimen
from connectors.warehouse.webhook import PlainWebhook
from schemas.records import DeliveryRequest
from streams.settings import Settings

_CONNECT_S = 10.0


def limits_book(systems: tuple[shops_file.Wms, ...], path: Path | None = None) -> LimitsBook:
    """By system and warehouse. Raises InvalidSetting."""
    packaged = resources.files(__package__).joinpath("limits.toml").read_text("utf-8")
    return LimitsBook(packaged, tuple(system.name for system in systems), "warehouse", path)


class Office:
    """The contract of delivery orders, and what a warehouse's clerk needs, made once."""

    name = "warehouse-dispatch"
    requests = "warehouse.requests"
    results = "warehouse.results"

    def __init__(
        self, settings: Settings, shops: shops_file.Shops, limits: LimitsBook, metrics: WarehouseMetrics
    ) -> None:
        self._shops = shops
        self._metrics = metrics
        self.carriers: Carriers = store.current(settings.carriers_folder).carriers
        self._endpoints = Endpoints(limits, metrics.breaker_open)
        self._systems: dict[str, tuple[shops_file.Wms, Wms, Endpoint]] = {}

    @asynccontextmanager
    async def open(self, call_s: float) -> AsyncIterator[Office]:
        """With its connections."""
        timeout = aiohttp.ClientTimeout(total=call_s, connect=min(_CONNECT_S, call_s))
        async with calls.session(timeout) as http:
            for account in self._shops.wms:
                made: Wms = PlainWebhook(account, http) if account.kind == "webhook" else self._qimen(account, http)
                for warehouse in account.ours:
                    self._systems[warehouse] = account, made, self._endpoints.to(account.name, warehouse)
            yield self

    def _qimen(self, account: shops_file.Wms, http: aiohttp.ClientSession) -> Qimen:
        return Qimen(account, http, lambda: self.carriers, self._shops.senders.get)

    def request(self, name: str, record: Mapping[str, Any]) -> Request | None:
        """See Contract."""
        if name != "DeliveryRequest":
            return None
        it = cast(DeliveryRequest, record)
        lane = ("wms", it["warehouse"])
        return Request(it["order_id"], it["request_id"], lane, it["ship_by_ms"], it["again"], it)

    def answered(self, name: str, record: Mapping[str, Any]) -> tuple[str, str] | None:
        """See Contract."""
        return (record["order_id"], record["request_id"]) if name == "DeliveryResult" else None

    def clerk(self, lane: Place) -> Clerk:
        """See Contract: of a warehouse, connected or not."""
        account, wms, endpoint = self._systems.get(lane[1], (None, None, None))
        return Clerk(wms, endpoint, account.since_ms if account else 0, self._metrics)

    def away(self) -> str:
        """Why nobody can be told anything; empty: somebody can."""
        away = [endpoint.is_open for _, _, endpoint in self._systems.values()]
        return "no warehouse's system answers" if away and all(away) else ""


async def run(settings: Settings, shops: shops_file.Shops, limits: LimitsBook, options: process.Options) -> None:
    """Until SIGTERM or Ctrl-C: calls under way are finished and told. Raises FetchFailed, CannotServe, InvalidCarriers."""
    metrics = WarehouseMetrics(CollectorRegistry(), shops.wms)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, keeping_time(settings))
        office = await stack.enter_async_context(Office(settings, shops, limits, metrics).open(options.call_s))
        await process.run(office, settings, metrics, options, office.away)
