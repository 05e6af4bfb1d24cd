"""Filters: compiled to functions that are asked once an order, about all warehouses that are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.documents.parts import BASIS_POINTS
from schemas.documents.rules.document import (
    CoversShare,
    Filter,
    HasCapacity,
    InProvinces,
    InReceiversProvince,
    InTable,
    KeepBack,
    NotLoaded,
    OfWarehouses,
    WithinDistance,
)

from .carriage import Carriage
from .facts import Facts, Value, WarehouseFacts, known_name
from .table_filters import Check, Left, Rows
from .table_filters import compiled as of_tables


def code_of(each: Filter) -> str:
    """What a refusal is called: the filter's own name in capitals."""
    return str(each.__struct_config__.tag).upper()


def compiled(each: Filter, tables: Mapping[str, int], by: Carriage) -> Check | None:
    """A filter's check; None: it refuses nobody by itself.

    :param tables: name -> its place among ``Rows``.
    :param by: which carrier sends from a warehouse.
    """
    match each:
        case WithinDistance(metres=metres):
            return _within(metres)
        case OfWarehouses(in_=codes, not_=negated):
            return _of_codes(frozenset(codes), negated)
        case InProvinces(in_=provinces, not_=negated):
            return _in_provinces(frozenset([known_name("province", each) for each in provinces]), negated)
        case InReceiversProvince():
            return _same_province
        case CoversShare(at_least=share):
            return _covers(share)
        case HasCapacity(at_least=pieces):
            return _has_capacity(pieces)
        case NotLoaded(at_most=share):
            return _not_loaded(share)
        case InTable(table=name):
            return _in_table(tables[name])
        case KeepBack():
            return None
        case _:
            return of_tables(each, by)


def loads(warehouses: Sequence[WarehouseFacts]) -> list[int]:
    """The share of each one's open pieces in use, in basis points, rounded down; 0 without a limit."""
    return [each.open_units * BASIS_POINTS // each.max_open_units if each.max_open_units else 0 for each in warehouses]


def _within(metres: int) -> Check:
    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        return [
            (at, each.metres, metres) for at, each in enumerate(left[0]) if each.metres is None or each.metres > metres
        ]

    return check


def _of_codes(codes: frozenset[str], negated: bool) -> Check:
    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        return [(at, each.code, None) for at, each in enumerate(left[0]) if (each.code in codes) is negated]

    return check


def _in_provinces(provinces: frozenset[str], negated: bool) -> Check:
    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        return [(at, each.province, None) for at, each in enumerate(left[0]) if (each.province in provinces) is negated]

    return check


def _same_province(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
    here = facts.order.province
    return [(at, each.province, here) for at, each in enumerate(left[0]) if each.province != here or not here]


def _covers(share: int) -> Check:
    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        return [
            (at, covers * BASIS_POINTS // pieces, share)
            for at, covers in enumerate(left[1])
            if covers * BASIS_POINTS < share * pieces
        ]

    return check


def _has_capacity(least: int) -> Check:
    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        return [
            (at, each.max_open_units - each.open_units, least)
            for at, each in enumerate(left[0])
            if each.max_open_units is not None and each.max_open_units - each.open_units < least
        ]

    return check


def _not_loaded(share: int) -> Check:
    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        return [(at, load, share) for at, load in enumerate(loads(left[0])) if load > share]

    return check


def _in_table(place: int) -> Check:
    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        row = rows[place] or {}
        return [(at, each.code, None) for at, each in enumerate(left[0]) if each.code not in row]

    return check
