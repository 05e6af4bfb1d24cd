"""Shopify: how many units of each line were bought, left, will never leave, came back.

Sources: the platform's references of the order, its fulfillments and refunds.

quantity               bought at first
current_quantity       without what was edited out or refunded; an edit need not leave a refund
fulfillable_quantity   what may still be sent, by the platform's own reckoning
fulfillments[]         what was sent, by whomever; one that is `cancelled` is undone: its units are to be sent again
refunds[]              restock_type `cancel` never left; `return` and `legacy_restock` came back; `no_restock` brings
                       nothing back. A refund of money alone has no lines and moves nothing.

Units to be sent are never more than any of these numbers allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .fields import MAX_QUANTITY, Fields

#: A fulfillment in one of these states sent nothing.
UNDONE = ("cancelled", "error", "failure")
#: Fulfillment status, of an order or a line: whether all of it has left.
FULFILLED = {None: False, "": False, "unfulfilled": False, "partial": False, "restocked": False, "fulfilled": True}
BACK = ("return", "legacy_restock")


class Refunded(NamedTuple):
    """Refunded units of a line. `other`: neither cancelled nor come back, or it is not said which."""

    cancelled: int = 0
    back: int = 0
    other: int = 0


class Sent(NamedTuple):
    """What an order shows as sent: all of it, some of it. `live`: whether its lines show themselves what was."""

    wholly: bool
    partly: bool
    live: bool
    pieces: Mapping[str, int] | None


class Counts(NamedTuple):
    """Units of a line. `doubt`: why those that are left must wait; empty when nothing is doubtful."""

    ordered: int
    shipped: int
    cancelled: int
    returned: int
    doubt: str = ""


NOTHING = Refunded()


def refunded(order: Fields) -> dict[str, Refunded]:
    """Refunded units by line number."""
    found: dict[str, Refunded] = {}
    if not order.doc.get("refunds"):
        return found
    for refund in order.children("refunds"):
        for item in refund.children("refund_line_items"):
            line_no, kind = item.ident("line_item_id"), item.text("restock_type")
            units = item.integer("quantity", 0, MAX_QUANTITY)
            so_far = found.get(line_no, NOTHING)
            if kind == "cancel":
                found[line_no] = so_far._replace(cancelled=so_far.cancelled + units)
            elif kind in BACK:
                found[line_no] = so_far._replace(back=so_far.back + units)
            else:
                found[line_no] = so_far._replace(other=so_far.other + units)
    return found


def sent(order: Fields) -> Sent:
    """What left, as order, lines and fulfillments show it."""
    doc = order.doc
    wholly = doc.get("fulfillment_status") is not None and bool(order.choice("fulfillment_status", FULFILLED))
    pieces: dict[str, int] | None = None
    if doc.get("fulfillments"):
        pieces = {}
        for fulfillment in order.children("fulfillments"):
            if fulfillment.text("status") in UNDONE:
                continue
            if not fulfillment.doc.get("line_items"):
                pieces = None  # it does not say of what
                break
            for item in fulfillment.children("line_items"):
                line_no = item.ident("id")
                pieces[line_no] = pieces.get(line_no, 0) + item.integer("quantity", 0, MAX_QUANTITY)
    items = doc.get("line_items")
    live = bool(pieces) or (
        wholly
        and items.__class__ is list
        and any(one.__class__ is dict and one.get("fulfillment_status") in ("fulfilled", "partial") for one in items)
    )
    return Sent(wholly, doc.get("fulfillment_status") == "partial", live, pieces)


def counts(line: Fields, line_no: str, gone: Refunded, left: Sent, closed: bool) -> Counts:
    """The line's units. `closed`: the order was cancelled, or refunded in full: what has not left never will."""
    doc = line.doc
    # Added by an edit and taken out by the next: the line stays, of nothing.
    bought = 0 if doc.get("quantity") == 0 == doc.get("current_quantity") else line.quantity("quantity")
    current = line.integer("current_quantity", 0, MAX_QUANTITY) if doc.get("current_quantity") is not None else None
    open_units = (
        line.integer("fulfillable_quantity", 0, MAX_QUANTITY) if doc.get("fulfillable_quantity") is not None else None
    )
    if open_units is not None and open_units > bought:
        line.wrong(
            "out_of_range", "fulfillable_quantity", open_units, f"at most the quantity ({bought}): fetch it again"
        )
    all_refunds = gone.cancelled + gone.back + gone.other
    if all_refunds > bought:
        line.wrong(
            "out_of_range", "quantity", bought, f"refunds are about {all_refunds} pieces of this line: fetch it again"
        )
    ordered = bought
    if current is not None:
        if current > bought:
            line.wrong("out_of_range", "current_quantity", current, f"at most the quantity ({bought}): fetch it again")
        ordered = min(bought, current + all_refunds)
    shipped, doubt = _shipped(line, line_no, gone, left, ordered, open_units)
    waiting = ordered - shipped
    # 1. Refunded before they left. What `return` counts beyond what was sent never left either.
    never = gone.cancelled + max(0, gone.back - shipped)
    if shipped == 0:
        never += gone.other
    elif waiting > never and gone.other and open_units is None:
        doubt = doubt or "refund_amount_unknown"  # of the sent ones, or of those that wait?
    cancelled = waiting if closed else min(waiting, never)
    # 2. No more than the platform's own numbers leave.
    most = waiting - cancelled
    for bound in (open_units, current):
        if bound is not None:
            most = min(most, bound)
    if not closed:
        surplus = waiting - cancelled - most
        by_refund = min(surplus, gone.other)
        cancelled += by_refund
        ordered -= surplus - by_refund  # edited out: nothing else explains it
    return Counts(ordered, shipped, cancelled, min(gone.back, shipped), doubt if waiting > cancelled else "")


def _shipped(
    line: Fields, line_no: str, gone: Refunded, left: Sent, ordered: int, open_units: int | None
) -> tuple[int, str]:
    """Units that have left, and what is doubtful about it."""
    most = max(0, ordered - gone.cancelled)
    if left.pieces is not None:
        named = min(left.pieces.get(line_no, 0), ordered)
        if named < most and line.doc.get("fulfillment_status") == "fulfilled" and not open_units:
            return (most, "") if open_units == 0 else (named, "sent_contradicts")
        return named, ""
    if line.doc.get("fulfillment_status") is None:
        if left.wholly and not left.live:
            return most, ""
        if left.partly and open_units is not None and "fulfillment_status" not in line.doc:
            return max(0, most - open_units - gone.other), ""
        return 0, ""
    if line.choice("fulfillment_status", FULFILLED):
        return most, ""
    if line.doc.get("fulfillment_status") != "partial":
        return 0, ""
    if open_units is None:
        return 0, "sent_unclear"
    return max(0, most - open_units - gone.other), ""
