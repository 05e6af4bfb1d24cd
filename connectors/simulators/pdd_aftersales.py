"""PDD's after-sales: details as ``pdd.refund.information.get`` shows them, rows of the increment, and the message of a change.

An order has one ``refund_status``: its after-sale is about all of it, and has an id that follows from the order's number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zlib import crc32

from connectors.simulators.orders import Doc, Order

#: refund_status of an order -> after_sales_status of its after-sale; an order without one has 1.
_OF_ORDER = {2: 2, 3: 4, 4: 10}
_TYPES = {5: "AgreeAgreement", 4: "AgreeAgreement", 7: "AgreeAgreement", 10: "AgreeAgreement"}
_CLOSED = frozenset((9, 11, 12, 13, 17, 24))
#: The list numbers the types one higher than the detail.
_ROW_TYPE = 1


def id_of(doc: Doc) -> str:
    """Its id. Raises KeyError, TypeError."""
    return str(doc["id"])


def row(sale: Order) -> dict[str, Any]:
    """As the increment shows it: yuan texts and seconds."""
    doc = sale.doc
    return {
        "id": doc["id"],
        "order_sn": doc.get("order_sn"),
        "after_sales_type": doc.get("after_sales_type", 0) + _ROW_TYPE,
        "after_sales_status": doc.get("after_sales_status"),
        "after_sale_reason": doc.get("after_sales_reason", ""),
        "sku_id": doc.get("sku_id"),
        "goods_number": str(doc.get("goods_number", "")),
        "refund_amount": f"{doc.get('refund_amount', 0) / 100:.2f}",
        "updated_time": str(sale.changed_at_ms // 1000),
    }


def type_of(sale: Order, before: Doc | None) -> str:
    """What the message of its last change is called."""
    status = sale.doc.get("after_sales_status")
    if before is None:
        return "pdd_refund_RefundCreated"
    if status in _CLOSED:
        return "pdd_refund_RefundClosed"
    return f"pdd_refund_Refund{_TYPES.get(status, 'BuyerModifyAgreement')}"  # type: ignore[arg-type]


def content(sale: Order) -> dict[str, Any]:
    """What that message tells, beside the shop and the order."""
    fee = sale.doc.get("refund_amount", 0)
    return {"refund_id": int(sale.order_no), "refund_fee": fee, "modified": sale.changed_at_ms // 1000}


def of_order(order: Order, info: Doc) -> Iterator[Doc]:
    """The after-sale that the order tells of, if it does."""
    refund, items = info.get("refund_status"), info.get("item_list")
    item = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else None
    if item is None or not isinstance(refund, int) or refund not in _OF_ORDER:
        return
    paid = info.get("pay_amount")
    fen = round(float(paid) * 100) if isinstance(paid, int | float) else None
    yield {
        "id": derived_id(order.order_no),
        "order_sn": order.order_no,
        "after_sales_type": 1,
        "after_sales_status": _OF_ORDER[refund],
        "after_sales_reason": "",
        "sku_id": str(item.get("sku_id", "")),
        "goods_number": item.get("goods_count"),
        "order_amount": fen,
        "refund_amount": fen,
        "shipping_status": 0 if info.get("order_status") == 1 else 1,
        "user_shipping_status": "0",
    }


def derived_id(order_no: str) -> int:
    """The id of the after-sale that an order tells of: the same whenever it does."""
    return 8_000_000_000 + crc32(order_no.encode())
