"""What every mapper hands over: an after-sale as its platform shows it, in canonical terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from schemas.records import AfterSaleKind, AfterSaleState, ParcelLine, Reason, ReasonClass
from streams.domain.channels.fields import MAX_QUANTITY, Fields
from streams.domain.channels.values import is_whole

#: 2000-01-01: no platform of ours is older, so an earlier time is a default or a counter.
_OLDEST_MS = 946_684_800_000
#: A number of this size is ms: seconds of the year 5138, and the year 2100.
_MS_FROM, _MS_TO = 100_000_000_000, 4_102_444_800_000


class Sale(NamedTuple):
    """The canonical pieces of an after-sale; to be used only when the mapper found no reason against it.

    `version` and all times are ms since epoch, money is in minor units; see AfterSale for what each means.
    """

    aftersale_id: str
    order_no: str
    version: int
    kind: AfterSaleKind
    state: AfterSaleState
    platform_state: str
    before_shipping: bool | None
    received: bool | None
    currency: str
    amount_minor: int | None
    whole: bool | None
    lines: list[ParcelLine]
    reason: str
    reason_code: str
    reason_class: ReasonClass
    tracking_no: str
    asked_at_ms: int | None


SaleMapper = Callable[[Mapping[str, Any], list[Reason]], Sale]


def goods(place: Fields, line_no: str, sku: str, quantity: str) -> list[ParcelLine]:
    """The units of the one line that it is about; the names are the fields'.

    A SKU is not asked for: the line is what counts, and some platforms name it alone.
    """
    found = pieces(place, quantity)
    return [{"line_no": place.ident(line_no), "sku": place.text(sku) if sku else "", "quantity": found or 0}]


def pieces(place: Fields, name: str, *others: str) -> int | None:
    """How many units, from the first of these fields that says so; none or 0 in all of them is a reason."""
    for field in (name, *others):
        value: Any = place.doc.get(field)
        if value not in (None, "", 0, "0"):
            return place.integer(field, 1, MAX_QUANTITY)
    place.missing(name, *others, fix="it says how many pieces it is about: fetch the after-sale again")
    return None


def maybe_money(place: Fields, name: str) -> int | None:
    """An amount in main units; None where the payload has none."""
    return None if place.doc.get(name) in (None, "") else place.money(name)


def maybe_minor(place: Fields, name: str) -> int | None:
    """An amount in minor units; None where the payload has none."""
    return None if place.doc.get(name) in (None, "") else place.minor(name)


def any_time(place: Fields, name: str) -> int | None:
    """A time as platforms write it, or in ms since the epoch, which a number above 10**11 is; None when there is none."""
    value: Any = place.doc.get(name)
    if value.__class__ is str and is_whole(value):
        value = int(value)
    if value.__class__ is not int or value < _MS_FROM:
        return place.maybe_time(name)
    if value >= _MS_TO:
        place.wrong("invalid_time", name, value, "expected ms since the epoch, 2000 to 2100")
        return None
    return int(value)


def within(place: Fields, name: str, amount: int | None, most: int | None) -> None:
    """A refund is not larger than what its units (or their order) cost."""
    if amount is not None and most is not None and amount > most:
        fix = f"more than the {most} minor units that were paid: fetch the after-sale again"
        place.wrong("refund_too_large", name, place.doc.get(name), fix)


def whole_or_none(amount: int, paid: int, price: int, units: int) -> bool | None:
    """Whether it pays back all that was paid (True), or less than any of the units is worth, so that none is given up (False).

    None: nobody knows; the amount may be for some of the units.
    """
    if amount >= paid:
        return True
    return False if amount * units < price else None


def dated(place: Fields, name: str, version: int, asked_name: str, asked: int | None) -> None:
    """Times that can't be: before any platform was there, or asked for after it was last changed."""
    for field, at in ((name, version), (asked_name, asked)):
        if at and at < _OLDEST_MS:
            place.wrong("invalid_time", field, place.doc.get(field), "expected a time after 2000")
    if asked and version and asked // 1000 > version // 1000:
        fix = f"it is later than {name}, when it was last changed: fetch the after-sale again"
        place.wrong("contradiction", asked_name, place.doc.get(asked_name), fix)
