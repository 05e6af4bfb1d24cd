"""Capacity: what is left of a warehouse's day, what it can do, and what handling costs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.documents.capacity.document import Capacity as Row
from schemas.documents.capacity.document import Document

from .clock import day_in
from .reasons import NO_COUNT


class Capacity(NamedTuple):
    """One warehouse; a limit that is None is none."""

    open_units: int | None
    units_a_day: int | None
    #: Days that have their own limit.
    days: Mapping[int, int]
    #: What an order, and each of its pieces, costs to handle; None: not known.
    order_minor: int | None
    piece_minor: int | None
    currency: str
    abilities: tuple[str, ...]


#: By warehouse.
Capacities = Mapping[str, Capacity]


def compiled(documents: Sequence[Document]) -> Capacities:
    """Documents without faults; of two rows of one warehouse the first counts."""
    found: dict[str, Capacity] = {}
    for document in documents:
        for row in document.capacity:
            found.setdefault(row.warehouse, _capacity(row, document.currency))
    return found


def left_of_day(capacity: Capacity, day: int, given: int | None) -> int | str | None:
    """Pieces that a warehouse may still be given on a day; None: it has no limit; NO_COUNT: nobody says what it was given.

    :param given: pieces that it was given on that day, or None.
    """
    limit = capacity.days.get(day, capacity.units_a_day)
    if limit is None:
        return None
    return NO_COUNT if given is None else max(0, limit - given)


def handling_minor(capacity: Capacity, pieces: int) -> int | None:
    """What it costs to handle an order of so many pieces, in minor units of its currency; None: not known."""
    if capacity.order_minor is None and capacity.piece_minor is None:
        return None
    return (capacity.order_minor or 0) + (capacity.piece_minor or 0) * pieces


def lacking(capacity: Capacity | None, needs: Sequence[str]) -> str:
    """The first ability that goods need and a warehouse does not have; empty: it has all."""
    has = () if capacity is None else capacity.abilities
    return next((need for need in needs if need not in has), "")


def _capacity(row: Row, currency: str) -> Capacity:
    days: dict[int, int] = {}
    for each in row.days:
        day = day_in(each.day)
        if day is not None:
            days.setdefault(day, each.units)
    return Capacity(row.open_units, row.units_a_day, days, row.order_minor, row.piece_minor, currency, row.abilities)
