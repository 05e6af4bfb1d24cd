"""What is wrong with a document beyond its form: what contradicts itself or another, and names of what nobody set up.

A kind has its entry here; ``schemas/documents/kinds.py`` has its form.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from unicodedata import normalize

import msgspec

from schemas.documents.bundles.document import Bundle
from schemas.documents.bundles.document import Document as Bundles
from schemas.documents.carriers.document import Document as Carriers
from schemas.documents.faults import NOTHING, Fault, Path, line_of
from schemas.documents.freight.document import Template
from schemas.documents.listings.document import Document as Listings
from schemas.documents.pools.document import Document as Pools
from schemas.documents.reading import Draft
from schemas.documents.rules.document import Filter, SentBy
from schemas.documents.transit.document import Transit
from schemas.documents.warehouses.document import Document as Warehouses
from schemas.documents.warehouses.document import Warehouse
from streams.domain.flow.book import lacks as flow_lacks
from streams.domain.flow.lint import Known
from streams.domain.flow.lint import lint as flows_lint
from streams.domain.inventory.pool_documents import faults as pool_faults
from streams.domain.listing.documents import faults as listing_faults
from streams.domain.risk.settings import lint as risk_lint
from streams.domain.routing.book import lacks
from streams.domain.routing.codes import carrier_faults
from streams.domain.routing.geography import centre_of
from streams.domain.routing.rules.lint import lint as rules_lint
from streams.domain.routing.tables.documents import TABLES, row_faults


class Surroundings(NamedTuple):
    """What is there once everything that is applied together is in use."""

    #: Codes of warehouses: the hub's, and those of documents.
    warehouses: Collection[str]
    #: SKU of a bundle -> SKUs of its parts, whoever set it.
    bundles: Mapping[str, Collection[str]]
    #: ``kind/name`` -> every document that is live.
    documents: Mapping[str, msgspec.Struct]


Lint = Callable[[Draft[Any], Surroundings], Iterable[Fault]]


def lint(kind: str, draft: Draft[Any], around: Surroundings) -> list[Fault]:
    """All faults of a document, those of its form among them, by line; none: it can be applied."""
    more = (*_of_name(draft), *LINTS[kind](draft, around))
    found = [*draft.faults, *(fault for fault in more if fault not in draft.faults)]
    return sorted(found, key=lambda fault: (line_of(fault.path, draft.lines), [f"{part:>9}" for part in fault.path]))


def _of_rules(draft: Draft[Any], around: Surroundings) -> Iterator[Fault]:
    yield from rules_lint(draft, around.warehouses)
    choices: list[Path] = [("strategies", at) for at in range(draft.count(("strategies",)))]
    for choice in (*choices, ("default",)):
        filters: Path = (*choice, "filters")
        for at, each in draft.many(filters, Filter):
            if isinstance(each, SentBy):
                for number, name in enumerate(each.in_ or ()):
                    yield from carrier_faults(name, (*filters, at, "in", number), _carriers(around))
    if draft.document is not None and (why := lacks(draft.document)):
        yield Fault((), NOTHING, why)


def _of_warehouses(draft: Draft[Any], around: Surroundings) -> Iterator[Fault]:
    found = draft.many(("warehouses",), Warehouse)
    yield from twice([(at, each.code) for at, each in found], ("warehouses",), "code")
    elsewhere = {
        each.code: name
        for name, document in around.documents.items()
        if isinstance(document, Warehouses) and name != _own_name("warehouses", draft)
        for each in document.warehouses
    }
    for at, each in found:
        path: Path = ("warehouses", at)
        if each.code in elsewhere:
            yield _in_two((*path, "code"), each.code, elsewhere[each.code])
        if (each.latitude is None) != (each.longitude is None):
            given, lacks = ("latitude", "longitude") if each.longitude is None else ("longitude", "latitude")
            yield Fault((*path, lacks), NOTHING, f"is missing: {given} stands there, and means nothing alone")
        elif each.latitude is None and centre_of(each.province) is None:
            yield Fault(
                (*path, "province"), each.province, "is no place that is known: give latitude and longitude as well"
            )


def _of_bundles(draft: Draft[Any], around: Surroundings) -> Iterator[Fault]:
    found = draft.many(("bundles",), Bundle)
    yield from twice([(at, each.sku) for at, each in found], ("bundles",), "sku")
    elsewhere = {
        each.sku: name
        for name, document in around.documents.items()
        if isinstance(document, Bundles) and name != _own_name("bundles", draft)
        for each in document.bundles
    }
    parts_of_others: dict[str, str] = {}
    for sku, parts in sorted(around.bundles.items()):
        for part in parts:
            parts_of_others.setdefault(part, sku)
    for at, each in found:
        path: Path = ("bundles", at)
        if each.sku in elsewhere:
            yield _in_two((*path, "sku"), each.sku, elsewhere[each.sku])
        yield from twice(
            [(number, part.sku) for number, part in enumerate(each.parts)], (*path, "parts"), "sku", "add the pieces up"
        )
        holder = parts_of_others.get(each.sku)
        if holder is not None and holder != each.sku:
            yield Fault((*path, "sku"), each.sku, f"is a part of {holder}: a part is no bundle")
        for number, part in enumerate(each.parts):
            if part.sku == each.sku or part.sku in around.bundles:
                says = "is a bundle itself: name the parts it is shipped as"
                yield Fault((*path, "parts", number, "sku"), part.sku, says)


def _of_flows(draft: Draft[Any], around: Surroundings) -> Iterator[Fault]:
    names = [name.removeprefix("rules/") for name in around.documents if name.startswith("rules/")]
    yield from flows_lint(draft, Known(rules=names))
    if draft.document is not None and (why := flow_lacks(draft.document, None)):
        yield Fault((), NOTHING, why)


def _of_risk(draft: Draft[Any], around: Surroundings) -> Iterable[Fault]:
    return risk_lint(draft.document) if draft.document is not None else ()


def _of_pools(draft: Draft[Any], around: Surroundings) -> Iterable[Fault]:
    own = _own_name("pools", draft)
    return pool_faults(draft, {n: d for n, d in around.documents.items() if isinstance(d, Pools) and n != own})


def _of_listings(draft: Draft[Any], around: Surroundings) -> Iterable[Fault]:
    own = _own_name("listings", draft)
    others = {n: d for n, d in around.documents.items() if isinstance(d, Listings) and n != own}
    return listing_faults(draft, around.warehouses, others)


def _of_table(kind: str) -> Lint:
    def of_it(draft: Draft[Any], around: Surroundings) -> Iterator[Fault]:
        own = _own_name(kind, draft)
        others = {
            name: document for name, document in around.documents.items() if name.startswith(f"{kind}/") and name != own
        }
        yield from row_faults(kind, draft, around.warehouses, others)
        if kind in _SENT:
            field, row = _SENT[kind]
            for at, each in draft.many((field,), row):
                yield from carrier_faults(each.carrier, (field, at, "carrier"), _carriers(around))

    return of_it


def _carriers(around: Surroundings) -> frozenset[str] | None:
    """Those that the documents of carriers name; None: there is no such document, and then any name will do."""
    documents = [each for each in around.documents.values() if isinstance(each, Carriers)]
    return frozenset(row.carrier for each in documents for row in each.carriers) if documents else None


#: Kind of a table whose rows are of a carrier -> the rows, and what one is.
_SENT: Mapping[str, tuple[str, type[Any]]] = {"freight": ("templates", Template), "transit": ("transit", Transit)}


#: Kind -> what looks for it.
LINTS: Mapping[str, Lint] = {
    "rules": _of_rules,
    "warehouses": _of_warehouses,
    "bundles": _of_bundles,
    "flows": _of_flows,
    "risk": _of_risk,
    "pools": _of_pools,
    "listings": _of_listings,
    **{kind: _of_table(kind) for kind in TABLES},
}


def twice(
    names: Iterable[tuple[int, str]], path: Path, field: str, what_to_do: str = "take one out"
) -> Iterator[Fault]:
    """Names that an earlier entry of a list has already. ``names``: with their places in the list at ``path``."""
    seen: dict[str, int] = {}
    for at, name in names:
        if name in seen:
            yield Fault((*path, at, field), name, f"is that of {path[-1]}[{seen[name]}] already: {what_to_do}")
        seen.setdefault(name, at)


def _of_name(draft: Draft[Any]) -> Iterator[Fault]:
    """A document's name is a key, a file's name, and what a person types."""
    name = draft.at(("name",))
    if not isinstance(name, str) or draft.is_wrong(("name",)):
        return
    if name != name.strip() or name.startswith((".", "-")):
        yield Fault(("name",), name, "begins or ends with a blank, or begins with a dot or a dash: take that out")
    if not name.isprintable() or any(each in name for each in "/\\@"):
        yield Fault(("name",), name, "has a slash, @ or what cannot be printed in it: take that out")
    if name != normalize("NFC", name):
        yield Fault(("name",), name, "is not in Unicode's usual form (NFC): type it anew")


def _own_name(kind: str, draft: Draft[Any]) -> str:
    return f"{kind}/{draft.at(('name',))}"


def _in_two(path: Path, value: str, other: str) -> Fault:
    return Fault(path, value, f"stands in {other} too: leave it in one of them")
