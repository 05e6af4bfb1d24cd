"""A Taobao trade as far as shipping goes: which lines are sent, and how a parcel of a part of it is told."""

from __future__ import annotations

import msgspec

from schemas.json_text import compact

from .base import Parcel
from .calling import as_number

#: What a trade is asked for to know this.
FIELDS = "tid,status,consign_time,orders"
SHIPPED = frozenset(("WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED"))
CLOSED = frozenset(("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"))


class Line(msgspec.Struct):
    """A line; its number is that of its first parcel."""

    oid: int | str
    num: int = 1
    status: str | None = None
    invoice_no: str | None = None
    consign_time: str | None = None


class Lines(msgspec.Struct):
    """They stand one level deeper than elsewhere."""

    order: list[Line]


class Sent(msgspec.Struct):
    """A trade, and what of it is sent."""

    tid: int | str
    status: str
    orders: Lines
    consign_time: str | None = None


def packages(parcel: Parcel, trade: Sent) -> dict[str, str]:
    """The parameters of a parcel with lines and quantities."""
    lines = {str(line.oid): line for line in trade.orders.order}
    goods, status = [], []
    for line in parcel.lines:
        known = lines.get(line["line_no"])
        first = known is None or not (known.invoice_no or known.consign_time)
        part = first and known is not None and line["quantity"] < known.num
        goods.append({"sub_tid": as_number(line["line_no"]), "item_type": 0, "num": line["quantity"]})
        status.append({"sub_tid": as_number(line["line_no"]), "is_part_consign": part})
    packages = [{"out_sid": parcel.tracking_no, "company_code": parcel.carrier, "goods": goods}]
    return {
        "tid": parcel.order_no,
        "consign_type": "1",
        "consign_pkgs": compact(packages).decode(),
        "consign_status": compact(status).decode(),
    }


def all_sent(parcel: Parcel, trade: Sent) -> bool:
    """Whether the parcel is part of lines that are sent in full: then a later parcel's number isn't shown, and it was told."""
    lines = {str(line.oid): line for line in trade.orders.order}
    for line in parcel.lines:
        known = lines.get(line["line_no"])
        if known is None or known.status not in SHIPPED or known.num <= line["quantity"]:
            return False
    return bool(parcel.lines)
