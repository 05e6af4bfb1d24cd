"""Taobao and Tmall: the trade of `taobao.trade.fullinfo.get`, bare or inside `trade_fullinfo_get_response`.

Sources: the platform's trade reference. Ids have 19 digits; lists are wrapped twice (`orders.order[]`); amounts are
yuan texts.

- A line closed before payment (TRADE_CLOSED_BY_TAOBAO) or refunded before it was sent is never shipped: left out.
- A line refunded after it was sent counts as returned. The trade does not say whether the goods came back ("refund
  only" exists): a connector that knows from the refund's own record should keep the snapshot back until they have.
- An open refund before shipping holds the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .fields import Fields
from .snapshot import Snapshot, held, notes, unwrapped

STATUS: dict[str, OrderStatus] = {
    "TRADE_NO_CREATE_PAY": "UNPAID",
    "WAIT_BUYER_PAY": "UNPAID",
    "PAY_PENDING": "UNPAID",
    "WAIT_PRE_AUTH_CONFIRM": "UNPAID",
    "PAID_FORBID_CONSIGN": "HOLD",  # paid, must not ship: group-buy or controlled
    "WAIT_SELLER_SEND_GOODS": "PAID",
    "SELLER_CONSIGNED_PART": "PAID",
    "WAIT_BUYER_CONFIRM_GOODS": "SHIPPED",
    "TRADE_BUYER_SIGNED": "SHIPPED",  # cash on delivery
    "TRADE_FINISHED": "SHIPPED",
    "TRADE_CLOSED": "CANCELLED",  # refunded after payment
    "TRADE_CLOSED_BY_TAOBAO": "CANCELLED",  # closed before payment
}

# Trade flag -> hold.
HOLD_FLAGS: dict[str, str] = {
    "top_hold": "platform_hold",
    "team_buy_hold": "group_forming",
    "share_group_hold": "group_forming",
    "ofp_hold": "platform_hold",
    "forbid_consign": "platform_forbids_shipping",
    "is_sh_ship": "platform_hold",
    "is_oversold": "oversold_on_platform",
    "lm": "address_change",
}
OPEN_REFUNDS = frozenset({"WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS"})
CLOSED = frozenset({"TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"})
SENT = frozenset({"WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED"})


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Snapshot:
    """A trade -> the canonical order; every problem is appended to `reasons`."""
    trade = unwrapped(doc, reasons, "trade_fullinfo_get_response", "trade")
    status: OrderStatus = trade.choice("status", STATUS) or "UNPAID"
    if status == "CANCELLED" and trade.text("consign_time"):
        status = (
            "SHIPPED"  # closed by a refund after it was sent: the stock left the house, its refunded lines are returns
        )
    lines, holds, dropped = _lines(trade, status)
    if dropped and not lines:
        status = "CANCELLED"  # every line was closed or refunded before it was sent
    status, hold_reason = held(status, {*holds, *_holds(trade)}, "platform_forbids_shipping")
    return Snapshot(
        order_no=trade.ident("tid"),
        version=trade.time("modified"),
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=trade.money("payment"),
        placed_at_ms=trade.time("created"),
        paid_at_ms=trade.maybe_time("pay_time"),
        ship_by_ms=trade.maybe_time("delivery_time"),
        receiver=_receiver(trade),
        lines=lines,
        attributes=notes(
            trade,
            platform_status="status",
            trade_type="type",
            buyer_note="buyer_message",
            seller_note="seller_memo",
            shipping_type="shipping_type",
        ),
    )


def _holds(trade: Fields) -> set[str]:
    doc = trade.doc
    found = {hold for name, hold in HOLD_FLAGS.items() if name in doc and trade.flag(name)}
    if doc.get("step_trade_status") not in (None, "", "FRONT_PAID_FINAL_PAID"):
        found.add("deposit_only")
    if "rx_audit_status" in doc and trade.text("rx_audit_status") == "0":
        found.add("prescription_audit")
    return found


def _lines(trade: Fields, status: OrderStatus) -> tuple[list[OrderLine], set[str], int]:
    """Lines that are shipped or were, the holds they give, how many lines are never shipped."""
    dropped = 0
    lines: list[OrderLine] = []
    holds: set[str] = set()
    for line in trade.children("orders", "order"):
        refund, line_status = line.text("refund_status"), line.text("status")
        sent = line_status in SENT or bool(line.text("consign_time")) or (status == "SHIPPED" and not line_status)
        if status != "CANCELLED" and not sent:
            if line_status in CLOSED or refund == "SUCCESS":
                dropped += 1
                continue
            if refund in OPEN_REFUNDS:
                holds.add("refund_open")
            if line.text("modify_address") == "1":
                holds.add("address_change")
            if line.flag("is_oversold"):
                holds.add("oversold_on_platform")
        quantity = line.quantity("num")
        lines.append(
            {
                "line_no": line.ident("oid"),
                "sku": line.sku("outer_sku_id", "outer_iid"),
                "title": line.text("title"),
                "quantity": quantity,
                "unit_price_minor": line.money("price"),
                "returned_quantity": quantity if sent and refund == "SUCCESS" else 0,
            }
        )
    return lines, holds, dropped


def _receiver(trade: Fields) -> Receiver:
    district = trade.text("receiver_district")
    return {
        "name": trade.text("receiver_name"),
        "phone": trade.text("receiver_mobile", "receiver_phone"),
        "country": "CN",
        "province": trade.text("receiver_state"),
        # County-level cities leave the city empty: the district is the city then.
        "city": trade.text("receiver_city") or district,
        "district": district,
        "address": trade.text("receiver_address"),
        "postal_code": trade.text("receiver_zip"),
        "oaid": trade.text("oaid") or None,
    }
