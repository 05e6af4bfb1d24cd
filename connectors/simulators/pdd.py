"""Pinduoduo: one address for all calls (``/api/router``), each signed; errors with HTTP 200; and the message socket on the same port.

A call is checked in this order: type, client_id, access_token, timestamp, signature, then how often it comes. Each shop has an app of its
own here. What the platform sends as messages: an order that may be shipped (confirmed, and past its review), shipped, signed for, its
address changed, refunds. Other changes (an order not paid yet, a remark) are seen by the pull alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from connectors.platforms.signing import pdd as sign
from connectors.platforms.signing import pdd_messages_path, same
from connectors.shops import Shop
from connectors.simulators import pdd_aftersales as aftersales
from connectors.simulators import pdd_calls, pdd_shipping
from connectors.simulators.clock import local
from connectors.simulators.faults import Scatter
from connectors.simulators.orders import Doc, Order
from connectors.simulators.pdd_limits import Limits
from connectors.simulators.pdd_messages import ACK_WAIT_S, Message, Outbox, Socket
from connectors.simulators.pdd_shipping import PddError
from connectors.simulators.simulator import ChannelSimulator, Options, json_answer

#: How far a call's or a connection's timestamp may be from the platform's clock.
_SKEW_MAX_MS = 10 * 60_000
#: A call that fails in front of the gateway is answered with a page, as ever; one in so many of them with HTTP 200.
_PAGES_AS_OK = 2


class _App(NamedTuple):
    shop: Shop
    outbox: Outbox
    socket: Socket
    scatter: Scatter[Message]


class _Seen(NamedTuple):
    """Of an order, as its last messages told it."""

    open: bool = False
    order_status: int = 0
    refund_status: int = 1
    address: str = ""


class PddSimulator(ChannelSimulator):
    """PDD, one server for all shops."""

    name = "pdd"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._apps = {shop.app_key: self._app(shop) for shop in self.shops.values()}
        self._of_shop = {app.shop.shop: app for app in self._apps.values()}
        self._calls = pdd_calls.methods(self)
        self._limits = Limits(time.monotonic)
        self._seen: dict[str, _Seen] = {}
        self._request_no = 0
        self._pages = 0

    def _app(self, shop: Shop) -> _App:
        outbox = Outbox(ACK_WAIT_S * self.options.retry_scale, time.monotonic)
        socket = Socket(outbox, self.counts, self.clock.now_ms, lambda: self.faults.hits("resets"))
        return _App(shop, outbox, socket, Scatter(self.faults, outbox.put))

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/api/router", self._call), web.get("/message/{app}/{ms}/{digest}", self._messages)]

    def shop_entries(self) -> Sequence[Shop]:
        socket = self.url.replace("http", "ws", 1)
        return [
            Shop(s.channel, s.shop, f"{self.url}/api/router", s.app_key, s.secret, s.token, s.seller, socket)
            for s in self.shops.values()
        ]

    async def stopping(self) -> None:
        for app in self._apps.values():
            app.scatter.stop()
            await app.socket.close()

    def cleared(self) -> None:
        super().cleared()
        self._seen.clear()
        for app in self._apps.values():
            app.scatter.stop()
            app.outbox.clear()

    def pushes_pending(self) -> int:
        return sum(len(app.outbox) + app.scatter.waiting for app in self._apps.values())

    # -- orders --

    def order_no(self, doc: Doc) -> str:
        return str(info(doc)["order_sn"])

    def date(self, doc: Doc, at_ms: int) -> None:
        order = info(doc)
        if "updated_at" in order:
            order["updated_at"] = local(at_ms)
        pdd_shipping.hide_receiver(order)

    def status(self, doc: Doc) -> str:
        return str(info(doc).get("order_status"))

    def show_shipments(self, order: Order) -> None:
        pdd_shipping.show(info(order.doc), order.shipments)

    def announce(self, order: Order, before: str | None) -> None:
        last, doc = self._seen.get(order.order_no, _Seen()), info(order.doc)
        refund, status = _number(doc, "refund_status"), _number(doc, "order_status")
        now = _Seen(
            open=doc.get("confirm_status") == 1 and not doc.get("risk_control_status"),
            order_status=status,
            refund_status=refund,
            address=str(doc.get("receiver_address") or last.address),
        )
        self._seen[order.order_no] = now
        if now.open and not last.open:
            self._send(order, "pdd_trade_TradeConfirmed")
        elif now.open and last.address and now.address != last.address:
            self._send(order, "pdd_trade_TradeLogisticsAddressChanged")
        if status == 2 and last.order_status < 2:
            self._send(order, "pdd_trade_TradeSellerShip")
        if status == 3 and last.order_status != 3:
            self._send(order, "pdd_trade_TradeSuccess")
        if refund != last.refund_status and now.refund_status in (1, 2, 3, 4):
            kind = {1: "RefundClosed", 4: "RefundAgreeAgreement"}.get(refund, "RefundCreated")
            paid = doc.get("pay_amount")
            fee = round(paid * 100) if isinstance(paid, int | float) else 0
            modified, refund_id = order.changed_at_ms // 1000, aftersales.derived_id(order.order_no)
            self._send(order, f"pdd_refund_{kind}", refund_id=refund_id, refund_fee=fee, modified=modified)

    def aftersale_id(self, doc: Doc) -> str:
        return aftersales.id_of(doc)

    def date_aftersale(self, doc: Doc, at_ms: int) -> None:
        doc["updated_time"] = str(at_ms // 1000)

    def announce_aftersale(self, sale: Order, before: Doc | None) -> None:
        told = aftersales.content(sale)
        self._send(sale, aftersales.type_of(sale, before), tid=str(sale.doc.get("order_sn")), **told)

    def told_by(self, order: Order) -> Iterable[Doc]:
        return aftersales.of_order(order, info(order.doc))

    def _send(self, order: Order, type_: str, **more: Any) -> None:
        app = self._of_shop[order.shop]
        mall = int(app.shop.seller)
        content = msgspec.json.encode({"tid": order.order_no, **more, "mall_id": mall}).decode()
        app.scatter.put(app.outbox.new(type_, mall, content, order.changed_at_ms))

    # -- the socket --

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        app = self._apps.get(request.match_info["app"])
        ms = request.match_info["ms"]
        path = pdd_messages_path(app.shop.app_key, ms, app.shop.secret) if app else ""
        if app is None or not same(path, request.raw_path):
            self.counts.bad_signatures += 1
            return web.Response(status=403, text="digest")
        if not ms.isdecimal() or len(ms) > 15 or abs(int(ms) - self.clock.now_ms()) > _SKEW_MAX_MS:
            return web.Response(status=403, text="time")
        return await app.socket.serve(request)

    # -- calls --

    def throttled(self, request: web.Request) -> web.StreamResponse:
        code = self.rng.choice((70031, 52101))
        self.counts.call("throttled", str(code))
        return self._refusal(PddError(code, "调用过于频繁，请调整调用频率"))

    def failed(self, request: web.Request) -> web.StreamResponse:
        answer = super().failed(request)
        self._pages += 1
        if self._pages % _PAGES_AS_OK == 0:
            answer.set_status(200)
        return answer

    async def _call(self, request: web.Request) -> web.Response:
        try:
            params = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        except UnicodeDecodeError:
            return self._refusal(PddError(10000, "参数错误"))
        type_ = params.get("type", "")
        try:
            call, shop = self._admitted(type_, params)
            self._limits.check(type_, shop.shop)
            for name in call.required:
                if not params.get(name):
                    raise PddError(10001, f"缺少参数{name}")
            given = call.run(shop, params)
        except PddError as error:
            self.counts.call(type_ if type_ in self._calls else "unknown", str(error.code))
            self.counts.bad_signatures += error.code == 20004
            self.counts.throttled += error.code in (70031, 52101)
            return self._refusal(error)
        self.counts.call(type_, "ok")
        return json_answer({call.answer: {**given, "request_id": self._request_id()}})

    def _admitted(self, type_: str, params: Mapping[str, str]) -> tuple[pdd_calls.Call, Shop]:
        if not type_:
            raise PddError(10001, "缺少参数type")
        call = self._calls.get(type_)
        if call is None:
            raise PddError(10017, "type不正确")
        app = self._apps.get(params.get("client_id", ""))
        if app is None:
            raise PddError(10016, "client_id不正确")
        if not same(app.shop.token, params.get("access_token", "")):
            raise PddError(10019, "access_token已过期")
        stamp = params.get("timestamp", "")
        if not stamp.isdecimal() or len(stamp) > 15 or abs(int(stamp) * 1000 - self.clock.now_ms()) > _SKEW_MAX_MS:
            raise PddError(10001, "timestamp不正确")
        if not same(sign(app.shop.secret, params), params.get("sign", "")):
            raise PddError(20004, "签名sign校验失败")
        return call, app.shop

    def _refusal(self, error: PddError) -> web.Response:
        said = {
            "error_code": error.code,
            "error_msg": error.msg,
            "sub_code": error.sub_code,
            "sub_msg": error.sub_msg,
            "request_id": self._request_id(),
        }
        return json_answer({"error_response": said})

    def _request_id(self) -> str:
        self._request_no += 1
        return f"{self.clock.now_ms()}{self._request_no:06d}"


def info(doc: Doc) -> Doc:
    """The order within the answer of its detail call."""
    order: Doc = doc["order_info_get_response"]["order_info"]
    return order


def _number(doc: Doc, name: str) -> int:
    value = doc.get(name)
    return value if isinstance(value, int) else 0
