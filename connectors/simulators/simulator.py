"""What all simulators have in common: one HTTP server with the platform's API, its faults, and the controls under ``/_sim``.

A platform adds its routes (``routes``), how it throttles (``throttled``), and, where it has orders, what it reads from and writes to its
own snapshot of an order (``ChannelSimulator``). Everything runs in one event loop; a request makes no task and holds no lock.
"""

from __future__ import annotations

import dataclasses
import secrets
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from connectors.shops import LogisticsAccount, Shop, Wms
from connectors.simulators import accounts
from connectors.simulators.clock import Clock
from connectors.simulators.controls import AskedAfterSales, Gateway, PlacedOrders, body_of, json_answer, refused
from connectors.simulators.counts import Counts
from connectors.simulators.faults import CALM, Faults, Rates, reset
from connectors.simulators.orders import Doc, Order, OrderStore, Shipment
from connectors.simulators.shelf import Shelf

__all__ = ("ChannelSimulator", "Options", "Simulator", "json_answer")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: The controls take many orders at once.
_BODY_MAX = 64 * 1024 * 1024


@dataclass(frozen=True)
class Options:
    """How simulators run. ``port`` 0 takes a free one; ``gateway``: the hub's gateway, without a path; empty: no pushes.

    ``keys``: what all secrets are derived from; another one at each start, so that a shops file of yesterday opens nothing.
    """

    seed: int = 1
    host: str = "127.0.0.1"
    port: int = 0
    gateway: str = ""
    faults: Rates = CALM
    #: Factor on a platform's gaps between deliveries of a push.
    retry_scale: float = 1.0
    #: How far the platform's clock is ahead of this machine's.
    clock_offset_ms: int = 0
    keys: str = dataclasses.field(default_factory=lambda: secrets.token_hex(16), repr=False)


class Simulator(ABC):
    """One platform or provider. ``async with`` runs it: then ``url`` is where."""

    #: taobao, jd, ...: a channel's or provider's name.
    name: str
    #: Paths that faults leave alone, beside the controls.
    spared: frozenset[str] = frozenset(("/health",))

    def __init__(self, options: Options) -> None:
        self.options = options
        self.gateway = options.gateway
        self.clock = Clock(options.clock_offset_ms)
        self.counts = Counts()
        self.rng = Random(f"{self.name}/{options.seed}")
        self.faults = Faults(options.faults, self.rng, self.counts.faults)
        self.url = ""
        self._runner: web.AppRunner | None = None

    # -- what a platform adds --

    @abstractmethod
    def routes(self) -> Sequence[web.RouteDef]:
        """The platform's own API."""

    @abstractmethod
    def throttled(self, request: web.Request) -> web.StreamResponse:
        """The answer to a call that comes too often, in the platform's form. The body is not read yet."""

    def failed(self, request: web.Request) -> web.StreamResponse:
        """A 5xx: in front of the platforms stands a proxy, which answers with a page."""
        page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        return web.Response(text=page, status=502, content_type="text/html")

    async def started(self) -> None:  # noqa: B027 -- most have nothing to do here
        """Called when it listens."""

    async def stopping(self) -> None:  # noqa: B027
        """Called before it stops to listen."""

    def cleared(self) -> None:  # noqa: B027
        """Called by ``POST /_sim/clear``: forgets the platform's own state."""

    def pushes_pending(self) -> int:
        """Messages neither confirmed nor given up."""
        return 0

    def shop_entries(self) -> Sequence[Shop]:
        """Its ``[[shop]]`` entries of the shops file; it listens by then."""
        return ()

    def logistics_entries(self) -> Sequence[LogisticsAccount]:
        """Its ``[[logistics]]`` entries."""
        return ()

    def wms_entries(self) -> Sequence[Wms]:
        """Its ``[[wms]]`` entries."""
        return ()

    # -- running --

    async def __aenter__(self) -> Simulator:
        app = web.Application(middlewares=[_of_this_machine, self._with_faults()], client_max_size=_BODY_MAX)
        app.add_routes([*self._controls(), *self.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.options.host, self.options.port, backlog=1024)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        await self.started()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stopping()
        if self._runner is not None:
            await self._runner.cleanup()

    def _with_faults(self) -> Middleware:
        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            faults = self.faults
            path = request.path
            if faults.rates is CALM or path.startswith("/_sim") or path in self.spared:
                return await handler(request)
            await faults.delay()
            if faults.hits("errors"):
                return self.failed(request)
            if faults.hits("resets"):
                # Every second one has taken the request's body first: for the caller it is the same.
                if faults.seen["resets"] % 2:
                    await request.read()
                reset(request)
                return web.Response()
            if faults.hits("throttle"):
                self.counts.throttled += 1
                return self.throttled(request)
            answer = await handler(request)
            if faults.hits("lost_answers"):
                reset(request)
            return answer

        return middleware

    # -- controls --

    def _controls(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self._health),
            web.get("/_sim/counts", self._counts),
            web.put("/_sim/faults", self._set_faults),
            web.put("/_sim/gateway", self._set_gateway),
            web.post("/_sim/clear", self._clear),
        ]

    async def _health(self, request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _counts(self, request: web.Request) -> web.Response:
        return json_answer({**self.counts.view(), "pushes_pending": self.pushes_pending()})

    async def _set_faults(self, request: web.Request) -> web.Response:
        rates = await body_of(request, Rates)
        self.faults.rates = CALM if rates == CALM else rates
        return json_answer(rates)

    async def _set_gateway(self, request: web.Request) -> web.Response:
        self.gateway = (await body_of(request, Gateway)).url.rstrip("/")
        return json_answer({"url": self.gateway})

    async def _clear(self, request: web.Request) -> web.Response:
        self.counts.clear()
        self.faults.seen = self.counts.faults
        self.cleared()
        return json_answer({})


@web.middleware
async def _of_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The controls are for who runs the simulator: no page of somebody else's, open in a browser here, may reach them.

    A page that asks names its origin; one whose name was made to mean this machine (DNS rebinding) names itself as the host.
    """
    if request.path.startswith("/_sim"):
        transport = request.transport
        ours = transport.get_extra_info("sockname") if transport is not None else ("", 0)
        known = {f"{name}:{ours[1]}" for name in ("localhost", "127.0.0.1", "[::1]", ours[0])}
        origin = request.headers.get("Origin")
        if request.host not in known or (origin is not None and origin.removeprefix("http://") not in known):
            return json_answer({"error": "the controls are for this machine's own address and no other origin"}, 403)
    return await handler(request)


class ChannelSimulator(Simulator):
    """A sales channel: it has shops and orders."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.shops = {shop.shop: shop for shop in accounts.shops(self.name, options.seed, options.keys)}
        self.orders = OrderStore()
        #: After-sales are kept like orders: the number is an after-sale's id then, the snapshot its detail.
        self.aftersales = OrderStore()
        self.shelf = Shelf(self.clock.now_ms)

    @abstractmethod
    def order_no(self, doc: Doc) -> str:
        """The number of the order this snapshot shows.

        Raises:
            KeyError, TypeError: it shows none.
        """

    @abstractmethod
    def date(self, doc: Doc, at_ms: int) -> None:
        """Puts the platform's modified time into a snapshot. What a spoilt snapshot lacks is left out."""

    @abstractmethod
    def status(self, doc: Doc) -> str:
        """The platform's status of the order."""

    @abstractmethod
    def show_shipments(self, order: Order) -> None:
        """Writes ``order.shipments`` into the snapshot: the lines' and the order's status, numbers, times. Repeatable."""

    @abstractmethod
    def announce(self, order: Order, before: str | None) -> None:
        """Sends the pushes of a change; ``before`` is the status it had, None for a new order."""

    # -- after-sales --

    @abstractmethod
    def aftersale_id(self, doc: Doc) -> str:
        """The id of the after-sale that this detail shows.

        Raises:
            KeyError, TypeError: it shows none.
        """

    @abstractmethod
    def date_aftersale(self, doc: Doc, at_ms: int) -> None:
        """Puts the platform's modified time into a detail."""

    @abstractmethod
    def announce_aftersale(self, sale: Order, before: Doc | None) -> None:
        """Sends the pushes of a change; ``before``: the detail as it was, None for a new one."""

    def told_by(self, order: Order) -> Iterable[Doc]:
        """Details of the after-sales that an order's snapshot tells of; its own pushes tell of them too. Most tell of none."""
        return ()

    def followed(self, sale: Order, before: Doc | None) -> None:
        """Called for each of them that is new or has changed."""

    def ask(self, shop: str, doc: Doc) -> Order:
        """The after-sale of this detail is asked for, or changes to it.

        Raises:
            KeyError, TypeError: it has no id.
        """
        sale, before = self._keep(shop, doc)
        self.announce_aftersale(sale, before)
        return sale

    def _keep(self, shop: str, doc: Doc) -> tuple[Order, Doc | None]:
        number = self.aftersale_id(doc)
        known, now_ms = self.aftersales.get(number), self.clock.now_ms()
        before = known.doc if known is not None else None
        sale = known or Order(shop, number, doc)
        sale.doc = doc
        self.date_aftersale(doc, now_ms)
        self.aftersales.put(sale, now_ms)
        return sale, before

    def _follow(self, order: Order) -> None:
        """After-sales as the order's snapshot has them by now; what has not changed is not dated anew."""
        for doc in self.told_by(order):
            try:
                known = self.aftersales.get(self.aftersale_id(doc))
                if known is not None:
                    self.date_aftersale(doc, known.changed_at_ms)
                if known is None or known.doc != doc:
                    self.followed(*self._keep(order.shop, doc))
            except (KeyError, TypeError, ValueError):
                continue  # spoilt on purpose

    def shop_url(self, shop: Shop) -> str:
        """Where the platform's API of a shop is; the default: at the root."""
        return self.url

    def shop_entries(self) -> Sequence[Shop]:
        return [dataclasses.replace(shop, url=self.shop_url(shop)) for shop in self.shops.values()]

    def place(self, shop: str, doc: Doc) -> Order:
        """Creates the order of this snapshot, or lets it change to it. What was shipped before stays shipped.

        Raises:
            KeyError, TypeError: the snapshot has no order number.
        """
        number = self.order_no(doc)
        order, before = self.orders.get(number), None
        if order is None:
            order = Order(shop, number, doc)
        else:
            before = self.status(order.doc)
            order.doc = doc
            if order.shipments:
                self.show_shipments(order)
        self.changed(order, before)
        return order

    def shipped(self, order: Order, *shipments: Shipment) -> None:
        """A call shipped parcels: the order shows them, moves to the end of the changes, and its push goes out."""
        before = self.status(order.doc)
        order.shipments.extend(shipments)
        order.ship_effects += 1
        self.show_shipments(order)
        self.changed(order, before)

    def changed(self, order: Order, before: str | None) -> None:
        """Dates a change of an order and announces it."""
        now_ms = self.clock.now_ms()
        self.date(order.doc, now_ms)
        self.orders.put(order, now_ms)
        self.counts.changes += 1
        self._follow(order)
        self.announce(order, before)

    def cleared(self) -> None:
        self.orders.clear()
        self.aftersales.clear()
        self.shelf.clear()

    def _controls(self) -> list[web.RouteDef]:
        return [
            *super()._controls(),
            web.post("/_sim/orders", self._place_orders),
            web.get("/_sim/orders", self._show_orders),
            web.get("/_sim/orders/{order_no}", self._show_order),
            web.post("/_sim/aftersales", self._ask_all),
            *self.shelf.routes(),
        ]

    async def _ask_all(self, request: web.Request) -> web.Response:
        wanted = (await body_of(request, AskedAfterSales)).aftersales
        for number, one in enumerate(wanted):
            if one.shop not in self.shops:
                return refused(f"aftersales[{number}].shop is {one.shop!r}: one of {', '.join(self.shops)}")
            try:
                self.aftersale_id(one.payload)
            except (KeyError, TypeError):
                return refused(f"aftersales[{number}].payload shows no after-sale of {self.name}")
        asked = [self.ask(one.shop, one.payload) for one in wanted]
        return json_answer({"aftersales": [{"id": it.order_no, "changed_at_ms": it.changed_at_ms} for it in asked]})

    async def _place_orders(self, request: web.Request) -> web.Response:
        wanted = (await body_of(request, PlacedOrders)).orders
        for number, one in enumerate(wanted):
            if one.shop not in self.shops:
                return refused(f"orders[{number}].shop is {one.shop!r}: one of {', '.join(self.shops)}")
            try:
                self.order_no(one.payload)
            except (KeyError, TypeError):
                return refused(f"orders[{number}].payload shows no order number of {self.name}")
        placed = [self.place(one.shop, one.payload) for one in wanted]
        return json_answer({"orders": [{"order_no": o.order_no, "changed_at_ms": o.changed_at_ms} for o in placed]})

    async def _show_orders(self, request: web.Request) -> web.Response:
        return json_answer({"orders": [self._view(order) for order in self.orders]})

    async def _show_order(self, request: web.Request) -> web.Response:
        order = self.orders.get(request.match_info["order_no"])
        return json_answer(self._view(order)) if order else json_answer({"error": "no such order"}, 404)

    def _view(self, order: Order) -> dict[str, Any]:
        return {
            "order_no": order.order_no,
            "shop": order.shop,
            "status": self.status(order.doc),
            "changed_at_ms": order.changed_at_ms,
            "shipments": order.shipments,
            "ship_calls": order.ship_calls,
            "ship_effects": order.ship_effects,
        }
