"""What every mapper hands over: an order as its platform shows it, in canonical terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from schemas.records import OrderLine, OrderStatus, Reason, Receiver

from .fields import Fields


class Snapshot(NamedTuple):
    """The canonical pieces of an order; to be used only when the mapper found no reason against it.

    `version` and all times are ms since epoch, money is in minor units, `hold_reason` names every hold, joined by commas.
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
    """The order itself, whether the payload is the bare object or still in the platform's response (`wrapper`: its nested names)."""
    path = ""
    inner: Any = doc
    for name in wrapper:
        inner = inner.get(name) if inner.__class__ is dict else None
        path = f"{path}{name}."
    return Fields(inner, path, reasons) if inner.__class__ is dict else Fields(doc, "", reasons)


def held(status: OrderStatus, holds: list[str]) -> tuple[OrderStatus, str | None]:
    """A paid order with holds is held; holds mean nothing in any other status."""
    if holds and status in ("PAID", "HOLD"):
        return "HOLD", ",".join(holds)
    return status, None


def notes(order: Fields, **names: str) -> dict[str, str]:
    """Attributes: canonical name -> the field's text, those that have something in them."""
    return {name: text for name, field in names.items() if (text := order.text(field))}
