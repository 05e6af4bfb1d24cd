"""Shopify: the order of an `orders/create`, `orders/paid` or `orders/updated` webhook.

Sources: the platform's webhook, order and refund references. Money is decimal text in the shop's currency, times are
ISO 8601 with offset. Units of a line are in `shopify_counts.py`.

- A line of another fulfilment service than the merchant's own is that service's. Gift cards, downloads
  (`requires_shipping` false), sales over a counter and what is picked up are not sent.
- Cash on delivery is a gateway whose name says so, while the order is not paid.
- `refunded` in full before anything was sent is a cancellation; `partially_refunded` moves no goods by itself.
- The phone stands in the address, in the order, with the customer or in the bill.
- A test order is held: it has no buyer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schemas.records import OrderLine, OrderStatus, Reason, Receiver
from streams.domain.reference import country_of, digits_of

from .fields import Fields
from .promises import later
from .senders import OURS, Who
from .settings import DEFAULT, ChannelSettings, is_cod, is_own_service, is_pickup, is_presale
from .shopify_counts import NOTHING, counts, refunded, sent
from .snapshot import Snapshot, goods_line, notes, receiver_at, settled, to_send, unwrapped

STATUS: dict[str, OrderStatus] = {
    "pending": "UNPAID",
    "authorized": "UNPAID",
    "partially_paid": "HOLD",  # a deposit, or an edit that is still to be paid
    "expired": "UNPAID",
    "unpaid": "UNPAID",
    "paid": "PAID",
    "partially_refunded": "PAID",
    "refunded": "CANCELLED",  # SHIPPED when anything was sent
    "voided": "CANCELLED",
}
NOT_PAID_YET = ("pending", "partially_paid", "unpaid")
#: delivery_category of a shipping line, by which nothing is handed to a carrier.
NO_CARRIER = ("pickup", "pick_up", "local_pickup", "store_pickup", "local", "local_delivery", "retail")
GIFT_CARD = "gift_card"
#: Ascension and Tristan da Cunha, which have codes at Shopify and none of their own in ISO 3166-1.
ISLANDS = {"AC": "SH", "TA": "SH"}
APART = ("HK", "MO", "TW")
#: Where a line names the plan it was sold by.
PLANS = ("selling_plan_allocation", "selling_plan", "sellingPlan")


class _Found(NamedTuple):
    """What the lines of an order come to. `days`: first days of units still to be sent, ms since epoch."""

    lines: list[OrderLine]
    holds: set[str]
    days: list[int | None]


#: Shopify documents none: the longest of the others.
SHIP_WITHIN_MS = 72 * 3_600_000


def read(doc: Mapping[str, Any], reasons: list[Reason], settings: ChannelSettings = DEFAULT) -> Snapshot:
    """A webhook's order -> the canonical order; every problem is appended to `reasons`."""
    order = unwrapped(doc, reasons, "order")
    word: OrderStatus = order.choice("financial_status", STATUS) or "UNPAID"
    cancelled = order.maybe_time("cancelled_at") is not None or word == "CANCELLED"
    currency, digits = _currency(order)
    found = _lines(order, cancelled, digits, settings)
    lines, holds = found.lines, found.holds
    if order.flag("test"):
        holds.add("test_order")
    if order.doc.get("source_name") == "pos" and not order.doc.get("shipping_lines"):
        # Sold over a counter, to somebody whose address is known: taken along, or to be sent?
        holds.add("point_of_sale_unclear")
    collect = _to_collect(order, digits, settings, holds)
    if collect is not None and not cancelled:
        word = "PAID"
    if word == "HOLD":
        holds.add("deposit_only")
    version = order.time("updated_at")
    waits_until = later(_first_days(order, found), version)
    if waits_until is not None:
        holds.add("not_before")
        holds.discard("presale_without_date")
    status, hold_reason = settled(_word(word, cancelled, lines), lines, holds, "deposit_only")
    return Snapshot(
        order_no=order.ident("id"),
        version=version,
        status=status,
        hold_reason=hold_reason,
        currency=currency,
        total_minor=order.money("total_price", digits),
        placed_at_ms=order.time("created_at"),
        paid_at_ms=_paid_at(order, status, collect),
        ship_by_ms=None,
        receiver=_receiver(order),
        lines=lines,
        attributes=notes(
            order,
            platform_status="financial_status",
            fulfillment_status="fulfillment_status",
            order_name="name",
            buyer_note="note",
            tags="tags",
        ),
        not_before_ms=waits_until,
        collect_minor=collect,
    )


def _word(word: OrderStatus, cancelled: bool, lines: list[OrderLine]) -> OrderStatus:
    """The platform's word for the order: what the money says, unless goods have left."""
    ours = [line for line in lines if line["sent_by"] == "MERCHANT"]
    gone = any(line["shipped_quantity"] for line in ours)
    if cancelled:
        return "SHIPPED" if gone else "CANCELLED"
    return "SHIPPED" if gone and not any(map(to_send, ours)) else word


def _paid_at(order: Fields, status: OrderStatus, collect: int | None) -> int | None:
    if status in ("UNPAID", "CANCELLED") or collect is not None:
        return None
    return order.maybe_time("processed_at")


def _currency(order: Fields) -> tuple[str, int]:
    """The shop's currency, and the digits of its minor unit."""
    currency = order.need("currency")
    digits = digits_of(currency) if currency else None
    if currency and digits is None:
        order.wrong("invalid_money", "currency", currency, "expected an ISO 4217 code like CNY")
    return currency, 2 if digits is None else digits


def _to_collect(order: Fields, digits: int, settings: ChannelSettings, holds: set[str]) -> int | None:
    """Cash on delivery: what the carrier collects, in the shop's currency."""
    word = order.doc.get("financial_status")
    if word not in NOT_PAID_YET:
        return None
    names = order.doc.get("payment_gateway_names")
    gateways = names if names.__class__ is list else [names]
    if not any(is_cod(str(one), settings) for one in (*gateways, order.doc.get("gateway")) if one):
        return None
    if order.text("presentment_currency") not in ("", order.text("currency")):
        holds.add("collect_currency_unknown")  # the buyer's currency, or the shop's?
    if order.doc.get("total_outstanding") is not None:
        return order.money("total_outstanding", digits)
    if word == "partially_paid":
        holds.add("collect_amount_unknown")
    return order.money("current_total_price" if order.doc.get("current_total_price") else "total_price", digits)


def _lines(order: Fields, cancelled: bool, digits: int, settings: ChannelSettings) -> _Found:
    gone, left = refunded(order), sent(order)
    found = _Found([], set(), [])
    nowhere = _not_handed_over(order, settings, found.holds)
    for line in order.children("line_items"):
        line_no = line.ident("id")
        units = counts(line, line_no, gone.get(line_no, NOTHING), left, cancelled)
        sent_by, sender = _sender(line, nowhere, settings)
        needed = sent_by == "MERCHANT" and units.ordered > units.shipped + units.cancelled
        if needed:
            _waits(line, units.doubt, settings, found)
        found.lines.append(
            goods_line(
                line_no,
                line.sku("sku", needed=needed),
                line.text("title"),
                units.ordered,
                line.money("price", digits),
                returned=units.returned,
                shipped=units.shipped,
                cancelled=units.cancelled,
                sent_by=sent_by,
                sender=sender,
            )
        )
    return found


def _waits(line: Fields, doubt: str, settings: ChannelSettings, found: _Found) -> None:
    """Why a line that is to be sent may have to wait: numbers in doubt, a first day, a presale without one."""
    if doubt:
        found.holds.add(doubt)
    day = line.maybe_time("fulfill_at") if "fulfill_at" in line.doc else None
    found.days.append(day)
    for name in PLANS:
        if day is None and line.doc.get(name) is not None and _is_presale(line.child(name), settings):
            found.holds.add("presale_without_date")


def _not_handed_over(order: Fields, settings: ChannelSettings, holds: set[str]) -> str:
    """Why nothing of the order goes to a carrier; empty when it does, `holds` when only some of it does."""
    doc = order.doc
    methods = doc.get("shipping_lines")
    over_a_counter = doc.get("source_name") == "pos"
    if over_a_counter and (methods == [] or (not methods and not doc.get("shipping_address"))):
        return "point_of_sale"
    fetched = [_is_fetched(method, settings) for method in order.children("shipping_lines") if _is_live(method)]
    if fetched and all(fetched):
        return "pickup"
    if any(fetched):
        holds.add("pickup_unclear")
    return ""


def _is_live(method: Fields) -> bool:
    """Whether a shipping line still counts: one that an edit has replaced stays in the order, marked."""
    return method.switch("is_removed") is not True


def _is_fetched(method: Fields, settings: ChannelSettings) -> bool:
    category = method.text("delivery_category").casefold().replace("-", "_").replace(" ", "_")
    return category in NO_CARRIER or any(
        is_pickup(name, settings) for name in (method.text("code"), method.text("title"))
    )


def _sender(line: Fields, nowhere: str, settings: ChannelSettings) -> Who:
    """Who sends the line; `nowhere`: why nothing of the order goes to a carrier."""
    if nowhere:
        return Who("NOBODY", nowhere)
    service = line.text("fulfillment_service")
    if line.switch("requires_shipping") is False or line.switch("gift_card") or service == GIFT_CARD:
        return Who("NOBODY", "virtual")
    if service and not is_own_service(service, settings):
        return Who("SERVICE", service)
    return OURS


def _first_days(order: Fields, found: _Found) -> Iterable[int | None]:
    """When it may be sent at the earliest, ms since epoch; what the platform itself holds goes to `found.holds`."""
    yield from found.days
    if "fulfill_at" in order.doc:
        yield order.maybe_time("fulfill_at")
    for part in order.children("fulfillment_orders") if "fulfillment_orders" in order.doc else ():
        state = part.text("status").casefold()
        if state == "on_hold":
            found.holds.add("platform_hold")
        elif state in ("open", "scheduled"):
            day = part.maybe_time("fulfill_at")
            if day is None and state == "scheduled":
                found.holds.add("presale_without_date")
            yield day


def _is_presale(plan: Fields, settings: ChannelSettings) -> bool:
    """Whether a selling plan is a presale: by its category, else by its name. Subscriptions are sent at once."""
    inner = plan.child("selling_plan") if "selling_plan" in plan.doc else plan
    return inner.text("category").upper() == "PRE_ORDER" or is_presale(inner.text("name"), settings)


def _receiver(order: Fields) -> Receiver:
    place = order.child("shipping_address")
    company = place.text("company")
    return receiver_at(
        name=_name(place) or _name(order.child("customer")) or _name(order.child("billing_address")) or company,
        phone=place.text("phone") or order.text("phone") or _phone_of_buyer(order),
        country=_country(place),
        province=place.text("province", "province_code"),
        city=place.text("city"),
        district="",
        address=" ".join(filter(None, (place.text("address1"), place.text("address2")))),
        postal_code=place.text("zip"),
        company=company,
    )


def _phone_of_buyer(order: Fields) -> str:
    customer = order.child("customer")
    return (
        customer.text("phone")
        or customer.child("default_address").text("phone")
        or order.child("billing_address").text("phone")
    )


def _name(person: Fields) -> str:
    return person.text("name") or " ".join(filter(None, (person.text("first_name"), person.text("last_name"))))


def _country(place: Fields) -> str:
    """The country's code; empty where there is no address."""
    named = place.text("country_code", "country")
    found = ISLANDS.get(named) or country_of(named)
    if named and not found:
        place.wrong(
            "out_of_range", "country_code", named, "expected an ISO 3166-1 code like CN: ask the buyer where to"
        )
    if found == "CN":
        # Written as parts of China by some importers; to a carrier they are countries of their own.
        parts = (country_of(place.text(name)) for name in ("province", "city") if place.doc.get(name))
        return next((part for part in parts if part in APART), found)
    return found or ""
