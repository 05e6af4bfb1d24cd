"""Douyin (Doudian). Source: the platform's reference of its API.

The body is the business JSON, its keys sorted at every level: those very bytes are signed. A pull's pages count from 0, and a query shows
its first 50,000 rows: a window with more is halved. Sorted by the time of change, upwards, and read from the last page to the first: an
order that changes meanwhile leaves the window, and those after it move to pages not read yet.

A parcel that is all of the order goes through ``/order/logisticsAdd``; any other through ``/order/logisticsAddMultiPack``, which takes
lines, and a request id: the same again is answered with the first success. Gifts are not named in parcels of a part: they go with their
goods.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from . import douyin_codes, signing
from .base import Changed, Parcel, Snapshot, Standing, Template, Told
from .calling import JSON, HttpPlatform, Parts, Reply
from .paging import Share, narrowed
from .times import windows

OK = "10000"
ROWS_MAX = 50_000
SHIPPED, CLOSED = (3, 5), 4
REFUNDED = (21, 22, 39)

#: As ``json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`` writes it.
param_json = msgspec.json.Encoder(order="sorted").encode


class _Said(msgspec.Struct):
    code: int | str
    msg: str | None = None
    sub_code: str | None = None
    sub_msg: str | None = None


class _Detail(msgspec.Struct):
    shop_order_detail: msgspec.Raw


class _Head(msgspec.Struct):
    order_id: int | str
    update_time: int | str


class _SaleInfo(msgspec.Struct):
    after_sale_id: int | str
    update_time: int | str


class _Process(msgspec.Struct):
    after_sale_info: _SaleInfo


class _Of(msgspec.Struct):
    shop_order_id: int | str


class _Sale(msgspec.Struct):
    process_info: _Process
    order_info: _Of


class _SaleRow(msgspec.Struct):
    aftersale_id: int | str
    update_time: int | str


class _SaleItem(msgspec.Struct):
    aftersale_info: _SaleRow
    order_info: _Of


class _Sales(msgspec.Struct):
    total: int
    items: list[_SaleItem] = []


class _Logistics(msgspec.Struct):
    tracking_no: str | None = None


class _Line(msgspec.Struct):
    order_id: int | str
    given_product_type: str | None = None


class _Sent(msgspec.Struct):
    order_id: int | str
    # A number, or its digits.
    order_status: int | str
    main_status: int | str | None = None
    logistics_info: list[_Logistics] | None = None
    sku_order_list: list[_Line] | None = None


class _Page(msgspec.Struct):
    total: int
    shop_order_list: list[_Head]


_said = msgspec.json.Decoder(_Said)
_detail = msgspec.json.Decoder(_Detail)
_head = msgspec.json.Decoder(_Head)
_sent = msgspec.json.Decoder(_Sent)
_page = msgspec.json.Decoder(_Page)
_sale = msgspec.json.Decoder(_Sale)
_sales = msgspec.json.Decoder(_Sales)


class Douyin(HttpPlatform):
    """One Douyin shop. Its URL is the API's base, to which paths are added."""

    channel = "douyin"
    # shipped_order_info names the lines.
    template = Template("order.logisticsAdd", "douyin", "company_code")
    # No longest window is known; 90 days back is what there is.
    window_max_ms = 24 * 3_600_000
    page_max = 100

    async def order(self, order_no: str) -> Snapshot:
        reply, detail = await self._order_detail(order_no)
        head = self._read(reply, detail, _head, "the order's order_id and update_time")
        self._same_order(reply, head.order_id, order_no)
        return Snapshot(str(head.order_id), self._time_ms(reply, "update_time", head.update_time), bytes(detail))

    async def standing(self, order_no: str) -> Standing:
        order = await self._sent(order_no)
        status, main = int(order.order_status), int(order.main_status or 0)
        known = tuple(dict.fromkeys(one.tracking_no for one in order.logistics_info or () if one.tracking_no))
        shipped = status in SHIPPED
        return Standing(
            status=f"order_status {status}, main_status {main}",
            shipped=shipped,
            closed=status == CLOSED or main in REFUNDED,
            tracking_nos=known,
            numbers_known=bool(known) or not shipped,
        )

    async def changed(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        cut = windows(start_ms, end_ms, self.window_max_ms)
        async for rows in narrowed(cut, self._page, size=self.page_max, rows_max=ROWS_MAX, first=0):
            yield rows

    async def aftersale(self, order_no: str, aftersale_id: str) -> Snapshot:
        params = {"after_sale_id": aftersale_id, "need_operation_record": False}
        reply, parts = await self._call("/afterSale/Detail", params, effect=False)
        detail = parts.get("data")
        head = self._read(reply, detail, _sale, "the after-sale's ids and update_time")
        info = head.process_info.after_sale_info
        self._same_order(reply, head.order_info.shop_order_id, order_no)
        self._same_sale(reply, info.after_sale_id, aftersale_id)
        modified_ms = self._time_ms(reply, "update_time", info.update_time)
        return Snapshot(order_no, modified_ms, bytes(detail or b""), aftersale_id)

    async def aftersales(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        cut = windows(start_ms, end_ms, self.window_max_ms)
        async for rows in narrowed(cut, self._sales, size=self.page_max, rows_max=ROWS_MAX, first=0):
            yield rows

    async def _ship(self, parcel: Parcel) -> Told:
        if parcel.whole_order and parcel.parcel_no == 1:
            path = "/order/logisticsAdd"
            params: dict[str, Any] = {
                "order_id": parcel.order_no,
                "company_code": parcel.carrier,
                "logistics_code": parcel.tracking_no,
            }
        else:
            path = "/order/logisticsAddMultiPack"
            order = await self._read_again(self._sent, parcel.order_no)
            if any(one.tracking_no == parcel.tracking_no for one in order.logistics_info or ()):
                return Told("ALREADY_SHIPPED", "", f"the order has the number; order_status {order.order_status}")
            pack = {
                "logistics_code": parcel.tracking_no,
                "company_code": parcel.carrier,
                "shipped_order_info": _goods(parcel, order),
            }
            params = {"order_id": parcel.order_no, "pack_list": [pack], "request_id": parcel.request_id}
        reply, _ = await self._call(path, params, effect=True)
        return self._told(reply)

    async def _page(self, start_s: int, end_s: int, number: int) -> Share:
        params = {
            "page": number,
            "size": self.page_max,
            "update_time_start": start_s,
            "update_time_end": end_s,
            "order_by": "update_time",
            "order_asc": True,
        }
        reply, parts = await self._call("/order/searchList", params, effect=False)
        page = self._read(reply, parts.get("data"), _page, "total and shop_order_list")
        if not page.shop_order_list and number * self.page_max < page.total:
            raise self._unreadable(reply, f"total is {page.total}, and page {number} has no orders")
        rows = [
            Changed(str(row.order_id), self._time_ms(reply, "update_time", row.update_time), None)
            for row in page.shop_order_list
        ]
        return Share(rows, page.total)

    async def _sales(self, start_s: int, end_s: int, number: int) -> Share:
        params = {
            "page": number,
            "size": self.page_max,
            "update_start_time": start_s,
            "update_end_time": end_s,
            # Sorted by anything else the platform misses rows.
            "order_by": ["update_time asc"],
        }
        reply, parts = await self._call("/afterSale/List", params, effect=False)
        page = self._read(reply, parts.get("data"), _sales, "total and items")
        if not page.items and number * self.page_max < page.total:
            raise self._unreadable(reply, f"total is {page.total}, and page {number} has no after-sales")
        rows = [
            Changed(
                str(item.order_info.shop_order_id),
                self._time_ms(reply, "update_time", item.aftersale_info.update_time),
                None,
                str(item.aftersale_info.aftersale_id),
            )
            for item in page.items
        ]
        return Share(rows, page.total)

    async def _sent(self, order_no: str) -> _Sent:
        reply, detail = await self._order_detail(order_no)
        order = self._read(reply, detail, _sent, "the order's status")
        self._same_order(reply, order.order_id, order_no)
        if not all(str(status).isdecimal() for status in (order.order_status, order.main_status or 0)):
            raise self._unreadable(reply, "a status that is no number")
        return order

    async def _order_detail(self, order_no: str) -> tuple[Reply, msgspec.Raw]:
        reply, parts = await self._call("/order/orderDetail", {"shop_order_id": order_no}, effect=False)
        return reply, self._read(reply, parts.get("data"), _detail, "shop_order_detail").shop_order_detail

    async def _call(self, path: str, params: dict[str, Any], *, effect: bool) -> tuple[Reply, Parts]:
        """A success and its parts. Raises what any other answer means."""
        body = param_json(params)
        method, timestamp = path.strip("/").replace("/", "."), str(int(self._now()))
        query = {
            "app_key": self.shop.app_key,
            "method": method,
            "timestamp": timestamp,
            "v": "2",
            "sign_method": "hmac-sha256",
            "sign": signing.douyin(self.shop.secret, self.shop.app_key, method, timestamp, body.decode()),
            "access_token": self.shop.token,
        }
        url = f"{self.shop.url.rstrip('/')}{path}?{urlencode(query)}"
        # The header asks for errors with a sub_code.
        headers = {"Content-Type": JSON, "x-open-no-old-err-code": "1"}
        reply = await self._post(method, url, body, headers, effect=effect)
        parts = self._parts_of(reply)
        try:
            said = _said.decode(reply.body)
        except msgspec.MsgspecError as exc:
            raise self._unreadable(reply, "without a code") from exc
        if str(said.code) != OK:
            rule = douyin_codes.rule(str(said.code), said.sub_code or "", f"{said.msg or ''} {said.sub_msg or ''}")
            raise self._refused(reply, rule, said.sub_code or str(said.code), said.sub_msg or said.msg)
        if reply.status != 200:
            raise self._unreadable(reply, "a success all the same")
        return reply, parts


def _goods(parcel: Parcel, order: _Sent) -> list[dict[str, Any]]:
    """Lines of a parcel, without gifts; with them where there is nothing else in it."""
    gifts = {str(line.order_id) for line in order.sku_order_list or () if line.given_product_type == "FREE"}
    lines = [line for line in parcel.lines if line["line_no"] not in gifts] or list(parcel.lines)
    return [{"shipped_order_id": line["line_no"], "shipped_num": line["quantity"]} for line in lines]
