"""The sixth channel's API: ``connectors/platforms/youzan.py``. Each call is a POST of JSON to a path of its name, signed as pushes are."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from schemas.json_text import compact

from .base import Changed, Parcel, Snapshot, Standing, Template, Told
from .calling import JSON, HttpPlatform, Reply
from .paging import Share, narrowed
from .rules import Rule, table
from .times import windows

RULES = table(
    Rule(("PARCEL_EXISTS",), "ORDER_FORBIDS", "reference", reread=True),
    Rule(("TRADE_CLOSED", "NO_SUCH_TRADE", "NO_SUCH_REFUND"), "ORDER_FORBIDS", "reference"),
    Rule(("BAD_EXPRESS",), "CARRIER_WRONG", "reference"),
    Rule(("TOO_OFTEN",), "THROTTLED", "reference"),
    Rule(("BAD_SIGNATURE",), "UNAVAILABLE", "reference"),
)
#: What no reference has: nobody knows whether it was carried out.
OTHERWISE = Rule((), "UNSURE", "caution")

ROWS_MAX = 10_000


class _Answer(msgspec.Struct):
    code: str
    message: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Trade(msgspec.Struct):
    tid: str
    update_time: str
    status: str
    express: list[str] = []


class _Refund(msgspec.Struct):
    tid: str
    refund_id: str
    update_time: str


class _Page(msgspec.Struct):
    rows: list[msgspec.Raw]
    total: int


_answer = msgspec.json.Decoder(_Answer)
_trade = msgspec.json.Decoder(_Trade)
_refund = msgspec.json.Decoder(_Refund)
_page = msgspec.json.Decoder(_Page)


class Youzan(HttpPlatform):
    """One shop."""

    channel = "youzan"
    template = Template("trade.ship", "youzan", "express", required_of_part=())
    window_max_ms = 24 * 3_600_000
    page_max = 100

    async def order(self, order_no: str) -> Snapshot:
        reply, data = await self._call("trade.get", {"tid": order_no}, effect=False)
        trade = self._read(reply, data, _trade, "tid, update_time and status")
        self._same_order(reply, trade.tid, order_no)
        return Snapshot(order_no, self._at_ms(reply, trade), bytes(data))

    async def aftersale(self, order_no: str, aftersale_id: str) -> Snapshot:
        reply, data = await self._call("refund.get", {"refund_id": aftersale_id}, effect=False)
        refund = self._read(reply, data, _refund, "tid, refund_id and update_time")
        self._same_order(reply, refund.tid, order_no)
        self._same_sale(reply, refund.refund_id, aftersale_id)
        return Snapshot(order_no, self._at_ms(reply, refund), bytes(data), aftersale_id)

    async def changed(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        async for rows in self._pages(self._trades, start_ms, end_ms):
            yield rows

    async def aftersales(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        async for rows in self._pages(self._refunds, start_ms, end_ms):
            yield rows

    async def standing(self, order_no: str) -> Standing:
        reply, data = await self._call("trade.get", {"tid": order_no}, effect=False)
        trade = self._read(reply, data, _trade, "tid and status")
        return Standing(trade.status, trade.status == "SENT", trade.status == "CLOSED", tuple(trade.express))

    async def _ship(self, parcel: Parcel) -> Told:
        given = {"tid": parcel.order_no, "express": parcel.carrier, "number": parcel.tracking_no}
        reply, _ = await self._call("trade.ship", {**given, "request_id": parcel.request_id}, effect=True)
        return self._told(reply)

    def _pages(
        self, page: Callable[[int, int, int], Awaitable[Share]], start_ms: int, end_ms: int
    ) -> AsyncIterator[Sequence[Changed]]:
        cut = windows(start_ms, end_ms, self.window_max_ms)
        return narrowed(cut, page, size=self.page_max, rows_max=ROWS_MAX, first=1)

    async def _trades(self, start_s: int, end_s: int, number: int) -> Share:
        reply, page = await self._page("trade.changed", start_s, end_s, number)
        trades = [(self._read(reply, row, _trade, "tid and update_time"), row) for row in page.rows]
        return Share([Changed(it.tid, self._at_ms(reply, it), bytes(row)) for it, row in trades], page.total)

    async def _refunds(self, start_s: int, end_s: int, number: int) -> Share:
        reply, page = await self._page("refund.changed", start_s, end_s, number)
        refunds = [(self._read(reply, row, _refund, "tid and refund_id"), row) for row in page.rows]
        rows = [Changed(it.tid, self._at_ms(reply, it), bytes(row), it.refund_id) for it, row in refunds]
        return Share(rows, page.total)

    async def _page(self, method: str, start_s: int, end_s: int, number: int) -> tuple[Reply, _Page]:
        window = {"start_s": start_s, "end_s": end_s, "page": number, "size": self.page_max}
        reply, data = await self._call(method, window, effect=False)
        return reply, self._read(reply, data, _page, "rows and total")

    def _at_ms(self, reply: Reply, row: _Trade | _Refund) -> int:
        return self._time_ms(reply, "update_time", row.update_time)

    async def _call(self, method: str, given: Mapping[str, Any], *, effect: bool) -> tuple[Reply, msgspec.Raw]:
        body = compact(given)
        sign = hmac.new(self.shop.secret.encode(), body, hashlib.sha256).hexdigest()
        url = f"{self.shop.url.rstrip('/')}/{method}"
        reply = await self._post(method, url, body, {"Content-Type": JSON, "X-Signature": sign}, effect=effect)
        answer = self._read(reply, reply.body, _answer, "code, message and data")
        if answer.code != "OK":
            raise self._refused(reply, RULES.get(answer.code, OTHERWISE), answer.code, answer.message)
        return reply, answer.data
