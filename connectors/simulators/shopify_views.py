"""A Shopify order, whose document is that of its webhooks, as GraphQL shows it: objects are mappings, lists with arguments functions."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from connectors.simulators import shopify_shipping as shipping

Document = dict[str, Any]
View = dict[str, Any]

PAGE_MAX = 250
LOCATION = 90_000_000_001
_ADDRESS = ("name", "phone", "province", "province_code", "city", "address1", "address2", "zip")


def gid(kind: str, number: int | str) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def number(kind: str, text: str) -> int:
    """A global id's number. Raises GraphQLError when it is none of this kind."""
    prefix = f"gid://shopify/{kind}/"
    tail = text.removeprefix(prefix).partition("?")[0]
    if not text.startswith(prefix) or not tail.isdecimal():
        raise GraphQLError(f"Invalid global id '{text}'")
    return int(tail)


def utc(text: str | None) -> str | None:
    """The platform writes an order's times with the shop's offset in webhooks, in UTC here."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def connection(
    rows: Sequence[tuple[Sequence[Any], Any]], view: Callable[[Any], View], first: int | None, after: str | None
) -> View:
    """A page of ``rows``, each with the key that it is sorted by: a cursor is a key, so rows that move while paging shift no other."""
    if first is None:
        raise GraphQLError("you must provide one of first or last")
    if not 0 <= first <= PAGE_MAX:
        raise GraphQLError(f"first must be between 0 and {PAGE_MAX}")
    start = 0
    if after is not None:
        mark = _key(after)
        start = next((at for at, (key, _) in enumerate(rows) if list(key) > mark), len(rows))
    page = rows[start : start + first]
    cursors = [_cursor(key) for key, _ in page]
    nodes = [view(item) for _, item in page]
    return {
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "nodes": nodes,
        "pageInfo": {
            "hasNextPage": start + len(page) < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _cursor(key: Sequence[Any]) -> str:
    return base64.b64encode(json.dumps(list(key)).encode()).decode()


def _key(cursor: str) -> list[Any]:
    try:
        key = json.loads(base64.b64decode(cursor, validate=True))
        if isinstance(key, list):
            return key
    except (binascii.Error, ValueError):
        pass
    raise GraphQLError("Invalid cursor for current pagination sort.")


def order_view(order: Document) -> View:
    """An ``Order``."""
    currency = order["currency"]
    lines = {line["id"]: line_view(line, currency, order) for line in order["line_items"]}
    address = order.get("shipping_address")
    financial, fulfilled = order["financial_status"], order["fulfillment_status"]
    return {
        "id": gid("Order", order["id"]),
        "legacyResourceId": str(order["id"]),
        "name": order["name"],
        "email": order.get("email"),
        "note": order.get("note"),
        "tags": [tag.strip() for tag in (order.get("tags") or "").split(",") if tag.strip()],
        "test": order.get("test", False),
        **{
            name: utc(order.get(key))
            for name, key in (
                ("createdAt", "created_at"),
                ("updatedAt", "updated_at"),
                ("processedAt", "processed_at"),
                ("cancelledAt", "cancelled_at"),
                ("closedAt", "closed_at"),
            )
        },
        "cancelReason": (order.get("cancel_reason") or "").upper() or None,
        "currencyCode": currency,
        "displayFinancialStatus": financial.upper() if financial else None,
        "displayFulfillmentStatus": {"fulfilled": "FULFILLED", "partial": "PARTIALLY_FULFILLED"}.get(
            fulfilled, "UNFULFILLED"
        ),
        "totalPriceSet": money(order["total_price"], currency),
        "subtotalPriceSet": money(order.get("subtotal_price") or order["total_price"], currency),
        "totalDiscountsSet": money(order.get("total_discounts", "0.00"), currency),
        "totalShippingPriceSet": money(_postage(order), currency),
        "shippingAddress": None if address is None else _address(address),
        "lineItems": lambda _info, first=None, after=None: connection(
            list(enumerated(lines.values())), lambda line: line, first, after
        ),
        "fulfillments": lambda _info, first=None: [fulfillment_view(f, order) for f in order.get("fulfillments", ())][
            :first
        ],
        "refunds": lambda _info, first=None: [_refund(r, lines) for r in order.get("refunds", ())][:first],
        "fulfillmentOrders": lambda _info, first=None, after=None: connection(
            list(enumerated([order] if shipping.shippable_lines(order) else [])), fulfillment_order_view, first, after
        ),
    }


def enumerated(items: Any) -> Any:
    """Rows of a list that does not move: keyed by their place."""
    return (((place,), item) for place, item in enumerate(items))


def money(amount: str, currency: str) -> View:
    """A ``MoneyBag``: shop and buyer pay in one currency here."""
    both = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": both, "presentmentMoney": both}


def _postage(order: Document) -> str:
    explicit = (order.get("total_shipping_price_set") or {}).get("shop_money")
    return explicit["amount"] if explicit else "0.00"


def _address(address: Document) -> View:
    view = {key: address.get(key) for key in _ADDRESS}
    return {**view, "provinceCode": address.get("province_code"), "countryCodeV2": address.get("country_code")}


def line_view(line: Document, currency: str, order: Document) -> View:
    """A ``LineItem``."""
    returned = sum(
        item["quantity"]
        for refund in order.get("refunds", ())
        for item in refund.get("refund_line_items", ())
        if item["line_item_id"] == line["id"]
    )
    price = money(line["price"], currency)
    product, variant = line.get("product_id"), line.get("variant_id")
    return {
        "id": gid("LineItem", line["id"]),
        "sku": line.get("sku"),
        "name": line["title"],
        "title": line["title"],
        "variantTitle": line.get("variant_title"),
        "quantity": line["quantity"],
        "currentQuantity": line["quantity"] - returned,
        "unfulfilledQuantity": shipping.left(order, line),
        "requiresShipping": line.get("requires_shipping", True),
        "isGiftCard": line.get("gift_card", False),
        "originalUnitPriceSet": price,
        "discountedUnitPriceSet": price,
        "totalDiscountSet": money(line.get("total_discount", "0.00"), currency),
        "product": None if product is None else {"id": gid("Product", product), "legacyResourceId": str(product)},
        "variant": None
        if variant is None
        else {"id": gid("ProductVariant", variant), "legacyResourceId": str(variant), "sku": line.get("sku")},
    }


def _refund(refund: Document, lines: dict[int, View]) -> View:
    items = [
        {"lineItem": lines[item["line_item_id"]], "quantity": item["quantity"], "restockType": item["restock_type"]}
        for item in refund.get("refund_line_items", ())
    ]
    return {
        "id": gid("Refund", refund["id"]),
        "legacyResourceId": str(refund["id"]),
        "createdAt": utc(refund["created_at"]),
        "refundLineItems": lambda _info, first=None, after=None: connection(
            list(enumerated(items)), lambda item: item, first, after
        ),
    }


def fulfillment_view(fulfillment: Document, order: Document) -> View:
    """A ``Fulfillment`` of this order."""
    lines = {line["id"]: line for line in order["line_items"]}
    urls = fulfillment["tracking_urls"]
    tracking = [
        {"company": fulfillment["tracking_company"], "number": tracking_no, "url": url}
        for tracking_no, url in zip(
            fulfillment["tracking_numbers"], [*urls, *[None] * len(fulfillment["tracking_numbers"])], strict=False
        )
    ]
    return {
        "id": gid("Fulfillment", fulfillment["id"]),
        "legacyResourceId": str(fulfillment["id"]),
        "name": fulfillment["name"],
        "status": fulfillment["status"].upper(),
        "createdAt": utc(fulfillment["created_at"]),
        "totalQuantity": sum(line["quantity"] for line in fulfillment["line_items"]),
        "trackingInfo": lambda _info, first=None: tracking[:first],
        "fulfillmentLineItems": lambda _info, first=None, after=None: connection(
            list(enumerated(fulfillment["line_items"])),
            lambda item: {
                "id": gid("FulfillmentLineItem", f"{fulfillment['id']}{item['id'] % 10**9:09d}"),
                "lineItem": line_view(lines[item["id"]], order["currency"], order),
                "quantity": item["quantity"],
            },
            first,
            after,
        ),
    }


def fulfillment_order_view(order: Document) -> View:
    """A ``FulfillmentOrder``: the order's one."""
    reason = shipping.hold_reason(order)
    state = shipping.status(order)
    lines = shipping.shippable_lines(order)
    actions = ["CREATE_FULFILLMENT"] if shipping.can_ship(order) else []
    actions += ["RELEASE_HOLD"] if state == "ON_HOLD" else ["HOLD"] if state == "OPEN" else []
    return {
        "id": gid("FulfillmentOrder", shipping.fulfillment_order_id(order)),
        "orderId": gid("Order", order["id"]),
        "status": state,
        "createdAt": utc(order["created_at"]),
        "updatedAt": utc(order["updated_at"]),
        "fulfillBy": None,
        "supportedActions": [{"action": action} for action in actions],
        "fulfillmentHolds": [{"reason": reason, "reasonNotes": None}] if reason and state == "ON_HOLD" else [],
        "assignedLocation": {"name": "Main", "location": {"id": gid("Location", LOCATION), "name": "Main"}},
        "lineItems": lambda _info, first=None, after=None: connection(
            list(enumerated(lines)), lambda line: _fulfillment_line(order, line), first, after
        ),
    }


def _fulfillment_line(order: Document, line: Document) -> View:
    return {
        "id": gid("FulfillmentOrderLineItem", shipping.line_id(line)),
        "sku": line.get("sku"),
        "lineItem": line_view(line, order["currency"], order),
        "remainingQuantity": shipping.left(order, line),
        "totalQuantity": line["quantity"],
    }
