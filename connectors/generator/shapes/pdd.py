"""Pinduoduo: a sale as `pdd.order.information.get` shows it. Amounts are JSON numbers, the receiver is ciphertext."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sale import Sale, SaleLine, Stage, local, masked, token

SKU = 1_500_000_000_000


def order_no(sale: Sale) -> str:
    return f"{local(sale.placed_at_ms)[2:10].replace('-', '')}-{sale.serial:015d}"


def line_no(sale: Sale, index: int) -> str:
    """The id of the index-th line, from 1: its sku_id."""
    line = sale.lines[index - 1]
    return f"{'gift:' if line.gift else ''}{SKU + line.number}"


def snapshot(sale: Sale, stage: Stage, modified_ms: int) -> dict[str, Any]:
    """The `order_info_get_response` of this sale."""
    buyer, number = sale.buyer, order_no(sale)
    paid = stage != "unpaid" and sale.paid_at_ms > 0
    # The platform hides the receiver but while the order is to be shipped.
    open_ = stage == "paid"
    order = {
        "order_sn": number,
        "order_status": 2 if stage == "shipped" else 1,
        "confirm_status": 2 if stage == "cancelled" else int(paid),
        "group_status": 1 if paid else 0,
        "refund_status": 4 if stage == "cancelled" and paid else 1,
        "after_sales_status": 10 if stage == "cancelled" and paid else 0,
        "risk_control_status": int(stage == "held"),
        "trade_type": 0,
        "is_pre_sale": 0,
        "is_lucky_flag": 1,
        "is_stock_out": 0,
        "created_time": local(sale.placed_at_ms),
        "pay_time": local(sale.paid_at_ms) if paid else "",
        "confirm_time": local(sale.paid_at_ms) if paid else "",
        "shipping_time": local(modified_ms) if stage == "shipped" else "",
        "updated_at": local(modified_ms),
        "last_ship_time": local(sale.placed_at_ms + 48 * 3_600_000),
        "goods_amount": sale.goods_fen / 100,
        "discount_amount": sale.discount_fen / 100,
        "platform_discount": 0,
        "seller_discount": sale.discount_fen / 100,
        "order_change_amount": 0,
        "postage": sale.postage_fen / 100,
        "pay_amount": sale.payment_fen / 100,
        "country": "中国",
        "province": buyer.province + buyer.province_suffix,
        "city": buyer.city,
        "town": buyer.district,
        "receiver_name": f"~{token(number, 'name')}~{sale.serial}~1~~" if open_ else "",
        "receiver_phone": f"${sale.serial}${token(number, 'phone')}$1$" if open_ else "",
        "receiver_address": f"~{token(number, buyer.street, buyer.detail)}~{sale.serial}~1~~" if open_ else "",
        "receiver_name_mask": masked(buyer.name),
        "receiver_phone_mask": f"{buyer.phone[:3]}****{buyer.phone[-4:]}",
        "buyer_memo": sale.buyer_note,
        "remark": sale.seller_note,
        "remark_tag": 0,
        "item_list": [_line(line) for line in sale.lines if not line.gift],
        "gift_list": [_line(line) for line in sale.lines if line.gift],
        "order_tag_list": [{"name": "no_trace_delivery", "value": 0}, {"name": "free_sf", "value": 0}],
        "logistics_id": 0,
        "tracking_number": "",
    }
    return {"order_info_get_response": {"order_info": order}}


def _line(line: SaleLine) -> dict[str, Any]:
    return {
        "goods_id": 900_000_000 + line.number,
        "sku_id": SKU + line.number,
        "outer_goods_id": line.sku.rsplit("-", 1)[0],
        "outer_id": line.sku,
        "goods_name": line.title,
        "goods_spec": line.variant,
        "goods_count": line.quantity,
        "goods_price": line.fen / 100,
    }


def returned(doc: dict[str, Any], pieces: Mapping[str, int] | None, at_ms: int) -> bool:
    """Refunded after shipping: the whole order; False for a part of it, which the order does not show."""
    order = doc["order_info_get_response"]["order_info"]
    whole = {str(line["sku_id"]): line["goods_count"] for line in order["item_list"]}
    whole |= {f"gift:{line['sku_id']}": line["goods_count"] for line in order["gift_list"]}
    if pieces is not None and dict(pieces) != whole:
        return False
    order.update(order_status=3, refund_status=4, after_sales_status=10, updated_at=local(at_ms))
    return True
