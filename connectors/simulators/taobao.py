"""Taobao and Tmall: trades through TOP, changes as messages to consume and confirm.

Source: the platform's reference of the methods below. Trades come back sorted by when they were modified, latest first, so that whoever
reads an open window from the first page to the last loses those that move meanwhile, as at the platform.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from connectors.shops import Shop
from connectors.simulators import taobao_refunds as refunds
from connectors.simulators.clock import from_local, local
from connectors.simulators.faults import Scatter
from connectors.simulators.orders import Doc, Order
from connectors.simulators.simulator import ChannelSimulator, Options
from connectors.simulators.taobao_shipping import CARRIERS, NAMES, Counter
from connectors.simulators.taobao_stock import Stock
from connectors.simulators.taobao_trades import (
    CLOSED,
    PART_SENT,
    ROW_FIELDS,
    SENT,
    TO_SEND,
    lines,
    refunding,
    show_shipments,
    shown,
    trade,
)
from connectors.simulators.tmc import AGAIN_MS, Queue
from connectors.simulators.top import PATH, Caller, Method, Params, Top, invalid, remote_error, whole_number

_DAY_MS = 24 * 3_600_000
#: How far back trades are shown: three months.
_BACK_MAX_MS = 92 * _DAY_MS
#: Types of trades that come without being asked for by ``type``.
_USUAL_TYPES = frozenset(("guarantee_trade", "auto_delivery", "ec", "cod", "step"))
_TOPICS = {
    "WAIT_BUYER_PAY": "taobao_trade_TradeCreate",
    "TRADE_NO_CREATE_PAY": "taobao_trade_TradeCreate",
    TO_SEND: "taobao_trade_TradeBuyerPay",
    "PAID_FORBID_CONSIGN": "taobao_trade_TradeBuyerPay",
    PART_SENT: "taobao_trade_TradePartlySellerShip",
    SENT: "taobao_trade_TradeSellerShip",
    "TRADE_FINISHED": "taobao_trade_TradeSuccess",
    **dict.fromkeys(CLOSED, "taobao_trade_TradeClose"),
}


class TaobaoSimulator(Top, ChannelSimulator):
    """See the module's text."""

    name = "taobao"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        again_ms = AGAIN_MS * options.retry_scale
        self._queues = {
            name: Queue(self.counts, number * 10**15, again_ms) for number, name in enumerate(self.shops, start=1)
        }
        self._ways = {name: Scatter(self.faults, queue.put) for name, queue in self._queues.items()}
        self._counter = Counter(self.shipped, self._renumbered, self.clock.now_ms)
        self._odd_trades = 0

    # -- the platform --

    def callers(self) -> dict[str, Caller]:
        return {shop.app_key: Caller(shop.shop, shop.secret, shop.token) for shop in self.shops.values()}

    def methods(self) -> dict[str, Method]:
        counter = self._counter
        return {
            "taobao.trade.fullinfo.get": Method(self._fullinfo, ("fields", "tid")),
            "taobao.trades.sold.increment.get": Method(self._increment, ("fields", "start_modified", "end_modified")),
            "taobao.refund.get": Method(self._refund, ("fields", "refund_id")),
            "taobao.refunds.receive.get": Method(self._refunds, ("fields", "start_modified", "end_modified")),
            "taobao.tmc.messages.consume": Method(self._consume, needs_session=False),
            "taobao.tmc.messages.confirm": Method(self._confirm, ("s_message_ids",), needs_session=False),
            "taobao.logistics.companies.get": Method(self._companies, ("fields",), needs_session=False),
            "taobao.logistics.offline.send": Method(
                lambda caller, params: counter.offline_send(self._own(caller, params), params),
                ("tid", "out_sid", "company_code"),
            ),
            "alibaba.ascp.logistics.offline.send": Method(
                lambda caller, params: counter.packages_send(self._own(caller, params), params), ("tid", "consign_pkgs")
            ),
            "taobao.logistics.consign.resend": Method(
                lambda caller, params: counter.resend(self._own(caller, params), params),
                ("tid", "out_sid", "company_code"),
            ),
            **Stock(self.shelf).methods(),
        }

    def shop_url(self, shop: Shop) -> str:
        return f"{self.url}{PATH}"

    # -- a trade's snapshot --

    def order_no(self, doc: Doc) -> str:
        return str(trade(doc)["tid"])

    def date(self, doc: Doc, at_ms: int) -> None:
        trade(doc)["modified"] = local(at_ms)

    def status(self, doc: Doc) -> str:
        return str(trade(doc).get("status"))

    def show_shipments(self, order: Order) -> None:
        if self.status(order.doc) not in CLOSED:
            show_shipments(order, NAMES)

    def announce(self, order: Order, before: str | None) -> None:
        of = trade(order.doc)
        if before is None and of.get("type") not in _USUAL_TYPES:
            self._odd_trades += 1
        topic, refund = self._topic(of, before)
        now = local(order.changed_at_ms)
        first = next(lines(of), {})
        content = {
            "buyer_nick": of.get("buyer_nick"),
            "payment": of.get("payment"),
            "status": of.get("status"),
            "iid": first.get("num_iid"),
            "oid": first.get("oid"),
            "tid": of.get("tid"),
            "type": of.get("type"),
            "post_fee": of.get("post_fee"),
            "seller_nick": order.shop,
        }
        if refund is not None:
            oid = refund.get("oid")
            content.update(oid=oid, refund_id=oid, refund_fee=refund.get("payment"), modified=now)
        self._tell(order, topic, content)

    def _tell(self, about: Order, topic: str, content: Doc) -> None:
        """A message of an order's or a refund's last change."""
        shop, queue = self.shops[about.shop], self._queues[about.shop]
        message = {
            "id": queue.new_id(),
            "user_id": int(shop.seller),
            "user_nick": about.shop,
            "topic": topic,
            "pub_time": local(about.changed_at_ms),
            "pub_app_key": shop.app_key,
            "content": msgspec.json.encode(content).decode(),
        }
        self._ways[about.shop].put(message)

    # -- refunds --

    def aftersale_id(self, doc: Doc) -> str:
        return refunds.id_of(doc)

    def date_aftersale(self, doc: Doc, at_ms: int) -> None:
        refunds.refund(doc)["modified"] = local(at_ms)

    def announce_aftersale(self, sale: Order, before: Doc | None) -> None:
        self._tell(sale, refunds.topic(sale, before), refunds.content(sale))

    def told_by(self, order: Order) -> Iterable[Doc]:
        return refunds.of_trade(order)

    def _topic(self, of: Doc, before: str | None) -> tuple[str, Doc | None]:
        """What a change is called, and the refund it is about."""
        status = str(of.get("status"))
        if status != before and status in _TOPICS:
            return _TOPICS[status], None
        refund = next((line for line in lines(of) if refunding(line)), None)
        if refund is not None:
            return "taobao_refund_RefundCreated", refund
        refund = next((line for line in lines(of) if line.get("refund_status") == "SUCCESS"), None)
        if refund is not None:
            return "taobao_refund_RefundSuccess", refund
        return "taobao_trade_TradeChanged", None

    def _renumbered(self, order: Order) -> None:
        self.show_shipments(order)
        self.changed(order, self.status(order.doc))

    def pushes_pending(self) -> int:
        late = sum(way.waiting for way in self._ways.values())
        return late + sum(queue.pending for queue in self._queues.values())

    def cleared(self) -> None:
        super().cleared()
        self._odd_trades = 0
        self._counter.clear()
        for way in self._ways.values():
            way.stop()
        for queue in self._queues.values():
            queue.clear()

    async def stopping(self) -> None:
        for way in self._ways.values():
            way.stop()

    # -- methods --

    def _own(self, caller: Caller, params: Params) -> Order | None:
        """The order of ``tid``, if it is one of the caller's shop."""
        order = self.orders.get(params["tid"])
        return order if order is not None and order.shop == caller.account else None

    def _fullinfo(self, caller: Caller, params: Params) -> Doc:
        order = self._own(caller, params)
        if order is None:
            raise remote_error("isv.trade-not-exist", "交易不存在")
        return {"trade": shown(trade(order.doc), params["fields"])}

    def _increment(self, caller: Caller, params: Params) -> Doc:
        start_ms, end_ms = self._window(params)
        page_no = whole_number(params, "page_no", 1, 1, 10**6)
        size = whole_number(params, "page_size", 40, 1, 100)
        # Texts have seconds: an order modified later within the last one is in the window.
        changes = self.orders.changed(caller.account, start_ms, end_ms + 999)
        status, type_ = params.get("status", ""), params.get("type", "")
        if status or type_ or self._odd_trades:
            types = frozenset(type_.split(",")) if type_ else _USUAL_TYPES
            every = changes.page(1, len(changes), descending=True)
            kept = [o for o in every if _asked(trade(o.doc), status, types)]
            rows, total = kept[(page_no - 1) * size : page_no * size], len(kept)
        else:
            rows, total = changes.page(page_no, size, descending=True), len(changes)
        answer: Doc = {}
        if rows:
            answer["trades"] = {"trade": [shown(trade(row.doc), params["fields"], ROW_FIELDS) for row in rows]}
        return {**answer, **_more(params, page_no * size, total)}

    def _refund(self, caller: Caller, params: Params) -> Doc:
        sale = self.aftersales.get(params["refund_id"])
        if sale is None or sale.shop != caller.account:
            raise remote_error("isv.refund-not-exist", "退款不存在")
        return {"refund": refunds.shown(sale, params["fields"])}

    def _refunds(self, caller: Caller, params: Params) -> Doc:
        """Latest change first, as trades."""
        start_ms, end_ms = self._window(params)
        page_no = whole_number(params, "page_no", 1, 1, 10**6)
        size = whole_number(params, "page_size", 40, 1, 100)
        changes = self.aftersales.changed(caller.account, start_ms, end_ms + 999)
        rows = [refunds.shown(sale, params["fields"]) for sale in changes.page(page_no, size, descending=True)]
        answer: Doc = {"refunds": {"refund": rows}} if rows else {}
        return {**answer, **_more(params, page_no * size, len(changes))}

    def _window(self, params: Params) -> tuple[int, int]:
        start_ms, end_ms = from_local(params["start_modified"]), from_local(params["end_modified"])
        if start_ms is None or end_ms is None or not 0 <= end_ms - start_ms <= _DAY_MS:
            raise invalid("end_modified", "时间格式错误, 或时间跨度超过一天")
        if start_ms < self.clock.now_ms() - _BACK_MAX_MS:
            raise invalid("start_modified", "只能查询三个月以内的订单")
        return start_ms, end_ms

    def _consume(self, caller: Caller, params: Params) -> Doc:
        quantity = whole_number(params, "quantity", 100, 10, 200)
        messages = self._queues[caller.account].consume(quantity, self.clock.now_ms())
        return {"messages": {"tmc_message": messages}} if messages else {}

    def _confirm(self, caller: Caller, params: Params) -> Doc:
        idents = params["s_message_ids"].split(",")
        if len(idents) > 200 or not all(ident.strip().isdecimal() for ident in idents):
            raise invalid("s_message_ids", "最多 200 个消息 ID, 以逗号分隔")
        self._queues[caller.account].confirm(int(ident) for ident in idents)
        return {"is_success": True}

    def _companies(self, caller: Caller, params: Params) -> Doc:
        names = params["fields"].split(",")
        every = [
            {"id": number, "code": code, "name": carrier.name, "reg_mail_no": f"^{carrier.number}$"}
            for number, (code, carrier) in enumerate(CARRIERS.items(), start=1)
        ]
        rows = [{name: row[name] for name in names if name in row} for row in every]
        return {"logistics_companies": {"logistics_company": rows}}


def _more(params: Params, shown: int, total: int) -> Doc:
    """Whether there is more, or how much there is, as it was asked for."""
    return {"has_next": shown < total} if params.get("use_has_next") == "true" else {"total_results": total}


def _asked(of: Doc, status: str, types: frozenset[str]) -> bool:
    return (not status or of.get("status") == status) and of.get("type") in types
