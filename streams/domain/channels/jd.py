"""JD POP: the `orderInfo` of `jingdong.pop.order.get` / `enGet`, bare or inside its response.

Sources: the platform's order reference. Amounts are yuan texts, ids come as numbers or texts, "no value" times are
0001-01-01 00:00:00. There is no line id: the `skuId` is the line number. JD shows a seller only orders that are paid
or cash on delivery.

- Cancelled with a waybill: refused at the door or turned back, so shipped and returned whole. That is the only return
  an order shows; returns of single goods live in JD's after-sale records.
- Orders that JD's own warehouses send (`storeOrder`) are held: our warehouses must not send them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .fields import Fields
from .snapshot import Snapshot, held, notes, unwrapped

STATUS: dict[str, OrderStatus] = {
    "WAIT_SELLER_STOCK_OUT": "PAID",
    "WAIT_SELLER_DELIVERY": "PAID",  # overseas only: to be sent inside the country
    "WAIT_GOODS_RECEIVE_CONFIRM": "SHIPPED",
    "FINISHED_L": "SHIPPED",
    "TRADE_CANCELED": "CANCELLED",
    "LOCKED": "HOLD",
    "PAUSE": "HOLD",
    "POP_ORDER_PAUSE": "HOLD",
    "WAIT_SEND_CODE": "HOLD",  # local service: a code is sent, no goods
}
HOLDS = {"LOCKED": "locked", "PAUSE": "paused", "POP_ORDER_PAUSE": "business_pause", "WAIT_SEND_CODE": "local_service"}


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Snapshot:
    """An orderInfo -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, *_wrapper(doc), "orderDetailInfo", "orderInfo")
    status: OrderStatus = order.choice("orderState", STATUS) or "HOLD"
    turned_back = status == "CANCELLED" and bool(order.text("waybill"))
    if turned_back:
        status = "SHIPPED"
    holds = ["sent_by_jd_warehouse"] if order.text("storeOrder") else []
    status, hold_reason = held(status, holds, HOLDS.get(order.text("orderState"), "locked"))
    return Snapshot(
        order_no=order.ident("orderId"),
        version=order.time("modified"),
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=order.money("orderPayment"),
        placed_at_ms=order.time("orderStartTime"),
        paid_at_ms=order.maybe_time("paymentConfirmTime"),
        ship_by_ms=None,
        receiver=_receiver(order.child("consigneeInfo")),
        lines=[_line(line, turned_back) for line in order.children("itemInfoList")],
        attributes=notes(
            order,
            platform_status="orderState",
            order_type="orderType",
            pay_type="payType",
            buyer_note="orderRemark",
            seller_note="venderRemark",
            parent_order_no="parentOrderId",
            store_order="storeOrder",
        ),
    )


def _wrapper(doc: Mapping[str, Any]) -> tuple[str, ...]:
    """The response's name, which JD spells with a c."""
    for name in ("jingdong_pop_order_get_responce", "jingdong_pop_order_enGet_responce"):
        if name in doc:
            return (name,)
    return ()


def _line(line: Fields, turned_back: bool) -> OrderLine:
    quantity = line.quantity("itemTotal")
    return {
        "line_no": line.ident("skuId"),
        "sku": line.sku("outerSkuId"),
        "title": line.text("skuName"),
        "quantity": quantity,
        "unit_price_minor": line.money("jdPrice"),
        "returned_quantity": quantity if turned_back else 0,
    }


def _receiver(consignee: Fields) -> Receiver:
    return {
        "name": consignee.text("fullname"),
        "phone": consignee.text("mobile", "telephone"),
        "country": "CN",
        "province": consignee.text("province"),
        "city": consignee.text("city"),
        "district": consignee.text("county"),
        "address": consignee.text("fullAddress"),
        "postal_code": "",
        "oaid": None,
    }
