"""Douyin: a path for each call, its JSON body signed together with the query; and pushes, several messages in one body.

A call is checked in this order: app_key, method, timestamp, signature, access_token. An answer's code is 10000 for success; all come with
HTTP 200. A push is confirmed by ``{"code":0}`` and nothing else; when it comes again is not published: here after growing gaps, 30 times.
Nor is how the platform limits its calls: here ``isp.rate-limit``, when the faults say so.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from aiohttp import web

from connectors.platforms.signing import douyin as sign
from connectors.platforms.signing import douyin_push, same
from connectors.shops import Shop
from connectors.simulators import douyin_aftersales as aftersales
from connectors.simulators import douyin_messages as messages
from connectors.simulators import douyin_shipping as shipping
from connectors.simulators.douyin_calls import Calls
from connectors.simulators.douyin_shipping import DouyinError
from connectors.simulators.faults import Scatter
from connectors.simulators.orders import Doc, Order
from connectors.simulators.pushing import Push, Pusher, Retries
from connectors.simulators.simulator import ChannelSimulator, Options, json_answer

GAPS_S = (10, 30, 60, 120, 300, *(600,) * 25)
_TIMEOUT_S = 5
_SKEW_MAX_MS = 10 * 60_000


class DouyinSimulator(ChannelSimulator):
    """Douyin, one server for all shops: the app key says which."""

    name = "douyin"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._by_app = {shop.app_key: shop for shop in self.shops.values()}
        self._pusher = Pusher(Retries(GAPS_S, _TIMEOUT_S, confirmed, scale=options.retry_scale), self.counts)
        self._batches = {name: messages.Batch(self._sender(shop)) for name, shop in self.shops.items()}
        self._scatters = {name: Scatter(self.faults, batch.put) for name, batch in self._batches.items()}
        self._calls = Calls(self)
        self._seen: dict[str, messages.Seen] = {}
        self._logs = 0

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post(path, self._call) for path in self._calls.by_path]

    async def started(self) -> None:
        await self._pusher.start()

    async def stopping(self) -> None:
        self._forget_pushes()
        await self._pusher.close()

    def cleared(self) -> None:
        super().cleared()
        self._seen.clear()
        self._calls.clear()
        self._forget_pushes()

    def _forget_pushes(self) -> None:
        for name, batch in self._batches.items():
            self._scatters[name].stop()
            batch.clear()
        self._pusher.clear()

    def pushes_pending(self) -> int:
        """Bodies on their way, and messages that wait for one."""
        waiting = sum(len(batch) for batch in self._batches.values())
        return self._pusher.pending + waiting + sum(scatter.waiting for scatter in self._scatters.values())

    # -- orders --

    def order_no(self, doc: Doc) -> str:
        return str(doc["order_id"])

    def date(self, doc: Doc, at_ms: int) -> None:
        if "update_time" in doc:
            doc["update_time"] = at_ms // 1000

    def status(self, doc: Doc) -> str:
        return str(doc.get("order_status"))

    def show_shipments(self, order: Order) -> None:
        shipping.show(order.doc, order.order_no, order.shipments)

    def announce(self, order: Order, before: str | None) -> None:
        new = messages.seen(order)
        old = self._seen.get(order.order_no)
        self._seen[order.order_no] = new
        if self.gateway:
            shop_id = int(self.shops[order.shop].seller)
            for tag, line in messages.tags(old, new):
                self._scatters[order.shop].put(messages.message(order, tag, line, shop_id))

    def aftersale_id(self, doc: Doc) -> str:
        return aftersales.id_of(doc)

    def date_aftersale(self, doc: Doc, at_ms: int) -> None:
        aftersales.info(doc)["update_time"] = at_ms // 1000

    def announce_aftersale(self, sale: Order, before: Doc | None) -> None:
        if self.gateway:
            shop_id = int(self.shops[sale.shop].seller)
            self._scatters[sale.shop].put(aftersales.message(sale, before, shop_id))

    def told_by(self, order: Order) -> Iterable[Doc]:
        return aftersales.of_order(order)

    def _sender(self, shop: Shop) -> Any:
        def send(body: bytes) -> None:
            headers = {
                "Content-Type": "application/json",
                "app-id": shop.app_key,
                "event-sign": douyin_push(shop.app_key, shop.secret, body),
            }
            self._pusher.send(Push(f"{self.gateway}/push/douyin/{shop.shop}", headers, body))

        return send

    # -- calls --

    def throttled(self, request: web.Request) -> web.StreamResponse:
        self.counts.call(request.path, "throttled")
        return self._refusal(DouyinError(20000, "平台错误", "isp.rate-limit", "调用频率超限，请稍后重试"))

    async def _call(self, request: web.Request) -> web.Response:
        path = request.path
        try:
            body = await request.read()
            shop = self._admitted(request, body)
            given = self._calls.by_path[path](shop, body)
        except DouyinError as error:
            self.counts.call(path, error.sub_code)
            return self._refusal(error)
        self.counts.call(path, "ok")
        return json_answer(
            {"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "data": given, **self._log()}
        )

    def _admitted(self, request: web.Request, body: bytes) -> Shop:
        query = request.query
        for name in ("app_key", "method", "timestamp", "sign", "v"):
            if not query.get(name):
                raise DouyinError(40001, "缺少参数", f"isv.missing-parameter:{name}", f"缺少参数{name}")
        shop = self._by_app.get(query["app_key"])
        if shop is None:
            raise DouyinError(40002, "参数错误", "isv.app-key-invalid", "app_key不存在")
        if query["method"] != request.path.strip("/").replace("/", "."):
            raise DouyinError(40002, "参数错误", "isv.method-invalid", "method与路径不一致")
        stamp = query["timestamp"]
        if not stamp.isdecimal() or len(stamp) > 15 or abs(int(stamp) * 1000 - self.clock.now_ms()) > _SKEW_MAX_MS:
            raise DouyinError(40002, "参数错误", "isv.timestamp-invalid", "timestamp超出有效范围")
        expected = sign(shop.secret, shop.app_key, query["method"], stamp, body.decode("utf-8", "replace"))
        if query["v"] != "2" or query.get("sign_method") != "hmac-sha256" or not same(expected, query["sign"]):
            self.counts.bad_signatures += 1
            raise DouyinError(40003, "非法参数", "isv.sign-invalid", "sign校验失败")
        if not same(shop.token, query.get("access_token", "")):
            raise DouyinError(40003, "非法参数", "isv.access-token-expired", "access_token已过期")
        return shop

    def _refusal(self, error: DouyinError) -> web.Response:
        said = {"code": error.code, "msg": error.msg, "sub_code": error.sub_code, "sub_msg": error.sub_msg}
        return json_answer({**said, "data": None, **self._log()})

    def _log(self) -> dict[str, str]:
        self._logs += 1
        return {"log_id": time.strftime("%Y%m%d%H%M%S", time.gmtime()) + f"{self._logs:018X}"}


def confirmed(status: int, body: bytes) -> bool:
    """Whether a push was taken."""
    if status != 200:
        return False
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(answer, dict) and answer.get("code") == 0
