"""What every mapper hands over: an order as its platform shows it, in canonical terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.records import OrderLine, OrderStatus, Reason, Receiver, Sender
from streams.domain.reference import without_region

from .contacts import extension_in, form_of, phone_of
from .fields import Fields
from .settings import ChannelSettings


class Snapshot(NamedTuple):
    """The canonical pieces of an order; to be used only when the mapper found no reason against it.

    `version` and all times are ms since epoch, money is in minor units, `hold_reason` names every hold, joined by
    commas.
    """

    order_no: str
    version: int
    status: OrderStatus
    hold_reason: str | None
    currency: str
    total_minor: int
    placed_at_ms: int
    paid_at_ms: int | None
    ship_by_ms: int | None
    receiver: Receiver
    lines: list[OrderLine]
    attributes: dict[str, str]
    not_before_ms: int | None = None
    collect_minor: int | None = None


Mapper = Callable[[Mapping[str, Any], list[Reason], ChannelSettings], Snapshot]


def goods_line(
    line_no: str,
    sku: str,
    title: str,
    quantity: int,
    unit_price_minor: int,
    *,
    returned: int = 0,
    shipped: int = 0,
    cancelled: int = 0,
    asked_back: int = 0,
    sent_by: Sender = "MERCHANT",
    sender: str = "",
    bundle_line_no: str = "",
) -> OrderLine:
    """A line of an order; all numbers but the price are units."""
    return {
        "line_no": line_no,
        "sku": sku,
        "title": title,
        "quantity": quantity,
        "unit_price_minor": unit_price_minor,
        "returned_quantity": returned,
        "shipped_quantity": shipped,
        "cancelled_quantity": cancelled,
        "asked_back_quantity": asked_back,
        "sent_by": sent_by,
        "sender": sender,
        "bundle_line_no": bundle_line_no,
    }


def receiver_at(
    *,
    name: str,
    phone: str,
    country: str,
    province: str,
    city: str,
    district: str,
    address: str,
    town: str = "",
    postal_code: str = "",
    oaid: str | None = None,
    company: str = "",
    forms: Mapping[str, str] | None = None,
) -> Receiver:
    """Whom and where to ship to, from the fields as the platform writes them.

    An extension is taken off the phone, and the region that the address begins with off the address, but for ciphertext. `forms`: what only
    the mapper knows of fields that are not plain; see `contacts` for the rest.
    """
    number, extension, phone_form = phone_of(phone)
    if not extension and not phone_form and (extension := extension_in(name)):
        phone_form = "privacy"
    found = dict(forms) if forms else {}
    fields = (("name", name, form_of(name)), ("phone", phone, phone_form), ("address", address, form_of(address)))
    for field, text, form in fields:
        if form:
            found.setdefault(field, form)
        elif oaid and not text:
            # What its platform shows nobody it prints itself, from this token.
            found.setdefault(field, "cipher")
    if found.get("address") != "cipher":
        address = without_region(address, province, city, district)
        if town and address != town:
            address = address.removeprefix(town)
    return {
        "name": name,
        "phone": number,
        "country": country,
        "province": province,
        "city": city,
        "district": district,
        "town": town,
        "address": address,
        "postal_code": postal_code,
        "oaid": oaid,
        "company": company,
        "phone_extension": extension,
        "forms": found,
    }


def to_send(line: OrderLine) -> int:
    """Units of a line that this merchant has still to send, as its platform shows it."""
    if line["sent_by"] != "MERCHANT":
        return 0
    return max(0, line["quantity"] - line["cancelled_quantity"] - line["shipped_quantity"])


def _gifts_alone(lines: Iterable[OrderLine]) -> bool:
    """Whether all that was bought is cancelled, and what is left cost nothing: it was given with what nobody gets."""
    given_up = False
    for line in lines:
        # A bundle's parts have no price of their own.
        if line["unit_price_minor"] or line["bundle_line_no"]:
            if line["quantity"] > line["cancelled_quantity"]:
                return False
            given_up = True
    return given_up


def settled(
    platform: OrderStatus, lines: Sequence[OrderLine], holds: Iterable[str], own: str
) -> tuple[OrderStatus, str | None]:
    """An order's status and its hold reason, from the platform's word and what its lines show.

    unpaid, or cancelled as a whole      as the platform says
    no line is this merchant's           as the platform says
    something is still to be sent        HOLD with every hold's name, else PAID: also where the platform calls the order shipped;
                                         gifts of what was cancelled are held
    nothing is, and something has left   SHIPPED
    nothing is, all was cancelled        CANCELLED, if no line of others' is alive

    :param own: the reason of a status HOLD without any.
    """
    ours = [line for line in lines if line["sent_by"] == "MERCHANT"]
    if platform in ("UNPAID", "CANCELLED") or not ours:
        return held(platform, (), own)
    if any(map(to_send, ours)):
        found = {*holds, "gift_alone"} if _gifts_alone(lines) else holds
        return held("HOLD" if platform == "HOLD" else "PAID", found, own)
    if any(line["shipped_quantity"] for line in ours):
        return "SHIPPED", None
    others = any(line["quantity"] > line["cancelled_quantity"] for line in lines if line["sent_by"] != "MERCHANT")
    return held(platform, (), own) if others else ("CANCELLED", None)


def unwrapped(doc: Mapping[str, Any], reasons: list[Reason], *wrapper: str) -> Fields:
    """The order itself, whether the payload is the bare object or still in the platform's response.

    :param wrapper: the response's nested names, outermost first; it may have been unwrapped in part.
    """
    for depth, name in enumerate(wrapper):
        if name in doc:
            inner: Any = doc
            for step in wrapper[depth:]:
                inner = inner.get(step) if inner.__class__ is dict else None
            if inner.__class__ is dict:
                return Fields(inner, ".".join((*wrapper[depth:], "")), reasons)
    return Fields(doc, "", reasons)


def held(status: OrderStatus, holds: Iterable[str], own: str) -> tuple[OrderStatus, str | None]:
    """A paid order with holds is held; holds mean nothing in other statuses.

    `own`: the reason of a status HOLD without any.
    """
    found = sorted(holds)
    if status == "HOLD" or (found and status == "PAID"):
        return "HOLD", ",".join(found) or own
    return status, None


def notes(order: Fields, **names: str) -> dict[str, str]:
    """Attributes: canonical name -> the field's text, those that have something in them.

    Nothing is decided by them, so one of a strange type is left out and holds no order up.
    """
    doc = order.doc
    found: dict[str, str] = {}
    for name, field in names.items():
        value: Any = doc.get(field)
        if value.__class__ is str:
            if value:
                found[name] = value
        elif value.__class__ is int:
            found[name] = str(value)
    return found
