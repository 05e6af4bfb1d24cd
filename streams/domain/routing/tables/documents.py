"""Documents of tables by their kinds: what is wrong with one beyond its form, and all of them compiled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from schemas.documents.calendars.document import Calendar, Holidays
from schemas.documents.capacity.document import Capacity
from schemas.documents.carriers.document import Carrier
from schemas.documents.coverage.document import Area, Served
from schemas.documents.faults import Fault, line_of
from schemas.documents.freight.document import Template
from schemas.documents.products.document import Product
from schemas.documents.reading import Draft
from schemas.documents.transit.document import Transit

from . import calendar_faults, calendars, capacity, carriers, coverage, freight, goods, lint, transit
from .claims import CLAIMS, Key, repeated
from .reckoning import Tables

#: Codes of warehouses that are set up; None: not known.
Warehouses = Collection[str] | None
_NONE: Mapping[str, Any] = {}


def _of_calendars(draft: Draft[Any], warehouses: Warehouses) -> Iterator[Fault]:
    rows, years = draft.many(("calendars",), Calendar), draft.many(("holidays",), Holidays)
    lists_some = draft.count(("holidays",)) > 0 or draft.is_wrong(("holidays",))
    return calendar_faults.of_calendars(rows, years, warehouses, has_holidays=lists_some)


def _of_coverage(draft: Draft[Any], warehouses: Warehouses) -> Iterator[Fault]:
    return lint.of_coverage(draft.many(("coverage",), Served), draft.many(("areas",), Area), warehouses)


#: What is wrong with the rows of a kind.
_FAULTS: Mapping[str, Callable[[Draft[Any], Warehouses], Iterator[Fault]]] = {
    "products": lambda draft, known: lint.of_products(draft.many(("products",), Product), known),
    "freight": lambda draft, known: lint.of_freight(draft.many(("templates",), Template), known),
    "transit": lambda draft, known: lint.of_transit(draft.many(("transit",), Transit), known),
    "calendars": _of_calendars,
    "coverage": _of_coverage,
    "capacity": lambda draft, known: lint.of_capacity(draft.many(("capacity",), Capacity), known),
    "carriers": lambda draft, known: lint.of_carriers(draft.many(("carriers",), Carrier), known),
}

#: Kinds of documents that are tables.
TABLES = tuple(_FAULTS)


def row_faults(
    kind: str, draft: Draft[Any], warehouses: Warehouses = None, others: Mapping[str, Any] = _NONE
) -> Iterator[Fault]:
    """Faults of a document beyond its form, of those rows whose own form is right.

    :param others: documents of the same kind that are live beside it, by their names: what they have a row for, it has none for.
    """
    yield from _FAULTS[kind](draft, warehouses)
    elsewhere: dict[Key, str] = {}
    for name, document in sorted(others.items()):
        for field, (_, claims) in CLAIMS[kind].items():
            elsewhere |= {claim.key: name for claim in claims(enumerate(getattr(document, field)))}
    for field, (row, claims) in CLAIMS[kind].items():
        yield from repeated(claims(draft.many((field,), row)), elsewhere)


def faults_of(kind: str, draft: Draft[Any], warehouses: Warehouses = None) -> list[Fault]:
    """All faults of a document taken alone, those of its form among them, by line; none: it can be compiled."""
    found = [*draft.faults, *row_faults(kind, draft, warehouses)]
    return sorted(found, key=lambda fault: (line_of(fault.path, draft.lines), [f"{part:>9}" for part in fault.path]))


def tables_of(documents: Sequence[tuple[str, Any]], versions: Mapping[str, int | str]) -> Tables:
    """Compile (kind, document) without faults, any number of each kind; of two rows for one thing, which lint refuses, the first counts."""

    def of(kind: str) -> list[Any]:
        return [document for its, document in documents if its == kind]

    return Tables(
        products=goods.compiled(of("products")),
        freight=freight.compiled(of("freight")),
        transit=transit.compiled(of("transit")),
        calendars=calendars.compiled(of("calendars")),
        coverage=coverage.compiled(of("coverage")),
        capacity=capacity.compiled(of("capacity")),
        carriers=carriers.compiled(of("carriers")),
        versions=versions,
    )
