"""What one row of a table alone may say: of two rows that say it one must go, be they in one document or in two that are live together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.documents.calendars.document import Calendar, Holidays
from schemas.documents.capacity.document import Capacity
from schemas.documents.carriers.document import Carrier
from schemas.documents.coverage.document import Area, Served
from schemas.documents.faults import Fault, Path
from schemas.documents.freight.document import Template, Zone
from schemas.documents.products.document import Product
from schemas.documents.transit.document import Transit

from .regions import key_of

#: What is claimed: of one key there is one row in all live documents of a kind.
Key = tuple[str, ...]


class Claim(NamedTuple):
    """Something that a row says."""

    key: Key
    #: The row: its list, and its place there.
    row: Path
    #: Where it says so.
    path: Path
    value: Any


def repeated(claims: Iterable[Claim], elsewhere: Mapping[Key, str]) -> Iterator[Fault]:
    """Claims that an earlier row makes already, or another document.

    :param elsewhere: what other documents claim, with the document's name.
    """
    seen: dict[Key, Path] = {}
    for key, row, path, value in claims:
        if key in elsewhere:
            yield Fault(path, value, f"stands in {elsewhere[key]} too: leave it in one of them")
        if key not in seen:
            seen[key] = row
        elif seen[key] == row:
            yield Fault(path, value, "is named twice: leave one")
        else:
            yield Fault(path, value, f"is named by {seen[key][-2]}[{seen[key][-1]}] already: leave one")


def of_products(rows: Iterable[tuple[int, Product]]) -> Iterator[Claim]:
    for at, row in rows:
        if (row.sku is None) != (row.prefix is None):
            field, name = ("prefix", row.prefix or "") if row.sku is None else ("sku", row.sku)
            yield _claim((field, name), ("products", at), field, name)


def of_freight(rows: Iterable[tuple[int, Template]]) -> Iterator[Claim]:
    for at, row in rows:
        yield _claim((row.warehouse, row.carrier), ("templates", at), "carrier", row.carrier)


def of_zones(zones: Sequence[Zone], path: Path) -> Iterator[Claim]:
    """Those of one template."""
    for number, zone in enumerate(zones):
        yield from _regions((), (*path, "zones", number), zone.regions)


def of_transit(rows: Iterable[tuple[int, Transit]]) -> Iterator[Claim]:
    for at, row in rows:
        yield from _regions((row.warehouse, row.carrier, row.from_), ("transit", at), row.regions)


def of_calendars(rows: Iterable[tuple[int, Calendar]]) -> Iterator[Claim]:
    for at, row in rows:
        yield _claim((row.warehouse,), ("calendars", at), "warehouse", row.warehouse)


def of_years(rows: Iterable[tuple[int, Holidays]]) -> Iterator[Claim]:
    """Those of one document: another one's calendars keep others."""
    for at, row in rows:
        yield _claim((str(row.year),), ("holidays", at), "year", row.year)


def of_coverage(rows: Iterable[tuple[int, Served]]) -> Iterator[Claim]:
    for at, row in rows:
        yield from _regions(("served", row.warehouse), ("coverage", at), row.regions)


def of_areas(rows: Iterable[tuple[int, Area]]) -> Iterator[Claim]:
    for at, row in rows:
        yield _claim(("area", row.name), ("areas", at), "name", row.name)
        yield from _regions(("inside",), ("areas", at), row.regions)


def of_capacity(rows: Iterable[tuple[int, Capacity]]) -> Iterator[Claim]:
    for at, row in rows:
        yield _claim((row.warehouse,), ("capacity", at), "warehouse", row.warehouse)


def of_carriers(rows: Iterable[tuple[int, Carrier]]) -> Iterator[Claim]:
    for at, row in rows:
        yield from _regions((row.warehouse, row.carrier), ("carriers", at), row.regions)


#: Kind -> its lists with the type of their rows, and what a row of each claims.
CLAIMS: Mapping[str, Mapping[str, tuple[Any, Callable[[Any], Iterator[Claim]]]]] = {
    "products": {"products": (Product, of_products)},
    "freight": {"templates": (Template, of_freight)},
    "transit": {"transit": (Transit, of_transit)},
    "calendars": {"calendars": (Calendar, of_calendars)},
    "coverage": {"coverage": (Served, of_coverage), "areas": (Area, of_areas)},
    "capacity": {"capacity": (Capacity, of_capacity)},
    "carriers": {"carriers": (Carrier, of_carriers)},
}


def _claim(key: Key, row: Path, field: str, value: object) -> Claim:
    return Claim(key, row, (*row, field), value)


def _regions(key: Key, row: Path, names: Sequence[str]) -> Iterator[Claim]:
    """One of each place that is known, however it is written."""
    for at, name in enumerate(names):
        place = key_of(name)
        if place is not None:
            yield Claim((*key, place), row, (*row, "regions", at), name)
