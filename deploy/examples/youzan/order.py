"""Orders of the sixth channel in canonical terms: ``streams/domain/channels/youzan.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason

from .fields import Fields
from .settings import DEFAULT, ChannelSettings
from .snapshot import Snapshot, goods_line, notes, receiver_at, settled

#: From payment (or placing) on, where an order names no deadline of its own.
SHIP_WITHIN_MS = 48 * 3_600_000
STATUS: dict[str, OrderStatus] = {
    "WAIT_PAY": "UNPAID",
    "WAIT_SEND": "PAID",
    "LOCKED": "HOLD",
    "SENT": "SHIPPED",
    "CLOSED": "CANCELLED",
}


def read(doc: Mapping[str, Any], reasons: list[Reason], settings: ChannelSettings = DEFAULT) -> Snapshot:
    """A trade -> the canonical order; every problem is appended to `reasons`."""
    trade = Fields(doc, "", reasons)
    status: OrderStatus = trade.choice("status", STATUS) or "HOLD"
    lines = [_line(item, status) for item in trade.children("items")]
    if not lines:
        trade.missing("items")
    status, hold_reason = settled(status, lines, (), "locked")
    to = trade.child("receiver")
    return Snapshot(
        order_no=trade.ident("tid"),
        version=trade.time("update_time"),
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=trade.money("payment"),
        placed_at_ms=trade.time("created"),
        paid_at_ms=trade.maybe_time("pay_time"),
        ship_by_ms=None,
        receiver=receiver_at(
            name=to.need("name"),
            phone=to.need("phone"),
            country="CN",
            province=to.need("province"),
            city=to.text("city"),
            district=to.text("district"),
            address=to.need("address"),
        ),
        lines=lines,
        attributes=notes(trade, platform_status="status", buyer_note="message"),
    )


def _line(item: Fields, status: OrderStatus) -> OrderLine:
    pieces = item.quantity("num")
    return goods_line(
        item.ident("oid"),
        item.sku("sku"),
        item.text("title"),
        pieces,
        item.money("price"),
        shipped=pieces if status == "SHIPPED" else 0,
        cancelled=pieces if status == "CANCELLED" else 0,
    )
