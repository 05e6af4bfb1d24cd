"""PDD's calls: orders, what changed, where they stand, and shipping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from connectors.shops import Shop
from connectors.simulators import pdd_aftersales as aftersales
from connectors.simulators import pdd_shipping as shipping
from connectors.simulators.clock import Clock
from connectors.simulators.orders import Order, OrderStore, Shipment
from connectors.simulators.pdd_shipping import PddError, business
from connectors.simulators.pdd_stock import Stock
from connectors.simulators.shelf import Shelf

Params = Mapping[str, str]
_SPAN_MAX_S = 30 * 60
_PAGE_MAX = 100
_STATUS_MAX = 50
#: What the increment shows of an order; the rest is in its detail.
_ROW = ("order_sn", "order_status", "refund_status", "confirm_status", "confirm_time", "updated_at", "pay_amount")


class Platform(Protocol):
    """What the calls need of the simulator."""

    orders: OrderStore
    aftersales: OrderStore
    shelf: Shelf
    clock: Clock

    def shipped(self, order: Order, shipment: Shipment) -> None:
        """A parcel was told."""

    def changed(self, order: Order, before: str | None) -> None:
        """An order has changed."""


class Call(NamedTuple):
    """One type: what it must have, and under which name its answer stands."""

    run: Callable[[Shop, Params], Mapping[str, Any]]
    answer: str
    required: tuple[str, ...] = ()


class ExtraTrack(msgspec.Struct):
    """One of ``extra_track_list``."""

    shipping_id: int | str
    tracking_number: str


def methods(platform: Platform) -> dict[str, Call]:
    """type -> call."""
    calls, stock = _Calls(platform), Stock(platform.shelf)
    send = ("order_sn", "logistics_id", "tracking_number")
    span = ("start_updated_at", "end_updated_at")
    extra = ("order_sn", "extra_track_type", "extra_track_list")
    return {
        "pdd.order.information.get": Call(calls.information, "order_info_get_response", ("order_sn",)),
        "pdd.order.number.list.increment.get": Call(calls.increment, "order_sn_increment_get_response", span),
        "pdd.order.status.get": Call(calls.status, "order_status_get_response", ("order_sns",)),
        "pdd.logistics.companies.get": Call(calls.companies, "logistics_companies_get_response"),
        "pdd.logistics.online.send": Call(calls.send, "logistics_online_send_response", send),
        "pdd.order.upload.extra.logistics": Call(calls.extra, "upload_extra_logistics_response", extra),
        "pdd.refund.list.increment.get": Call(
            calls.refunds, "refund_increment_get_response", (*span, "after_sales_status", "after_sales_type")
        ),
        "pdd.goods.quantity.update": Call(
            stock.update, "goods_quantity_update_response", ("goods_id", "quantity", "sku_id")
        ),
        "pdd.goods.detail.get": Call(stock.detail, "goods_detail_get_response", ("goods_id",)),
        "pdd.refund.information.get": Call(calls.refund, "refund_information_get_response", ("after_sales_id",)),
    }


class _Calls:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def information(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        return {"order_info": _info(self._order(shop, params["order_sn"]))}

    def increment(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        """Newest change first. ``use_has_next``: the total is left out."""
        start_ms, end_ms, page, size = _window(params)
        changes = self._platform.orders.changed(shop.shop, start_ms, end_ms)
        status, refund = _int(params, "order_status", 5), _int(params, "refund_status", 5)
        if status == refund == 5:
            total, rows = len(changes), changes.page(page, size, descending=True)
        else:
            wanted = [
                order
                for order in changes.page(1, max(1, len(changes)), descending=True)
                if status in (5, _info(order).get("order_status")) and refund in (5, _info(order).get("refund_status"))
            ]
            total, rows = len(wanted), wanted[(page - 1) * size : page * size]
        shown = [{name: _info(order)[name] for name in _ROW if name in _info(order)} for order in rows]
        if params.get("use_has_next", "").lower() == "true":
            return {"order_sn_list": shown, "has_next": page * size < total}
        return {"order_sn_list": shown, "total_count": total}

    def refunds(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        """After-sales of one status, newest change first."""
        start_ms, end_ms, page, size = _window(params)
        changes = self._platform.aftersales.changed(shop.shop, start_ms, end_ms)
        status = _int(params, "after_sales_status", 0)
        every = changes.page(1, max(1, len(changes)), descending=True)
        wanted = [sale for sale in every if sale.doc.get("after_sales_status") == status]
        rows = [aftersales.row(sale) for sale in wanted[(page - 1) * size : page * size]]
        return {"total_count": len(wanted), "refund_list": rows}

    def refund(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        sale = self._platform.aftersales.get(params["after_sales_id"])
        if sale is None or sale.shop != shop.shop:
            raise business("售后单不存在或不属于该店铺")
        return sale.doc

    def status(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        numbers = params["order_sns"].split(",")
        if len(numbers) > _STATUS_MAX:
            raise PddError(10001, f"order_sns一次最多{_STATUS_MAX}个")
        found = [order for number in numbers if (order := self._platform.orders.get(number.strip()))]
        return {
            "order_status_list": [
                {
                    "orderSn": order.order_no,
                    "order_status": _info(order).get("order_status", 0),
                    "refund_status": _info(order).get("refund_status", 0),
                }
                for order in found
                if order.shop == shop.shop
            ]
        }

    def companies(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        return {
            "logistics_companies": [
                {
                    "id": int(code),
                    "logistics_company": carrier.name,
                    "code": carrier.pdd_waybill,
                    "available": int(code not in shipping.UNAVAILABLE),
                }
                for code, carrier in shipping.CARRIERS.items()
            ]
        }

    def send(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        """The first parcel; ``redelivery_type`` 2 writes another number over that of a shipped order."""
        order = self._order(shop, params["order_sn"])
        order.ship_calls += 1
        again = _int(params, "redelivery_type", 1) == 2
        if not again:
            shipping.check_first(_info(order))
        elif not order.shipments:
            raise business("订单未发货，不能修改运单号")
        known, number = shipping.carrier(params["logistics_id"]), params["tracking_number"]
        shipping.check_number(known, number)
        if again:
            first = order.shipments[0]
            first.carrier, first.tracking_no = params["logistics_id"], number
            shipping.show(_info(order), order.shipments)
            self._platform.changed(order, str(_info(order)["order_status"]))
        else:
            self._ship(order, params["logistics_id"], number)
        return {"is_success": True}

    def extra(self, shop: Shop, params: Params) -> Mapping[str, Any]:
        """Further parcels: all or none. One that is shown already stays as it is."""
        order = self._order(shop, params["order_sn"])
        order.ship_calls += 1
        if params["extra_track_type"] not in ("1", "2", "3"):
            raise PddError(10001, "extra_track_type不正确")
        try:
            tracks = msgspec.json.decode(params["extra_track_list"], type=list[ExtraTrack])
        except msgspec.DecodeError as exc:
            raise PddError(10001, "extra_track_list不正确") from exc
        if _info(order)["order_status"] < shipping.SHIPPED:
            raise business("订单未发货，请先发货")
        for track in tracks:
            shipping.check_number(shipping.carrier(str(track.shipping_id)), track.tracking_number)
        for track in tracks:
            if not order.has_shipped(track.tracking_number):
                self._ship(order, str(track.shipping_id), track.tracking_number)
        return {"success": True}

    def _ship(self, order: Order, carrier: str, number: str) -> None:
        self._platform.shipped(order, Shipment(number, carrier, [], self._platform.clock.now_ms()))

    def _order(self, shop: Shop, number: str) -> Order:
        order = self._platform.orders.get(number)
        if order is None or order.shop != shop.shop:
            raise business("订单不存在或不属于该店铺")
        return order


def _info(order: Order) -> dict[str, Any]:
    info: dict[str, Any] = order.doc["order_info_get_response"]["order_info"]
    return info


def _window(params: Params) -> tuple[int, int, int, int]:
    """What a list by time is asked for: first and last millisecond, page, rows a page."""
    start_s, end_s = _int(params, "start_updated_at", 0), _int(params, "end_updated_at", 0)
    if not 0 <= end_s - start_s <= _SPAN_MAX_S:
        raise PddError(10001, "start_updated_at和end_updated_at的时间跨度不能超过30分钟")
    page, size = _int(params, "page", 1), _int(params, "page_size", _PAGE_MAX)
    if page < 1 or not 1 <= size <= _PAGE_MAX:
        raise PddError(10001, f"page从1开始，page_size不能超过{_PAGE_MAX}")
    return start_s * 1000, end_s * 1000 + 999, page, size


def _int(params: Params, name: str, default: int) -> int:
    text = params.get(name) or str(default)
    if not text.isdecimal() or len(text) > 15:
        raise PddError(10001, f"{name}不是数字")
    return int(text)
