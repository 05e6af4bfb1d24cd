"""The sixth channel as a local server: ``connectors/simulators/youzan.py``."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from connectors.platforms.signing import same
from connectors.platforms.times import china
from connectors.shops import Shop
from connectors.simulators.orders import Doc, Order, OrderStore, Shipment
from connectors.simulators.pushing import Push, Pusher, Retries
from connectors.simulators.simulator import ChannelSimulator, Options, json_answer
from schemas.json_text import compact


class Refusal(Exception):
    """A no, by its code."""


class YouzanSimulator(ChannelSimulator):
    """One server for all shops: the signature says whose call it is."""

    name = "youzan"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        retries = Retries((10, 60, 600), 5, lambda status, _: status == 200, scale=options.retry_scale)
        self._pusher = Pusher(retries, self.counts)
        self._calls: Mapping[str, Callable[[Shop, Any], Any]] = {
            "trade.get": lambda _, given: self._one(self.orders, given["tid"], "NO_SUCH_TRADE"),
            "refund.get": lambda _, given: self._one(self.aftersales, given["refund_id"], "NO_SUCH_REFUND"),
            "trade.changed": lambda shop, given: self._changed(self.orders, shop, given),
            "refund.changed": lambda shop, given: self._changed(self.aftersales, shop, given),
            "trade.ship": lambda _, given: self._ship(given),
        }

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post(f"/{method}", self._call) for method in self._calls]

    async def started(self) -> None:
        await self._pusher.start()

    async def stopping(self) -> None:
        await self._pusher.close()

    def pushes_pending(self) -> int:
        return self._pusher.pending

    # -- orders and refunds --

    def order_no(self, doc: Doc) -> str:
        return str(doc["tid"])

    def date(self, doc: Doc, at_ms: int) -> None:
        doc["update_time"] = china(at_ms // 1000)

    def status(self, doc: Doc) -> str:
        return str(doc.get("status"))

    def show_shipments(self, order: Order) -> None:
        order.doc.update(status="SENT", express=[parcel.tracking_no for parcel in order.shipments])

    def announce(self, order: Order, before: str | None) -> None:
        if self.gateway:
            shop, body = self.shops[order.shop], compact(order.doc)
            sign = hmac.new(shop.secret.encode(), body, hashlib.sha256).hexdigest()
            headers = {"Content-Type": "application/json", "X-Signature": sign, "X-Message-Id": str(order.change_no)}
            self._pusher.send(Push(f"{self.gateway}/push/youzan/{shop.shop}", headers, body))

    def aftersale_id(self, doc: Doc) -> str:
        return str(doc["refund_id"])

    def date_aftersale(self, doc: Doc, at_ms: int) -> None:
        self.date(doc, at_ms)

    def announce_aftersale(self, sale: Order, before: Doc | None) -> None:
        """None is pushed: the reconciliation finds them."""

    # -- calls --

    def throttled(self, request: web.Request) -> web.StreamResponse:
        return json_answer({"code": "TOO_OFTEN"})

    async def _call(self, request: web.Request) -> web.Response:
        method, body = request.path.strip("/"), await request.read()
        try:
            shop = self._signed_by(body, request.headers.get("X-Signature", ""))
            found = self._calls[method](shop, msgspec.json.decode(body))
        except Refusal as no:
            self.counts.call(method, str(no))
            return json_answer({"code": str(no)})
        self.counts.call(method, "ok")
        return json_answer({"code": "OK", "data": found})

    def _signed_by(self, body: bytes, sign: str) -> Shop:
        for shop in self.shops.values():
            if same(hmac.new(shop.secret.encode(), body, hashlib.sha256).hexdigest(), sign):
                return shop
        self.counts.bad_signatures += 1
        raise Refusal("BAD_SIGNATURE")

    def _one(self, kept: OrderStore, number: str, otherwise: str) -> Doc:
        found = kept.get(number)
        if found is None:
            raise Refusal(otherwise)
        return found.doc

    def _changed(self, kept: OrderStore, shop: Shop, given: Any) -> dict[str, Any]:
        changes = kept.changed(shop.shop, given["start_s"] * 1000, given["end_s"] * 1000 + 999)
        rows = [order.doc for order in changes.page(given["page"], given["size"], descending=True)]
        return {"rows": rows, "total": len(changes)}

    def _ship(self, given: Any) -> None:
        self._one(self.orders, given["tid"], "NO_SUCH_TRADE")
        order = self.orders.get(given["tid"])
        assert order is not None
        order.ship_calls += 1
        if order.has_shipped(given["number"]):
            raise Refusal("PARCEL_EXISTS")
        if order.doc["status"] == "CLOSED":
            raise Refusal("TRADE_CLOSED")
        if not given["express"].isdigit():
            raise Refusal("BAD_EXPRESS")
        parcel = Shipment(given["number"], given["express"], [], int(time.time() * 1000), given["request_id"])
        self.shipped(order, parcel)
