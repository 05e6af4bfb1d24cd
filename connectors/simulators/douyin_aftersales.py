"""Douyin's after-sales: details as ``/afterSale/Detail`` shows them, rows of ``/afterSale/List``, and the message of a change.

An order's line tells of its after-sale in ``after_sale_info``; its detail has the line's number as its id then, and all of its pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from connectors.simulators.douyin_messages import Message
from connectors.simulators.orders import Doc, Order

#: Status -> tag of the message, where the platform has one of its own; a new one is 200, any other change 208.
_TAGS = {7: "202", 11: "203", 12: "206", 27: "204", 28: "207", 29: "205"}


def info(doc: Doc) -> Doc:
    """What is asked for and where it stands. Raises KeyError, TypeError: there is none."""
    found = doc["process_info"]["after_sale_info"]
    if not isinstance(found, dict):
        raise TypeError("after_sale_info is no object")
    return found


def id_of(doc: Doc) -> str:
    """Its id. Raises KeyError, TypeError."""
    return str(info(doc)["after_sale_id"])


def order_no(doc: Doc) -> str:
    """The order it is about."""
    return str(doc["order_info"]["shop_order_id"])


def row(sale: Order) -> dict[str, Any]:
    """As the list shows it."""
    it, order = info(sale.doc), sale.doc["order_info"]
    return {
        "aftersale_info": {
            "aftersale_id": str(it["after_sale_id"]),
            "related_id": str(order["shop_order_id"]),
            "aftersale_type": it.get("after_sale_type"),
            "aftersale_status": it.get("after_sale_status"),
            "refund_status": it.get("refund_status"),
            "refund_amount": it.get("refund_total_amount"),
            "apply_time": it.get("apply_time"),
            "update_time": sale.changed_at_ms // 1000,
            "got_pkg": it.get("got_pkg"),
        },
        "order_info": {"shop_order_id": str(order["shop_order_id"])},
        "text_part": {"reason_text": it.get("reason", "")},
    }


def message(sale: Order, before: Doc | None, shop_id: int) -> Message:
    """The message of its last change."""
    it = info(sale.doc)
    status = it.get("after_sale_status", 0)
    moved = before is not None and info(before).get("after_sale_status") != status
    tag = "200" if before is None else _TAGS.get(status, "208") if moved else "208"
    lines: list[Doc] = sale.doc["order_info"].get("sku_order_infos") or [{}]
    data = {
        "p_id": int(order_no(sale.doc)),
        "s_id": int(lines[0].get("sku_order_id", 0)),
        "aftersale_id": int(sale.order_no),
        "shop_id": shop_id,
        "aftersale_status": status,
        "aftersale_type": it.get("after_sale_type", 0),
        "reason_code": it.get("reason_code", 0),
        "refund_amount": it.get("refund_total_amount", 0),
        "update_time": sale.changed_at_ms // 1000,
    }
    return Message(tag, f"{sale.order_no}-{sale.change_no}-{tag}", msgspec.json.encode(data).decode())


def of_order(order: Order) -> Iterator[Doc]:
    """Details of what the order's lines tell of."""
    lines = order.doc.get("sku_order_list")
    for line in lines if isinstance(lines, list) else ():
        said = line.get("after_sale_info") if isinstance(line, dict) else None
        status = said.get("after_sale_status") if isinstance(said, dict) else None
        if isinstance(status, int) and status and isinstance(said, dict):
            yield _detail(order, line, said)


def _detail(order: Order, line: Doc, said: Doc) -> Doc:
    pieces, paid = line.get("item_num"), line.get("pay_amount", line.get("origin_amount"))
    of = {
        "sku_order_id": line.get("order_id"),
        "shop_sku_code": line.get("code"),
        "item_quantity": pieces,
        "after_sale_item_count": pieces,
        "pay_amount": paid,
    }
    it = {
        "after_sale_id": line.get("order_id"),
        "after_sale_type": said.get("after_sale_type"),
        "after_sale_status": said.get("after_sale_status"),
        "refund_status": said.get("refund_status"),
        "refund_total_amount": paid,
        "reason": "",
        "reason_code": 0,
    }
    return {
        "order_info": {"shop_order_id": order.order_no, "sku_order_infos": [of]},
        "process_info": {"after_sale_info": it},
    }
