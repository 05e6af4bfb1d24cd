"""What every mapper hands over: an order as its platform shows it, in canonical terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .fields import Fields


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


Mapper = Callable[[Mapping[str, Any], list[Reason]], Snapshot]


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
