"""JD POP: the `orderInfo` of `jingdong.pop.order.get` / `enGet`, bare or inside its response.

Sources: the platform's order reference. Amounts are yuan texts, ids come as numbers or texts, "no value" times are
0001-01-01 00:00:00. JD shows a seller only orders that are paid or cash on delivery.

- A line has no number of its own: it is the `skuId`, and where one occurs twice (bought and given) the `skuUuid` tells
  them apart.
- Cancelled with a waybill: refused at the door or turned back, so shipped and returned whole. That is the only return
  an order shows; returns of single goods live in JD's after-sale records.
- JD's own warehouses (`storeOrder`, FBP) and JD's sorting centres (LBP, SOPL) send, not the merchant; a local service
  (LOC) is not sent. What another type means for sending is not known: held.
- Cash on delivery: `orderPayment` is what is due, the buyer's balance taken off already.
- Codes of types and ways of paying stand alone or with their words behind: `4`, `4-在线支付`.
- `fullAddress` may begin with the region, which has fields of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.records import OrderLine, OrderStatus, Reason, Receiver
from streams.domain.reference import country_of

from .contacts import country_in
from .fields import Fields
from .promises import later
from .senders import OURS, Who
from .settings import DEFAULT, ChannelSettings
from .snapshot import Snapshot, goods_line, notes, receiver_at, settled, unwrapped

STATUS: dict[str, OrderStatus] = {
    "WAIT_SELLER_STOCK_OUT": "PAID",
    "WAIT_SELLER_DELIVERY": "PAID",  # overseas only: to be sent inside the country
    "WAIT_GOODS_RECEIVE_CONFIRM": "SHIPPED",
    "FINISHED_L": "SHIPPED",
    "TRADE_CANCELED": "CANCELLED",
    "LOCKED": "HOLD",
    "PAUSE": "HOLD",
    "POP_ORDER_PAUSE": "HOLD",
    "WAIT_SEND_CODE": "PAID",  # local service: a code is sent, no goods
}
HOLDS = {"LOCKED": "locked", "PAUSE": "paused", "POP_ORDER_PAUSE": "business_pause"}
SELLER, LOCAL_SERVICE = ("22", "SOP"), ("75", "LOC")
#: orderType -> who sends.
JD_SENDS = {"21": "JD FBP", "23": "JD LBP", "25": "JD SOPL", "FBP": "JD FBP", "LBP": "JD LBP", "SOPL": "JD SOPL"}
JD_WAREHOUSES = ("京仓订单", "云仓订单")
ON_DELIVERY, AT_PICK_UP = "1", "3"
#: Where a province belongs, and the city tells which place it is.
OUTSIDE = ("港澳", "港澳台", "海外")
CIPHERS = {"name": "encrypt_fullname", "phone": "encrypt_mobile", "address": "encrypt_fullAddress"}
_PHONE = re.compile(r"[+\d][\d -]{6}")
REFUNDED = 20  # refundStatus of an after-sale
#: From payment (or placing) on, where an order names no deadline of its own.
SHIP_WITHIN_MS = 24 * 3_600_000


def read(doc: Mapping[str, Any], reasons: list[Reason], settings: ChannelSettings = DEFAULT) -> Snapshot:
    """An orderInfo -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, *_wrapper(doc), "orderDetailInfo", "orderInfo")
    state = order.text("orderState")
    status: OrderStatus = order.choice("orderState", STATUS) or "HOLD"
    turned_back = status == "CANCELLED" and bool(order.text("waybill"))
    if turned_back:
        status = "SHIPPED"
    holds: set[str] = set()
    lines = _lines(order, status, turned_back, _sender(order, state, holds), holds)
    version = order.time("modified")
    waits_until = later((order.maybe_time("scDT"),), version) if "scDT" in order.doc else None
    _check_payment(order, holds)
    if waits_until is not None:
        holds.add("not_before")
    receiver = _receiver(order.child("consigneeInfo"))
    if not receiver["country"]:
        holds.add("country_unknown")
    status, hold_reason = settled(status, lines, holds, HOLDS.get(state, "locked"))
    return Snapshot(
        order_no=order.ident("orderId"),
        version=version,
        status=status,
        hold_reason=hold_reason,
        currency="CNY",
        total_minor=order.money("orderPayment"),
        placed_at_ms=order.time("orderStartTime"),
        paid_at_ms=order.maybe_time("paymentConfirmTime"),
        ship_by_ms=None,
        receiver=receiver,
        lines=lines,
        attributes=notes(
            order,
            platform_status="orderState",
            order_type="orderType",
            pay_type="payType",
            buyer_note="orderRemark",
            seller_note="venderRemark",
            parent_order_no="parentOrderId",
            store_order="storeOrder",
        ),
        not_before_ms=waits_until,
        collect_minor=order.money("orderPayment") if _code(order, "payType") == ON_DELIVERY else None,
    )


def _wrapper(doc: Mapping[str, Any]) -> tuple[str, ...]:
    """The response's name, which JD spells with a c."""
    for name in ("jingdong_pop_order_get_responce", "jingdong_pop_order_enGet_responce"):
        if name in doc:
            return (name,)
    return ()


def _sender(order: Fields, state: str, holds: set[str]) -> Who:
    """Who sends the order; what can't be told is added to `holds`."""
    kind, store = _code(order, "orderType"), order.text("storeOrder")
    if kind in LOCAL_SERVICE or state == "WAIT_SEND_CODE":
        return Who("NOBODY", "service")
    if store in JD_WAREHOUSES:
        return Who("PLATFORM", store.removesuffix("订单"))
    if kind in JD_SENDS:
        return Who("PLATFORM", JD_SENDS[kind])
    if store:
        holds.add("store_order_unknown")
    if kind and kind not in SELLER:
        holds.add("order_type_unknown")
    return OURS


def _code(order: Fields, name: str) -> str:
    text = order.text(name)
    return text.partition("-")[0] or text


def _check_payment(order: Fields, holds: set[str]) -> None:
    """Holds for what is not paid whole, or not at the door: presale, pay at a pick-up point."""
    if _code(order, "payType") == AT_PICK_UP:
        holds.add("paid_at_pick_up")
    doc = order.doc
    if doc.get("stepPaymentInfo"):
        steps = order.child("stepPaymentInfo")
        balance, plan = steps.money("payBalanceReal", default=0), steps.doc.get("payBalancePlan")
        # A deposit, and not a word of the balance: what is due is not known, and nothing of it is paid.
        if balance < steps.money("payBalancePlan", default=0) or (plan in (None, "") and not balance):
            holds.add("deposit_only")
    elif "orderFlag" in doc and order.child("orderFlag").switch("preSaleOrder"):
        holds.add("deposit_only")  # whether the balance is paid the order does not say


def _lines(order: Fields, status: OrderStatus, turned_back: bool, who: Who, holds: set[str]) -> list[OrderLine]:
    needed = who.sent_by == "MERCHANT" and status in ("PAID", "HOLD")
    lines: list[OrderLine] = []
    marks: list[tuple[str, int, str]] = []
    for line in order.children("itemInfoList"):
        quantity = line.quantity("itemTotal")
        asked_back = _asked_back(line, quantity, holds) if needed and line.doc.get("afsInfoList") else 0
        price = line.money("jdPrice")
        marks.append((line.text("skuUuid"), -price, line.text("wareId")))
        lines.append(
            goods_line(
                line.ident("skuId"),
                line.sku("outerSkuId", needed=needed),
                line.text("skuName"),
                quantity,
                price,
                returned=quantity if turned_back else 0,
                shipped=quantity if status == "SHIPPED" else 0,
                cancelled=quantity if status == "CANCELLED" else 0,
                asked_back=asked_back,
                sent_by=who.sent_by,
                sender=who.sender,
            )
        )
    return _told_apart(lines, marks) if len({line["line_no"] for line in lines}) < len(lines) else lines


def _told_apart(lines: list[OrderLine], marks: list[tuple[str, int, str]]) -> list[OrderLine]:
    """Lines of one skuId with numbers of their own: `SKUID`, `SKUID/SKUUUID`, whichever order they come in."""
    numbers: dict[int, str] = {}
    taken: set[str] = set()
    for index in sorted(range(len(lines)), key=lambda at: (lines[at]["line_no"], marks[at], at)):
        line_no, uuid = lines[index]["line_no"], marks[index][0]
        for number in _numbers(line_no, uuid):
            if number not in taken:
                break
        numbers[index] = number
        taken.add(number)
    return [{**line, "line_no": numbers[index]} for index, line in enumerate(lines)]


def _numbers(line_no: str, uuid: str) -> Iterator[str]:
    yield line_no
    if uuid:
        yield f"{line_no}/{uuid}"
    ordinal = 2
    while True:
        yield f"{line_no}/{uuid}/{ordinal}" if uuid else f"{line_no}/{ordinal}"
        ordinal += 1


def _asked_back(line: Fields, quantity: int, holds: set[str]) -> int:
    """Units of the line that an after-sale is about; how many and how it ended the order does not say: held."""
    done = all(sale.integer("refundStatus", 0, 100_000, default=0) == REFUNDED for sale in line.children("afsInfoList"))
    holds.add("refund_amount_unknown" if done else "refund_open")
    return 0 if done else quantity


def _receiver(consignee: Fields) -> Receiver:
    province, city, county = consignee.text("province"), consignee.text("city"), consignee.text("county")
    name = consignee.text("encrypt_fullname", "fullname")
    phone = consignee.text("encrypt_mobile", "mobile", "encrypt_telephone", "telephone")
    address = consignee.text("encrypt_fullAddress", "fullAddress")
    # What JD's ciphertext looks like no reference says; its fields do, and where they don't a phone that is none.
    forms = {form: "cipher" for form, field in CIPHERS.items() if consignee.doc.get(field)}
    if not forms and any(char.isascii() and char.isalpha() for char in phone) and not _PHONE.match(phone):
        shown = (("name", name), ("phone", phone), ("address", address))
        forms |= {form: "cipher" for form, text in shown if text and text.isascii()}
    return receiver_at(
        name=name,
        phone=phone,
        country=(country_of(city) or "") if province in OUTSIDE else country_in("", province),
        province=province,
        city=city,
        district=county,
        town=consignee.text("town"),
        address=address,
        forms=forms,
    )
