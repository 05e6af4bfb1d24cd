"""A Taobao trade as the simulator keeps it: what is read from the snapshot, and what shipping writes into it.

Source: the platform's reference of trades. A snapshot may be spoilt on purpose: what is not there, or of another type, is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from connectors.simulators.clock import local
from connectors.simulators.orders import Doc, Order

SENT = "WAIT_BUYER_CONFIRM_GOODS"
PART_SENT = "SELLER_CONSIGNED_PART"
TO_SEND = "WAIT_SELLER_SEND_GOODS"
SHIPPABLE = frozenset((TO_SEND, PART_SENT))
OVER = frozenset((SENT, "TRADE_BUYER_SIGNED", "TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"))
CLOSED = frozenset(("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"))
OPEN_REFUNDS = frozenset(("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS"))
# Without all of these among the wanted fields the platform leaves out the oaid.
OAID_NEEDS = frozenset(("receiver_name", "receiver_address", "created", "receiver_mobile", "receiver_phone"))
#: Fields of a row of ``trades.sold.increment.get``; the receiver's are not among them.
ROW_FIELDS = frozenset(
    (
        *(
            "tid",
            "status",
            "type",
            "created",
            "pay_time",
            "modified",
            "consign_time",
            "end_time",
            "payment",
            "post_fee",
        ),
        *("total_fee", "discount_fee", "adjust_fee", "buyer_nick", "buyer_open_uid", "seller_flag", "shipping_type"),
        *("trade_from", "step_trade_status", "orders"),
    )
)
HOLDS = ("top_hold", "team_buy_hold", "share_group_hold", "ofp_hold", "forbid_consign")


def trade(doc: Doc) -> Doc:
    """The trade of a snapshot, bare or in its response.

    Raises:
        KeyError, TypeError: there is none.
    """
    inner = doc.get("trade_fullinfo_get_response")
    found = doc if inner is None else inner["trade"]
    if not isinstance(found, dict):
        raise TypeError("the trade is no object")
    return found


def lines(of: Doc) -> Iterator[Doc]:
    """The trade's lines."""
    orders = of.get("orders")
    rows = orders.get("order") if isinstance(orders, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row


def pieces(line: Mapping[str, Any]) -> int:
    """How many pieces the line has; 1 where it can't be read."""
    count = line.get("num")
    return count if isinstance(count, int) and count > 0 else 1


def refunding(line: Mapping[str, Any]) -> bool:
    """Whether a refund of it is open."""
    return line.get("refund_status") in OPEN_REFUNDS


def gone(line: Mapping[str, Any]) -> bool:
    """Whether the line is closed, or was refunded before it was sent: it is not shipped any more."""
    return line.get("status") in CLOSED or line.get("refund_status") == "SUCCESS"


def held(of: Mapping[str, Any]) -> bool:
    """Whether one of the flags is set that keep a paid trade back."""
    step = of.get("step_trade_status")
    return any(of.get(flag) in (1, "1", True, "true") for flag in HOLDS) or step not in (
        None,
        "",
        "FRONT_PAID_FINAL_PAID",
    )


def sent_pieces(order: Order) -> dict[str, int]:
    """Line -> pieces that its parcels carry."""
    sent: dict[str, int] = {}
    for shipment in order.shipments:
        for line in shipment.lines:
            sent[line.line_no] = sent.get(line.line_no, 0) + line.quantity
    return sent


def show_shipments(order: Order, names: Mapping[str, str]) -> None:
    """Writes the order's parcels into its lines and its status. ``names``: carrier code -> the carrier's name."""
    shown = trade(order.doc)
    sent, open_lines = sent_pieces(order), 0
    for line in lines(shown):
        if gone(line):
            continue
        oid = str(line.get("oid"))
        parcel = next((s for s in order.shipments if any(it.line_no == oid for it in s.lines)), None)
        if parcel is not None:
            line["logistics_company"] = names.get(parcel.carrier, parcel.carrier)
            line["invoice_no"] = parcel.tracking_no
            line["consign_time"] = local(parcel.at_ms)
        if sent.get(oid, 0) >= pieces(line):
            line["status"] = SENT
        else:
            open_lines += 1
    if shown.get("status") in SHIPPABLE:
        shown["status"] = PART_SENT if open_lines else SENT
    if not open_lines:
        shown["consign_time"] = local(order.shipments[-1].at_ms)


@lru_cache(maxsize=64)
def wanted(fields: str) -> frozenset[str]:
    """The names of a ``fields`` parameter; a part of a line (``orders.oid``) asks for all of it."""
    return frozenset(name.strip().partition(".")[0] for name in fields.split(",") if name.strip())


def shown(of: Doc, fields: str, allowed: frozenset[str] | None = None) -> Doc:
    """The trade with the wanted fields alone; its oaid only with the receiver's."""
    names = wanted(fields)
    picked = {name: value for name, value in of.items() if name in names and (allowed is None or name in allowed)}
    if "oaid" in picked and not names >= OAID_NEEDS:
        del picked["oaid"]
    return picked
