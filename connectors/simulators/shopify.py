"""Shopify: its GraphQL and (a few) REST calls, and webhooks signed over their raw bytes.

A webhook must be answered with 2xx within 5 seconds; else it comes again, eight times over four hours, with growing gaps, its body and its
X-Shopify-Event-Id unchanged. (The platform also ends a subscription that fails so often; the simulator doesn't.)

The topic of a change: orders/create, orders/cancelled, orders/paid, orders/fulfilled, orders/partially_fulfilled, and orders/updated for
all others. Times stand in an order's document with the shop's offset, +08:00.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from connectors.platforms.signing import same, shopify_push
from connectors.shops import Shop
from connectors.simulators import shopify_rest
from connectors.simulators import shopify_sales as sales
from connectors.simulators import shopify_shipping as shipping
from connectors.simulators.faults import Scatter
from connectors.simulators.orders import Doc, Order, Shipment, ShippedLine
from connectors.simulators.pushing import Push, Pusher, Retries
from connectors.simulators.shopify_cost import Bucket
from connectors.simulators.shopify_graphql import answer, throttled
from connectors.simulators.shopify_root import Root
from connectors.simulators.simulator import ChannelSimulator, Options, json_answer

_API = "/admin/api/{version:\\d{4}-\\d{2}|unstable}"
#: Eight repetitions within four hours.
GAPS_S = (60, 180, 420, 900, 1500, 2400, 3600, 5100)
#: A Plus shop's bucket, in points, and what comes back a second.
BUCKET_MAX, RESTORE_RATE = 20_000, 1_000
_VERSION = "2026-01"
_FIRST_FULFILLMENT = 5_000_000_000_000
_TOPICS = {
    "cancelled": "orders/cancelled",
    "fulfilled": "orders/fulfilled",
    "partial": "orders/partially_fulfilled",
    "paid": "orders/paid",
}


def iso(at_ms: int) -> str:
    """The platform's time as webhooks write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(at_ms // 1000 + 8 * 3600))


class ShopifySimulator(ChannelSimulator):
    """Shopify, one server for all shops: the access token says which."""

    name = "shopify"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        retries = Retries(GAPS_S, 5, lambda status, _body: 200 <= status < 300, scale=options.retry_scale)
        self._pusher = Pusher(retries, self.counts)
        self._scatter = Scatter(self.faults, self._pusher.send)
        self._buckets = {name: Bucket(BUCKET_MAX, RESTORE_RATE, time.monotonic) for name in self.shops}
        self._fulfillments: dict[str, list[Doc]] = {}
        self._fulfillment_orders: dict[int, str] = {}

    def routes(self) -> Sequence[web.RouteDef]:
        rest = shopify_rest.Rest(self)
        return [web.post(f"{_API}/graphql.json", self._graphql), *rest.routes(_API)]

    async def started(self) -> None:
        await self._pusher.start()

    async def stopping(self) -> None:
        self._scatter.stop()
        await self._pusher.close()

    def cleared(self) -> None:
        super().cleared()
        self._scatter.stop()
        self._pusher.clear()
        self._fulfillments.clear()
        self._fulfillment_orders.clear()

    def pushes_pending(self) -> int:
        return self._pusher.pending + self._scatter.waiting

    def shop_url(self, shop: Shop) -> str:
        return f"{self.url}/admin/api/{_VERSION}/graphql.json"

    # -- orders --

    def order_no(self, doc: Doc) -> str:
        if not isinstance(doc["id"], int):
            raise TypeError("id")
        return str(doc["id"])

    def date(self, doc: Doc, at_ms: int) -> None:
        if "updated_at" in doc:
            doc["updated_at"] = iso(at_ms)

    def status(self, doc: Doc) -> str:
        if doc.get("cancelled_at"):
            return "cancelled"
        return str(doc.get("fulfillment_status") or doc.get("financial_status"))

    def show_shipments(self, order: Order) -> None:
        shipping.show(order.doc, self._fulfillments[order.order_no])

    def announce(self, order: Order, before: str | None) -> None:
        now = self.status(order.doc)
        topic = "orders/create" if before is None else _TOPICS.get(now if now != before else "", "orders/updated")
        self._push(order, topic, order.doc)

    def _push(self, of: Order, topic: str, document: Doc) -> None:
        """The webhook of an order's or an after-sale's last change."""
        shop = self.shops[of.shop]
        if not self.gateway:
            return
        body = msgspec.json.encode(document)
        event = f"{of.order_no}/{of.change_no}"
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": shopify_push(shop.secret, body),
            "X-Shopify-Shop-Domain": shop.seller,
            "X-Shopify-API-Version": _VERSION,
            "X-Shopify-Webhook-Id": _uuid("webhook", event),
            "X-Shopify-Event-Id": _uuid("event", event),
            "X-Shopify-Triggered-At": _utc(of.changed_at_ms),
        }
        self._scatter.put(Push(f"{self.gateway}/push/shopify/{shop.shop}", headers, body))

    # -- refunds and returns --

    def aftersale_id(self, doc: Doc) -> str:
        return sales.id_of(doc)

    def date_aftersale(self, doc: Doc, at_ms: int) -> None:
        # A refund is made once; what a return has is its order's.
        if sales.is_return(doc):
            doc.setdefault("createdAt", iso(at_ms))
        else:
            doc.setdefault("created_at", iso(at_ms))

    def announce_aftersale(self, sale: Order, before: Doc | None) -> None:
        self._push(sale, *sales.push(sale))

    def told_by(self, order: Order) -> Iterable[Doc]:
        return sales.of_order(order)

    def followed(self, sale: Order, before: Doc | None) -> None:
        self.announce_aftersale(sale, before)

    def ask(self, shop: str, doc: Doc) -> Order:
        """Its order changes with it; a refund is written into the order, which tells of it then."""
        order = self.orders.get(sales.order_no(doc))
        if order is None:
            raise KeyError(f"{sales.id_of(doc)} is of no order here")
        if sales.is_return(doc):
            sale = super().ask(shop, doc)
            self.changed(order, self.status(order.doc))
            return sale
        self.date_aftersale(doc, self.clock.now_ms())
        order.doc["refunds"] = [*(it for it in order.doc.get("refunds", ()) if it.get("id") != doc["id"]), doc]
        self.changed(order, self.status(order.doc))
        return self.aftersales.get(sales.id_of(doc)) or Order(shop, sales.id_of(doc), doc)

    # -- calls --

    def authorized(self, request: web.Request) -> Shop | None:
        """The shop whose token this is."""
        token = request.headers.get("X-Shopify-Access-Token", "")
        shop = next((shop for shop in self.shops.values() if same(shop.token, token)), None)
        if shop is None:
            self.counts.bad_signatures += 1
        return shop

    def throttled(self, request: web.Request) -> web.StreamResponse:
        if not request.path.endswith("/graphql.json"):
            return json_answer({"errors": "Exceeded 2 calls per second for api client."}, 429)
        empty = Bucket(0, RESTORE_RATE, time.monotonic)
        return json_answer(throttled(empty, 50))

    async def _graphql(self, request: web.Request) -> web.Response:
        shop = self.authorized(request)
        if shop is None:
            return shopify_rest.unauthorized()
        try:
            body = msgspec.json.decode(await request.read())
        except (msgspec.DecodeError, UnicodeDecodeError):
            return json_answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        given, outcome = answer(body, Root(_Data(self, shop)), self._buckets[shop.shop])
        if outcome == "throttled":
            self.counts.throttled += 1
        self.counts.call("graphql", outcome)
        return json_answer(given)

    # -- shipping --

    def fulfil(
        self, order: Order, lines: Sequence[tuple[int, int]], tracking: shipping.Tracking, request_id: str
    ) -> Doc:
        """Ships: the fulfillment stands in the order, each of its numbers is a parcel."""
        now_ms = self.clock.now_ms()
        number = _FIRST_FULFILLMENT + len(self._fulfillment_orders)
        done = shipping.fulfillment(order.doc, number, lines, tracking, iso(now_ms))
        self._fulfillments.setdefault(order.order_no, []).append(done)
        self._fulfillment_orders[number] = order.order_no
        shipped = [ShippedLine(str(line), pieces) for line, pieces in lines]
        first, *others = tracking.numbers or [""]
        order.shipments += [Shipment(n, tracking.company or "", shipped, now_ms, request_id) for n in others]
        self.shipped(order, Shipment(first, tracking.company or "", shipped, now_ms, request_id))
        return done

    def retrack(self, shop: Shop, number: int, tracking: shipping.Tracking) -> tuple[Doc, Doc] | None:
        """Other numbers for what was shipped."""
        order = self.orders.get(self._fulfillment_orders.get(number, ""))
        if order is None or order.shop != shop.shop:
            return None
        done = next(f for f in self._fulfillments[order.order_no] if f["id"] == number)
        old, new = done["tracking_numbers"] or [""], tracking.numbers or [""]
        done.update(shipping.tracking_fields(tracking), updated_at=iso(self.clock.now_ms()))
        for shipment in order.shipments:
            if shipment.tracking_no in old:
                shipment.tracking_no, shipment.carrier = new[0], tracking.company or ""
        self.changed(order, self.status(order.doc))
        return done, order.doc


class _Data:
    """What GraphQL sees: one shop's orders."""

    def __init__(self, simulator: ShopifySimulator, shop: Shop) -> None:
        self._simulator = simulator
        self._shop = shop
        self.domain = shop.seller
        self.shelf, self.shop = simulator.shelf, shop.shop

    def aftersale(self, ident: str) -> Order | None:
        found = self._simulator.aftersales.get(ident)
        return found if found is not None and found.shop == self._shop.shop else None

    def aftersales(self) -> Iterable[Order]:
        return [sale for sale in self._simulator.aftersales if sale.shop == self._shop.shop]

    def order(self, order: int) -> Order | None:
        found = self._simulator.orders.get(str(order))
        return found if found is not None and found.shop == self._shop.shop else None

    def changed(self, start_ms: int, end_ms: int) -> Iterable[Order]:
        changes = self._simulator.orders.changed(self._shop.shop, start_ms, end_ms)
        return changes.page(1, len(changes), descending=False)

    def ship_call(self, order: Order) -> None:
        order.ship_calls += 1

    def fulfil(
        self, order: Order, lines: list[tuple[int, int]], tracking: shipping.Tracking, request: str
    ) -> dict[str, Any]:
        return self._simulator.fulfil(order, lines, tracking, request)

    def retrack(self, fulfillment: int, tracking: shipping.Tracking) -> tuple[dict[str, Any], dict[str, Any]] | None:
        return self._simulator.retrack(self._shop, fulfillment, tracking)


def _uuid(*parts: str) -> str:
    return str(UUID(bytes=blake2b("/".join(parts).encode(), digest_size=16).digest(), version=4))


def _utc(at_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at_ms // 1000)) + f".{at_ms % 1000:03d}Z"
