"""Douyin (Doudian): the `shop_order_detail` of `/order/orderDetail`, bare or inside `data`.

Sources: the platform's order reference. Fen integers, unix seconds, 19-digit ids, a status that is a text on some
lines. One line may share the order's id. The receiver is ciphertext (`encrypt_*`), masked (`mask_*`) as a second
choice.

- 105 is paid but under risk review: held; part shipped (101) still has goods to send.
- An open after-sale (applied, returning, shipped back) before shipping holds the order; a line refunded before it was
  sent is left out.
- A finished after-sale of type 0 (goods go back) on a sent line counts as returned; type 1 is a refund alone (the
  type's values are known from client code, not from the reference).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .fields import Fields
from .snapshot import Snapshot, held, notes, unwrapped

STATUS: dict[int, OrderStatus] = {
    1: "UNPAID",
    105: "HOLD",
    2: "PAID",
    101: "PAID",
    3: "SHIPPED",
    4: "CANCELLED",
    5: "SHIPPED",
}
# main_status says more than order_status where it is one of these.
MAIN_STATUS: dict[int, OrderStatus] = {103: "UNPAID", 21: "CANCELLED", 22: "SHIPPED", 39: "SHIPPED"}

LINE_STATUS = {**{code: code for code in STATUS}, **{code: code for code in MAIN_STATUS}}
LINE_SENT, LINE_CANCELLED = (3, 5, 22, 39), (4, 21)
AFTER_SALE_OPEN, AFTER_SALE_DONE, AFTER_SALE_RETURN = (6, 7, 11), 12, 0


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Snapshot:
    """A shop_order_detail -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, "data", "shop_order_detail")
    status: OrderStatus = order.choice("order_status", STATUS) or "HOLD"
    status = MAIN_STATUS.get(order.integer("main_status", 0, 10_000, default=0), status)
    lines, holds, dropped = _lines(order, status)
    if dropped and not lines:
        status = "CANCELLED"  # every line was cancelled or refunded before it was sent
    status, hold_reason = held(status, holds | _holds(order), "risk_review")
    return Snapshot(
        order_no=order.ident("order_id"),
        version=order.time("update_time"),
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=order.minor("pay_amount"),
        placed_at_ms=order.time("create_time"),
        paid_at_ms=order.maybe_time("pay_time"),
        ship_by_ms=order.maybe_time("exp_ship_time"),
        receiver=_receiver(order),
        lines=lines,
        attributes=notes(
            order,
            platform_status="order_status",
            order_type="order_type",
            buyer_note="buyer_words",
            seller_note="seller_words",
        ),
    )


def _holds(order: Fields) -> set[str]:
    found = set()
    if order.text("order_status") == "105":
        found.add("risk_review")
    if order.text("abnormal_order") == "2":
        found.add("risk_review")
    if any(tag.text("key") == "double_address" for tag in order.children("address_tag_ui")):
        found.add("two_addresses")
    return found


def _lines(order: Fields, status: OrderStatus) -> tuple[list[OrderLine], set[str], int]:
    """Lines that are shipped or were, the holds they give, how many lines are never shipped."""
    dropped = 0
    lines: list[OrderLine] = []
    holds: set[str] = set()
    for line in order.children("sku_order_list"):
        code = line.choice("order_status", LINE_STATUS) if "order_status" in line.doc else 0
        sent = code in LINE_SENT or (status == "SHIPPED" and not code)
        sale = line.child("after_sale_info")
        sale_status = sale.integer("after_sale_status", 0, 10_000, default=0)
        if status != "CANCELLED" and not sent:
            if code in LINE_CANCELLED or sale_status == AFTER_SALE_DONE:
                dropped += 1
                continue
            if sale_status in AFTER_SALE_OPEN:
                holds.add("refund_open")
        quantity = line.quantity("item_num")
        came_back = (
            sent
            and sale_status == AFTER_SALE_DONE
            and sale.integer("after_sale_type", 0, 100, default=-1) == AFTER_SALE_RETURN
        )
        lines.append(
            {
                "line_no": line.ident("order_id"),
                "sku": line.sku("code", "out_sku_id"),
                "title": line.text("product_name"),
                "quantity": quantity,
                "unit_price_minor": line.minor("origin_amount", default=0),
                "returned_quantity": quantity if came_back else 0,
            }
        )
    return lines, holds, dropped


def _receiver(order: Fields) -> Receiver:
    place = order.child("post_addr")
    return {
        "name": order.text("encrypt_post_receiver", "mask_post_receiver", "post_receiver"),
        "phone": order.text("encrypt_post_tel", "mask_post_tel", "post_tel"),
        "country": "CN",
        "province": place.child("province").text("name"),
        "city": place.child("city").text("name"),
        "district": place.child("town").text("name"),
        # Only the detail is ciphertext: joined with the street it could not be decrypted any more.
        "address": place.text("encrypt_detail", "detail"),
        "postal_code": "",
        "oaid": None,
    }
