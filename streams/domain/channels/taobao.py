"""Taobao and Tmall: the trade of `taobao.trade.fullinfo.get`, bare or inside `trade_fullinfo_get_response`.

Sources: the platform's trade and order references. Ids have 19 digits; lists are wrapped twice (`orders.order[]`); amounts are
yuan texts.

- A line has left when it bears a `consign_time` or a status after sending, whoever sent it; a trade that is sent as a
  whole has sent all its lines. A line closed before that (TRADE_CLOSED, TRADE_CLOSED_BY_TAOBAO) is cancelled.
- `refund_status` SUCCESS says that money went back, not how much: a line that still waits is held, until the refund's
  own record tells. After sending it moves nothing: the trade does not say whether the goods came back ("refund only"
  exists). A refund that protects the price (`special_refund_type`) is about no goods at all.
- Who sends what: `taobao_senders`. Combined goods that name their parts (`combine_item_info`) are lines of their parts.
- Paid in full and with a promised date: held until shortly before. With a deposit alone: held. Deposit and balance paid: sent.
- Cash on delivery (type `cod`): shippable without payment; its `pay_time` is when the parcel was booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .bundles import Piece, as_parts
from .contacts import country_in
from .fields import MAX_QUANTITY, Fields
from .promises import promised_ms
from .senders import OURS, Who
from .settings import DEFAULT, ChannelSettings
from .snapshot import Snapshot, goods_line, notes, receiver_at, settled, unwrapped
from .taobao_senders import meant, of_line, of_trade

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
PART_SENT = "SELLER_CONSIGNED_PART"
_SENT = [status for status, canonical in STATUS.items() if canonical == "SHIPPED"]
COD_TYPES = frozenset({"cod", "b2c_cod", "super_market_cod_trade"})

# Trade flag -> hold.
HOLD_FLAGS: dict[str, str] = {
    "top_hold": "platform_hold",
    "team_buy_hold": "group_forming",
    "share_group_hold": "group_forming",
    "ofp_hold": "platform_hold",
    "forbid_consign": "platform_forbids_shipping",
    "is_oversold": "oversold_on_platform",
    "lm": "address_change",
}
_FLAGS = frozenset(HOLD_FLAGS)
OPEN_REFUNDS = frozenset({"WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS"})
# Refunds that leave the line as it is.
NO_REFUNDS = frozenset({"", "NO_REFUND", "SELLER_REFUSE_BUYER", "CLOSED"})
# Money for a price that fell, or for watching a show: no goods are given up.
MONEY_ONLY = frozenset({"priceprotect", "cashback"})
# Promised dates of presales; dates that the buyer chose.
_PRESALE = ("send_time", "est_con_time")
_PRESALE_OF_LINE = ("estimate_con_time",)
_CHOSEN = ("os_date", "tcps_start")
_DATES = frozenset({*_PRESALE, *_PRESALE_OF_LINE, *_CHOSEN, "new_presell"})
#: From payment (or placing) on, where an order names no deadline of its own.
SHIP_WITHIN_MS = 48 * 3_600_000


def read(doc: Mapping[str, Any], reasons: list[Reason], settings: ChannelSettings = DEFAULT) -> Snapshot:
    """A trade -> the canonical order; every problem is appended to `reasons`."""
    trade = unwrapped(doc, reasons, "trade_fullinfo_get_response", "trade")
    platform: OrderStatus = trade.choice("status", STATUS) or "UNPAID"
    version, paid_at_ms = trade.time("modified"), trade.maybe_time("pay_time")
    holds = _holds(trade)
    sources = list(trade.children("orders", "order"))
    sold = _Trade(trade, sources, platform, holds)
    senders = meant(trade, sources, [of_line(line, sold.who) for line in sources], holds)
    lines: list[OrderLine] = []
    for line, who in zip(sources, senders, strict=True):
        lines += sold.lines(line, who)
    if platform == "CANCELLED" and any(line["shipped_quantity"] for line in lines):
        platform = "SHIPPED"  # closed by a refund after it was sent: the goods left the house
    not_before_ms = _not_before(trade, sources, paid_at_ms, version, settings.presale_lead_ms, holds)
    total, kind = trade.money("payment"), trade.doc.get("type")
    status, hold_reason = settled(platform, lines, holds, "platform_forbids_shipping")
    return Snapshot(
        order_no=trade.ident("tid"),
        version=version,
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=total,
        placed_at_ms=trade.time("created"),
        paid_at_ms=paid_at_ms,
        ship_by_ms=trade.maybe_time("delivery_time") or promised_ms(trade.text("send_time"), paid_at_ms),
        receiver=_receiver(trade),
        lines=lines,
        attributes=notes(
            trade,
            platform_status="status",
            trade_type="type",
            buyer_note="buyer_message",
            seller_note="seller_memo",
            shipping_type="shipping_type",
            step_status="step_trade_status",
        ),
        not_before_ms=not_before_ms,
        collect_minor=_collected(trade, total) if kind.__class__ is str and kind in COD_TYPES else None,
    )


def _holds(trade: Fields) -> set[str]:
    doc = trade.doc
    found: set[str] = set()
    if not _FLAGS.isdisjoint(doc):
        found = {hold for name, hold in HOLD_FLAGS.items() if name in doc and trade.switch(name)}
    if doc.get("step_trade_status") not in (None, "", "FRONT_PAID_FINAL_PAID"):
        found.add("deposit_only")
    if "rx_audit_status" in doc and trade.text("rx_audit_status") == "0":
        found.add("prescription_audit")
    return found


class _Trade:
    """What a trade says of all its lines."""

    def __init__(self, trade: Fields, lines: list[Fields], platform: OrderStatus, holds: set[str]) -> None:
        self.platform = platform
        self.holds = holds
        self.who = of_trade(trade, holds)
        #: Lines tell for themselves when they left; else the trade's time is all of theirs.
        lines_tell = any(line.doc.get("consign_time") or line.doc.get("status") in _SENT for line in lines)
        consigned = "consign_time" in trade.doc and trade.maybe_time("consign_time") is not None
        part = trade.doc.get("status") == PART_SENT
        if "is_part_consign" in trade.doc:
            part = trade.switch("is_part_consign") is True or part
        self.all_sent = platform in ("SHIPPED", "CANCELLED") and consigned and not part and not lines_tell
        self.tells = lines_tell
        if (consigned or part) and platform in ("PAID", "HOLD") and not lines_tell:
            # Something has left, and nobody says what: sending all of it would send that twice.
            holds.add("sent_unclear")

    def lines(self, line: Fields, who: Who) -> list[OrderLine]:
        """A line as it stands; its parts where it is combined goods."""
        platform, doc = self.platform, line.doc
        status: OrderStatus | None = line.choice("status", STATUS) if doc.get("status") else None
        quantity, refund = line.quantity("num"), line.text("refund_status")
        money_only = "special_refund_type" in doc and line.text("special_refund_type").lower() in MONEY_ONLY
        consigned = "consign_time" in doc and line.maybe_time("consign_time") is not None
        shipped = cancelled = 0
        if doc.get("status") == PART_SENT and platform != "CANCELLED":
            if who.sent_by == "MERCHANT":
                self.holds.add("sent_unclear")  # some of its pieces have left: how many is not said
        elif consigned or status == "SHIPPED" or self.all_sent:
            shipped = quantity
        elif status == "CANCELLED" or platform == "CANCELLED":
            cancelled = quantity
        elif platform == "SHIPPED" and (status is None or not self.tells):
            shipped = quantity
        elif refund == "SUCCESS" and not money_only and _whole(line):
            cancelled = quantity
        elif who.sent_by == "MERCHANT":
            self._waits(line, status, refund, money_only)
        asked_back = quantity - cancelled if refund in OPEN_REFUNDS and not money_only else 0
        needed = who is OURS and quantity > shipped + cancelled
        pieces: list[Piece] = []
        if "combine_item_info" in doc:
            pieces = [_piece(part, needed) for part in line.children("combine_item_info", "combine_sub_item_do")]
        found = goods_line(
            line.ident("oid"),
            line.sku("outer_sku_id", "outer_iid", needed=needed and not pieces),
            line.text("title"),
            quantity,
            line.money("price") if not ("is_free_gift" in doc and line.flag("is_free_gift")) else 0,
            shipped=shipped,
            cancelled=cancelled,
            asked_back=asked_back,
            sent_by=who.sent_by,
            sender=who.sender,
        )
        return list(as_parts(found, pieces)) if pieces else [found]

    def _waits(self, line: Fields, status: OrderStatus | None, refund: str, money_only: bool) -> None:
        """The holds of a line of this merchant's that has not left and is not cancelled."""
        holds = self.holds
        if self.platform == "SHIPPED":
            holds.add("sent_contradicts")  # the trade is sent, others of its lines are, and this one waits
        if status == "UNPAID":
            holds.add("line_unpaid")
        if status == "HOLD":
            holds.add("platform_forbids_shipping")
        if refund in OPEN_REFUNDS and not money_only:
            holds.add("refund_open")
        elif refund == "SUCCESS" and not money_only:
            holds.add("refund_amount_unknown")
        elif refund not in NO_REFUNDS and not money_only:
            holds.add("refund_status_unknown")
        if line.text("modify_address") == "1":
            holds.add("address_change")
        if line.doc.get("is_oversold") and line.switch("is_oversold"):
            holds.add("oversold_on_platform")


def _whole(line: Fields) -> bool:
    """Does the line itself say that all of what was paid for it went back."""
    if not line.doc.get("refund_fee"):
        return False
    refunded, paid = line.money("refund_fee"), line.money("divide_order_fee", default=0) or line.money("payment")
    if refunded > paid:
        line.wrong("contradiction", "refund_fee", line.doc["refund_fee"], "more than was paid: fetch the trade again")
    return refunded == paid > 0


def _piece(part: Fields, needed: bool) -> Piece:
    sku = part.sku("outer_sku_id", "outer_iid", needed=needed)
    return Piece(sku, part.integer("quantity", 1, MAX_QUANTITY), part.text("item_name"))


def _collected(trade: Fields, total_minor: int) -> int:
    """What the carrier collects (快递代收款), in fen; the whole amount until the parcel is booked."""
    return trade.money("express_agency_fee", default=0) or total_minor


def _not_before(
    trade: Fields, lines: list[Fields], paid_at_ms: int | None, version: int, lead_ms: int, holds: set[str]
) -> int | None:
    """Until when the trade must wait: the latest date that it or a line of it names, in ms; None when it may go now.

    A presale's date is the last one to send it (订单将在此时间前发出): it may go `lead_ms` before.
    """
    dated = [fields for fields in (trade, *lines) if not _DATES.isdisjoint(fields.doc)]
    if not dated:
        return None
    found: list[int] = []
    for fields in dated:
        doc = fields.doc
        for name in _CHOSEN:
            if doc.get(name):
                moment = promised_ms(fields.text(name), paid_at_ms)
                if moment is None:
                    fields.wrong("invalid_time", name, doc[name], "expected a day: yyyy-MM-dd or yyyyMMdd")
                else:
                    found.append(moment)
    # Deposit and balance are paid: the promised date is the last one to send it, not the first.
    if not trade.doc.get("step_trade_status"):
        told = [
            promised_ms(fields.text(name), paid_at_ms)
            for fields in dated
            for name in (_PRESALE if fields is trade else _PRESALE_OF_LINE)
            if fields.doc.get(name)
        ]
        found += (moment - lead_ms for moment in told if moment is not None)
        if (None in told and paid_at_ms is not None) or (not told and trade.switch("new_presell")):
            holds.add("presale_without_date")
    latest = max(found, default=0)
    if latest <= version:
        return None
    holds.add("not_before")
    return latest


def _receiver(trade: Fields) -> Receiver:
    district = trade.text("receiver_district")
    return receiver_at(
        name=trade.text("receiver_name"),
        phone=trade.text("receiver_mobile", "receiver_phone"),
        country=country_in(trade.text("receiver_country"), trade.text("receiver_state")),
        province=trade.text("receiver_state"),
        # County-level cities leave the city empty: the district is the city then.
        city=trade.text("receiver_city") or district,
        district=district,
        town=trade.text("receiver_town"),
        address=trade.text("receiver_address"),
        postal_code=trade.text("receiver_zip"),
        oaid=trade.text("oaid") or None,
    )
