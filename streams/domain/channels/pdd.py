"""Pinduoduo (PDD): the `order_info` of `pdd.order.information.get`, bare or inside its response.

Sources: the platform's order reference. Amounts are yuan JSON numbers (99.5), kept exact; the receiver is ciphertext,
and empty while the order is under risk review. There is no line id: the `sku_id` is the line number, `gift:` before it
for gifts (which are sent too); of one SKU's further lines `#2`, `#3` stand behind it.

- To ship: order_status 1, confirm_status 1, risk_control_status 0. Paid but the group is still forming: held.
- `order_status` is one for the whole order: from 2 on, all of it has left.
- `refund_status` and `after_sales_status` are one for the whole order too, and don't say how much: refunded before sending holds it until
  the refund's own record tells, after sending it moves nothing. Cancelled is what `confirm_status` or `group_status` call so.
- Pickup in a shop, card goods and orders that only pay for dearer shipping are not shipped. Bonded and subscribed warehouses send
  themselves. A consolidation order (集运) is sent by the merchant to the platform's warehouse, which is its receiver.
- A warehouse item made of others (`ware_type` 1) is shipped as them.
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
from .settings import DEFAULT, ChannelSettings, is_cod
from .snapshot import Snapshot, goods_line, notes, receiver_at, settled, unwrapped

TO_SHIP, SENT = 1, (2, 3)
ORDER_STATUS = {1: TO_SHIP, 2: 2, 3: 3}
REFUNDED = 4
NO_REFUND = (0, 1)
# after_sales_status: none, or closed without money; repair, resending and what became of an exchange, which take nothing away. What is
# neither, nor paid back, is open.
CLOSED = frozenset({0, 9, 11, 12, 13})
NOTHING_BACK = frozenset({16, 17, 21, 22, 24, 25, 27, 32})
MONEY_BACK = 10

# Tags of `order_tag_list` -> hold.
TAG_HOLDS = {"ship_hold": "platform_hold", "same_city_distribution": "local_delivery", "local_depot": "local_depot"}
WITHIN_THE_HOUR = 2  # shipping_type; 1 and 3: on a day the buyer chose
NO_DEPOT, OWN_DEPOT, SUBSCRIBED_DEPOT, COMBINED_WARE = ("", "0"), "1", "2", 1
KNOWN_DEPOTS = (*NO_DEPOT, OWN_DEPOT, SUBSCRIBED_DEPOT)
#: From payment (or placing) on, where an order names no deadline of its own.
SHIP_WITHIN_MS = 24 * 3_600_000


def read(doc: Mapping[str, Any], reasons: list[Reason], settings: ChannelSettings = DEFAULT) -> Snapshot:
    """An order_info -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, "order_info_get_response", "order_info")
    stage = order.choice("order_status", ORDER_STATUS) or TO_SHIP
    version, total = order.time("updated_at"), order.money("pay_amount")
    cod = "pay_type" in order.doc and is_cod(order.text("pay_type"), settings)
    platform = _status(order, stage, cod)
    tags = {
        tag.text("name") for tag in order.children("order_tag_list") if tag.doc.get("value") and tag.switch("value")
    }
    holds, asked_back = _holds(order, stage, tags)
    not_before_ms = _not_before(order, version, settings.presale_lead_ms, holds)
    lines = _lines(order, platform, _sender(order, tags, settings, holds), asked_back, holds)
    status, hold_reason = settled(platform, lines, holds, "group_forming")
    return Snapshot(
        order_no=order.ident("order_sn"),
        version=version,
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=total,
        placed_at_ms=order.time("created_time"),
        paid_at_ms=order.maybe_time("pay_time"),
        ship_by_ms=order.maybe_time("last_ship_time"),
        receiver=_receiver(order),
        lines=lines,
        attributes=notes(
            order,
            platform_status="order_status",
            refund_status="refund_status",
            buyer_note="buyer_memo",
            seller_note="remark",
            presale_at="pre_sale_time",
        ),
        not_before_ms=not_before_ms,
        collect_minor=total if cod else None,
    )


def _status(order: Fields, stage: int, cod: bool) -> OrderStatus:
    confirm = order.integer("confirm_status", 0, 100)
    group = order.integer("group_status", 0, 100, default=1)
    if stage in SENT:
        return "SHIPPED"
    if confirm == 2 or group == 2:
        return "CANCELLED"
    if confirm == 1 and group == 1:
        return "PAID"
    return "HOLD" if cod or order.text("pay_time") else "UNPAID"


def _holds(order: Fields, stage: int, tags: set[str]) -> tuple[set[str], bool]:
    """The order's holds, and whether its goods are asked back."""
    found = {TAG_HOLDS[tag] for tag in tags & TAG_HOLDS.keys()} if tags else set()
    refund = order.integer("refund_status", 0, 100, default=1)
    after_sale = order.integer("after_sales_status", 0, 1000, default=0)
    refund_open = refund != REFUNDED and refund not in NO_REFUND
    asked_back = (
        after_sale not in NOTHING_BACK and after_sale != MONEY_BACK and (refund_open or after_sale not in CLOSED)
    )
    if asked_back:
        found.add("refund_open")
    elif refund == REFUNDED or after_sale == MONEY_BACK:
        found.add("refund_amount_unknown")
        if order.doc.get("gift_list"):
            found.add("gift_alone")  # the refund's own record names the goods that were bought, and no gift
    if order.integer("risk_control_status", 0, 100, default=0) != 0:
        found.add("risk_review")
    if (
        order.doc.get("trade_type")
        and order.switch("trade_type")
        and order.child("step_order_info").text("step_trade_status") != "2"
    ):
        found.add("deposit_only")
    if order.text("is_lucky_flag") == "2":
        found.add("lottery")
    if "shipping_type" in order.doc and order.text("shipping_type") == str(WITHIN_THE_HOUR):
        found.add("local_delivery")
    if stage == TO_SHIP and order.doc.get("shipping_time") and order.maybe_time("shipping_time") is not None:
        found.add("sent_unclear")
    return found, asked_back


def _not_before(order: Fields, version: int, lead_ms: int, holds: set[str]) -> int | None:
    """Until when it must wait, in ms: shortly before a presale's date, or the day that the buyer chose; None when it may go now."""
    found: list[int] = []
    # With a deposit, the balance decides (`_holds`), and last_ship_time is the date.
    if order.doc.get("is_pre_sale") and order.switch("is_pre_sale") and not order.switch("trade_type"):
        moment = order.maybe_time("pre_sale_time")
        if moment is None:
            holds.add("presale_without_date")
        else:
            found.append(moment - lead_ms)
    if order.doc.get("yyps_date"):
        moment = promised_ms(order.text("yyps_date"), None)
        if moment is None:
            order.wrong("invalid_time", "yyps_date", order.doc["yyps_date"], "expected a day: yyyy-MM-dd or yyyyMMdd")
        else:
            found.append(moment)
    latest = max(found, default=0)
    if latest <= version:
        return None
    holds.add("not_before")
    return latest


def _sender(order: Fields, tags: set[str], settings: ChannelSettings, holds: set[str]) -> Who:
    """Who sends the order, and whether it is sent at all; what is not clear is added to `holds`."""
    doc = order.doc
    if "ship_additional_order" in tags:
        return Who("NOBODY", "service")  # 补差价: it pays for another order's dearer shipping
    if "self_contained" in tags or ("self_contained" in doc and order.switch("self_contained")):
        return Who("NOBODY", "pickup")
    if doc.get("card_info_list") and any(True for _ in order.children("card_info_list")):
        return Who("NOBODY", "voucher")
    depot = order.child("order_depot_info") if doc.get("order_depot_info") else None
    subscribed = depot is not None and depot.text("depot_type") == SUBSCRIBED_DEPOT
    if depot is None and "bonded_warehouse" not in doc:
        return OURS
    if depot is not None and depot.text("depot_type") not in KNOWN_DEPOTS:
        holds.add("warehouse_unclear")
    service = order.text("bonded_warehouse") or (depot.text("depot_code", "depot_name") if depot and subscribed else "")
    if (service or subscribed) and service not in settings.own_services:
        return Who("SERVICE", service)
    return OURS


def _lines(order: Fields, platform: OrderStatus, who: Who, asked_back: bool, holds: set[str]) -> list[OrderLine]:
    pieces = _pieces(order)
    sold = [(line, "") for line in order.children("item_list")]
    if order.doc.get("gift_list"):
        sold += [(line, "gift:") for line in order.children("gift_list")]
    if pieces and len(sold) > 1:
        holds.add("bundle_unclear")  # the parts are the order's, and don't say of which of its lines
        pieces = []
    times: dict[str, int] = {}
    lines: list[OrderLine] = []
    for line, prefix in sold:
        quantity, line_no = line.quantity("goods_count"), f"{prefix}{line.ident('sku_id')}"
        times[line_no] = times.get(line_no, 0) + 1
        needed = who is OURS and not pieces and platform not in ("SHIPPED", "CANCELLED")
        lines.append(
            goods_line(
                line_no if times[line_no] == 1 else f"{line_no}#{times[line_no]}",
                line.sku("outer_id", "outer_goods_id", needed=needed),
                " ".join(part for part in (line.text("goods_name"), line.text("goods_spec")) if part),
                quantity,
                0 if prefix else line.money("goods_price", default=0),
                shipped=quantity if platform == "SHIPPED" else 0,
                cancelled=quantity if platform == "CANCELLED" else 0,
                asked_back=quantity if asked_back and platform != "CANCELLED" else 0,
                sent_by=who.sent_by,
                sender=who.sender,
            )
        )
    return [part for line in lines for part in as_parts(line, pieces)] if pieces else lines


def _pieces(order: Fields) -> list[Piece]:
    """What the warehouse's item is made of; nothing where it is a plain one."""
    depot = order.doc.get("order_depot_info")
    if depot.__class__ is not dict or not depot.get("ware_sub_info_list"):
        return []
    fields = order.child("order_depot_info")
    if fields.integer("ware_type", 0, 100, default=COMBINED_WARE) != COMBINED_WARE:
        return []
    return [
        Piece(part.sku("ware_sn"), part.integer("ware_quantity", 1, MAX_QUANTITY), part.text("ware_name"))
        for part in fields.children("ware_sub_info_list")
    ]


def _receiver(order: Fields) -> Receiver:
    return receiver_at(
        name=order.text("receiver_name", "receiver_name_mask"),
        phone=order.text("receiver_phone", "contact_mobile", "receiver_phone_mask"),
        country=country_in(order.text("country"), order.text("province")),
        province=order.text("province"),
        city=order.text("city"),
        district=order.text("town"),
        address=order.text("receiver_address", "receiver_address_mask"),
        oaid=(order.text("open_address_id") if "open_address_id" in order.doc else "") or None,
    )
