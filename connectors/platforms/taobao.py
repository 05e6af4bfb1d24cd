"""Taobao and Tmall, through TOP. Source: the platform's reference of its API.

A pull is sorted by modified time, latest first, and an order that is modified while it is read leaves its place: pages are read from the
last to the first, so that what moves is met later and not never. The total is asked for first; the pages themselves with ``use_has_next``,
which spares the platform the count.

A parcel that is all of the order goes through ``taobao.logistics.offline.send``; any other through ``alibaba.ascp.logistics.offline.send``,
which takes lines with quantities. Of a line in several parcels the platform wants to know whether pieces of it remain: its first parcel
says so, its second one closes it. (The trade doesn't show how many pieces were told; a line in three parcels has its third refused.)

Not told here: cash on delivery, which is sent "online", and goods that aren't sent at all; the platform refuses them as of another kind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from . import rules, signing, taobao_codes
from . import taobao_trade as trades
from .base import Changed, Parcel, Snapshot, Standing, Template, Told
from .calling import HttpPlatform, Reply, true
from .paging import Page, counted
from .times import china, windows

# Without the receiver's five fields the platform leaves out the `oaid`, by which waybills are printed.
FIELDS = (
    "tid,status,type,created,pay_time,modified,consign_time,end_time,payment,post_fee,total_fee,discount_fee,adjust_fee,"
    "buyer_nick,buyer_open_uid,buyer_message,seller_memo,seller_flag,receiver_name,receiver_mobile,receiver_phone,receiver_state,"
    "receiver_city,receiver_district,receiver_town,receiver_address,receiver_zip,oaid,shipping_type,trade_from,delivery_time,"
    "collect_time,step_trade_status,top_hold,team_buy_hold,share_group_hold,ofp_hold,forbid_consign,is_sh_ship,is_oversold,lm,"
    "rx_audit_status,ob_tag,orders,promotion_details,service_tags,logistics_infos"
)
REFUND_FIELDS = (
    "refund_id,tid,oid,num,num_iid,sku,outer_id,total_fee,payment,refund_fee,created,modified,good_return_time,status,good_status,"
    "has_good_return,reason,desc,refund_phase,dispute_type,refund_version,order_status,company_name,sid,cs_status"
)
#: Left to itself the platform lists two types of trades alone.
TYPES = "guarantee_trade,auto_delivery,ec,cod,step"


class _Error(msgspec.Struct):
    code: int | str = ""
    msg: str | None = None
    sub_code: str | None = None
    sub_msg: str | None = None


class _Head(msgspec.Struct):
    tid: int | str
    modified: str


class _RefundHead(msgspec.Struct):
    refund_id: int | str
    tid: int | str
    modified: str


class _Refund(msgspec.Struct):
    refund: msgspec.Raw


class _Refunds(msgspec.Struct):
    refund: list[_RefundHead] = []


class _RefundPage(msgspec.Struct):
    has_next: bool
    refunds: _Refunds = msgspec.field(default_factory=_Refunds)


class _Trade(msgspec.Struct):
    trade: msgspec.Raw


class _Rows(msgspec.Struct):
    trade: list[_Head] = []


class _Total(msgspec.Struct):
    total_results: int


class _Page(msgspec.Struct):
    # An empty page has no list, but it says that there is no next one: without either it is no page.
    has_next: bool
    trades: _Rows = msgspec.field(default_factory=_Rows)


class _Messages(msgspec.Struct):
    tmc_message: list[dict[str, Any]] = []


class _Consumed(msgspec.Struct):
    # An empty queue's answer has no list.
    messages: _Messages = msgspec.field(default_factory=_Messages)


class _Success(msgspec.Struct):
    is_success: bool | int | str | None = None
    success: bool | int | str | None = None


class _Shipping(msgspec.Struct):
    shipping: _Success | None = None
    result: _Success | None = None


_error = msgspec.json.Decoder(_Error)
_head = msgspec.json.Decoder(_Head)
# Counts come as numbers or as digits.
_sent = msgspec.json.Decoder(trades.Sent, strict=False)
_trade = msgspec.json.Decoder(_Trade)
_total = msgspec.json.Decoder(_Total)
_page = msgspec.json.Decoder(_Page)
_refund = msgspec.json.Decoder(_Refund)
_refund_head = msgspec.json.Decoder(_RefundHead)
_refund_page = msgspec.json.Decoder(_RefundPage)
_consumed = msgspec.json.Decoder(_Consumed)
_confirmed = msgspec.json.Decoder(_Success)
_shipping = msgspec.json.Decoder(_Shipping)


class _Listing(NamedTuple):
    """What is listed by its time of change."""

    method: str
    fields: str
    params: dict[str, str]


TRADES = _Listing("taobao.trades.sold.increment.get", "tid,modified", {})
REFUNDS = _Listing("taobao.refunds.receive.get", "refund_id,tid,modified", {"type": TYPES})


class Taobao(HttpPlatform):
    """One Taobao or Tmall shop."""

    channel = "taobao"
    # Parts name their lines: sub_tid or goods.
    template = Template("taobao.logistics.offline.send", "taobao", "company_code")
    window_max_ms = 24 * 3_600_000
    page_max = 100

    async def order(self, order_no: str) -> Snapshot:
        reply, trade = await self._fullinfo(order_no, FIELDS, include_oaid="true")
        head = self._read(reply, trade, _head, "the trade's tid and modified")
        self._same_order(reply, head.tid, order_no)
        return Snapshot(str(head.tid), self._time_ms(reply, "modified", head.modified), bytes(trade))

    async def standing(self, order_no: str) -> Standing:
        trade = await self._sent(order_no)
        numbers = tuple(dict.fromkeys(line.invoice_no for line in trade.orders.order if line.invoice_no))
        return Standing(
            status=trade.status,
            # Closed by a refund after it was sent: it was shipped all the same.
            shipped=trade.status in trades.SHIPPED or (trade.status in trades.CLOSED and bool(trade.consign_time)),
            closed=trade.status in trades.CLOSED,
            tracking_nos=numbers,
            numbers_known=bool(numbers) or trade.status not in trades.SHIPPED,
        )

    async def changed(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        async for rows in self._pages(start_ms, end_ms, TRADES, self._page):
            yield rows

    async def aftersale(self, order_no: str, aftersale_id: str) -> Snapshot:
        params = {"refund_id": aftersale_id, "fields": REFUND_FIELDS}
        reply = await self._call("taobao.refund.get", params, effect=False)
        refund = self._read(reply, self._answer(reply), _refund, "the refund").refund
        head = self._read(reply, refund, _refund_head, "the refund's ids and modified")
        self._same_order(reply, head.tid, order_no)
        self._same_sale(reply, head.refund_id, aftersale_id)
        modified_ms = self._time_ms(reply, "modified", head.modified)
        return Snapshot(order_no, modified_ms, bytes(refund), aftersale_id)

    async def aftersales(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        async for rows in self._pages(start_ms, end_ms, REFUNDS, self._refund_page):
            yield rows

    async def consume(self, quantity: int) -> list[dict[str, Any]]:
        """Messages of the app's queue (TMC), at most ``quantity`` (10 to 200); they come again until they are confirmed."""
        reply = await self._call("taobao.tmc.messages.consume", {"quantity": str(quantity)}, effect=False)
        return self._read(reply, self._answer(reply), _consumed, "the messages").messages.tmc_message

    async def confirm(self, ids: Sequence[str]) -> None:
        """Messages that are done with, at most 200. Confirming one again changes nothing, so an unsure answer is just asked again."""
        reply = await self._call("taobao.tmc.messages.confirm", {"s_message_ids": ",".join(ids)}, effect=False)
        if not true(self._read(reply, self._answer(reply), _confirmed, "is_success").is_success):
            raise self._unreadable(reply, "is_success is not true")

    async def _ship(self, parcel: Parcel) -> Told:
        if parcel.whole_order and parcel.parcel_no == 1:
            method = "taobao.logistics.offline.send"
            params = {"tid": parcel.order_no, "out_sid": parcel.tracking_no, "company_code": parcel.carrier}
        else:
            method = "alibaba.ascp.logistics.offline.send"
            trade = await self._read_again(self._sent, parcel.order_no)
            if any(line.invoice_no == parcel.tracking_no for line in trade.orders.order):
                return Told("ALREADY_SHIPPED", "", f"the trade has the number; {trade.status}")
            params = trades.packages(parcel, trade)
        reply = await self._call(method, params, effect=True)
        answer = self._read(reply, self._answer(reply), _shipping, "the result of shipping")
        result = answer.shipping or answer.result
        flags = () if result is None else (result.is_success, result.success)
        if all(flag is None for flag in flags):
            raise self._unreadable(reply, "without is_success or success")
        if not any(true(flag) for flag in flags):
            raise self._refused(reply, taobao_codes.UNKNOWN, "", "success is false, and no code")
        return self._told(reply)

    async def _decide(self, parcel: Parcel, problem: rules.Ambiguous) -> Told:
        if not parcel.whole_order and trades.all_sent(parcel, await self._read_again(self._sent, parcel.order_no)):
            return Told(
                "ALREADY_SHIPPED", problem.code, f"{problem}, and all pieces of its lines are sent", problem.said
            )
        return await super()._decide(parcel, problem)

    async def _pages(
        self, start_ms: int, end_ms: int, asked: _Listing, page: Callable[[dict[str, str], int], Awaitable[Page]]
    ) -> AsyncIterator[Sequence[Changed]]:
        for start_s, end_s in windows(start_ms, end_ms, self.window_max_ms):
            window = {**asked.params, "start_modified": china(start_s), "end_modified": china(end_s)}
            async for rows in counted(partial(self._count, asked, window), partial(page, window), self.page_max):
                yield rows

    async def _count(self, asked: _Listing, window: dict[str, str]) -> int:
        reply = await self._list(asked, window, 1, "false")
        return self._read(reply, self._answer(reply), _total, "total_results").total_results

    async def _list(self, asked: _Listing, window: dict[str, str], number: int, use_has_next: str) -> Reply:
        params = {
            **window,
            "fields": asked.fields,
            "page_no": str(number),
            "page_size": str(self.page_max),
            "use_has_next": use_has_next,
        }
        return await self._call(asked.method, params, effect=False)

    async def _refund_page(self, window: dict[str, str], number: int) -> Page:
        reply = await self._list(REFUNDS, window, number, "true")
        page = self._read(reply, self._answer(reply), _refund_page, "the page")
        if page.has_next and not page.refunds.refund:
            raise self._unreadable(reply, f"page {number} has no refunds, and there is a next one")
        rows = [
            Changed(str(row.tid), self._time_ms(reply, "modified", row.modified), None, str(row.refund_id))
            for row in page.refunds.refund
        ]
        return Page(rows, page.has_next)

    async def _page(self, window: dict[str, str], number: int) -> Page:
        reply = await self._list(TRADES, window, number, "true")
        page = self._read(reply, self._answer(reply), _page, "the page")
        if page.has_next and not page.trades.trade:
            raise self._unreadable(reply, f"page {number} has no orders, and there is a next one")
        rows = [
            Changed(str(row.tid), self._time_ms(reply, "modified", row.modified), None) for row in page.trades.trade
        ]
        return Page(rows, page.has_next)

    async def _sent(self, order_no: str) -> trades.Sent:
        reply, trade = await self._fullinfo(order_no, trades.FIELDS)
        sent = self._read(reply, trade, _sent, "the trade's status and orders")
        self._same_order(reply, sent.tid, order_no)
        return sent

    async def _fullinfo(self, order_no: str, fields: str, **more: str) -> tuple[Reply, msgspec.Raw]:
        params = {"tid": order_no, "fields": fields, **more}
        reply = await self._call("taobao.trade.fullinfo.get", params, effect=False)
        return reply, self._read(reply, self._answer(reply), _trade, "the trade").trade

    async def _call(self, method: str, params: dict[str, str], *, effect: bool) -> Reply:
        signed = {
            **params,
            "method": method,
            "app_key": self.shop.app_key,
            "session": self.shop.token,
            "timestamp": china(int(self._now())),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac",
        }
        signed["sign"] = signing.top(self.shop.secret, signed, "hmac")
        return await self._form(method, self.shop.url, signed, effect=effect)

    def _answer(self, reply: Reply) -> msgspec.Raw | None:
        """What stands under the method's name. Raises what an error_response means."""
        parts = self._parts_of(reply)
        refusal = parts.get("error_response")
        if refusal is not None:
            said = self._refusal(reply, refusal, _error)
            rule = taobao_codes.rule(str(said.code), said.sub_code or "")
            code, text = said.sub_code or str(said.code), said.sub_msg or said.msg or ""
            raise self._refused(reply, rule, code, text, wait_s=taobao_codes.wait_s(text))
        return parts.get(f"{reply.method.removeprefix('taobao.').replace('.', '_')}_response")
