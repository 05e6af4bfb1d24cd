"""Shopify's refunds and returns: a refund's document is that of its webhook, a return's that of GraphQL.

A refund stands in its order's document too. Neither has a time of change of its own: the order's moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.simulators.orders import Doc, Order
from connectors.simulators.shopify_paging import View, connection, gid, in_place, utc
from connectors.simulators.shopify_views import line_view, money

_TOPICS = {
    "REQUESTED": "returns/request",
    "OPEN": "returns/approve",
    "DECLINED": "returns/decline",
    "CANCELED": "returns/cancel",
    "CLOSED": "returns/close",
}


def is_return(doc: Doc) -> bool:
    """Whether it is a return, not a refund."""
    return "returnLineItems" in doc


def id_of(doc: Doc) -> str:
    """``Refund/1`` or ``Return/1``. Raises KeyError."""
    return f"{'Return' if is_return(doc) else 'Refund'}/{_tail(doc['id'])}"


def order_no(doc: Doc) -> str:
    """The order it is about. Raises KeyError, TypeError."""
    return _tail(doc["order"]["id"]) if is_return(doc) else str(doc["order_id"])


def of_order(order: Order) -> Iterator[Doc]:
    """The refunds that the order's document has."""
    refunds = order.doc.get("refunds")
    for refund in refunds if isinstance(refunds, list) else ():
        if isinstance(refund, dict) and "id" in refund:
            yield {"transactions": [], **refund, "order_id": int(order.order_no)}


def push(sale: Order) -> tuple[str, dict[str, Any]]:
    """Topic and body of the webhook of its last change: of a return they show little but its state."""
    doc = sale.doc
    if not is_return(doc):
        return "refunds/create", doc
    number, of = _tail(doc["id"]), order_no(doc)
    body = {
        "id": int(number),
        "admin_graphql_api_id": gid("Return", number),
        "order": {"id": int(of), "admin_graphql_api_id": gid("Order", of)},
        "status": str(doc["status"]).lower(),
    }
    return _TOPICS[str(doc["status"])], body


def refund_view(doc: Doc, order: View, lines: Doc) -> View:
    """A ``Refund``. ``lines``: the order's document."""
    by_id = {line["id"]: line for line in lines["line_items"]}
    items = [
        {
            "lineItem": line_view(by_id[item["line_item_id"]], lines),
            "quantity": item["quantity"],
            "restockType": item.get("restock_type", "no_restock"),
        }
        for item in doc.get("refund_line_items", ())
    ]
    paid = [
        {
            "id": gid("OrderTransaction", it.get("id", place)),
            "kind": str(it["kind"]).upper(),
            "status": str(it["status"]).upper(),
            "amountSet": money(it["amount"], it["currency"]),
        }
        for place, it in enumerate(doc.get("transactions", ()), start=1)
    ]
    return {
        "id": gid("Refund", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "createdAt": utc(doc["created_at"]),
        "note": doc.get("note"),
        "order": order,
        "refundLineItems": _paged(items),
        "transactions": _paged(paid),
    }


def return_view(doc: Doc, order: View, lines: Doc) -> View:
    """A ``Return``."""
    by_id = {str(line["id"]): line for line in lines["line_items"]}

    def item(place: int, of: Doc) -> View:
        line = of["fulfillmentLineItem"]["lineItem"]
        known = by_id[_tail(line["id"])]
        definition = of.get("returnReasonDefinition")
        return {
            "__typename": "ReturnLineItem",
            "id": gid("ReturnLineItem", f"{_tail(doc['id'])}{place}"),
            "quantity": of["quantity"],
            "returnReason": of.get("returnReason", "OTHER"),
            "returnReasonNote": of.get("returnReasonNote", ""),
            "customerNote": of.get("customerNote"),
            "returnReasonDefinition": definition and {"id": gid("ReturnReasonDefinition", 1), **definition},
            "fulfillmentLineItem": {
                "id": gid("FulfillmentLineItem", _tail(line["id"])),
                "lineItem": line_view(known, lines),
                "quantity": of["quantity"],
            },
        }

    nodes = doc["returnLineItems"]["nodes"]
    exchanged = doc.get("exchangeLineItems", {}).get("nodes", [])
    return {
        "id": gid("Return", _tail(doc["id"])),
        "name": f"R{_tail(doc['id'])}",
        "status": doc["status"],
        "createdAt": utc(doc["createdAt"]),
        "order": order,
        "returnLineItems": _paged([item(place, of) for place, of in enumerate(nodes, start=1)]),
        "exchangeLineItems": _paged(exchanged),
    }


def _paged(items: list[Any]) -> Any:
    return lambda _info, first=None, after=None: connection(in_place(items), lambda item: item, first, after)


def _tail(ident: object) -> str:
    """The number of a global id, or of a plain one."""
    return str(ident).rpartition("/")[2]
