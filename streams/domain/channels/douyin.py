"""Douyin (Doudian): the `shop_order_detail` of `/order/orderDetail`, bare or inside `data`.

Sources: the platform's order reference. Fen integers, unix seconds, 19-digit ids, a status that is a text on some
lines. One line may share the order's id. The receiver is ciphertext (`encrypt_*`), masked (`mask_*`) as a second
choice; of the address only the detail is, `street` is the town below the district (`town`).

- 105 is paid but under risk review: held; part shipped (101) still has goods to send, as many as `logistics_info`
  does not name.
- Who sends: `inventory_list[].warehouse_type` 0 is the seller's, 1 (bonded) and 2 (cloud) are not. Virtual goods and
  vouchers (`order_type`, `goods_type`) and pick-up in a shop (`receive_type` 2) are not sent at all. What a supplier's
  code (`supplier_id`) means for sending no reference says: held until the settings do. So are orders of a shop
  (`store_info`).
- After-sales are in `douyin_sales.py`.
- Presale (`pre_sale_type` 1, 2) has no first day, only a deadline: sent at the earliest some time before it.
- Combined goods (`bundle_sku_info`) are shipped as their parts where each has its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .bundles import Piece, as_parts
from .contacts import country_in
from .douyin_sales import after_sale
from .fields import MAX_QUANTITY, Fields
from .promises import later
from .senders import OURS, Who
from .settings import DEFAULT, ChannelSettings
from .snapshot import Snapshot, goods_line, notes, receiver_at, settled, to_send, unwrapped

STATUS: dict[int, OrderStatus] = {
    1: "UNPAID",
    105: "HOLD",
    2: "PAID",
    101: "PAID",
    3: "SHIPPED",
    4: "CANCELLED",
    5: "SHIPPED",
}
# main_status says more than order_status where it is one of these.
MAIN_STATUS: dict[int, OrderStatus] = {103: "HOLD", 21: "CANCELLED", 22: "SHIPPED", 39: "SHIPPED"}

LINE_STATUS = {**{code: code for code in STATUS}, **{code: code for code in MAIN_STATUS}}
REFUNDED_UNSENT, PART_SENT = 21, 101
LINE_SENT, LINE_CANCELLED = (3, 5, 22, 39), (4, REFUNDED_UNSENT)
# Line or order of these types is not sent: why.
NOT_SENT = {2: "virtual", 4: "voucher", 5: "voucher", 6: "service"}
# inventory_list[].warehouse_type that are not the seller's own: whose.
WAREHOUSES = {1: "跨境仓", 2: "云仓"}
FREE, PART_PAID = "FREE", "103"
COD, VIRTUAL, PICK_UP, HOUR_DELIVERY = 0, 1, 2, 18


class _Found(NamedTuple):
    """What the lines of an order come to. `dates`: first days of units still to be sent, ms since epoch."""

    lines: list[OrderLine]
    holds: set[str]
    dates: list[int | None]


#: From payment (or placing) on, where an order names no deadline of its own.
SHIP_WITHIN_MS = 72 * 3_600_000


def read(doc: Mapping[str, Any], reasons: list[Reason], settings: ChannelSettings = DEFAULT) -> Snapshot:
    """A shop_order_detail -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, "data", "shop_order_detail")
    status, parcels = _status(order)
    version = order.time("update_time")
    found = _lines(order, status, parcels, settings)
    holds = found.holds | _holds(order)
    waits_until = later(found.dates, version)
    if waits_until is not None:
        holds.add("not_before")
    receiver = _receiver(order)
    if not receiver["country"]:
        holds.add("country_unknown")
    if status == "CANCELLED" and any(line["shipped_quantity"] for line in found.lines):
        status = "SHIPPED"
    status, hold_reason = settled(status, found.lines, holds, "risk_review")
    return Snapshot(
        order_no=order.ident("order_id"),
        version=version,
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=order.minor("pay_amount"),
        placed_at_ms=order.time("create_time"),
        paid_at_ms=order.maybe_time("pay_time"),
        ship_by_ms=order.maybe_time("exp_ship_time"),
        receiver=receiver,
        lines=found.lines,
        attributes=notes(
            order,
            platform_status="order_status",
            order_type="order_type",
            buyer_note="buyer_words",
            seller_note="seller_words",
        ),
        not_before_ms=waits_until,
        collect_minor=_to_collect(order, status),
    )


def _status(order: Fields) -> tuple[OrderStatus, dict[str, int]]:
    """The platform's word for the order, and the pieces that parcels carry by line number."""
    status: OrderStatus = order.choice("order_status", STATUS) or "HOLD"
    main = order.integer("main_status", 0, 10_000, default=0)
    status = MAIN_STATUS.get(main, status)
    parcels: dict[str, int] = {}
    for parcel in order.children("logistics_info") if order.doc.get("logistics_info") else ():
        for goods in parcel.children("product_info"):
            line_no = goods.text("sku_order_id")
            pieces = goods.integer("product_count", 0, MAX_QUANTITY, default=0)
            parcels[line_no] = parcels.get(line_no, 0) + pieces
    if (
        status == "CANCELLED"
        and main != REFUNDED_UNSENT
        and (order.doc.get("ship_time") or order.doc.get("logistics_info"))
    ):
        status = "SHIPPED"  # closed by a refund after it was sent
    return status, parcels


def _to_collect(order: Fields, status: OrderStatus) -> int | None:
    """Cash on delivery: what the carrier collects. An order nobody has confirmed yet may have no way of paying yet."""
    if status == "UNPAID" or order.integer("pay_type", 0, 1_000, default=-1) != COD:
        return None
    return order.minor("pay_amount", default=0) or order.minor("order_amount", default=0)


def _holds(order: Fields) -> set[str]:
    doc = order.doc
    found = set()
    if order.text("order_status") == "105" or ("abnormal_order" in doc and order.text("abnormal_order") == "2"):
        found.add("risk_review")
    if doc.get("address_tag_ui") and any(
        tag.text("key") == "double_address" for tag in order.children("address_tag_ui")
    ):
        found.add("two_addresses")
    phases = list(order.children("order_phase_list")) if doc.get("order_phase_list") else []
    # A phase that is not listed yet is not paid.
    total = max((phase.integer("total_phase", 0, 100, default=0) for phase in phases), default=0)
    if total > len(phases) or not all(map(_paid, phases)) or order.text("main_status") == PART_PAID:
        found.add("deposit_only")
    return found


def _paid(phase: Fields) -> bool:
    """Whether a phase of a presale (deposit, balance) is paid."""
    return phase.flag("pay_success") if "pay_success" in phase.doc else phase.maybe_time("phase_pay_time") is not None


def _lines(order: Fields, status: OrderStatus, parcels: Mapping[str, int], settings: ChannelSettings) -> _Found:
    found = _Found([], set(), [])
    all_of_it = _not_sent(order)
    sources = list(order.children("sku_order_list"))
    codes = [_code(line) for line in sources]
    # Closed after it was sent: where no line tells of its own parcel, all of them went with the order's.
    silent = status == "SHIPPED" and not parcels and not any(map(_tells, sources, codes))
    for line, code in zip(sources, codes, strict=True):
        line_no, quantity = line.ident("order_id"), line.quantity("item_num")
        if silent and code != REFUNDED_UNSENT:
            shipped, cancelled = quantity, 0
        else:
            shipped, cancelled = _gone(line, code, status, quantity, min(quantity, parcels.get(line_no, 0)))
        left = quantity - shipped - cancelled
        sale = after_sale(line, left, shipped, code in (22, 39))
        holds: set[str] = set()
        who = all_of_it or _not_sent(line) or _sender(line, settings, holds)
        ours = who.sent_by == "MERCHANT" and left > sale.cancelled
        if ours:
            found.dates.append(_first_day(order, line, settings, holds))
            found.holds.update(holds)
            if sale.hold:
                found.holds.add(sale.hold)
            if not shipped and (code or order.integer("order_status", 0, 10_000, default=0)) == PART_SENT:
                found.holds.add("sent_unclear")
        whole = goods_line(
            line_no,
            line.sku("code", "out_sku_id", needed=ours and not line.doc.get("bundle_sku_info")),
            line.text("product_name"),
            quantity,
            0 if line.doc.get("given_product_type") == FREE else line.minor("origin_amount", default=0),
            returned=sale.returned,
            shipped=shipped,
            cancelled=cancelled + sale.cancelled,
            asked_back=sale.asked_back,
            sent_by=who.sent_by,
            sender=who.sender,
        )
        found.lines.extend(_parts(line, whole))
    return found


def _code(line: Fields) -> int:
    """A line's status: its main_status where that says more."""
    code: int = (line.choice("order_status", LINE_STATUS) or 0) if "order_status" in line.doc else 0
    main = line.integer("main_status", 0, 10_000, default=0) if "main_status" in line.doc else 0
    return main if main in MAIN_STATUS else code


def _tells(line: Fields, code: int) -> bool:
    """Whether a line says of itself that it was sent."""
    return code in LINE_SENT or bool(line.doc.get("ship_time"))


def _gone(line: Fields, code: int, status: OrderStatus, quantity: int, in_parcels: int) -> tuple[int, int]:
    """Units of the line that have left, and units that never will; `status` is the whole order's."""
    if code in LINE_CANCELLED:
        # Closed after it was sent: the goods left.
        shipped = quantity if code != REFUNDED_UNSENT and line.doc.get("ship_time") else in_parcels
        return shipped, quantity - shipped
    if code in LINE_SENT or status == "SHIPPED":
        return quantity, 0
    return in_parcels, quantity - in_parcels if status == "CANCELLED" else 0


def _not_sent(fields: Fields) -> Who | None:
    """Why nothing of an order, or of a line, is sent by parcel; None when it is."""
    kind = fields.integer("order_type", 0, 1_000, default=0)
    if kind in NOT_SENT:
        return Who("NOBODY", NOT_SENT[kind])
    doc = fields.doc
    if "goods_type" in doc and fields.integer("goods_type", 0, 1_000, default=0) == VIRTUAL:
        return Who("NOBODY", "virtual")
    if "receive_type" in doc and fields.integer("receive_type", 0, 1_000, default=0) == PICK_UP:
        return Who("NOBODY", "pickup")
    return None


def _sender(line: Fields, settings: ChannelSettings, holds: set[str]) -> Who:
    """Who sends the line; what can't be told is added to `holds`."""
    doc = line.doc
    kinds: set[int] = set()
    if doc.get("inventory_list"):
        kinds = {stock.integer("warehouse_type", 0, 1_000, default=0) for stock in line.children("inventory_list")}
        if kinds and kinds <= WAREHOUSES.keys():
            return Who("PLATFORM", "/".join(name for kind, name in WAREHOUSES.items() if kind in kinds))
        if kinds - {0}:
            holds.add("warehouse_unclear")  # in part the seller's, or of a type no reference names
    if doc.get("sku_yun_warehouse_info") and not kinds and _cloud(line):
        return Who("PLATFORM", WAREHOUSES[2])
    supplier = line.text("supplier_id")
    if supplier not in ("", "0"):
        if supplier in settings.suppliers:
            return Who("SUPPLIER", supplier)
        if supplier not in settings.own_suppliers and "*" not in settings.own_suppliers:
            holds.add("supplier_unknown")
    if doc.get("trade_type") == HOUR_DELIVERY or (
        doc.get("store_info") and line.child("store_info").text("store_id") not in ("", "0")
    ):
        holds.add("shop_sends")
    return OURS


def _cloud(line: Fields) -> bool:
    """Whether a cloud warehouse has been given the line."""
    for choice in line.children("sku_yun_warehouse_info"):
        for name in ("real_yun_warehouse_info", "pre_allocated_yun_warehouse_info"):
            if choice.child(name).text("yun_warehouse_code", "yun_warehouse_name"):
                return True
    return False


def _first_day(order: Fields, line: Fields, settings: ChannelSettings, holds: set[str]) -> int | None:
    """When the buyer wants it sent at the earliest, or a presale may be: ms since epoch. A presale without a date is held."""
    wanted = line.maybe_time("appointment_ship_time") or order.maybe_time("appointment_ship_time")
    if wanted is None and line.integer("pre_sale_type", 0, 1_000, default=0):
        deadline = line.maybe_time("exp_ship_time") or order.maybe_time("exp_ship_time")
        if deadline is None:
            holds.add("presale_without_date")
        else:
            wanted = deadline - settings.presale_lead_ms
    return wanted


def _parts(line: Fields, whole: OrderLine) -> Iterable[OrderLine]:
    """The line itself, or a line for each of its parts where the payload has a code for every one."""
    if not line.doc.get("bundle_sku_info"):
        return (whole,)
    pieces = [
        Piece(part.text("code"), part.integer("item_num", 1, MAX_QUANTITY, default=1), part.text("product_name"))
        for part in line.children("bundle_sku_info")
    ]
    if pieces and all(piece.sku for piece in pieces):
        return as_parts(whole, pieces)
    if not whole["sku"] and to_send(whole):
        fix = "give the bundle, or each of its parts, its seller SKU on the platform, then fetch the order again"
        line.missing("code", fix=fix)
    return (whole,)


def _receiver(order: Fields) -> Receiver:
    place = order.child("post_addr")
    province, city = place.child("province").text("name"), place.child("city").text("name")
    return receiver_at(
        name=order.text("encrypt_post_receiver", "mask_post_receiver", "post_receiver"),
        phone=order.text("encrypt_post_tel", "mask_post_tel", "post_tel"),
        country=country_in("", province),
        province=province,
        city=city,
        district=place.child("town").text("name"),
        town=place.child("street").text("name"),
        # Only the detail is ciphertext: joined with the street it could not be decrypted any more.
        address=place.text("encrypt_detail", "detail") or order.child("mask_post_addr").text("detail"),
    )
