"""A Shopify order, whose document is that of its webhooks, as GraphQL shows it: objects are mappings, lists with arguments functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.simulators import shopify_shipping as shipping
from connectors.simulators.orders import Order
from connectors.simulators.shopify_paging import View, connection, gid, in_place, utc

Document = dict[str, Any]
Resolver = Callable[[Any], View]

LOCATION = 90_000_000_001
_ADDRESS = ("name", "company", "phone", "province", "province_code", "city", "address1", "address2", "zip")
_FULFILLED = {"fulfilled": "FULFILLED", "partial": "PARTIALLY_FULFILLED"}


def order_view(order: Order) -> View:
    """An ``Order``. Its parts are made when they are asked for: most queries ask for few."""
    doc = order.doc

    def price(key: str, default: str | None = "0.00") -> Resolver:
        return lambda _info: money(doc.get(key) or default or doc["total_price"], doc["currency"])

    return {
        "id": gid("Order", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "name": doc.get("name"),
        "email": doc.get("email"),
        "note": doc.get("note"),
        "tags": [tag.strip() for tag in (doc.get("tags") or "").split(",") if tag.strip()],
        "test": doc.get("test", False),
        "updatedAt": utc(order.changed_at_ms),
        **{
            name: lambda _info, key=key: utc(doc.get(key))
            for name, key in (
                ("createdAt", "created_at"),
                ("processedAt", "processed_at"),
                ("cancelledAt", "cancelled_at"),
                ("closedAt", "closed_at"),
            )
        },
        "cancelReason": (doc.get("cancel_reason") or "").upper() or None,
        "currencyCode": doc.get("currency"),
        "displayFinancialStatus": (doc.get("financial_status") or "").upper() or None,
        "displayFulfillmentStatus": _FULFILLED.get(str(doc.get("fulfillment_status")), "UNFULFILLED"),
        "totalPriceSet": price("total_price", None),
        "subtotalPriceSet": price("subtotal_price", None),
        "totalDiscountsSet": price("total_discounts"),
        "totalShippingPriceSet": lambda _info: money(_postage(doc), doc["currency"]),
        "totalOutstandingSet": lambda _info: money(_outstanding(doc), doc["currency"]),
        "presentmentCurrencyCode": doc.get("presentment_currency") or doc.get("currency"),
        "paymentGatewayNames": doc.get("payment_gateway_names") or [],
        "sourceName": doc.get("source_name"),
        "phone": doc.get("phone"),
        "shippingAddress": lambda _info: _address(doc.get("shipping_address")),
        "billingAddress": lambda _info: _address(doc.get("billing_address")),
        "shippingLines": lambda _info, first=None, after=None: connection(
            in_place(doc.get("shipping_lines") or []), _method_view, first, after
        ),
        "lineItems": lambda _info, first=None, after=None: connection(
            in_place(doc["line_items"]), lambda line: line_view(line, doc), first, after
        ),
        "fulfillments": lambda _info, first=None: [fulfillment_view(f, doc) for f in doc.get("fulfillments", ())][
            :first
        ],
        "refunds": lambda _info, first=None: [_refund(r, doc) for r in doc.get("refunds", ())][:first],
        "fulfillmentOrders": lambda _info, first=None, after=None: connection(
            in_place([order] if shipping.shippable_lines(doc) else []), fulfillment_order_view, first, after
        ),
    }


def money(amount: str, currency: str) -> View:
    """A ``MoneyBag``: shop and buyer pay in one currency here."""
    both = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": both, "presentmentMoney": both}


def _postage(order: Document) -> str:
    explicit = (order.get("total_shipping_price_set") or {}).get("shop_money")
    return explicit["amount"] if explicit else "0.00"


def _outstanding(order: Document) -> str:
    """What is not paid yet."""
    explicit = order.get("total_outstanding")
    return explicit or ("0.00" if order.get("financial_status") != "pending" else order["total_price"])


def _method_view(method: Document) -> View:
    """A ``ShippingLine``."""
    named = method.get("title") or method.get("code") or ""
    return {"code": method.get("code"), "title": named, "deliveryCategory": method.get("delivery_category")}


def _address(address: Document | None) -> View | None:
    if address is None:
        return None
    view = {key: address.get(key) for key in _ADDRESS}
    return {
        **view,
        "firstName": address.get("first_name"),
        "lastName": address.get("last_name"),
        "provinceCode": address.get("province_code"),
        "countryCodeV2": address.get("country_code"),
    }


def line_view(line: Document, order: Document) -> View:
    """A ``LineItem``."""
    currency = order["currency"]
    returned = sum(
        item["quantity"]
        for refund in order.get("refunds", ())
        for item in refund.get("refund_line_items", ())
        if item["line_item_id"] == line["id"]
    )
    price = money(line["price"], currency)
    product, variant = line.get("product_id"), line.get("variant_id")
    service, plan = line.get("fulfillment_service"), line.get("selling_plan")
    return {
        "id": gid("LineItem", line["id"]),
        "sku": line.get("sku"),
        "name": line["title"],
        "title": line["title"],
        "variantTitle": line.get("variant_title"),
        "quantity": line["quantity"],
        "currentQuantity": line.get("current_quantity", line["quantity"] - returned),
        "unfulfilledQuantity": shipping.left(order, line),
        "requiresShipping": line.get("requires_shipping", True),
        "isGiftCard": line.get("gift_card", False),
        "fulfillmentService": {"handle": service} if service else None,
        "sellingPlan": {"name": plan["name"]} if plan else None,
        "originalUnitPriceSet": price,
        "discountedUnitPriceSet": price,
        "totalDiscountSet": money(line.get("total_discount", "0.00"), currency),
        "product": None if product is None else {"id": gid("Product", product), "legacyResourceId": str(product)},
        "variant": None
        if variant is None
        else {"id": gid("ProductVariant", variant), "legacyResourceId": str(variant), "sku": line.get("sku")},
    }


def _refund(refund: Document, order: Document) -> View:
    lines = {line["id"]: line for line in order["line_items"]}
    items = [
        {
            "lineItem": line_view(lines[item["line_item_id"]], order),
            "quantity": item["quantity"],
            "restockType": item["restock_type"],
        }
        for item in refund.get("refund_line_items", ())
    ]
    return {
        "id": gid("Refund", refund["id"]),
        "legacyResourceId": str(refund["id"]),
        "createdAt": utc(refund["created_at"]),
        "refundLineItems": lambda _info, first=None, after=None: connection(
            in_place(items), lambda item: item, first, after
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
            in_place(fulfillment["line_items"]),
            lambda item: {
                "id": gid("FulfillmentLineItem", f"{fulfillment['id']}{item['id'] % 10**9:09d}"),
                "lineItem": line_view(lines[item["id"]], order),
                "quantity": item["quantity"],
            },
            first,
            after,
        ),
    }


def fulfillment_order_view(order: Order) -> View:
    """A ``FulfillmentOrder``: the order's one."""
    doc = order.doc
    reason = shipping.hold_reason(doc)
    state = shipping.status(doc)
    lines = shipping.shippable_lines(doc)
    actions = ["CREATE_FULFILLMENT"] if shipping.can_ship(doc) else []
    actions += ["RELEASE_HOLD"] if state == "ON_HOLD" else ["HOLD"] if state == "OPEN" else []
    return {
        "id": gid("FulfillmentOrder", shipping.fulfillment_order_id(doc)),
        "orderId": gid("Order", doc["id"]),
        "status": state,
        "createdAt": utc(doc["created_at"]),
        "updatedAt": utc(order.changed_at_ms),
        "fulfillBy": None,
        "fulfillAt": utc(shipping.own(doc, "fulfill_at")),
        "requestStatus": shipping.own(doc, "request_status") or "UNSUBMITTED",
        "supportedActions": [{"action": action} for action in actions],
        "fulfillmentHolds": [{"reason": reason, "reasonNotes": None}] if reason and state == "ON_HOLD" else [],
        "assignedLocation": {"name": "Main", "location": {"id": gid("Location", LOCATION), "name": "Main"}},
        "lineItems": lambda _info, first=None, after=None: connection(
            in_place(lines), lambda line: _fulfillment_line(doc, line), first, after
        ),
    }


def _fulfillment_line(order: Document, line: Document) -> View:
    return {
        "id": gid("FulfillmentOrderLineItem", shipping.line_id(line)),
        "sku": line.get("sku"),
        "lineItem": line_view(line, order),
        "remainingQuantity": shipping.left(order, line),
        "totalQuantity": line["quantity"],
    }
