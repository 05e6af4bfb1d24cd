"""Pinduoduo (PDD). Source: the platform's reference of its API.

A pull is read from its last page to its first, as Taobao's is, and for the same reason. Its rows are order numbers alone. The platform
wants the end of a window to lie about three minutes behind its clock: the caller's to see to.

An order has one parcel that ships it, ``pdd.logistics.online.send``; further ones are uploaded with ``pdd.order.upload.extra.logistics``,
for the buyer to see, once the first is told. Neither knows lines.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

import msgspec

from schemas.json_text import compact

from . import pdd_codes, signing
from .base import Changed, Parcel, Refused, Snapshot, Standing, Template, Told
from .calling import HttpPlatform, Reply, as_number, true
from .paging import Page, Share, counted, narrowed
from .times import windows

#: The name of an answer, which doesn't follow from the method's.
ANSWERS = {
    "pdd.order.information.get": "order_info_get_response",
    "pdd.order.number.list.increment.get": "order_sn_increment_get_response",
    "pdd.logistics.online.send": "logistics_online_send_response",
    "pdd.order.upload.extra.logistics": "upload_extra_logistics_response",
    "pdd.refund.list.increment.get": "refund_increment_get_response",
    "pdd.refund.information.get": "refund_information_get_response",
    "pdd.goods.quantity.update": "goods_quantity_update_response",
    "pdd.goods.detail.get": "goods_detail_get_response",
}
#: After-sales are listed one status at a time, all types (1) together: the platform documents no value for all statuses.
SALE_STATUSES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22, 24, 25, 27, 31, 32, 33)
ALL_TYPES = "1"
#: No page is the last that it shows.
ROWS_MAX = 1 << 31
SHIPPED = (2, 3)
CANCELLED, GROUP_FAILED, REFUNDED = 2, 2, 4


class _Error(msgspec.Struct):
    error_code: int | str = ""
    error_msg: str | None = None
    sub_code: str | int | None = None
    sub_msg: str | None = None


class _Info(msgspec.Struct):
    order_info: msgspec.Raw


class _Head(msgspec.Struct):
    order_sn: str
    updated_at: int | str


class _Extra(msgspec.Struct):
    tracking_number: str | None = None


class _Sent(msgspec.Struct):
    order_sn: str
    order_status: int
    confirm_status: int | None = None
    group_status: int | None = None
    refund_status: int | None = None
    tracking_number: str | None = None
    extra_delivery_list: list[_Extra] | None = None


class _Row(msgspec.Struct):
    order_sn: str


class _Total(msgspec.Struct):
    total_count: int


class _Page(msgspec.Struct):
    order_sn_list: list[_Row | str]
    has_next: bool


class _SaleRow(msgspec.Struct):
    id: int | str
    order_sn: str
    updated_time: int | str


class _Sales(msgspec.Struct):
    total_count: int
    refund_list: list[_SaleRow] = []


class _Success(msgspec.Struct):
    is_success: bool | int | str | None = None
    success: bool | int | str | None = None


_error = msgspec.json.Decoder(_Error)
_info = msgspec.json.Decoder(_Info)
_head = msgspec.json.Decoder(_Head)
# Statuses come as numbers or as digits.
_sent = msgspec.json.Decoder(_Sent, strict=False)
_total = msgspec.json.Decoder(_Total)
_page = msgspec.json.Decoder(_Page)
_sale = msgspec.json.Decoder(_SaleRow)
_sales = msgspec.json.Decoder(_Sales)
_success = msgspec.json.Decoder(_Success)


class Pdd(HttpPlatform):
    """One Pinduoduo shop."""

    channel = "pdd"
    # The numeric id, not the e-waybills' text code; further parcels are for display, without lines.
    template = Template("pdd.logistics.online.send", "pdd_id", "logistics_id", required_of_part=())
    window_max_ms = 30 * 60_000
    page_max = 100

    async def order(self, order_no: str) -> Snapshot:
        reply, info = await self._information(order_no)
        head = self._read(reply, info, _head, "the order's order_sn and updated_at")
        self._same_order(reply, head.order_sn, order_no)
        return Snapshot(head.order_sn, self._time_ms(reply, "updated_at", head.updated_at), bytes(info))

    async def standing(self, order_no: str) -> Standing:
        reply, info = await self._information(order_no)
        order = self._read(reply, info, _sent, "the order's statuses")
        self._same_order(reply, order.order_sn, order_no)
        numbers = [order.tracking_number, *(one.tracking_number for one in order.extra_delivery_list or ())]
        known = tuple(dict.fromkeys(number for number in numbers if number))
        shipped = order.order_status in SHIPPED
        return Standing(
            status=f"order_status {order.order_status}, refund_status {order.refund_status}",
            shipped=shipped,
            closed=order.confirm_status == CANCELLED
            or order.group_status == GROUP_FAILED
            or order.refund_status == REFUNDED,
            tracking_nos=known,
            numbers_known=bool(known) or not shipped,
        )

    async def changed(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        for start_s, end_s in windows(start_ms, end_ms, self.window_max_ms):
            count, page = partial(self._count, start_s, end_s), partial(self._page, start_s, end_s)
            async for rows in counted(count, page, self.page_max):
                yield rows

    async def aftersale(self, order_no: str, aftersale_id: str) -> Snapshot:
        params = {"order_sn": order_no, "after_sales_id": aftersale_id}
        reply = await self._call("pdd.refund.information.get", params, effect=False)
        detail = self._answer(reply)
        head = self._read(reply, detail, _sale, "the after-sale's ids and updated_time")
        self._same_order(reply, head.order_sn, order_no)
        self._same_sale(reply, head.id, aftersale_id)
        modified_ms = self._time_ms(reply, "updated_time", head.updated_time)
        return Snapshot(order_no, modified_ms, bytes(detail or b""), aftersale_id)

    async def aftersales(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        for status in SALE_STATUSES:
            # Of so many calls one fails often enough: it is made again, not all of them.
            page = partial(self._read_again, self._sale_page, status)
            cut = windows(start_ms, end_ms, self.window_max_ms)
            async for rows in narrowed(cut, page, size=self.page_max, rows_max=ROWS_MAX, first=1):
                yield rows
            # Whoever paces the calls counts pages: a status without any is a call all the same.
            yield ()

    async def _ship(self, parcel: Parcel) -> Told:
        if parcel.parcel_no == 1:
            method = "pdd.logistics.online.send"
            params = {"logistics_id": parcel.carrier, "tracking_number": parcel.tracking_no}
        else:
            # Uploaded twice it would be shown twice.
            standing = await self._read_again(self.standing, parcel.order_no)
            if parcel.tracking_no in standing.tracking_nos:
                return Told("ALREADY_SHIPPED", "", f"the order has the number; {standing.status}")
            if not standing.shipped and not standing.closed:
                raise Refused("RETRYABLE", "pdd: the order's first parcel is not told yet")
            method = "pdd.order.upload.extra.logistics"
            track = {"shipping_id": as_number(parcel.carrier), "tracking_number": parcel.tracking_no}
            params = {"extra_track_type": "1", "extra_track_list": compact([track]).decode()}
        reply = await self._call(method, {"order_sn": parcel.order_no, **params}, effect=True)
        result = self._read(reply, self._answer(reply), _success, "the result of shipping")
        if result.is_success is None and result.success is None:
            raise self._unreadable(reply, "without is_success or success")
        if not (true(result.is_success) or true(result.success)):
            raise self._refused(reply, pdd_codes.MAIN["50000"], "", "success is false, and no code")
        return self._told(reply)

    async def _count(self, start_s: int, end_s: int) -> int:
        reply = await self._increment(start_s, end_s, 1, "false")
        return self._read(reply, self._answer(reply), _total, "total_count").total_count

    async def _page(self, start_s: int, end_s: int, number: int) -> Page:
        reply = await self._increment(start_s, end_s, number, "true")
        page = self._read(reply, self._answer(reply), _page, "the page")
        if page.has_next and not page.order_sn_list:
            raise self._unreadable(reply, f"page {number} has no orders, and there is a next one")
        numbers = (row if isinstance(row, str) else row.order_sn for row in page.order_sn_list)
        return Page([Changed(number, 0, None) for number in numbers], page.has_next)

    async def _increment(self, start_s: int, end_s: int, page: int, use_has_next: str) -> Reply:
        params = {
            "start_updated_at": str(start_s),
            "end_updated_at": str(end_s),
            "order_status": "5",
            "refund_status": "5",
            "is_lucky_flag": "0",
            "page": str(page),
            "page_size": str(self.page_max),
            "use_has_next": use_has_next,
        }
        return await self._call("pdd.order.number.list.increment.get", params, effect=False)

    async def _sale_page(self, status: int, start_s: int, end_s: int, number: int) -> Share:
        params = {
            "after_sales_status": str(status),
            "after_sales_type": ALL_TYPES,
            "start_updated_at": str(start_s),
            "end_updated_at": str(end_s),
            "page": str(number),
            "page_size": str(self.page_max),
        }
        reply = await self._call("pdd.refund.list.increment.get", params, effect=False)
        page = self._read(reply, self._answer(reply), _sales, "total_count and refund_list")
        rows = [
            Changed(row.order_sn, self._time_ms(reply, "updated_time", row.updated_time), None, str(row.id))
            for row in page.refund_list
        ]
        return Share(rows, page.total_count)

    async def _information(self, order_no: str) -> tuple[Reply, msgspec.Raw]:
        reply = await self._call("pdd.order.information.get", {"order_sn": order_no}, effect=False)
        return reply, self._read(reply, self._answer(reply), _info, "order_info").order_info

    async def _call(self, method: str, params: dict[str, str], *, effect: bool) -> Reply:
        signed: dict[str, str] = {
            **params,
            "type": method,
            "client_id": self.shop.app_key,
            "access_token": self.shop.token,
            "timestamp": str(int(self._now())),
            "data_type": "JSON",
            "version": "V1",
        }
        signed["sign"] = signing.pdd(self.shop.secret, signed)
        return await self._form(method, self.shop.url, signed, effect=effect)

    def _answer(self, reply: Reply) -> msgspec.Raw | None:
        """What stands under the answer's name. Raises what an error_response means."""
        parts = self._parts_of(reply)
        refusal = parts.get("error_response")
        if refusal is not None:
            said = self._refusal(reply, refusal, _error)
            text = f"{said.error_msg or ''} {said.sub_msg or ''}"
            code = str(said.error_code)
            raise self._refused(reply, pdd_codes.rule(code, text), code, said.sub_code or "", text)
        return parts.get(ANSWERS[reply.method])
