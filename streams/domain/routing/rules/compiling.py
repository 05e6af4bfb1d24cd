"""A rule document compiled: plain functions, made once per version. Nothing of the document is read again when orders come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from schemas.documents.hashing import digest
from schemas.documents.rules.document import (
    Allocate,
    ByTable,
    Condition,
    Default,
    Document,
    InTable,
    KeepBack,
    Strategy,
    Table,
    Then,
)

from . import conditions, criteria, filters
from .carriage import Carriage, carriage_of
from .conditions import Compiled, Test
from .criteria import Costs
from .facts import ORDER_FACTS, Facts, Value
from .table_filters import Check
from .trace import Refusal

DEFAULT = "default"
#: The last of all: nothing comes after it.
_ENDS = Then(partial="backorder", none="backorder")

Lookup = Callable[[Facts], Mapping[str, int] | None]


class Choice(NamedTuple):
    """A strategy, or the default."""

    name: str
    when: tuple[Compiled, ...]
    #: One for each table that it uses: the order's row, as places of warehouses in it.
    lookups: tuple[Lookup, ...]
    keep_back: int
    checks: tuple[tuple[Refusal, Check], ...]
    costs: tuple[Costs, ...]
    #: Names of the criteria.
    criteria: tuple[str, ...]
    #: Empty but in mode weighted.
    weights: tuple[int, ...]
    #: (limits, whether more is better) of each criterion, None where it has none; empty but in mode banded.
    bands: tuple[tuple[tuple[int, ...], bool] | None, ...]
    allocate: Allocate
    then: Then
    #: Which carrier sends from a warehouse.
    carriage: Carriage


class Rules(NamedTuple):
    """A compiled document."""

    #: Hash of the document.
    digest: str
    #: Strategies in their order; the default is the last one.
    choices: tuple[Choice, ...]


def compiled(document: Document) -> Rules:
    """Compile a document that ``lint`` finds nothing wrong with."""
    tables = {table.name: table for table in document.tables}
    choices = [_choice(each, tables) for each in document.strategies]
    return Rules(digest(document), (*choices, _choice(document.default, tables)))


def _choice(each: Strategy | Default, tables: Mapping[str, Table]) -> Choice:
    named = [one.table for one in (*each.filters, *each.rank.criteria) if isinstance(one, (InTable, ByTable))]
    places = {name: place for place, name in enumerate(dict.fromkeys(named))}
    carriage = carriage_of(each)
    checks = [(filters.code_of(one), filters.compiled(one, places, carriage)) for one in each.filters]
    ranked, mode = each.rank.criteria, each.rank.mode
    is_strategy = isinstance(each, Strategy)
    return Choice(
        name=each.name if isinstance(each, Strategy) else DEFAULT,
        when=tuple([conditions.compiled(one) for one in each.when]) if isinstance(each, Strategy) else (),
        lookups=tuple([_lookup(tables[name]) for name in places]),
        keep_back=sum([one.pieces for one in each.filters if isinstance(one, KeepBack)]),
        checks=tuple([(code, check) for code, check in checks if check is not None]),
        costs=tuple([criteria.compiled(one, places, carriage) for one in ranked]),
        criteria=tuple([criteria.name_of(one) for one in ranked]),
        weights=tuple([one.weight or 0 for one in ranked]) if mode == "weighted" else (),
        bands=(
            tuple(
                [
                    None if one.bands is None else (one.bands, criteria.name_of(one) in criteria.BY_MORE)
                    for one in ranked
                ]
            )
            if mode == "banded"
            else ()
        ),
        allocate=each.allocate,
        then=each.then if is_strategy and isinstance(each, Strategy) else _ENDS,
        carriage=carriage,
    )


class _Row(NamedTuple):
    tests: tuple[Test, ...]
    #: Warehouse -> its place in the row.
    places: Mapping[str, int]


def _lookup(table: Table) -> Lookup:
    """The first row that an order meets. Rows that ask for one fact by name are found by it; only what is left of them is asked."""
    field = _asked_most(table)
    found: dict[Value, list[_Row]] = {}
    others: list[_Row] = []
    for row in table.rows:
        places = {code: place for place, code in enumerate(row.warehouses)}
        by_name = next((each for each in row.when if field and _names(each) == field), None)
        rest = _Row(tuple([conditions.compiled(each).meets for each in row.when if each is not by_name]), places)
        if by_name is None:
            for rows in found.values():
                rows.append(rest)
            others.append(rest)
            continue
        for value in sorted(conditions.meant(by_name).values or (), key=str):
            found.setdefault(value, list(others)).append(rest)
    fact = ORDER_FACTS.get(field, _no_fact)

    def lookup(facts: Facts) -> Mapping[str, int] | None:
        for tests, places in found.get(fact(facts), others):
            for test in tests:
                if not test(facts):
                    break
            else:
                return places
        return None

    return lookup


def _names(condition: Condition) -> str:
    """The fact of the order that a condition asks for by name; empty: it does not."""
    it = conditions.meant(condition)
    return "" if it.lines or it.negated or it.values is None else it.field


def _asked_most(table: Table) -> str:
    fields = [_names(each) for row in table.rows for each in row.when]
    return max(dict.fromkeys(filter(None, fields)), key=fields.count, default="")


def _no_fact(facts: Facts) -> Value:
    return None
