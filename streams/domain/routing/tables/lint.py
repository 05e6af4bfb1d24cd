"""What is wrong with rows of tables beyond their form: places nobody knows, days that are none, what contradicts itself.

Each function takes the rows whose own form is right, with their places in the document, and gives all faults of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from schemas.documents.capacity.document import Capacity
from schemas.documents.carriers.document import Carrier
from schemas.documents.coverage.document import Area, Served
from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.freight.document import Template, Zone
from schemas.documents.products.document import Product
from schemas.documents.transit.document import Transit

from ..codes import code_faults
from .calendar_faults import day_faults
from .claims import of_zones, repeated
from .regions import key_of

#: Codes of warehouses that are set up; None: not known.
Warehouses = Collection[str] | None
_PLACE = "is no place that is known: write it as 浙江/杭州/西湖区, a country as US, all of China as *"


def of_products(rows: Sequence[tuple[int, Product]], warehouses: Warehouses = None) -> Iterator[Fault]:
    for at, row in rows:
        path: Path = ("products", at)
        if (row.sku is None) == (row.prefix is None):
            yield Fault(path, NOTHING, "needs either sku or prefix: write one of them")
        if row.cm3 is not None and row.mm is not None:
            yield Fault((*path, "cm3"), row.cm3, "says what mm says already: leave one of them")
        for number, each in enumerate(row.costs):
            place: Path = (*path, "costs", number, "warehouse")
            yield from code_faults(each.warehouse, place, warehouses)
            if each.warehouse in [other.warehouse for other in row.costs[:number]]:
                yield Fault(place, each.warehouse, "is named twice: leave one")


def of_freight(rows: Sequence[tuple[int, Template]], warehouses: Warehouses = None) -> Iterator[Fault]:
    for at, row in rows:
        path: Path = ("templates", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        if row.divisor is not None and row.mode != "weight":
            yield Fault((*path, "divisor"), row.divisor, f"means nothing in mode {row.mode}: take it out")
        yield from repeated(of_zones(row.zones, path), {})
        for number, zone in enumerate(row.zones):
            yield from _of_zone(zone, (*path, "zones", number))


def _of_zone(zone: Zone, path: Path) -> Iterator[Fault]:
    yield from _of_regions(zone.regions, path)
    tops = (zone.first, *[step.upto for step in zone.steps])
    for at, (lower, upper) in enumerate(pairwise(tops)):
        if upper <= lower:
            yield Fault((*path, "steps", at, "upto"), upper, f"is not above {lower:,}, where the one before it ends")
    if (zone.additional is None) != (zone.additional_fee is None):
        given = "additional" if zone.additional_fee is None else "additional_fee"
        lacks = "additional_fee" if zone.additional_fee is None else "additional"
        yield Fault((*path, given), NOTHING, f"means nothing without {lacks}: write both or none")


def of_transit(rows: Sequence[tuple[int, Transit]], warehouses: Warehouses = None) -> Iterator[Fault]:
    for at, row in rows:
        path: Path = ("transit", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        if (row.days is None) == (row.minutes is None):
            yield Fault(path, NOTHING, "needs either days or minutes: write one of them")
        if row.from_:
            yield from day_faults(row.from_, (*path, "from"))
        yield from _of_regions(row.regions, path)


def of_coverage(
    rows: Sequence[tuple[int, Served]], areas: Sequence[tuple[int, Area]], warehouses: Warehouses = None
) -> Iterator[Fault]:
    for at, row in rows:
        path: Path = ("coverage", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        if not row.serves and row.priority:
            yield Fault((*path, "priority"), row.priority, "means nothing with serves = false: take it out")
        yield from _of_regions(row.regions, path)
    for at, area in areas:
        yield from _of_regions(area.regions, ("areas", at))


def of_capacity(rows: Sequence[tuple[int, Capacity]], warehouses: Warehouses = None) -> Iterator[Fault]:
    for at, row in rows:
        path: Path = ("capacity", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        for number, each in enumerate(row.days):
            place: Path = (*path, "days", number, "day")
            yield from day_faults(each.day, place)
            if each.day in [other.day for other in row.days[:number]]:
                yield Fault(place, each.day, "is named twice: leave one")


def of_carriers(rows: Sequence[tuple[int, Carrier]], warehouses: Warehouses = None) -> Iterator[Fault]:
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
        yield from _of_regions(row.regions, path)


def _of_regions(names: Sequence[str], path: Path) -> Iterator[Fault]:
    """:param path: of the row that names them."""
    for at, name in enumerate(names):
        if key_of(name) is None:
            yield Fault((*path, "regions", at), name, _PLACE)
