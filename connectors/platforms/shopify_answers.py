"""Shopify's answers as their types have them: an answer that lacks a field, or has it of another kind, is no answer."""

from __future__ import annotations

import msgspec

from . import shopify_order as orders
from . import shopify_parcel as parcels


class Extensions(msgspec.Struct):
    """What an error carries beside its message."""

    code: str = ""


class Error(msgspec.Struct):
    """One of GraphQL's errors."""

    message: str = ""
    extensions: Extensions | None = None


class Throttle(msgspec.Struct):
    """The bucket of points that queries are paid from."""

    currentlyAvailable: float = 0
    restoreRate: float = 0


class Cost(msgspec.Struct):
    """What a query asked for."""

    requestedQueryCost: float = 0
    throttleStatus: Throttle = msgspec.field(default_factory=Throttle)


class Costs(msgspec.Struct):
    """``extensions`` of an answer."""

    cost: Cost = msgspec.field(default_factory=Cost)


class OrderAnswer(msgspec.Struct):
    """An order, or none."""

    order: orders.Order | None


class OrderRefundsList(msgspec.Struct):
    """Refunds of an order."""

    refunds: list[orders.Refund]


class RefundsAnswer(msgspec.Struct):
    """Refunds of an order, or no such order."""

    order: OrderRefundsList | None


class Row(msgspec.Struct):
    """An order of a pull."""

    id: str
    updatedAt: str


class Rows(msgspec.Struct):
    """A page of them."""

    nodes: list[Row]
    pageInfo: orders.PageInfo


class OrdersAnswer(msgspec.Struct):
    """A page of a pull."""

    orders: Rows


class Tracking(msgspec.Struct):
    """A parcel's number."""

    number: str | None = None


class ShippedLine(msgspec.Struct):
    """Pieces of a line in a fulfillment."""

    quantity: int
    lineItem: orders.Id


class ShippedLines(msgspec.Struct):
    """A page of them."""

    nodes: list[ShippedLine]


class Fulfillment(msgspec.Struct):
    """What was shipped in one call."""

    status: str
    trackingInfo: list[Tracking]
    totalQuantity: int = 0
    fulfillmentLineItems: ShippedLines | None = None


class Shipping(msgspec.Struct):
    """What is shipped of an order."""

    fulfillments: list[Fulfillment]
    displayFulfillmentStatus: str = ""
    cancelledAt: str | None = None


class ShippingAnswer(msgspec.Struct):
    """The same, or no such order."""

    order: Shipping | None


class FulfillmentOrders(msgspec.Struct):
    """A page of them."""

    nodes: list[parcels.FulfillmentOrder]
    pageInfo: orders.PageInfo


class OpenOrder(msgspec.Struct):
    """What is to be sent of an order."""

    fulfillmentOrders: FulfillmentOrders


class OpenAnswer(msgspec.Struct):
    """The same, or no such order."""

    order: OpenOrder | None


class MoreLines(msgspec.Struct):
    """A further page of a fulfillment order's lines."""

    lineItems: parcels.OpenLines


class MoreLinesAnswer(msgspec.Struct):
    """The same, or no such fulfillment order."""

    fulfillmentOrder: MoreLines | None


class UserError(msgspec.Struct):
    """A mutation's no."""

    message: str
    field: list[str] | None = None


class Created(msgspec.Struct):
    """What fulfillmentCreate gave."""

    fulfillment: orders.Id | None
    userErrors: list[UserError]


class CreateAnswer(msgspec.Struct):
    """The answer to it."""

    fulfillmentCreate: Created


ERRORS = msgspec.json.Decoder(list[Error])
COSTS = msgspec.json.Decoder(Costs)
ORDER = msgspec.json.Decoder(OrderAnswer)
REFUNDS = msgspec.json.Decoder(RefundsAnswer)
ORDERS = msgspec.json.Decoder(OrdersAnswer)
SHIPPING = msgspec.json.Decoder(ShippingAnswer)
OPEN = msgspec.json.Decoder(OpenAnswer)
MORE_LINES = msgspec.json.Decoder(MoreLinesAnswer)
CREATE = msgspec.json.Decoder(CreateAnswer)


def wait_s(extensions: msgspec.Raw | None) -> float | None:
    """Until the bucket has what the query asked for; None where it doesn't say."""
    if extensions is None:
        return None
    try:
        cost = COSTS.decode(extensions).cost
    except msgspec.MsgspecError:
        return None
    missing = cost.requestedQueryCost - cost.throttleStatus.currentlyAvailable
    if missing <= 0 or cost.throttleStatus.restoreRate <= 0:
        return None
    return missing / cost.throttleStatus.restoreRate
