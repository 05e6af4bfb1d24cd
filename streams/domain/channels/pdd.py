"""Pinduoduo (PDD): the `order_info` of `pdd.order.information.get`, bare or inside its response.

Sources: the platform's order reference. Amounts are yuan JSON numbers (99.5), kept exact; the receiver is ciphertext,
and empty while the order is under risk review. There is no line id: the `sku_id` is the line number, `gift:` before it
for gifts (which are sent too).

- To ship: order_status 1, confirm_status 1, risk_control_status 0. Paid but the group is still forming: held.
- refund_status is one for the whole order: refunded before shipping means cancelled, after shipping all of it counts
  as returned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .fields import Fields
from .snapshot import Snapshot, held, notes, unwrapped

TO_SHIP, SENT = 1, (2, 3)
ORDER_STATUS = {1: TO_SHIP, 2: 2, 3: 3}
REFUNDED, REFUND_OPEN = 4, (2, 3)


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Snapshot:
    """An order_info -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, "order_info_get_response", "order_info")
    stage = order.choice("order_status", ORDER_STATUS) or TO_SHIP
    refund = order.integer("refund_status", 0, 100, default=1)
    status = _status(order, stage, refund)
    status, hold_reason = held(status, _holds(order, refund), "group_forming")
    returned = stage in SENT and refund == REFUNDED
    return Snapshot(
        order_no=order.ident("order_sn"),
        version=order.time("updated_at"),
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=order.money("pay_amount"),
        placed_at_ms=order.time("created_time"),
        paid_at_ms=order.maybe_time("pay_time"),
        ship_by_ms=order.maybe_time("last_ship_time"),
        receiver=_receiver(order),
        lines=[
            *(_line(line, "", returned) for line in order.children("item_list")),
            *(_line(line, "gift:", returned) for line in order.children("gift_list")),
        ],
        attributes=notes(
            order,
            platform_status="order_status",
            refund_status="refund_status",
            buyer_note="buyer_memo",
            seller_note="remark",
            presale_at="pre_sale_time",
        ),
    )


def _status(order: Fields, stage: int, refund: int) -> OrderStatus:
    confirm = order.integer("confirm_status", 0, 100)
    group = order.integer("group_status", 0, 100, default=1)
    if stage in SENT:
        return "SHIPPED"
    if confirm == 2 or group == 2 or refund == REFUNDED:
        return "CANCELLED"
    if confirm == 1 and group == 1:
        return "PAID"
    return "HOLD" if order.text("pay_time") else "UNPAID"


def _holds(order: Fields, refund: int) -> list[str]:
    found = []
    if order.integer("risk_control_status", 0, 100, default=0) != 0:
        found.append("risk_review")
    if refund in REFUND_OPEN:
        found.append("refund_open")
    if order.flag("trade_type") and order.child("step_order_info").text("step_trade_status") != "2":
        found.append("deposit_only")
    if order.text("is_lucky_flag") == "2":
        found.append("lottery")
    return found


def _line(line: Fields, prefix: str, returned: bool) -> OrderLine:
    quantity = line.quantity("goods_count")
    return {
        "line_no": f"{prefix}{line.ident('sku_id')}",
        "sku": line.sku("outer_id", "outer_goods_id"),
        "title": " ".join(part for part in (line.text("goods_name"), line.text("goods_spec")) if part),
        "quantity": quantity,
        "unit_price_minor": line.money("goods_price", default=0),
        "returned_quantity": quantity if returned else 0,
    }


def _receiver(order: Fields) -> Receiver:
    return {
        "name": order.text("receiver_name", "receiver_name_mask"),
        "phone": order.text("receiver_phone", "receiver_phone_mask"),
        "country": "CN",
        "province": order.text("province"),
        "city": order.text("city"),
        "district": order.text("town"),
        "address": order.text("receiver_address", "receiver_address_mask"),
        "postal_code": "",
        "oaid": None,
    }
