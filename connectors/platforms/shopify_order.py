"""A Shopify order of the GraphQL API in the form of the webhooks, the one that is read downstream: the same order is the same either way.

Sources: the platform's references of both. Times are the same instants; a status is lower case there and upper case here. The customer
is not asked for: that takes a permission of its own, and an order has a phone itself. What was sent of a line is what is not left of it.
"""

from __future__ import annotations

from typing import Any

import msgspec

#: Lines of a page: each costs five points (the line, its price, the amount, who sends it, its plan), and a query may cost 1,000.
LINES = 100
#: Ways to send an order that the buyer chose.
METHODS = 5
#: Refunds of an order, and lines of each.
REFUNDS, REFUND_LINES = 10, 40

ORDER = f"""
query Order($id: ID!, $after: String) {{
  order(id: $id) {{
    id name note tags test createdAt updatedAt processedAt cancelledAt cancelReason currencyCode
    displayFinancialStatus displayFulfillmentStatus
    presentmentCurrencyCode paymentGatewayNames sourceName phone
    totalPriceSet {{ shopMoney {{ amount }} }}
    totalOutstandingSet {{ shopMoney {{ amount }} }}
    shippingAddress {{ name firstName lastName company phone countryCodeV2 province city address1 address2 zip }}
    billingAddress {{ name phone }}
    shippingLines(first: {METHODS}) {{ nodes {{ code title deliveryCategory }} }}
    refunds(first: {REFUNDS}) {{ id }}
    lineItems(first: {LINES}, after: $after) {{
      nodes {{
        id sku title variantTitle quantity currentQuantity unfulfilledQuantity requiresShipping isGiftCard
        fulfillmentService {{ handle }}
        sellingPlan {{ name }}
        originalUnitPriceSet {{ shopMoney {{ amount }} }}
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}"""

REFUNDS_OF = f"""
query Refunds($id: ID!) {{
  order(id: $id) {{
    refunds(first: {REFUNDS}) {{
      id createdAt
      refundLineItems(first: {REFUND_LINES}) {{
        nodes {{ quantity restockType lineItem {{ id }} }}
        pageInfo {{ hasNextPage }}
      }}
    }}
  }}
}}"""

CHANGED = """
query Changed($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { id updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}"""

#: Names of an address that the webhooks write otherwise.
_NAMES = {"countryCodeV2": "country_code", "firstName": "first_name", "lastName": "last_name"}
_FULFILLMENT = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "RESTOCKED": "restocked"}


class PageInfo(msgspec.Struct):
    """Whether there is more, and where it goes on."""

    hasNextPage: bool
    endCursor: str | None = None


class Money(msgspec.Struct):
    """An amount in the shop's currency, as it was written."""

    amount: str


class MoneyBag(msgspec.Struct):
    """An amount in several currencies."""

    shopMoney: Money


class Service(msgspec.Struct):
    """Who sends a line."""

    handle: str


class Plan(msgspec.Struct):
    """What a line was sold by."""

    name: str


class Method(msgspec.Struct):
    """A way to send an order, or to have it fetched."""

    code: str | None = None
    title: str | None = None
    deliveryCategory: str | None = None


class Methods(msgspec.Struct):
    """Those of an order."""

    nodes: list[Method]


class Line(msgspec.Struct):
    """A line item."""

    id: str
    quantity: int
    currentQuantity: int
    requiresShipping: bool
    originalUnitPriceSet: MoneyBag
    unfulfilledQuantity: int = 0
    fulfillmentService: Service | None = None
    sellingPlan: Plan | None = None
    isGiftCard: bool = False
    sku: str | None = None
    title: str | None = None
    variantTitle: str | None = None


class Lines(msgspec.Struct):
    """A page of them."""

    nodes: list[Line]
    pageInfo: PageInfo


class Id(msgspec.Struct):
    """Something of which only the id is asked for."""

    id: str


class RefundLine(msgspec.Struct):
    """Pieces of a line that were refunded."""

    quantity: int
    restockType: str
    lineItem: Id


class RefundLines(msgspec.Struct):
    """A page of them."""

    nodes: list[RefundLine]
    pageInfo: PageInfo


class Refund(msgspec.Struct):
    """A refund."""

    id: str
    createdAt: str | None
    refundLineItems: RefundLines


class Order(msgspec.Struct):
    """An order; its first page of lines."""

    id: str
    name: str
    createdAt: str
    updatedAt: str
    currencyCode: str
    displayFinancialStatus: str | None
    displayFulfillmentStatus: str
    totalPriceSet: MoneyBag
    lineItems: Lines
    refunds: list[Id]
    presentmentCurrencyCode: str
    paymentGatewayNames: list[str]
    totalOutstandingSet: MoneyBag
    shippingLines: Methods
    sourceName: str | None = None
    phone: str | None = None
    test: bool = False
    tags: list[str] = []
    note: str | None = None
    processedAt: str | None = None
    cancelledAt: str | None = None
    cancelReason: str | None = None
    shippingAddress: dict[str, Any] | None = None
    billingAddress: dict[str, Any] | None = None


def number(gid: str) -> int:
    """A global id's number. Raises ValueError when it has none."""
    return int(gid.rpartition("/")[2].partition("?")[0])


def webhook(order: Order, lines: list[Line], refunds: list[Refund]) -> dict[str, Any]:
    """The order as its webhook shows it. Raises ValueError for an id without a number."""
    return {
        "id": number(order.id),
        "admin_graphql_api_id": order.id,
        "name": order.name,
        "created_at": order.createdAt,
        "updated_at": order.updatedAt,
        "processed_at": order.processedAt,
        "cancelled_at": order.cancelledAt,
        "cancel_reason": order.cancelReason.lower() if order.cancelReason else None,
        "test": order.test,
        "currency": order.currencyCode,
        "presentment_currency": order.presentmentCurrencyCode,
        "total_price": order.totalPriceSet.shopMoney.amount,
        "total_outstanding": order.totalOutstandingSet.shopMoney.amount,
        "payment_gateway_names": order.paymentGatewayNames,
        "source_name": order.sourceName,
        "phone": order.phone,
        "financial_status": order.displayFinancialStatus.lower() if order.displayFinancialStatus else None,
        "fulfillment_status": _FULFILLMENT.get(order.displayFulfillmentStatus),
        "note": order.note,
        "tags": ", ".join(order.tags),
        "line_items": [_line(line) for line in lines],
        "shipping_address": _address(order.shippingAddress),
        "billing_address": _address(order.billingAddress),
        "shipping_lines": [_method(method) for method in order.shippingLines.nodes],
        "refunds": [_refund(refund) for refund in refunds],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": number(line.id),
        "sku": line.sku,
        "title": line.title,
        "variant_title": line.variantTitle,
        "quantity": line.quantity,
        "current_quantity": line.currentQuantity,
        "fulfillable_quantity": line.unfulfilledQuantity,
        "price": line.originalUnitPriceSet.shopMoney.amount,
        "requires_shipping": line.requiresShipping,
        "gift_card": line.isGiftCard,
        "fulfillment_service": line.fulfillmentService.handle if line.fulfillmentService else None,
        "selling_plan": {"name": line.sellingPlan.name} if line.sellingPlan else None,
    }


def _method(method: Method) -> dict[str, Any]:
    return {"code": method.code, "title": method.title, "delivery_category": method.deliveryCategory}


def _address(address: dict[str, Any] | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {_NAMES.get(name, name): value for name, value in address.items()}


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "id": number(refund.id),
        "created_at": refund.createdAt,
        "refund_line_items": [
            {
                "line_item_id": number(item.lineItem.id),
                "quantity": item.quantity,
                "restock_type": item.restockType.lower(),
            }
            for item in refund.refundLineItems.nodes
        ],
    }
