"""What Shopify lets a merchant ship of an order, and what a shipment does to it. An order here is the document of its webhooks.

An order's shippable lines stand in one fulfillment order, at the shop's one location. It is

    CLOSED       nothing is left to ship, or the order is cancelled or refunded
    SCHEDULED    not to be sent before ``fulfillment_order.fulfill_at``
    ON_HOLD      not paid (AWAITING_PAYMENT), a test order (OTHER), or held by hand: ``fulfillment_order.hold`` is the reason
    IN_PROGRESS  a part is shipped
    OPEN         else

``fulfillment_order`` is a field of the simulator's own, as its ``request_status`` (CANCELLATION_REQUESTED: the merchant wants it back).
What is shipped stands in the order's ``fulfillments``; ``fulfillable_quantity`` of a line says how much is left. Ids of fulfillment
orders and their lines are those of the order and its lines with another first digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Document = dict[str, Any]

#: Added to an order's (or a line's) id.
_FULFILLMENT_ORDER = 6_000_000_000_000_000_000
_LINE = 7_000_000_000_000_000_000
_SHIPPABLE = ("OPEN", "IN_PROGRESS")
_UNPAID = ("pending", "authorized", "expired", "voided")


class UserError(NamedTuple):
    """The platform's no: which argument, and why."""

    field: tuple[str, ...]
    message: str


class Asked(NamedTuple):
    """What is to be shipped of one fulfillment order: (line of the fulfillment order, pieces); None: all that is left."""

    fulfillment_order: int
    lines: Sequence[tuple[int, int]] | None


class Tracking(NamedTuple):
    """A shipment's numbers, all of one carrier."""

    company: str | None
    numbers: Sequence[str]
    urls: Sequence[str]


def fulfillment_order_id(order: Mapping[str, Any]) -> int:
    """Of the order's one fulfillment order."""
    return _FULFILLMENT_ORDER + int(order["id"])


def order_id(fulfillment_order: int) -> int:
    """The order that a fulfillment order belongs to."""
    return fulfillment_order - _FULFILLMENT_ORDER


def line_id(line: Mapping[str, Any]) -> int:
    """A line's id within its fulfillment order."""
    return _LINE + int(line["id"])


def shippable_lines(order: Mapping[str, Any]) -> list[Document]:
    """The lines that are sent by parcel."""
    return [line for line in order["line_items"] if line.get("requires_shipping", True)]


def left(order: Mapping[str, Any], line: Mapping[str, Any]) -> int:
    """Pieces of a line that are not shipped yet."""
    shipped = order.get("fulfillment_status") == "fulfilled" or not line.get("requires_shipping", True)
    return 0 if shipped else int(line["fulfillable_quantity"])


def status(order: Mapping[str, Any]) -> str:
    """Of the order's fulfillment order."""
    gone = order.get("cancelled_at") or order.get("financial_status") == "refunded"
    if gone or not any(left(order, line) for line in shippable_lines(order)):
        return "CLOSED"
    if hold_reason(order):
        return "ON_HOLD"
    if own(order, "fulfill_at"):
        return "SCHEDULED"
    return "IN_PROGRESS" if order.get("fulfillments") else "OPEN"


def own(order: Mapping[str, Any], field: str) -> str | None:
    """A field of the order's fulfillment order that is not reckoned from the order."""
    value: str | None = (order.get("fulfillment_order") or {}).get(field)
    return value


def hold_reason(order: Mapping[str, Any]) -> str | None:
    """Why it must wait, as the platform calls it."""
    if order["financial_status"] in _UNPAID:
        return "AWAITING_PAYMENT"
    return own(order, "hold") or ("OTHER" if order.get("test") else None)


def can_ship(order: Mapping[str, Any]) -> bool:
    """Whether CREATE_FULFILLMENT is among the actions its fulfillment order supports."""
    return status(order) in _SHIPPABLE


def plan(order: Mapping[str, Any], asked: Asked) -> list[tuple[int, int]] | UserError:
    """What a call would ship: (line of the order, pieces); or why it can't."""
    state = status(order)
    if state not in _SHIPPABLE:
        number = asked.fulfillment_order
        return UserError(("fulfillment",), f"Fulfillment order {number} has an unfulfillable status= {state.lower()}.")
    open_ = {line_id(line): left(order, line) for line in shippable_lines(order)}
    wanted: dict[int, int] = {}
    for line, pieces in open_.items() if asked.lines is None else asked.lines:
        wanted[line] = wanted.get(line, 0) + pieces
    if any(pieces < (asked.lines is not None) or pieces > open_.get(line, 0) for line, pieces in wanted.items()):
        return UserError(("fulfillment",), "Invalid fulfillment order line item quantity requested.")
    return [(line - _LINE, pieces) for line, pieces in wanted.items() if pieces]


def fulfillment(
    order: Document, number: int, lines: Sequence[tuple[int, int]], tracking: Tracking, now: str
) -> Document:
    """The document of a shipment; ``now`` is the platform's time as it writes it."""
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Fulfillment/{number}",
        "order_id": order["id"],
        "name": f"{order['name']}.{len(order.get('fulfillments', ())) + 1}",
        "status": "success",
        "created_at": now,
        "updated_at": now,
        **tracking_fields(tracking),
        "line_items": [{"id": line, "quantity": pieces} for line, pieces in lines],
    }


def tracking_fields(tracking: Tracking) -> Document:
    """A fulfillment's fields that tell of its parcels."""
    return {
        "tracking_company": tracking.company,
        "tracking_number": next(iter(tracking.numbers), None),
        "tracking_numbers": list(tracking.numbers),
        "tracking_url": next(iter(tracking.urls), None),
        "tracking_urls": list(tracking.urls),
    }


def show(order: Document, fulfillments: Sequence[Document]) -> None:
    """Writes what was shipped into the order's document; the same again changes nothing."""
    shipped: dict[int, int] = {}
    for done in fulfillments:
        for line in done["line_items"]:
            shipped[line["id"]] = shipped.get(line["id"], 0) + line["quantity"]
    for item in (item for refund in order.get("refunds", ()) for item in refund.get("refund_line_items", ())):
        # Refunded before it was sent, not returned after.
        if item["restock_type"] == "cancel":
            shipped[item["line_item_id"]] = shipped.get(item["line_item_id"], 0) + item["quantity"]
    for line in order["line_items"]:
        line["fulfillable_quantity"] = max(0, line["quantity"] - shipped.get(line["id"], 0))
    order["fulfillments"] = list(fulfillments)
    whole = not any(line["fulfillable_quantity"] for line in shippable_lines(order))
    order["fulfillment_status"] = "fulfilled" if whole else "partial"
