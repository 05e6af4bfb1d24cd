"""Taobao's refunds: what ``taobao.refund.get`` shows, and the message of a change.

A trade's line tells of its refund in ``refund_status``; the refund's id is the line's then, and it is about all of its pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.simulators.clock import local
from connectors.simulators.orders import Doc, Order
from connectors.simulators.taobao_trades import lines, trade

_NONE = frozenset((None, "", "NO_REFUND"))
_TOPICS = {
    "WAIT_BUYER_RETURN_GOODS": "RefundSellerAgreeAgreement",
    "WAIT_SELLER_CONFIRM_GOODS": "RefundBuyerReturnGoods",
    "SELLER_REFUSE_BUYER": "RefundSellerRefuseAgreement",
    "CLOSED": "RefundClosed",
    "SUCCESS": "RefundSuccess",
}
_MODIFIED = "RefundBuyerModifyAgreement"
_UNSENT = frozenset(("WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"))


def refund(doc: Doc) -> Doc:
    """The refund of a snapshot, bare or in its response. Raises KeyError, TypeError: there is none."""
    inner = doc.get("refund_get_response")
    found = doc if inner is None else inner["refund"]
    if not isinstance(found, dict):
        raise TypeError("the refund is no object")
    return found


def id_of(doc: Doc) -> str:
    """Its id. Raises KeyError, TypeError."""
    return str(refund(doc)["refund_id"])


def shown(sale: Order, fields: str) -> Doc:
    """The wanted fields alone."""
    names = {name.strip() for name in fields.split(",")}
    return {name: value for name, value in refund(sale.doc).items() if name in names}


def topic(sale: Order, before: Doc | None) -> str:
    """What its last change is called."""
    status = str(refund(sale.doc).get("status"))
    if before is None:
        return "taobao_refund_RefundCreated"
    moved = str(refund(before).get("status")) != status
    return f"taobao_refund_{_TOPICS.get(status, _MODIFIED) if moved else _MODIFIED}"


def content(sale: Order) -> dict[str, Any]:
    """The message's content."""
    it = refund(sale.doc)
    return {
        "refund_id": int(sale.order_no),
        "tid": it.get("tid"),
        "oid": it.get("oid"),
        "refund_fee": it.get("refund_fee"),
        "refund_phase": it.get("refund_phase", "onsale"),
        "bill_type": "refund_bill",
        "seller_nick": sale.shop,
        "modified": local(sale.changed_at_ms),
    }


def of_trade(order: Order) -> Iterator[Doc]:
    """Refunds that the trade's lines tell of."""
    of = trade(order.doc)
    for line in lines(of):
        status = line.get("refund_status")
        if status in _NONE or "oid" not in line:
            continue
        state = str(line.get("status") or of.get("status"))
        paid = line.get("divide_order_fee") or line.get("payment") or line.get("price")
        yield {
            "refund_id": str(line["oid"]),
            "tid": of.get("tid"),
            "oid": line["oid"],
            "num": line.get("num"),
            "num_iid": line.get("num_iid"),
            "outer_id": line.get("outer_sku_id") or line.get("outer_iid"),
            "status": status,
            "order_status": state,
            "good_status": "BUYER_NOT_RECEIVED" if state in _UNSENT else "BUYER_RECEIVED",
            "has_good_return": False,
            "dispute_type": "REFUND",
            "refund_fee": paid,
            "total_fee": paid,
            "reason": "",
            "created": of.get("created"),
        }
