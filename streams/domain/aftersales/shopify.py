"""Shopify: a refund (webhook `refunds/create`) or a return (the GraphQL object), each with its order's id.

Sources: the platform's references of both. A refund has `refund_line_items`, a return has `status`; ids of the two are counted apart, so
an after-sale's id has its kind before it: `Refund/1`, `Return/1`.

- A refund is money that was paid back: done once a transaction of it succeeded, open while all of them are pending. Lines that it names
  are taken off the order, whole; one that names none is money alone: nothing is taken off, `whole` is False.
- `restock_type` cancel never left, return and legacy_restock came back; no_restock says neither.
- A return covers goods that were sent. It has no time of change: its order's `updatedAt` stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import AfterSaleKind, AfterSaleState, ParcelLine, Reason
from streams.domain.channels.fields import MAX_QUANTITY, Fields
from streams.domain.channels.snapshot import unwrapped
from streams.domain.reference import digits_of

from . import reasons as classes
from .sale import Sale, dated, pieces

RETURN_STATES: dict[str, AfterSaleState] = {
    "REQUESTED": "OPEN",
    "OPEN": "OPEN",
    "CLOSED": "DONE",
    "DECLINED": "CLOSED",
    "CANCELED": "CLOSED",
}
CAME_BACK, NEVER_LEFT = frozenset(("return", "legacy_restock")), frozenset(("cancel",))
RESTOCK = {name: name for name in (*CAME_BACK, *NEVER_LEFT, "no_restock")}
PAID, FAILED = "success", frozenset(("failure", "error"))


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Sale:
    """A refund or a return -> the canonical after-sale; every problem is appended to `reasons`."""
    found = unwrapped(doc, reasons, "return" if "return" in doc else "refund")
    return (
        _return(found) if "returnLineItems" in found.doc or "/Return/" in str(found.doc.get("id")) else _refund(found)
    )


def _refund(refund: Fields) -> Sale:
    lines, restocks = [], set()
    for item in refund.children("refund_line_items"):
        lines.append(_line(item, "line_item_id", item.child("line_item").text("sku")))
        restocks.add(item.choice("restock_type", RESTOCK) if item.doc.get("restock_type") else "no_restock")
    kind: AfterSaleKind = "RETURN" if restocks & CAME_BACK else "REFUND"
    state, said, currency, amount = _money(refund)
    version = refund.time("created_at")
    dated(refund, "created_at", version, "created_at", None)
    reason = refund.text("note")
    return Sale(
        aftersale_id=f"Refund/{refund.ident('id')}",
        order_no=refund.ident("order_id"),
        version=version,
        kind=kind,
        state=state,
        platform_state=said,
        before_shipping=True if lines and restocks == NEVER_LEFT else False if kind == "RETURN" else None,
        received=None,
        currency=currency,
        amount_minor=amount,
        whole=bool(lines),
        lines=lines,
        reason=reason,
        reason_code="",
        reason_class=classes.of_text(reason),
        tracking_no="",
        asked_at_ms=version or None,
    )


def _money(refund: Fields) -> tuple[AfterSaleState, str, str, int | None]:
    """State, its words, currency and what was paid back (None: nothing is known to have been paid)."""
    paid: int | None = None
    currency, said = "", set()
    count = 0
    for transaction in refund.children("transactions"):
        if transaction.text("kind") not in ("", "refund"):
            continue
        count += 1
        status = transaction.need("status")
        said.add(status)
        currency = _currency(transaction, "currency") or currency
        if status not in FAILED:
            paid = (paid or 0) + transaction.money("amount", digits_of(currency) or 0)
    if not count:
        # Lines taken off the order without money: an edit, or one that was not paid.
        return "DONE", "", currency, 0
    return "DONE" if PAID in said else "OPEN", ",".join(sorted(said)), currency, paid


def _return(asked: Fields) -> Sale:
    order = asked.child("order")
    code, note = "", ""
    lines: list[ParcelLine] = []
    for item in asked.child("returnLineItems").children("nodes"):
        line = item.child("fulfillmentLineItem").child("lineItem")
        lines.append({"line_no": _number(line), "sku": line.text("sku"), "quantity": pieces(item, "quantity") or 0})
        definition = item.child("returnReasonDefinition")
        code = code or definition.text("handle") or item.text("returnReason")
        note = note or item.text("returnReasonNote", "customerNote") or definition.text("name")
    if not lines:
        asked.missing("returnLineItems", fix="a return says which lines come back: fetch it again")
    exchanged = next(asked.child("exchangeLineItems").children("nodes"), None) is not None
    version, created = order.time("updatedAt"), asked.maybe_time("createdAt")
    dated(order, "updatedAt", version, "createdAt", None)
    return Sale(
        aftersale_id=f"Return/{_number(asked)}",
        order_no=_number(order),
        version=version,
        kind="EXCHANGE" if exchanged else "RETURN",
        state=asked.choice("status", RETURN_STATES) or "OPEN",
        platform_state=asked.text("status"),
        before_shipping=False,
        received=None,
        currency=_currency(order, "currencyCode"),
        amount_minor=None,
        whole=None,
        lines=_merged(lines),
        reason=note,
        reason_code=code,
        reason_class=classes.of_code(classes.SHOPIFY, code, note),
        tracking_no="",
        asked_at_ms=created,
    )


def _line(item: Fields, line_no: str, sku: str) -> ParcelLine:
    return {"line_no": item.ident(line_no), "sku": sku, "quantity": pieces(item, "quantity") or 0}


def _merged(lines: list[ParcelLine]) -> list[ParcelLine]:
    """A line returned for two reasons is named twice."""
    found: dict[str, ParcelLine] = {}
    for line in lines:
        known = found.get(line["line_no"])
        total = line["quantity"] + (known["quantity"] if known else 0)
        found[line["line_no"]] = {**line, "quantity": min(total, MAX_QUANTITY)}
    return list(found.values())


def _number(place: Fields) -> str:
    """The number at the end of a global id."""
    return place.ident("id").rpartition("/")[2].partition("?")[0]


def _currency(place: Fields, name: str) -> str:
    currency = place.need(name)
    if currency and digits_of(currency) is None:
        place.wrong("invalid_money", name, currency, "expected an ISO 4217 code like CNY")
    return currency
