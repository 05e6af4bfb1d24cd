"""Refunds and returns of Shopify's GraphQL API: a refund in the form of its webhook, a return as the API has it.

Sources: the platform's references of both. A return is read in one form alone, since its webhooks show less; it has no time of change, so
its order's goes with it. Ids of the two are counted apart: an after-sale is called by the end of its global id, ``Refund/1``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .shopify_order import Id, PageInfo, RefundLine, number

#: Orders of a page, and refunds and returns of each: what an order has of them at most.
ORDERS, EACH = 50, 10
LINES, TRANSACTIONS = 100, 20

REFUND = f"""
query Refund($id: ID!) {{
  refund(id: $id) {{
    id createdAt note
    order {{ id }}
    refundLineItems(first: {LINES}) {{
      nodes {{ quantity restockType lineItem {{ id sku }} }}
      pageInfo {{ hasNextPage }}
    }}
    transactions(first: {TRANSACTIONS}) {{
      nodes {{ kind status amountSet {{ shopMoney {{ amount currencyCode }} }} }}
    }}
  }}
}}"""

RETURN = f"""
query Return($id: ID!) {{
  return(id: $id) {{
    id status createdAt
    order {{ id updatedAt currencyCode }}
    returnLineItems(first: {LINES}) {{
      nodes {{
        quantity
        ... on ReturnLineItem {{
          returnReason returnReasonNote customerNote
          returnReasonDefinition {{ handle name }}
          fulfillmentLineItem {{ lineItem {{ id sku }} }}
        }}
      }}
      pageInfo {{ hasNextPage }}
    }}
    exchangeLineItems(first: 1) {{ nodes {{ id }} }}
  }}
}}"""

CHANGED = f"""
query Changed($first: Int!, $after: String, $query: String!) {{
  orders(first: $first, after: $after, sortKey: UPDATED_AT, query: $query) {{
    nodes {{
      id updatedAt
      refunds(first: {EACH}) {{ id }}
      returns(first: {EACH}) {{ nodes {{ id }} }}
    }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""


class _Line(Id):
    sku: str | None = None


class _RefundLine(RefundLine):
    lineItem: _Line


class _RefundLines(msgspec.Struct):
    nodes: list[_RefundLine]
    pageInfo: PageInfo


class _Money(msgspec.Struct):
    amount: str
    currencyCode: str


class _Amount(msgspec.Struct):
    shopMoney: _Money


class _Transaction(msgspec.Struct):
    kind: str
    status: str
    amountSet: _Amount


class _Transactions(msgspec.Struct):
    nodes: list[_Transaction]


class Refund(msgspec.Struct):
    """A refund, whole."""

    id: str
    createdAt: str
    order: Id
    refundLineItems: _RefundLines
    transactions: _Transactions
    note: str | None = None


class RefundAnswer(msgspec.Struct):
    """A refund, or no such."""

    refund: Refund | None


class _Dated(Id):
    updatedAt: str


class _Page(msgspec.Struct):
    pageInfo: PageInfo


class ReturnHead(msgspec.Struct):
    """Of a return what tells it from others."""

    id: str
    order: _Dated
    returnLineItems: _Page


class ReturnAnswer(msgspec.Struct):
    """A return, untouched, or no such."""

    # A keyword of Python's.
    found: msgspec.Raw = msgspec.field(name="return")


class _Returns(msgspec.Struct):
    nodes: list[Id]


class ChangedOrder(msgspec.Struct):
    """An order that changed, with its refunds and returns."""

    id: str
    updatedAt: str
    refunds: list[Id]
    returns: _Returns


class _ChangedOrders(msgspec.Struct):
    nodes: list[ChangedOrder]
    pageInfo: PageInfo


class ChangedAnswer(msgspec.Struct):
    """A page of them."""

    orders: _ChangedOrders


REFUNDS = msgspec.json.Decoder(RefundAnswer)
RETURNS = msgspec.json.Decoder(ReturnAnswer)
RETURN_HEAD = msgspec.json.Decoder(ReturnHead | None)
ORDERS_CHANGED = msgspec.json.Decoder(ChangedAnswer)


def gid(aftersale_id: str) -> str:
    """Its global id."""
    return f"gid://shopify/{aftersale_id}"


def called(global_id: str) -> str:
    """The way back: ``Return/1``. Raises ValueError: it has no number."""
    return f"{global_id.rpartition('/')[0].rpartition('/')[2]}/{number(global_id)}"


def webhook(refund: Refund) -> dict[str, Any]:
    """The refund as its webhook shows it. Raises ValueError for an id without a number."""
    return {
        "id": number(refund.id),
        "order_id": number(refund.order.id),
        "created_at": refund.createdAt,
        "note": refund.note,
        "refund_line_items": [
            {
                "line_item_id": number(item.lineItem.id),
                "quantity": item.quantity,
                "restock_type": item.restockType.lower(),
                "line_item": {"id": number(item.lineItem.id), "sku": item.lineItem.sku},
            }
            for item in refund.refundLineItems.nodes
        ],
        "transactions": [
            {
                "kind": it.kind.lower(),
                "status": it.status.lower(),
                "amount": it.amountSet.shopMoney.amount,
                "currency": it.amountSet.shopMoney.currencyCode,
            }
            for it in refund.transactions.nodes
        ],
    }
