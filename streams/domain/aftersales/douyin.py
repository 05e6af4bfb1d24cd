"""Douyin (Doudian): `data` of `/afterSale/Detail`, or a row of `/afterSale/List`; bare, or inside `data`.

Sources: the platform's after-sale reference, its SDK. Fen integers, unix seconds. A detail has `process_info.after_sale_info`, a row has
`aftersale_info`: the same facts under names of their own. Lines are those of `order_info`, each with the pieces that it is about.

- Type 2 is asked for before shipping, 4 and 5 cancel the order; 0 goes back, and what of it had not been sent is told by
  `need_return_count`. Price protection (6) pays a difference, for goods wherever they are.
- Refused (27, 29) and failed (28) are closed: the platform lets the goods be sent again. Success whose refund failed is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.records import AfterSaleKind, AfterSaleState, ParcelLine, Reason
from streams.domain.channels.fields import Fields
from streams.domain.channels.snapshot import unwrapped

from . import reasons as classes
from .sale import Sale, dated, maybe_minor, pieces, within

STATES: dict[int, AfterSaleState] = {
    6: "OPEN",  # asked for
    7: "OPEN",  # the buyer is to return
    8: "OPEN",  # the merchant is to send
    11: "OPEN",  # the buyer sent; second consent
    13: "OPEN",  # the merchant sent, the buyer is to receive
    3: "OPEN",  # the same, as rows may show it
    12: "DONE",
    14: "DONE",
    51: "DONE",  # order cancelled
    53: "DONE",
    27: "CLOSED",
    28: "CLOSED",
    29: "CLOSED",
}
KINDS: dict[int, AfterSaleKind] = {
    0: "RETURN",
    1: "REFUND",
    2: "REFUND",
    3: "EXCHANGE",
    4: "REFUND",  # cancelled by the system
    5: "REFUND",  # cancelled by the buyer
    6: "PRICE_PROTECTION",
    7: "RESEND",
    8: "REPAIR",
}
UNSENT, SENT = (2, 4, 5), (1, 3, 7, 8)
RETURN = 0
REFUND_FAILED = 4
#: Where the freight that may be paid back too is not told: no parcel's is more. In fen.
FREIGHT_MAX = 100_000
GOT = {"0": False, "1": True}


class _Names(NamedTuple):
    """Where the two forms have the same facts."""

    id: str
    type: str
    status: str
    amount: str
    lines: str
    sku: str
    pieces: tuple[str, ...]


DETAIL = _Names(
    id="after_sale_id",
    type="after_sale_type",
    status="after_sale_status",
    amount="refund_total_amount",
    lines="sku_order_infos",
    sku="shop_sku_code",
    pieces=("after_sale_item_count", "item_quantity"),
)
ROW = _Names(
    id="aftersale_id",
    type="aftersale_type",
    status="aftersale_status",
    amount="refund_amount",
    lines="related_order_info",
    sku="shop_sku_code",
    pieces=("aftersale_item_num", "item_num"),
)


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Sale:
    """A detail or a row -> the canonical after-sale; every problem is appended to `reasons`."""
    whole = unwrapped(doc, reasons, "data")
    row = "aftersale_info" in whole.doc
    names = ROW if row else DETAIL
    info = whole.child("aftersale_info") if row else whole.child("process_info").child("after_sale_info")
    order = whole.child("order_info")
    state: AfterSaleState = info.choice(names.status, STATES) or "OPEN"
    if state == "DONE" and info.text("refund_status") == str(REFUND_FAILED):
        state = "OPEN"
    kind: AfterSaleKind = info.choice(names.type, KINDS) or "OTHER"
    amount = maybe_minor(info, names.amount)
    lines, price, paid = _lines(order, names)
    within(info, names.amount, amount, paid)
    version, asked = info.time("update_time"), info.maybe_time("apply_time")
    dated(info, "update_time", version, "apply_time", asked)
    words, code = _reason(whole, info, row)
    return Sale(
        aftersale_id=info.ident(names.id),
        order_no=order.ident("shop_order_id"),
        version=version,
        kind=kind,
        state=state,
        platform_state=_said(info, names),
        before_shipping=_before_shipping(info, names),
        received=GOT.get(info.text("got_pkg")),
        currency="CNY",
        amount_minor=amount,
        whole=None if amount is None or not price else amount >= price,
        lines=lines,
        reason=words,
        reason_code=code,
        reason_class=classes.of_text(words),
        tracking_no=_tracking(whole, info, row),
        asked_at_ms=asked,
    )


def _said(info: Fields, names: _Names) -> str:
    refund = info.text("refund_status")
    return info.text(names.status) + (f"/{refund}" if refund else "")


def _before_shipping(info: Fields, names: _Names) -> bool | None:
    type_ = info.integer(names.type, 0, 100, default=-1)
    if type_ == RETURN:
        # Pieces asked for less those not sent yet.
        asked, back = info.doc.get("after_sale_apply_count"), info.doc.get("need_return_count")
        return False if asked is not None and asked == back else None
    return True if type_ in UNSENT else False if type_ in SENT else None


def _lines(order: Fields, names: _Names) -> tuple[list[ParcelLine], int | None, int | None]:
    """Its units; their price in fen, and the most that was paid for the lines that they are of: None where a line does not say."""
    found: list[ParcelLine] = []
    price: int | None = 0
    paid: int | None = 0
    for line in order.children(names.lines):
        about = pieces(line, *names.pieces) or 0
        found.append({"line_no": line.ident("sku_order_id"), "sku": line.text(names.sku), "quantity": about})
        cost, of = maybe_minor(line, "pay_amount"), line.integer(names.pieces[1], 1, 10**6, default=about or 1)
        price = price + cost * min(about, of) // of if price is not None and cost is not None else None
        # The platform counts freight in what it pays back.
        freight = maybe_minor(line, "post_amount") if names is DETAIL else None
        most = FREIGHT_MAX if freight is None else freight
        paid = paid + cost + most if paid is not None and cost is not None else None
        if about > of:
            line.wrong("out_of_range", names.pieces[0], about, f"the line has {of} pieces: fetch the after-sale again")
    if not found:
        order.missing(names.lines, fix="it says which lines it is about: fetch the after-sale again")
    return found, price if found else None, paid if found else None


def _reason(whole: Fields, info: Fields, row: bool) -> tuple[str, str]:
    """Words and code."""
    if not row:
        code = info.text("reason_code")
        return info.text("reason", "reason_remark"), "" if code == "0" else code
    label = next(info.children("reason_second_labels"), None)
    code = label.text("code") if label is not None else ""
    words = whole.child("text_part").text("reason_text")
    return words or (label.text("name") if label is not None else ""), code


def _tracking(whole: Fields, info: Fields, row: bool) -> str:
    if row:
        return info.text("return_logistics_code")
    return whole.child("process_info").child("logistics_info").child("return").text("tracking_no")
