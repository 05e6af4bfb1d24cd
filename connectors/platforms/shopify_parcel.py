"""What of a Shopify order a parcel ships: which lines of which fulfillment orders.

A fulfillment order is what one location is to send. One call tells a parcel of one location, so a parcel with goods of two needs two
calls with the same number. What a number has shipped already is left out, so a parcel told in part is completed when it is told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.endings import Held

from .base import Parcel
from .rules import Ambiguous
from .shopify_order import Id, PageInfo, number

#: Fulfillment orders of a page, and lines of each: twice their product, and some, is what a page costs; a query may cost 1,000.
ORDERS, LINES = 8, 40
FULFILLMENTS = 20

_LINES = "nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor }"

STANDING = f"""
query Standing($id: ID!) {{
  order(id: $id) {{
    id cancelledAt displayFulfillmentStatus
    fulfillments(first: {FULFILLMENTS}) {{ id status totalQuantity trackingInfo(first: 5) {{ number }} }}
  }}
}}"""

OPEN = f"""
query Open($id: ID!, $after: String) {{
  order(id: $id) {{
    fulfillmentOrders(first: {ORDERS}, after: $after) {{
      nodes {{
        id status requestStatus fulfillAt fulfillmentHolds {{ reason }}
        supportedActions {{ action }} assignedLocation {{ location {{ id }} }}
        lineItems(first: {LINES}) {{ {_LINES} }}
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}"""

MORE_LINES = f"""
query Lines($id: ID!, $after: String) {{
  fulfillmentOrder(id: $id) {{ lineItems(first: 250, after: $after) {{ {_LINES} }} }}
}}"""

SHIPPED_LINES = f"""
query Shipped($id: ID!) {{
  order(id: $id) {{
    fulfillments(first: {FULFILLMENTS}) {{
      status trackingInfo(first: 5) {{ number }}
      fulfillmentLineItems(first: 20) {{ nodes {{ quantity lineItem {{ id }} }} pageInfo {{ hasNextPage }} }}
    }}
  }}
}}"""

CREATE = """
mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}"""

#: A fulfillment in these states ships nothing.
VOID = frozenset(("CANCELLED", "ERROR", "FAILURE"))
#: Nothing more is sent of a fulfillment order in these.
ENDED = frozenset(("CLOSED", "CANCELLED"))
#: There is something to send, but not yet.
WAITING = frozenset(("ON_HOLD", "SCHEDULED"))
#: The merchant wants it back; whoever sends it has not said yes or no.
CANCELLING = frozenset(("CANCELLATION_REQUESTED",))


class Action(msgspec.Struct):
    """What may be done with a fulfillment order."""

    action: str


class Hold(msgspec.Struct):
    """Why it must wait."""

    reason: str


class Location(msgspec.Struct):
    """Who sends it."""

    location: Id | None = None


class OpenLine(msgspec.Struct):
    """A line of a fulfillment order."""

    id: str
    remainingQuantity: int
    lineItem: Id


class OpenLines(msgspec.Struct):
    """A page of them."""

    nodes: list[OpenLine]
    pageInfo: PageInfo


class FulfillmentOrder(msgspec.Struct):
    """What one location is to send."""

    id: str
    status: str
    supportedActions: list[Action]
    assignedLocation: Location
    lineItems: OpenLines
    requestStatus: str = ""
    fulfillAt: str | None = None
    fulfillmentHolds: list[Hold] = []

    @property
    def shippable(self) -> bool:
        """Whether it can be shipped now."""
        return not self.held and any(one.action == "CREATE_FULFILLMENT" for one in self.supportedActions)

    @property
    def held(self) -> str:
        """Why it can't be shipped now but may be later; empty: nothing holds it."""
        if self.requestStatus in CANCELLING:
            return self.requestStatus
        if self.status not in WAITING:
            return ""
        until = [f"until {self.fulfillAt}"] if self.status == "SCHEDULED" and self.fulfillAt else []
        return " ".join([self.status, *until, *(hold.reason for hold in self.fulfillmentHolds)])


#: Of a location: fulfillment orders and their lines, as fulfillmentCreate takes them.
Call = list[dict[str, Any]]


def calls(parcel: Parcel, orders: Sequence[FulfillmentOrder], told: Mapping[str, int]) -> list[Call]:
    """The calls that ship what ``told`` (pieces by line, under this number) leaves of a parcel.

    Raises Held when a part of it must wait, Ambiguous when less is left than it has.
    """
    whole = parcel.whole_order and not told
    if whole and parcel.parcel_no == 1:
        wanted = _all_open(orders)
    else:
        wanted = {}
        for line in parcel.lines:
            wanted[line["line_no"]] = wanted.get(line["line_no"], 0) + line["quantity"]
        wanted = {line_no: pieces - told.get(line_no, 0) for line_no, pieces in wanted.items()}
    by_location: dict[str, Call] = {}
    for order in orders:
        if order.shippable:
            lines = _taken(order, wanted, all_of_it=whole)
            if lines:
                location = order.assignedLocation.location
                call = by_location.setdefault(location.id if location else "", [])
                call.append({"fulfillmentOrderId": order.id, "fulfillmentOrderLineItems": lines})
    left = {line_no: pieces for line_no, pieces in wanted.items() if pieces > 0}
    if left or not by_location:
        _refuse(orders, left)
    return list(by_location.values())


def _all_open(orders: Sequence[FulfillmentOrder]) -> dict[str, int]:
    """Pieces by line that are to be sent, now or later."""
    wanted: dict[str, int] = {}
    for order in orders:
        if order.status not in ENDED:
            for line in order.lineItems.nodes:
                line_no = str(number(line.lineItem.id))
                wanted[line_no] = wanted.get(line_no, 0) + line.remainingQuantity
    return wanted


def _taken(order: FulfillmentOrder, wanted: dict[str, int], *, all_of_it: bool) -> list[dict[str, Any]]:
    """Lines of this fulfillment order for what is wanted, which becomes less by it."""
    lines = []
    for line in order.lineItems.nodes:
        line_no = str(number(line.lineItem.id))
        pieces = line.remainingQuantity if all_of_it else min(line.remainingQuantity, wanted.get(line_no, 0))
        if pieces > 0:
            wanted[line_no] = wanted.get(line_no, 0) - pieces
            lines.append({"id": line.id, "quantity": pieces})
    return lines


def _refuse(orders: Sequence[FulfillmentOrder], left: Mapping[str, int]) -> None:
    """Raises: some of the parcel isn't there to be shipped."""
    for order in orders:
        waits = any(
            line.remainingQuantity and (not left or str(number(line.lineItem.id)) in left)
            for line in order.lineItems.nodes
        )
        if waits and order.held:
            raise Held(f"shopify: a fulfillment order of it is {order.held}", order.held.partition(" ")[0])
    reason = f"shopify: no open fulfillment order has what is left of it ({len(left)} lines)"
    raise Ambiguous("ORDER_FORBIDS", reason, "NOTHING_OPEN")
