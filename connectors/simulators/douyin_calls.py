"""Douyin's calls: orders, what changed, and shipping as a whole or in several parcels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import msgspec

from connectors.shops import Shop
from connectors.simulators import douyin_aftersales as aftersales
from connectors.simulators import douyin_shipping as shipping
from connectors.simulators.clock import Clock
from connectors.simulators.douyin_shipping import business, invalid
from connectors.simulators.douyin_stock import Stock
from connectors.simulators.orders import Order, OrderStore, Shipment, ShippedLine
from connectors.simulators.shelf import Shelf

Call = Callable[[Shop, bytes], Any]
_SIZE_MAX = 100
_ROWS_MAX = 50_000
_DAYS_MAX_S = 90 * 86_400
_PACKS_MAX = 100

T = TypeVar("T")


class Platform(Protocol):
    """What the calls need of the simulator."""

    orders: OrderStore
    aftersales: OrderStore
    shelf: Shelf
    clock: Clock

    def shipped(self, order: Order, shipment: Shipment) -> None:
        """A parcel was told."""


class Combined(msgspec.Struct):
    """One of ``combine_status``; the statuses are joined by commas."""

    order_status: str = ""


class Search(msgspec.Struct):
    """Parameters of searchList."""

    page: int = 0
    size: int = 20
    update_time_start: int | None = None
    update_time_end: int | None = None
    create_time_start: int | None = None
    create_time_end: int | None = None
    order_by: str = "create_time"
    order_asc: bool = False
    combine_status: list[Combined] = []
    abnormal_order: int = 0


class Detail(msgspec.Struct):
    """Parameters of orderDetail."""

    shop_order_id: str | int


class Sales(msgspec.Struct):
    """Parameters of afterSale/List."""

    update_start_time: int
    update_end_time: int
    order_by: list[str]
    page: int = 0
    size: int = 10


class Sale(msgspec.Struct):
    """Parameters of afterSale/Detail."""

    after_sale_id: str | int


class Whole(msgspec.Struct):
    """Parameters of logisticsAdd."""

    order_id: str | int
    logistics_code: str
    company_code: str = ""
    is_reject_refund: bool = False


class PackLine(msgspec.Struct):
    """Pieces of a line in a pack."""

    shipped_order_id: str | int
    shipped_num: int


class Pack(msgspec.Struct):
    """One of ``pack_list``."""

    logistics_code: str
    shipped_order_info: list[PackLine]
    company_code: str = ""


class Packs(msgspec.Struct):
    """Parameters of logisticsAddMultiPack."""

    order_id: str | int
    pack_list: list[Pack]
    request_id: str
    is_reject_refund: bool = False


class Calls:
    """Path -> call, and what they remember."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        # (shop, request_id) -> what it was answered.
        self._answered: dict[tuple[str, str], Any] = {}
        # Tracking number -> the order it belongs to: a number belongs to one.
        self._numbers: dict[str, str] = {}
        self.by_path: dict[str, Call] = {
            "/order/searchList": self._search,
            "/order/orderDetail": self._detail,
            "/order/logisticsAdd": self._add,
            "/order/logisticsAddMultiPack": self._add_packs,
            "/order/logisticsCompanyList": self._companies,
            "/afterSale/List": self._sales,
            "/afterSale/Detail": self._sale,
            **Stock(platform.shelf).by_path,
        }

    def clear(self) -> None:
        """Forgets all."""
        self._answered.clear()
        self._numbers.clear()

    def _search(self, shop: Shop, body: bytes) -> Any:
        asked = _read(body, Search)
        if asked.update_time_start is None and asked.create_time_start is None:
            raise invalid("create_time_start与update_time_start至少传一个")
        if asked.page < 0 or not 1 <= asked.size <= _SIZE_MAX:
            raise invalid(f"page从0开始，size不能超过{_SIZE_MAX}")
        if (asked.page + 1) * asked.size > _ROWS_MAX:
            raise invalid(f"最多查询{_ROWS_MAX}条，请缩小时间范围")
        start_s = max(asked.update_time_start or 0, self._platform.clock.now_ms() // 1000 - _DAYS_MAX_S)
        end_s = 1 << 40 if asked.update_time_end is None else asked.update_time_end
        changes = self._platform.orders.changed(shop.shop, start_s * 1000, end_s * 1000 + 999)
        filtered = asked.combine_status or asked.abnormal_order or asked.create_time_start or asked.create_time_end
        if asked.order_by == "update_time" and not filtered:
            total = len(changes)
            rows = changes.page(asked.page + 1, asked.size, descending=not asked.order_asc)
        else:
            found = [o for o in changes.page(1, max(1, len(changes)), descending=False) if _wanted(asked, o)]
            if asked.order_by != "update_time":
                found.sort(key=lambda order: int(order.doc.get("create_time", 0)))
            if not asked.order_asc:
                found.reverse()
            total, rows = len(found), found[asked.page * asked.size : (asked.page + 1) * asked.size]
        return {"page": asked.page, "size": asked.size, "total": total, "shop_order_list": [_row(o) for o in rows]}

    def _detail(self, shop: Shop, body: bytes) -> Any:
        return {"shop_order_detail": self._order(shop, _read(body, Detail).shop_order_id).doc}

    def _companies(self, shop: Shop, body: bytes) -> Any:
        return [
            {"id": number, "name": carrier.name, "code": code}
            for number, (code, carrier) in enumerate(shipping.CARRIERS.items(), start=1)
        ]

    def _sales(self, shop: Shop, body: bytes) -> Any:
        """After-sales by their time of change, upwards: the one order in which the platform misses none."""
        asked = _read(body, Sales)
        if asked.order_by != ["update_time asc"]:
            raise invalid("order_by须为update_time asc")
        if asked.page < 0 or not 1 <= asked.size <= _SIZE_MAX or (asked.page + 1) * asked.size > _ROWS_MAX:
            raise invalid(f"size不能超过{_SIZE_MAX}，最多查询{_ROWS_MAX}条")
        start_ms, end_ms = asked.update_start_time * 1000, asked.update_end_time * 1000 + 999
        changes = self._platform.aftersales.changed(shop.shop, start_ms, end_ms)
        rows = changes.page(asked.page + 1, asked.size, descending=False)
        return {
            "total": len(changes),
            "page": asked.page,
            "size": asked.size,
            "items": [aftersales.row(sale) for sale in rows],
            "has_more": (asked.page + 1) * asked.size < len(changes),
        }

    def _sale(self, shop: Shop, body: bytes) -> Any:
        sale = self._platform.aftersales.get(str(_read(body, Sale).after_sale_id))
        if sale is None or sale.shop != shop.shop:
            raise business(11003, "售后单不存在")
        return sale.doc

    def _add(self, shop: Shop, body: bytes) -> Any:
        """The whole order, in one parcel."""
        asked = _read(body, Whole)
        order = self._order(shop, asked.order_id)
        order.ship_calls += 1
        shipping.check_order(order.doc, reject_refund=asked.is_reject_refund)
        if order.doc["order_status"] == shipping.PART_SHIPPED:
            raise business(60111, "订单已部分发货，请按包裹发货")
        self._check_number(order, asked.company_code, asked.logistics_code)
        self._ship(order, asked.logistics_code, asked.company_code, [], "")
        return {}

    def _add_packs(self, shop: Shop, body: bytes) -> Any:
        """Several parcels: all of them, or none; the same request again is answered as the first time."""
        asked = _read(body, Packs)
        order = self._order(shop, asked.order_id)
        order.ship_calls += 1
        if not asked.request_id or not asked.pack_list or len(asked.pack_list) > _PACKS_MAX:
            raise invalid("request_id与pack_list不能为空")
        key = (shop.shop, asked.request_id)
        if key in self._answered:
            return self._answered[key]
        # An after-sale holds its own line alone, here: that is seen when the lines are checked.
        gifts_left = shipping.gifts_left(order.doc, order.shipments)
        shipping.check_order(order.doc, reject_refund=True, gifts_left=gifts_left)
        packs = [
            [ShippedLine(str(line.shipped_order_id), line.shipped_num) for line in pack.shipped_order_info]
            for pack in asked.pack_list
        ]
        if not all(packs):
            raise invalid("shipped_order_info不能为空")
        for pack in asked.pack_list:
            self._check_number(order, pack.company_code, pack.logistics_code)
        shipping.check_lines(order.doc, order.shipments, packs, reject_refund=asked.is_reject_refund)
        first = len(order.shipments)
        for pack, lines in zip(asked.pack_list, packs, strict=True):
            self._ship(order, pack.logistics_code, pack.company_code, lines, asked.request_id)
        answer = {
            "pack_list": [
                {"pack_id": shipping.pack_id(order.order_no, first + place), "logistics_code": pack.logistics_code}
                for place, pack in enumerate(asked.pack_list)
            ]
        }
        self._answered[key] = answer
        return answer

    def _check_number(self, order: Order, company: str, number: str) -> None:
        shipping.check_parcel(company, number)
        if self._numbers.get(number, order.order_no) != order.order_no:
            raise business(70022, "运单号已被其他订单使用")

    def _ship(self, order: Order, number: str, company: str, lines: list[ShippedLine], request_id: str) -> None:
        self._numbers[number] = order.order_no
        self._platform.shipped(order, Shipment(number, company, lines, self._platform.clock.now_ms(), request_id))

    def _order(self, shop: Shop, number: str | int) -> Order:
        order = self._platform.orders.get(str(number))
        if order is None:
            raise business(60033, "订单不存在")
        if order.shop != shop.shop:
            raise business(60101, "订单不属于该店铺")
        return order


def _row(order: Order) -> dict[str, Any]:
    # Dated also where a spoilt snapshot has lost its date: one row must not make the page unreadable.
    return {**order.doc, "update_time": order.changed_at_ms // 1000}


def _wanted(asked: Search, order: Order) -> bool:
    doc = order.doc
    created = doc.get("create_time", 0)
    if not (asked.create_time_start or 0) <= created <= (asked.create_time_end or 1 << 40):
        return False
    if asked.abnormal_order == 2 and doc.get("order_status") != shipping.RISK:
        return False
    statuses = {status for one in asked.combine_status for status in one.order_status.split(",") if status}
    return not statuses or str(doc.get("order_status")) in statuses


def _read(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise invalid(f"{exc}") from exc
