"""What is wrong with tables' documents beyond their form: rows that say the same thing twice, places nobody knows, days that are none.

Each function takes the rows whose own form is right, with their places in the document, and gives all faults of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from schemas.documents.capacity.document import Capacity
from schemas.documents.carriers.document import Carrier
from schemas.documents.coverage.document import Area, Served
from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.freight.document import Template, Zone
from schemas.documents.products.document import Product
from schemas.documents.transit.document import Transit

from ..codes import code_faults
from .calendar_faults import day_faults
from .regions import key_of

K = TypeVar("K")
#: Codes of warehouses that are set up; None: not known.
Warehouses = Collection[str] | None
_PLACE = "is no place that is known: write it as 浙江/杭州/西湖区, a country as US, all of China as *"


def of_products(rows: Sequence[tuple[int, Product]], warehouses: Warehouses = None) -> Iterator[Fault]:
    seen: dict[tuple[str, str], int] = {}
    for at, row in rows:
        path: Path = ("products", at)
        if (row.sku is None) == (row.prefix is None):
            yield Fault(path, NOTHING, "needs either sku or prefix: write one of them")
        else:
            field = "prefix" if row.sku is None else "sku"
            name = row.sku or row.prefix or ""
            yield from _again(seen, (field, name), at, (*path, field), name, "products")
        if row.cm3 is not None and row.mm is not None:
            yield Fault((*path, "cm3"), row.cm3, "says what mm says already: leave one of them")
        for number, each in enumerate(row.costs):
            place: Path = (*path, "costs", number, "warehouse")
            yield from code_faults(each.warehouse, place, warehouses)
            if each.warehouse in [other.warehouse for other in row.costs[:number]]:
                yield Fault(place, each.warehouse, "is named twice: leave one")


def of_freight(rows: Sequence[tuple[int, Template]], warehouses: Warehouses = None) -> Iterator[Fault]:
    seen: dict[tuple[str, str], int] = {}
    for at, row in rows:
        path: Path = ("templates", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        yield from _again(seen, (row.warehouse, row.carrier), at, (*path, "carrier"), row.carrier, "templates")
        if row.divisor is not None and row.mode != "weight":
            yield Fault((*path, "divisor"), row.divisor, f"means nothing in mode {row.mode}: take it out")
        places: dict[str, int] = {}
        for number, zone in enumerate(row.zones):
            yield from _of_zone(zone, number, (*path, "zones", number), places)


def _of_zone(zone: Zone, number: int, path: Path, places: dict[str, int]) -> Iterator[Fault]:
    yield from _of_regions(zone.regions, (*path, "regions"), places, number, "zones")
    tops = (zone.first, *[step.upto for step in zone.steps])
    for at, (lower, upper) in enumerate(pairwise(tops)):
        if upper <= lower:
            yield Fault((*path, "steps", at, "upto"), upper, f"is not above {lower:,}, where the one before it ends")
    if (zone.additional is None) != (zone.additional_fee is None):
        given = "additional" if zone.additional_fee is None else "additional_fee"
        lacks = "additional_fee" if zone.additional_fee is None else "additional"
        yield Fault((*path, given), NOTHING, f"means nothing without {lacks}: write both or none")


def of_transit(rows: Sequence[tuple[int, Transit]], warehouses: Warehouses = None) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str], dict[str, int]] = {}
    for at, row in rows:
        path: Path = ("transit", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        if (row.days is None) == (row.minutes is None):
            yield Fault(path, NOTHING, "needs either days or minutes: write one of them")
        if row.from_:
            yield from day_faults(row.from_, (*path, "from"))
        places = seen.setdefault((row.warehouse, row.carrier, row.from_), {})
        yield from _of_regions(row.regions, (*path, "regions"), places, at, "transit")


def of_coverage(
    rows: Sequence[tuple[int, Served]], areas: Sequence[tuple[int, Area]], warehouses: Warehouses = None
) -> Iterator[Fault]:
    seen: dict[str, dict[str, int]] = {}
    for at, row in rows:
        path: Path = ("coverage", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        if not row.serves and row.priority:
            yield Fault((*path, "priority"), row.priority, "means nothing with serves = false: take it out")
        yield from _of_regions(row.regions, (*path, "regions"), seen.setdefault(row.warehouse, {}), at, "coverage")
    places: dict[str, int] = {}
    names: dict[str, int] = {}
    for at, area in areas:
        yield from _again(names, area.name, at, ("areas", at, "name"), area.name, "areas")
        yield from _of_regions(area.regions, ("areas", at, "regions"), places, at, "areas")


def of_capacity(rows: Sequence[tuple[int, Capacity]], warehouses: Warehouses = None) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for at, row in rows:
        path: Path = ("capacity", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        yield from _again(seen, row.warehouse, at, (*path, "warehouse"), row.warehouse, "capacity")
        for number, each in enumerate(row.days):
            place: Path = (*path, "days", number, "day")
            yield from day_faults(each.day, place)
            if each.day in [other.day for other in row.days[:number]]:
                yield Fault(place, each.day, "is named twice: leave one")


def of_carriers(rows: Sequence[tuple[int, Carrier]], warehouses: Warehouses = None) -> Iterator[Fault]:
    seen: dict[tuple[str, str], dict[str, int]] = {}
    for at, row in rows:
        path: Path = ("carriers", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        for name, limit in (
            ("grams_max", row.grams_max),
            ("cm3_max", row.cm3_max),
            ("side_mm_max", row.side_mm_max),
        ):
            if limit is not None and not row.reaches:
                yield Fault((*path, name), limit, "means nothing with reaches = false: take it out")
        places = seen.setdefault((row.warehouse, row.carrier), {})
        yield from _of_regions(row.regions, (*path, "regions"), places, at, "carriers")


def _again(seen: dict[K, int], key: K, at: int, path: Path, value: str, rows: str) -> Iterator[Fault]:
    if key in seen:
        yield Fault(path, value, f"has a row already, {rows}[{seen[key]}]: leave one")
    seen.setdefault(key, at)


def _of_regions(names: Sequence[str], path: Path, places: dict[str, int], row: int, rows: str) -> Iterator[Fault]:
    """:param places: keys that other rows of the same name, then also these; each with its row."""
    for at, name in enumerate(names):
        key = key_of(name)
        if key is None:
            yield Fault((*path, at), name, _PLACE)
        elif places.get(key) == row:
            yield Fault((*path, at), name, "is named twice: leave one")
        elif key in places:
            yield Fault((*path, at), name, f"is named by {rows}[{places[key]}] already: leave one")
        if key is not None:
            places.setdefault(key, row)
