"""How JD joins the numbers of an order's parcels: carriers by ``|``, numbers of one carrier by ``,``, in the same order."""

from __future__ import annotations

import re

import msgspec

from .base import Parcel, Refused

_JOINTS = re.compile("[|,]")


class Sent(msgspec.Struct):
    """An order, and what of it is sent."""

    orderId: int | str
    orderState: str
    waybill: int | str | None = None
    logisticsId: int | str | None = None


def split(numbers: int | str | None) -> list[str]:
    """All of them, whosever they are."""
    return [number for number in _JOINTS.split("" if numbers is None else str(numbers)) if number]


def joined(order: Sent, parcel: Parcel) -> tuple[str, str]:
    """Carriers and numbers with one parcel more. Raises Refused when it can't be seen which number is whose."""
    carriers = split(order.logisticsId)
    numbers = [group for group in ("" if order.waybill is None else str(order.waybill)).split("|") if group]
    if len(carriers) != len(numbers):
        reason = f"jd: the order has {len(carriers)} carriers and numbers of {len(numbers)}: a further one would replace them"
        raise Refused("REQUEST_WRONG", reason)
    known = dict(zip(carriers, numbers, strict=True))
    carrier, number = parcel.carrier, parcel.tracking_no
    known[carrier] = f"{known[carrier]},{number}" if carrier in known else number
    return "|".join(known), "|".join(known.values())
