"""Pinduoduo (PDD): the answer of `pdd.refund.information.get`, or a row of `pdd.refund.list.increment.get`.

Sources: the platform's reference of both. They number the types differently and write money and times differently:

    detail   after_sales_type 1..5, amounts in fen, times in ms, `shipping_status`, `after_sales_reason`, `sku_id` alone
    row      after_sales_type 2..6, amounts in yuan texts, times in seconds, `after_sale_reason`, `sku_id` and `outer_id`

An order has one SKU (beside its gifts): its line number is the `sku_id`. `order_amount` is what the buyer paid for the order.

- That a detail's amounts are fen is shown by the platform's sample alone: an amount with decimals is none, and goes to review.
- Open while anybody is to act, a refusal that the buyer may answer (6) among it: the platform keeps such an order from being shipped.
- 16 and 25 are done without money: an exchange, a reissue or a repair that was carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import AfterSaleKind, AfterSaleState, Reason
from streams.domain.channels.fields import Fields
from streams.domain.channels.snapshot import unwrapped

from . import reasons as classes
from .sale import Sale, any_time, dated, goods, maybe_minor, maybe_money, whole_or_none, within

STATES: dict[int, AfterSaleState] = {
    **dict.fromkeys((2, 3, 4, 5, 6, 7, 8, 14, 15, 18, 21, 22, 27, 31, 32, 33), "OPEN"),
    **dict.fromkeys((10, 16, 25), "DONE"),
    **dict.fromkeys((0, 9, 11, 12, 13, 17, 24), "CLOSED"),
}
DETAIL_KINDS: dict[int, AfterSaleKind] = {1: "REFUND", 2: "RETURN", 3: "EXCHANGE", 4: "RESEND", 5: "REPAIR"}
ROW_KINDS: dict[int, AfterSaleKind] = {2: "REFUND", 3: "RETURN", 4: "EXCHANGE", 5: "RESEND", 6: "REPAIR"}
RECEIVED = {"1": False, "2": True}
SHIPPED = {"0": True, "1": False}
#: What a row has and a detail does not.
ROW_MARKS = frozenset(("after_sale_reason", "created_time", "outer_id"))


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Sale:
    """A detail or a row -> the canonical after-sale; every problem is appended to `reasons`."""
    refund = unwrapped(doc, reasons, "refund_information_get_response")
    row = not ROW_MARKS.isdisjoint(refund.doc)
    amount, paid = _money(refund, "refund_amount", row), _money(refund, "order_amount", row)
    units = refund.integer("goods_number", 1, 10**6, default=1)
    price = _price(refund, row, units)
    version = any_time(refund, "updated_time") or refund.time("updated_time")
    asked_name = "created_time" if row else "recreated_at"
    asked = any_time(refund, asked_name)
    within(refund, "refund_amount", amount, paid)
    dated(refund, "updated_time", version, asked_name, asked)
    reason = refund.text("after_sale_reason" if row else "after_sales_reason", "remark")
    kinds = ROW_KINDS if row else DETAIL_KINDS
    return Sale(
        aftersale_id=refund.ident("id"),
        order_no=refund.ident("order_sn"),
        version=version,
        kind=refund.choice("after_sales_type", kinds) or "OTHER",
        state=refund.choice("after_sales_status", STATES) or "OPEN",
        platform_state=refund.text("after_sales_status"),
        before_shipping=SHIPPED.get(refund.text("shipping_status")),
        received=RECEIVED.get(refund.text("user_shipping_status")),
        currency="CNY",
        amount_minor=amount,
        whole=_whole(amount, paid, price, units),
        # Without a SKU it is about the order, which has one.
        lines=goods(refund, "sku_id", "outer_id", "goods_number") if refund.doc.get("sku_id") else [],
        reason=reason,
        reason_code="",
        reason_class=classes.of_text(reason),
        tracking_no=refund.text("tracking_number" if row else "express_no"),
        asked_at_ms=asked,
    )


def _money(refund: Fields, name: str, row: bool) -> int | None:
    return maybe_money(refund, name) if row else maybe_minor(refund, name)


def _price(refund: Fields, row: bool, units: int) -> int | None:
    """What its pieces cost after the merchant's and the platform's discounts; None where the payload does not say."""
    price, off = _money(refund, "goods_price", row), _money(refund, "discount_amount", row)
    if price is None or off is None:
        return None
    return price * units - off


def _whole(amount: int | None, paid: int | None, price: int | None, units: int) -> bool | None:
    """`price` is that of the pieces; where it is not told only all that was paid tells anything."""
    if amount is None or not paid:
        return None
    return whole_or_none(amount, paid, price or 0, units)
