"""Taobao and Tmall: the refund of `taobao.refund.get`, bare or inside `refund_get_response`.

Sources: the platform's reference of refunds. One refund is about one line (`oid`); amounts are yuan texts.

- `total_fee` is what the line cost, `refund_fee` what goes back. A trade or line that a refund has closed was paid back whole.
- `num` is what was bought, not what is given up: money that would pay for a piece may be for one, and only less than that is for none.
- SELLER_REFUSE_BUYER is closed: the platform lets the goods be sent again, and a changed application is open again.
- An exchange that became a refund (EXCHANGE_TRANSFORM_TO_REFUND) is closed: its refund has an id of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import AfterSaleKind, AfterSaleState, Reason
from streams.domain.channels.fields import Fields
from streams.domain.channels.snapshot import unwrapped

from . import reasons as classes
from .sale import Sale, dated, goods, maybe_money, whole_or_none, within

STATES: dict[str, AfterSaleState] = {
    "WAIT_SELLER_AGREE": "OPEN",
    "WAIT_BUYER_RETURN_GOODS": "OPEN",
    "WAIT_SELLER_CONFIRM_GOODS": "OPEN",
    "WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS": "OPEN",
    "WAIT_SELLER_CONSIGN_GOODS": "OPEN",
    "WAIT_SELLER_CONSIGN_GOOGDS": "OPEN",  # the platform's own spelling
    "WAIT_BUYER_CONFIRM_REDO_SEND_GOODS": "OPEN",
    "WAIT_SELLER_CONFIRM_RETURN_ADDRESS": "OPEN",
    "EXCHANGE_WAIT_BUYER_CONFIRM_GOODS": "OPEN",
    "POST_FEE_DISPUTE_WAIT_ACTIVATE": "OPEN",
    "SELLER_REFUSE_BUYER": "CLOSED",
    "EXCHANGE_TRANSFORM_TO_REFUND": "CLOSED",
    "CLOSED": "CLOSED",
    "SUCCESS": "DONE",
}
KINDS: dict[str, AfterSaleKind] = {
    "REFUND": "REFUND",
    "REFUND_AND_RETURN": "RETURN",
    "TMALL_EXCHANGE": "EXCHANGE",
    "TAOBAO_EXCHANGE": "EXCHANGE",
    "REPAIR": "REPAIR",
    "RESHIPPING": "RESEND",
    "OTHERS": "OTHER",
}
RECEIVED = {"BUYER_NOT_RECEIVED": False, "BUYER_RECEIVED": True, "BUYER_RETURNED_GOODS": True}
#: Status of the trade when it was asked -> whether the goods had not left. SELLER_CONSIGNED_PART says nothing of this line.
BEFORE_SHIPPING = {
    "WAIT_SELLER_SEND_GOODS": True,
    "PAID_FORBID_CONSIGN": True,
    "WAIT_BUYER_CONFIRM_GOODS": False,
    "TRADE_BUYER_SIGNED": False,
    "TRADE_FINISHED": False,
}
CLOSED_TRADE = ("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Sale:
    """A refund -> the canonical after-sale; every problem is appended to `reasons`."""
    refund = unwrapped(doc, reasons, "refund_get_response", "refund")
    state: AfterSaleState = refund.choice("status", STATES) or "OPEN"
    order_status = refund.text("order_status")
    amount, total = maybe_money(refund, "refund_fee"), maybe_money(refund, "total_fee")
    version, asked = refund.time("modified"), refund.maybe_time("created")
    within(refund, "refund_fee", amount, total)
    dated(refund, "modified", version, "created", asked)
    reason, note = refund.text("reason"), refund.text("desc")
    lines = goods(refund, "oid", "outer_id", "num")
    return Sale(
        aftersale_id=refund.ident("refund_id"),
        order_no=refund.ident("tid"),
        version=version,
        kind=_kind(refund),
        state=state,
        platform_state=refund.text("status"),
        before_shipping=BEFORE_SHIPPING.get(order_status),
        received=RECEIVED.get(refund.text("good_status")),
        currency="CNY",
        amount_minor=amount,
        whole=_whole(state, order_status, amount, total, lines[0]["quantity"]),
        lines=lines,
        reason=reason or note,
        reason_code="",
        reason_class=classes.of_text(reason, note),
        tracking_no=refund.text("sid"),
        asked_at_ms=asked,
    )


def _kind(refund: Fields) -> AfterSaleKind:
    if refund.text("dispute_type"):
        found: AfterSaleKind = refund.choice("dispute_type", KINDS) or "OTHER"
        return found
    return "RETURN" if refund.flag("has_good_return") else "REFUND"


def _whole(state: AfterSaleState, order_status: str, amount: int | None, total: int | None, units: int) -> bool | None:
    if state == "DONE" and order_status in CLOSED_TRADE:
        return True
    return None if amount is None or not total else whole_or_none(amount, total, total, units)
