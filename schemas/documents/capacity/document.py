"""The capacity document (产能): what a warehouse takes, can do, and costs."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import FEW_MAX, ROWS_MAX, Currency, Name, Number, Part, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1


class DayUnits(Part, frozen=True):
    """One day's own limit, as 2026-11-11 (UTC+8)."""

    day: Name
    units: Number


class Capacity(Part, kw_only=True, frozen=True):
    """One warehouse; a limit that is left out is none.

    open_units: pieces that may be reserved there and not yet shipped, beside the limit it was set up with: the lower one counts.
    units_a_day: pieces that it may be given in one day of UTC+8. order_minor, piece_minor: what an order, and each of its pieces, costs to
    handle there, in minor units of the document's currency; both left out: not known. abilities: what products may need.
    """

    warehouse: Name
    open_units: Number | None = None
    units_a_day: Number | None = None
    days: Annotated[tuple[DayUnits, ...], Meta(max_length=1_000)] = ()
    order_minor: Number | None = None
    piece_minor: Number | None = None
    abilities: Annotated[tuple[Name, ...], Meta(max_length=FEW_MAX)] = ()


class Document(Part, frozen=True):
    """Capacities: one a warehouse."""

    version: Literal[1]
    name: Name
    capacity: Annotated[tuple[Capacity, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    description: Remark = ""
    currency: Currency = "CNY"
    kind: Literal["capacity"] = "capacity"


FORM = Form("capacity", Document, VERSION, ROWS_MAX)
