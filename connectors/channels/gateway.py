"""``penstock gateway``: the parts put together.

    server      pushes, and warehouse systems' parcels, in; /metrics, /live, /ready
    listeners   one a shop whose platform is asked
    fetcher     orders that were told of are read
    spool       what waits on disk goes to Kafka as soon as that takes it, but for what tells of persons who were forgotten meanwhile

SIGTERM: 1. No push is accepted any more, and those under way are answered. 2. Listeners and fetcher end: what they had not finished was
not confirmed. 3. What the producer holds is flushed. What is on disk stays there for the next start.

Ready: Kafka takes records, the topics are there and nothing waits on disk. Not ready is no reason to keep pushes away from a gateway: what
its platform does not send again is kept on disk just then. Route by /live. Segments that the disk has damaged are counted there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack

from prometheus_client import CollectorRegistry

from connectors.channels.base import Counter, Outgoing, Webhook
from connectors.channels.doors import doors
from connectors.channels.fetcher import Fetched, Fetcher
from connectors.channels.forgotten import named_at, noted, sorted_out
from connectors.channels.kuaidi100 import Kuaidi100Webhook
from connectors.channels.listening import Listening
from connectors.channels.metrics import GatewayMetrics
from connectors.channels.outbox import Outbox, Undelivered
from connectors.channels.server import Server
from connectors.channels.shipments import Shipments, Tell
from connectors.channels.spool import Spool
from connectors.channels.table import CONNECTORS
from connectors.clock import keeping_time
from connectors.platforms import client
from connectors.platforms.base import Platform
from connectors.shops import Shops
from streams.engine.options import worker_id
from streams.ops.cluster import Cluster
from streams.ops.connection import DEFAULT, Limits
from streams.ops.reading import ClusterError
from streams.ops.rights import own_topics
from streams.settings import InvalidSetting, Settings
from streams.topology import group_id

logger = logging.getLogger(__name__)

_AGAIN_S = 1.0
_FLUSH_S = 10.0
#: A chunk of the spool; no platform waits for it.
_SPOOLED_S = 30.0


class Gateway:
    """One process. Use it as an async context manager: within it pushes are taken.

    Raises:
        InvalidSetting: a shop can't be connected as it is set up.
        SpoolUnusable, CannotServe: the folder or the port is another process's.
    """

    def __init__(
        self,
        settings: Settings,
        shops: Shops,
        port: int,
        *,
        host: str = "127.0.0.1",
        carrier_of: Callable[[str], str],
        carrier_by: Callable[[str, str], str] = lambda whose, code: code,
        tell: Tell,
        limits: Limits = DEFAULT,
    ) -> None:
        self._settings = settings
        self._shops = shops
        self._folder = settings.data / "gateway"
        self._host, self._port, self._limits = host, port, limits
        self._webhooks = webhooks(shops)
        self._kuaidi100 = pushed_traces(shops, carrier_of)
        self._reports = doors(shops, carrier_by)
        self._shipments = Shipments(shops.warehouse_systems, tell) if shops.warehouse_systems else None
        self.metrics = GatewayMetrics(CollectorRegistry())
        self._topics = False
        self._time = ExitStack()
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.port

    async def __aenter__(self) -> Gateway:
        async with AsyncExitStack() as stack:
            # 1. The disk, which another process may hold; what stands there is delivered below.
            self._spool = Spool(self._folder / "spool")
            stack.push_async_callback(self._spool.close)
            self._show_spool()
            # 2. Kafka: whether it is there or not.
            kafka = {**self._settings.kafka, "bootstrap.servers": self._settings.brokers}
            self._outbox = Outbox(kafka)
            stack.push_async_callback(self._flush)
            # 3. The platforms' clients, and who uses them.
            platforms = {
                (shop.channel, shop.shop): await stack.enter_async_context(client(shop)) for shop in self._shops.shops
            }
            fetched = {names: Fetched(it, CONNECTORS[names[0]].fetching) for names, it in platforms.items()}
            group = group_id(self._settings.app_id, "fetcher")
            # The folder is this process's alone: its id names one member of the group.
            member = worker_id(self._folder)
            fetcher = Fetcher(fetched, self._outbox, self.metrics, kafka, group, member)
            stack.push_async_callback(asyncio.to_thread, self._time.close)
            stack.push_async_callback(self._stop_tasks)
            # 4. The pushes.
            self._server = Server(self._find, self._outbox, self._spool, self.metrics, self.ready, self._limits)
            await self._server.start(self._host, self._port)
            stack.push_async_callback(self._server.close)
            self._tasks = [
                asyncio.create_task(self._prepare(fetcher, platforms)),
                asyncio.create_task(self._drain()),
            ]
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop`` is set. Raises what ended a part of it: none ends well."""
        stopping: asyncio.Task[object] = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for task in self._tasks:
            if task.done():
                task.result()

    def ready(self) -> tuple[bool, str]:
        """See the module's text."""
        if not self._topics:
            return False, "Kafka has not been reached yet"
        if self._outbox.away or not self._outbox.up:
            return False, "Kafka does not take records"
        if not self._spool.empty:
            return False, f"{self._spool.records} records wait on disk for Kafka"
        spoilt = f"; {self._spool.damaged} damaged segments are kept in {self._folder / 'spool'}"
        return True, f"{len(self._shops.shops)} shops are connected{spoilt if self._spool.damaged else ''}"

    def _find(self, channel: str | None, path: tuple[str, ...]) -> Webhook | Counter | None:
        if channel is None:
            return self._shipments if Shipments.takes(path) else None
        if channel in ("qimen", "wms"):
            return self._reports.get((channel, path[0])) if len(path) == 1 else None
        if channel == "kuaidi100":
            return self._kuaidi100 if Kuaidi100Webhook.takes(path) else None
        return self._webhooks.get((channel, path[0])) if len(path) == 1 else None

    async def _prepare(self, fetcher: Fetcher, platforms: Mapping[tuple[str, str], Platform]) -> None:
        """The topics and the log's time first; then who reads and asks, for as long as the gateway runs."""
        said = False
        while not self._topics:
            try:
                own = own_topics("gateway", self._settings)
                await asyncio.to_thread(Cluster(self._settings).create_topics, own)
                await asyncio.to_thread(self._time.enter_context, keeping_time(self._settings))
                self._topics = True
            except Exception as exc:
                if not said:
                    logger.warning("Kafka is not reached, tried again: %s", exc)
                said = True
                await asyncio.sleep(_AGAIN_S)
        async with asyncio.TaskGroup() as parts:
            parts.create_task(fetcher.run())
            for shop in self._shops.shops:
                made = CONNECTORS[shop.channel].listener
                if made is not None:
                    siblings = [other for other in self._shops.shops if other.channel == shop.channel]
                    platform = platforms[shop.channel, shop.shop]
                    it = Listening(made(shop), platform, siblings, self._outbox, self._settings, self.metrics)
                    parts.create_task(it.run())

    async def _drain(self) -> None:
        """What is on disk goes to Kafka, whenever there is something and Kafka takes it."""
        while True:
            self.metrics.kafka_up.set(self._outbox.up and not self._outbox.away)
            if not self._spool.empty and self._topics:
                waiting = self._spool.records
                try:
                    await self._spool.drain(self._deliver_spooled)
                    logger.warning("%d records that waited on disk are done with", waiting)
                except (Undelivered, ClusterError):
                    pass
                except OSError as exc:
                    logger.error("the spool can't be read, tried again: %s", exc)
                self._show_spool()
            await asyncio.sleep(_AGAIN_S)

    def _show_spool(self) -> None:
        self.metrics.spooled.set(self._spool.records)
        self.metrics.spool_damaged.set(self._spool.damaged)

    async def _deliver_spooled(self, records: Sequence[Outgoing]) -> None:
        # Asked for each chunk: it is a short topic, and nothing here is in a hurry.
        found = sorted_out(records, await asyncio.to_thread(named_at, Cluster(self._settings)))
        await self._outbox.deliver([*found.kept, *map(noted, found.held)], _SPOOLED_S)
        self.metrics.delivered(found.kept)
        self.metrics.held_back.inc(len(found.held))
        for order_id in found.held:
            logger.warning("a push that waited on disk is held back: its person was forgotten", extra={"key": order_id})

    async def _stop_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _flush(self) -> None:
        left = await self._outbox.close(_FLUSH_S)
        if left:
            logger.warning("%d records were not confirmed by Kafka: none of them was accepted from its platform", left)


def webhooks(shops: Shops) -> dict[tuple[str, str], Webhook]:
    """Each shop's that has one. Raises InvalidSetting: anybody could push to one without a secret."""
    found: dict[tuple[str, str], Webhook] = {}
    for shop in shops.shops:
        made = CONNECTORS[shop.channel].webhook
        if made is None:
            continue
        if not shop.secret:
            raise InvalidSetting(f"shop {shop.shop!r} of {shop.channel} has no secret: its pushes could be forged")
        found[shop.channel, shop.shop] = made(shop)
    return found


def pushed_traces(shops: Shops, carrier_of: Callable[[str], str]) -> Kuaidi100Webhook | None:
    """Where Kuaidi100 pushes to; None when no account of it is to call us. Raises InvalidSetting, as above."""
    accounts = [account for account in shops.logistics if account.provider == "kuaidi100" and account.callback]
    if any(not account.salt for account in accounts):
        raise InvalidSetting("a kuaidi100 account has a callback and no salt: its pushes could be forged")
    return Kuaidi100Webhook([account.salt for account in accounts], carrier_of) if accounts else None
