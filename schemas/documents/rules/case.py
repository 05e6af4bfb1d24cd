"""An order and its surroundings as a person writes them down, to try rules on."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from .. import shape
from ..faults import NOTHING, Fault, Refused
from ..parts import Name, Number, Part, Positive, Remark
from ..text import Read, read


class CaseLine(Part, frozen=True):
    """A line that is to be sent; ``bundle``: the line that it is a part of."""

    sku: Name
    quantity: Positive
    unit_price_minor: Number = 0
    bundle: Remark = ""


class CaseOrder(Part, frozen=True):
    """An order. Times as ISO 8601 has them, with their offset; what is left out is not known."""

    lines: Annotated[tuple[CaseLine, ...], Meta(min_length=1, max_length=1_000)]
    channel: Remark = ""
    shop: Remark = ""
    currency: Remark = "CNY"
    country: Remark = "CN"
    province: Remark = ""
    city: Remark = ""
    district: Remark = ""
    town: Remark = ""
    total_minor: Number | None = None
    collect_minor: Number | None = None
    placed_at: Remark = ""
    paid_at: Remark = ""
    ship_by: Remark = ""


class Shelf(Part, frozen=True):
    """Pieces of a SKU that could be sold."""

    sku: Name
    pieces: Positive


class CaseWarehouse(Part, frozen=True):
    """A warehouse; it stands in the middle of its province. ``given_today``: pieces that it was given today; left out: nobody knows."""

    code: Name
    province: Name
    stock: Annotated[tuple[Shelf, ...], Meta(max_length=1_000)] = ()
    priority: Number = 0
    enabled: bool = True
    open_units: Number = 0
    max_open_units: Number | None = None
    given_today: Number | None = None


class Case(Part, frozen=True):
    """One order, and every warehouse there is. ``now``: when it is decided; left out: as it is read."""

    order: CaseOrder
    warehouses: Annotated[tuple[CaseWarehouse, ...], Meta(max_length=1_000)]
    now: Remark = ""


class CaseRefused(Refused):
    """All faults of a case; ``read`` has their lines."""

    def __init__(self, found: Read) -> None:
        super().__init__(found.faults)
        self.read = found


def case(text: str) -> Case:
    """Read a case, JSON or TOML. Raises CaseRefused: it has faults."""
    found = read(text)
    if not found.faults:
        found.faults.extend(shape.faults(found.tree, msgspec.inspect.type_info(Case)))
    if found.faults or found.tree is NOTHING:
        raise CaseRefused(found)
    return msgspec.convert(found.tree, Case)


def given_order(tree: dict[str, Any]) -> CaseOrder | list[Fault]:
    """An order of plain values, or all that is wrong with them."""
    found = list(shape.faults(tree, msgspec.inspect.type_info(CaseOrder)))
    return found or msgspec.convert(tree, CaseOrder)
