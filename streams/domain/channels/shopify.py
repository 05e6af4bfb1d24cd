"""Shopify: the order of an `orders/create`, `orders/paid` or `orders/updated` webhook.

Sources: the platform's webhook and refund references. Money is decimal text in the order's currency, times are ISO
8601 with offset.

- Lines that need no shipping (gift cards, downloads) are left out; a shipping line needs its `sku`.
- `refunds[].refund_line_items[]`: "return" and "legacy_restock" came back; "cancel" never left, so the line has that
  many fewer pieces. "no_restock" brings nothing back: pieces that had not left count as cancelled, others as gone.
  Without a restock_type: by whether the order is fulfilled.
- A test order is held: it has no buyer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .fields import MAX_QUANTITY, Fields
from .snapshot import Snapshot, held, notes, unwrapped

STATUS: dict[str, OrderStatus] = {
    "pending": "UNPAID",
    "authorized": "UNPAID",
    "partially_paid": "UNPAID",
    "expired": "UNPAID",
    "paid": "PAID",
    "partially_refunded": "PAID",
    "refunded": "CANCELLED",  # SHIPPED when it was fulfilled
    "voided": "CANCELLED",
}
FULFILLED = {None: False, "": False, "unfulfilled": False, "partial": False, "restocked": False, "fulfilled": True}
# ISO 4217 currencies whose minor unit is not a hundredth.
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3}


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Snapshot:
    """A webhook's order -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, "order")
    fulfilled = (
        bool(order.choice("fulfillment_status", FULFILLED)) if doc.get("fulfillment_status") is not None else False
    )
    status: OrderStatus = order.choice("financial_status", STATUS) or "UNPAID"
    if fulfilled:
        status = "SHIPPED"
    elif order.doc.get("cancelled_at") is not None:
        status = "CANCELLED"
    status, hold_reason = held(status, ["test_order"] if order.flag("test") else [], "")
    currency = _currency(order)
    digits = DIGITS.get(currency, 2)
    return Snapshot(
        order_no=order.ident("id"),
        version=order.time("updated_at"),
        status=status,
        hold_reason=hold_reason,
        currency=currency,
        total_minor=order.money("total_price", digits),
        placed_at_ms=order.time("created_at"),
        paid_at_ms=order.maybe_time("processed_at") if status not in ("UNPAID", "CANCELLED") else None,
        ship_by_ms=None,
        receiver=_receiver(order.child("shipping_address")),
        lines=_lines(order, status, fulfilled, digits),
        attributes=notes(
            order,
            platform_status="financial_status",
            fulfillment_status="fulfillment_status",
            order_name="name",
            buyer_note="note",
            tags="tags",
        ),
    )


def _currency(order: Fields) -> str:
    currency = order.need("currency")
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        order.wrong("invalid_money", "currency", currency, "expected an ISO 4217 code like CNY")
    return currency


def _lines(order: Fields, status: OrderStatus, fulfilled: bool, digits: int) -> list[OrderLine]:
    returned, cancelled = _refunds(order, fulfilled)
    lines: list[OrderLine] = []
    for line in order.children("line_items"):
        if line.doc.get("requires_shipping") is False:
            continue
        line_no, quantity = line.ident("id"), line.quantity("quantity")
        gone = cancelled.get(line_no, 0) if status != "CANCELLED" else 0
        if gone and quantity == gone:
            continue
        if gone > quantity:
            line.wrong("out_of_range", "quantity", quantity, f"refunds cancel {gone} pieces of this line")
        lines.append(
            {
                "line_no": line_no,
                "sku": line.sku("sku"),
                "title": line.text("title"),
                "quantity": quantity - gone,
                "unit_price_minor": line.money("price", digits),
                "returned_quantity": returned.get(line_no, 0),
            }
        )
    return lines


def _refunds(order: Fields, fulfilled: bool) -> tuple[dict[str, int], dict[str, int]]:
    """Pieces that came back and pieces that were cancelled before leaving, by line number."""
    returned: dict[str, int] = {}
    cancelled: dict[str, int] = {}
    if not order.doc.get("refunds"):
        return returned, cancelled
    for refund in order.children("refunds"):
        for item in refund.children("refund_line_items"):
            kind = item.text("restock_type") or "return"
            if kind == "no_restock" and fulfilled:
                continue
            came_back = kind in ("return", "legacy_restock") and (fulfilled or "restock_type" in item.doc)
            count = returned if came_back else cancelled
            line_no = item.ident("line_item_id")
            count[line_no] = count.get(line_no, 0) + item.integer("quantity", 0, MAX_QUANTITY)
    return returned, cancelled


def _receiver(place: Fields) -> Receiver:
    return {
        "name": place.text("name"),
        "phone": place.text("phone"),
        "country": place.text("country_code"),
        "province": place.text("province"),
        "city": place.text("city"),
        "district": "",
        "address": " ".join(part for part in (place.text("address1"), place.text("address2")) if part),
        "postal_code": place.text("zip"),
        "oaid": None,
    }
