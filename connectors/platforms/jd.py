"""JD POP (JOS). Source: the platform's reference of its API; the forms of answers and errors are known from public clients.

An answer is trusted only when it says itself that it succeeded: a missing total or a "success" that is neither true nor "true" is an error,
never an empty page. The answer's name ends in ``_responce``. Pages beyond the 100th come back empty, so a window with more rows is halved.
Sorted by the time of change, upwards, and read from the last page to the first, as Douyin's is.

JD ships orders whole and knows no lines: the first parcel ships all of it. A further parcel's number is told by changing the waybill of the
shipped order (``360buy.order.sop.waybill.update``, known from public SDKs) to all numbers joined: carriers by ``|``, numbers of one carrier
by ``,``. The same call twice is one change.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from . import jd_codes, signing
from . import jd_waybills as waybills
from .base import Changed, Parcel, Refused, Snapshot, Standing, Template, Told
from .calling import HttpPlatform, Parts, Reply, as_number, true
from .paging import Share, narrowed
from .times import china, windows

FIELDS = (
    "orderId,venderId,orderType,payType,orderTotalPrice,orderSellerPrice,orderPayment,freightPrice,sellerDiscount,orderState,"
    "orderStateRemark,orderRemark,venderRemark,orderStartTime,orderEndTime,paymentConfirmTime,modified,consigneeInfo,itemInfoList,"
    "waybill,logisticsId,directParentOrderId,parentOrderId,storeOrder,idSopShipmenttype,scDT,returnOrder,pin"
)
STANDING_FIELDS = "orderId,orderState,waybill,logisticsId"
STATES = (
    "WAIT_SELLER_STOCK_OUT,WAIT_SELLER_DELIVERY,WAIT_GOODS_RECEIVE_CONFIRM,FINISHED_L,TRADE_CANCELED,LOCKED,PAUSE,"
    "POP_ORDER_PAUSE,WAIT_SEND_CODE"
)
SHIPPED = frozenset(("WAIT_GOODS_RECEIVE_CONFIRM", "FINISHED_L"))
CLOSED = "TRADE_CANCELED"
PAGES_MAX = 100
APPLICATIONS, SERVICES = "jingdong.pop.afs.soa.refundapply.queryPageList", "jingdong.asc.sync.list"
SALES_PAGE = 50
#: The changes of an application that JD does not date: paid by finance, and withdrawn. Those asked for lately are listed whole.
UNDATED, UNDATED_MS = (3, 11), 3 * 24 * 3_600_000
#: ... whenever a window reaches as near to now as this.
_NEAR_MS = 15 * 60_000
#: By one of these an answer of nothing but a code is known as an error.
WORDS = frozenset(("errorMessage", "zh_desc", "en_desc"))

_param_json = msgspec.json.Encoder(order="sorted").encode


class _Failure(msgspec.Struct):
    """Whatever says no: an error_response, the whole answer, what stands under its name, or a result."""

    code: int | str | None = None
    errorCode: int | str | None = None
    numberCode: int | str | None = None
    zh_desc: str | None = None
    en_desc: str | None = None
    errorMessage: str | None = None
    chineseErrCode: str | None = None
    englishErrCode: str | None = None
    success: bool | int | str | None = None


class _Head(msgspec.Struct):
    orderId: int | str
    modified: str


class _Detail(msgspec.Struct):
    apiResult: msgspec.Raw
    # Missing where the result is a failure.
    orderInfo: msgspec.Raw = msgspec.Raw()


class _Found(msgspec.Struct):
    apiResult: msgspec.Raw
    orderTotal: int | str = ""
    orderInfoList: list[msgspec.Raw] | None = None


class _Applications(msgspec.Struct):
    success: bool | int | str | None = None
    totalCount: int = 0
    result: list[msgspec.Raw] | None = None


class _Application(msgspec.Struct):
    id: int | str
    orderId: int | str
    applyTime: int | str
    checkTime: int | str | None = None


class _Services(msgspec.Struct):
    success: bool | int | str | None = None
    totalCount: int = 0
    data: list[msgspec.Raw] | None = None


class _Service(msgspec.Struct):
    serviceId: int | str
    orderId: int | str
    updateTime: int | str


_applications = msgspec.json.Decoder(_Applications)
_application = msgspec.json.Decoder(_Application)
_services = msgspec.json.Decoder(_Services)
_service = msgspec.json.Decoder(_Service)
_failure = msgspec.json.Decoder(_Failure)
_head = msgspec.json.Decoder(_Head)
_sent = msgspec.json.Decoder(waybills.Sent)
_detail = msgspec.json.Decoder(_Detail)
_found = msgspec.json.Decoder(_Found)
_parts = msgspec.json.Decoder(Parts)


_Page = Callable[[Mapping[str, Any], int], Awaitable[Share]]


class Jd(HttpPlatform):
    """One JD shop."""

    channel = "jd"
    # No part of an order can be named: numbers are joined.
    template = Template("jingdong.pop.order.shipment", "jd", "logiCoprId", required_of_part=())
    # A month, the shortest there is.
    window_max_ms = 28 * 24 * 3_600_000
    page_max = 100

    async def order(self, order_no: str) -> Snapshot:
        reply, info = await self._get(order_no, FIELDS)
        head = self._read(reply, info, _head, "the order's orderId and modified")
        self._same_order(reply, head.orderId, order_no)
        return Snapshot(str(head.orderId), self._time_ms(reply, "modified", head.modified), bytes(info))

    async def standing(self, order_no: str) -> Standing:
        order = await self._sent(order_no)
        known = waybills.split(order.waybill)
        return Standing(
            status=order.orderState,
            shipped=order.orderState in SHIPPED,
            closed=order.orderState == CLOSED,
            tracking_nos=tuple(dict.fromkeys(known)),
            # Who delivers with people of its own has no numbers.
            numbers_known=bool(known) or order.orderState not in SHIPPED,
        )

    async def changed(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        cut, size = windows(start_ms, end_ms, self.window_max_ms), self.page_max
        async for rows in narrowed(cut, self._page, size=size, rows_max=PAGES_MAX * size, first=1):
            yield rows

    async def aftersale(self, order_no: str, aftersale_id: str) -> Snapshot:
        """Rows show all there is, so that nothing tells of one without showing it: it is looked for among its order's."""
        kind, _, number = aftersale_id.partition("/")
        page = self._services if kind == "service" else self._applications
        share = await page({"orderId": as_number(order_no)}, 1)
        found = next((row for row in share.rows if row.aftersale_id == aftersale_id), None)
        if found is None:
            raise Refused("REQUEST_WRONG", f"jd: order {order_no} has no {kind} {number}", "NOT_FOUND")
        return Snapshot(order_no, found.modified_ms, found.payload or b"", aftersale_id)

    async def aftersales(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        lists: list[tuple[_Page, tuple[str, str], dict[str, Any], int]] = [
            (self._applications, ("applyTimeStart", "applyTimeEnd"), {}, start_ms),
            (self._applications, ("checkTimeStart", "checkTimeEnd"), {}, start_ms),
            (self._services, ("updateTimeBegin", "updateTimeEnd"), {}, start_ms),
        ]
        if end_ms >= int(self._now() * 1000) - _NEAR_MS:
            asked = ("applyTimeStart", "applyTimeEnd")
            lists += [(self._applications, asked, {"status": it}, end_ms - UNDATED_MS) for it in UNDATED]
        for page, names, params, since_ms in lists:
            cut = windows(since_ms, end_ms, self.window_max_ms)
            listed = partial(self._read_again, _in_window, page, names, params)
            async for rows in narrowed(cut, listed, size=SALES_PAGE, rows_max=PAGES_MAX * SALES_PAGE, first=1):
                yield rows

    async def _ship(self, parcel: Parcel) -> Told:
        if parcel.parcel_no > 1:
            order = await self._read_again(self._sent, parcel.order_no)
            if parcel.tracking_no in waybills.split(order.waybill):
                return Told("ALREADY_SHIPPED", "", f"the order has the number; {order.orderState}")
            if order.orderState in SHIPPED:
                return await self._addas_number(parcel, order)
        params = {
            "orderId": as_number(parcel.order_no),
            "logiCoprId": parcel.carrier,
            "logiNo": parcel.tracking_no,
        }
        reply = await self._call("jingdong.pop.order.shipment", params, effect=True)
        answer = self._answer(reply)
        self._succeeded(reply, answer.get("sopjosshipment_result"), "sopjosshipment_result")
        return self._told(reply)

    async def _addas_number(self, parcel: Parcel, order: waybills.Sent) -> Told:
        carriers, numbers = waybills.joined(order, parcel)
        params = {"order_id": parcel.order_no, "logistics_id": carriers, "waybill": numbers}
        reply = await self._call("360buy.order.sop.waybill.update", params, effect=True)
        self._answer(reply)
        return self._told(reply)

    async def _page(self, start_s: int, end_s: int, number: int) -> Share:
        params = {
            "start_date": china(start_s),
            "end_date": china(end_s),
            "order_state": STATES,
            "optional_fields": FIELDS,
            "page": str(number),
            "page_size": str(self.page_max),
            "sortType": "0",
            "dateType": "0",
        }
        reply = await self._call("jingdong.pop.order.enSearch", params, effect=False)
        result = self._answer(reply).get("searchorderinfo_result")
        found = self._read(reply, result, _found, "searchorderinfo_result")
        self._succeeded(reply, found.apiResult, "apiResult")
        if not str(found.orderTotal).isdecimal():
            raise self._unreadable(reply, "orderTotal is no number")
        total, rows = int(found.orderTotal), found.orderInfoList or []
        if total and not rows and number <= -(-total // self.page_max):
            raise self._unreadable(reply, f"orderTotal is {total}, and page {number} has no orders")
        return Share([self._changed(reply, row) for row in rows], total)

    def _changed(self, reply: Reply, row: msgspec.Raw) -> Changed:
        head = self._read(reply, row, _head, "a row's orderId and modified")
        return Changed(str(head.orderId), self._time_ms(reply, "modified", head.modified), bytes(row))

    async def _applications(self, params: Mapping[str, Any], number: int) -> Share:
        paged = {**params, "pageIndex": number, "pageSize": SALES_PAGE}
        reply = await self._call(APPLICATIONS, paged, effect=False)
        result = self._answer(reply).get("queryResult")
        self._succeeded(reply, result, "queryResult")
        found = self._read(reply, result, _applications, "queryResult")
        rows = []
        for raw in found.result or ():
            row = self._read(reply, raw, _application, "an application's ids and times")
            asked_ms = self._time_ms(reply, "applyTime", row.applyTime)
            checked_ms = self._time_ms(reply, "checkTime", row.checkTime) if row.checkTime else 0
            sale = f"refundapply/{row.id}"
            rows.append(Changed(str(row.orderId), max(asked_ms, checked_ms), bytes(raw), sale))
        return Share(rows, found.totalCount)

    async def _services(self, params: Mapping[str, Any], number: int) -> Share:
        # Unverified, and settings therefore: see connectors/shops.py.
        unit, operator = self.shop.business_unit or self.shop.seller, self.shop.operator or self.shop.shop
        paged = {**params, "buId": unit, "operatePin": operator, "operateNick": operator}
        reply = await self._call(SERVICES, {**paged, "pageNumber": number, "pageSize": SALES_PAGE}, effect=False)
        result = self._answer(reply).get("pageResult")
        self._succeeded(reply, result, "pageResult")
        found = self._read(reply, result, _services, "pageResult")
        rows = []
        for raw in found.data or ():
            row = self._read(reply, raw, _service, "a service order's ids and updateTime")
            modified_ms = self._time_ms(reply, "updateTime", row.updateTime)
            rows.append(Changed(str(row.orderId), modified_ms, bytes(raw), f"service/{row.serviceId}"))
        return Share(rows, found.totalCount)

    async def _sent(self, order_no: str) -> waybills.Sent:
        reply, info = await self._get(order_no, STANDING_FIELDS)
        order = self._read(reply, info, _sent, "the order's state")
        self._same_order(reply, order.orderId, order_no)
        return order

    async def _get(self, order_no: str, fields: str) -> tuple[Reply, msgspec.Raw]:
        params = {"order_id": as_number(order_no), "optional_fields": fields}
        reply = await self._call("jingdong.pop.order.enGet", params, effect=False)
        detail = self._read(reply, self._answer(reply).get("orderDetailInfo"), _detail, "orderDetailInfo")
        self._succeeded(reply, detail.apiResult, "apiResult")
        return reply, detail.orderInfo

    async def _call(self, method: str, params: Mapping[str, Any], *, effect: bool) -> Reply:
        signed = {
            "method": method,
            "app_key": self.shop.app_key,
            "access_token": self.shop.token,
            "timestamp": china(int(self._now())),
            "v": "2.0",
            "360buy_param_json": _param_json(params).decode(),
        }
        signed["sign"] = signing.jd(self.shop.secret, signed)
        return await self._form(method, self.shop.url, signed, effect=effect)

    def _answer(self, reply: Reply) -> Parts:
        """What stands under the method's name. Raises what any of the ways to say no means."""
        parts = self._parts_of(reply)
        if "error_response" in parts:
            raise self._said_no(reply, parts["error_response"], gateway=True)
        answer = parts.get(f"{reply.method.replace('.', '_')}_responce")
        if answer is None:  # the oldest methods drop their first word, and spell it right
            answer = parts.get(f"{reply.method.partition('.')[2].replace('.', '_')}_response")
        if answer is None and "code" in parts and not WORDS.isdisjoint(parts):
            raise self._said_no(reply, reply.body, gateway=True)
        found = self._read(reply, answer, _parts, f"{reply.method}'s _responce")
        code = found.get("code")
        if code is None:
            raise self._unreadable(reply, "without a code")
        if bytes(code).strip(b'"') != b"0":
            raise self._said_no(reply, answer, gateway=True)
        return found

    def _succeeded(self, reply: Reply, result: bytes | msgspec.Raw | None, name: str) -> None:
        """Raises unless this result says that it is a success."""
        said = self._read(reply, result, _failure, name)
        if said.success is None or (isinstance(said.success, str) and said.success.lower() not in ("true", "false")):
            raise self._unreadable(reply, f"{name} says neither success nor failure")
        if not true(said.success):
            raise self._said_no(reply, result, gateway=False)

    def _said_no(self, reply: Reply, failure: bytes | msgspec.Raw | None, *, gateway: bool) -> Exception:
        try:
            said = _failure.decode(failure or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self._unreadable(reply, "a failure of another form")
        codes = (said.errorCode, said.numberCode, said.code)
        code = next((str(one) for one in codes if one not in (None, "", 0, "0")), "")
        texts = [one for one in (said.zh_desc, said.chineseErrCode, said.errorMessage) if one]
        texts += [one for one in (said.en_desc, said.englishErrCode) if one]
        return self._refused(reply, jd_codes.rule(code, " ".join(texts), gateway=gateway), code, *texts[:2])


async def _in_window(
    page: _Page,
    names: tuple[str, str],
    params: Mapping[str, Any],
    start_s: int,
    end_s: int,
    number: int,
) -> Share:
    """A page of what happened between the two."""
    return await page({**params, names[0]: china(start_s), names[1]: china(end_s)}, number)
