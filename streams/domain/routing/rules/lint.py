"""What is wrong with a rule document beyond its form: what contradicts itself, is never reached, or names what is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from schemas.documents.faults import NOTHING, Fault, Path, line_of
from schemas.documents.rules.document import (
    Allocate,
    BySequence,
    ByTable,
    Condition,
    Criterion,
    Filter,
    InProvinces,
    InTable,
    KeepBack,
    OfWarehouses,
    Then,
)
from schemas.documents.rules.reading import Draft, around

from ..codes import code_faults
from .condition_faults import condition_faults, name_faults
from .in_the_way import rows_in_the_way, strategies_in_the_way

_TABLES: Path = ("tables",)
_STRATEGIES: Path = ("strategies",)


class _Names(NamedTuple):
    """What a document may refer to; None: not known, and then not judged."""

    tables: Sequence[str] | None
    warehouses: Collection[str] | None


def lint(draft: Draft, warehouses: Collection[str] | None = None) -> list[Fault]:
    """All faults of a document, those of its form among them, by line; none: it can be compiled.

    :param warehouses: codes of those that are set up; None: not known, then any name will do.
    """
    tables = [draft.one((*_TABLES, at, "name"), str) for at in range(draft.count(_TABLES))]
    known = [name for name in tables if name is not None]
    names = _Names(known if len(known) == len(tables) and not draft.is_wrong(_TABLES) else None, warehouses)
    found = [*draft.faults, *_twice(draft, _TABLES), *_twice(draft, _STRATEGIES)]
    for at in range(draft.count(_TABLES)):
        found += _of_table(draft, (*_TABLES, at), names)
    for at in range(draft.count(_STRATEGIES)):
        path: Path = (*_STRATEGIES, at)
        found += condition_faults(draft.many((*path, "when"), Condition), (*path, "when"))
        found += _of_choice(draft, path, names)
    found += _of_choice(draft, ("default",), names)

    wrong = around(fault.path for fault in found)
    found += strategies_in_the_way(
        [
            (at, [each for _, each in draft.many((*_STRATEGIES, at, "when"), Condition)], _hands_on(draft, at))
            for at in range(draft.count(_STRATEGIES))
            if (*_STRATEGIES, at, "when") not in wrong
        ]
    )
    for at in range(draft.count(_TABLES)):
        rows: Path = (*_TABLES, at, "rows")
        found += rows_in_the_way(
            [
                (number, [each for _, each in draft.many((*rows, number, "when"), Condition)])
                for number in range(draft.count(rows))
                if (*rows, number, "when") not in wrong
            ],
            rows,
        )
    if names.tables is not None and not draft.wrong:
        found += _unused(draft)
    return sorted(found, key=lambda fault: (line_of(fault.path, draft.lines), [f"{part:>9}" for part in fault.path]))


def _hands_on(draft: Draft, at: int) -> bool:
    """Whether a strategy lets any order go on to the next; one that can't be read might."""
    path: Path = (*_STRATEGIES, at)
    if draft.is_wrong((*path, "then")):
        return True
    then = draft.one((*path, "then"), Then) or Then()
    return "next" in (then.partial, then.none)


def _twice(draft: Draft, what: Path) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for at in range(draft.count(what)):
        name = draft.one((*what, at, "name"), str)
        if name is None:
            continue
        if name in seen:
            yield Fault((*what, at, "name"), name, f"is the name of {what[0]}[{seen[name]}] already: give it another")
        seen.setdefault(name, at)


def _of_table(draft: Draft, path: Path, names: _Names) -> Iterator[Fault]:
    for number in range(draft.count((*path, "rows"))):
        row: Path = (*path, "rows", number)
        yield from condition_faults(draft.many((*row, "when"), Condition), (*row, "when"))
        yield from _of_codes(draft.many((*row, "warehouses"), str), (*row, "warehouses"), names)


def _of_choice(draft: Draft, path: Path, names: _Names) -> Iterator[Fault]:
    """Filters, rank and allocation of a strategy, or of the default."""
    filters: Path = (*path, "filters")
    kept: int | None = None
    for at, each in draft.many(filters, Filter):
        match each:
            case OfWarehouses(in_=codes):
                yield from _of_codes(list(enumerate(codes)), (*filters, at, "in"), names)
            case InProvinces(in_=provinces):
                yield from name_faults("warehouse_province", provinces, (*filters, at, "in"))
            case InTable(table=name):
                yield from _of_table_name(name, (*filters, at, "table"), names)
            case KeepBack():
                if kept is not None:
                    yield Fault((*filters, at), "keep_back", f"stands at filters[{kept}] already: keep the larger one")
                kept = at
            case _:
                pass
    yield from _of_rank(draft, (*path, "rank"), names)
    allocate = draft.one((*path, "allocate"), Allocate)
    if allocate is not None and allocate.max_parcels == 1 and allocate.split == "fewest":
        says = "has nothing to search for with max_parcels = 1: leave one of them out"
        yield Fault((*path, "allocate", "split"), allocate.split, says)


def _of_rank(draft: Draft, path: Path, names: _Names) -> Iterator[Fault]:
    mode = draft.one((*path, "mode"), str)
    found = draft.many((*path, "criteria"), Criterion)
    earlier: list[tuple[int, Criterion]] = []
    for at, each in found:
        place: Path = (*path, "criteria", at)
        if mode is not None:
            yield from _of_mode(mode, each, place)
        if each.bands is not None and any(b <= a for a, b in zip(each.bands, each.bands[1:], strict=False)):
            yield Fault(
                (*place, "bands"), list(each.bands), "are not ascending: write each limit once, the least first"
            )
        if isinstance(each, BySequence):
            yield from _of_codes(list(enumerate(each.warehouses)), (*place, "warehouses"), names)
        if isinstance(each, ByTable):
            yield from _of_table_name(each.table, (*place, "table"), names)
        same = next((number for number, other in earlier if other == each), None)
        if same is not None:
            yield Fault(place, draft.at(place), f"is the same as criteria[{same}]: take one out")
        earlier.append((at, each))
    if len(found) < draft.count((*path, "criteria")) or not found:
        return
    if mode == "weighted" and all(each.weight == 0 for _, each in found):
        yield Fault((*path, "criteria"), draft.at((*path, "criteria")), "all have weight 0: give at least one more")
    if mode == "banded" and all(each.bands is None for _, each in found):
        yield Fault((*path, "mode"), mode, "has no bands in any criterion: give one bands, or write lexicographic")


def _of_mode(mode: str, each: Criterion, place: Path) -> Iterator[Fault]:
    if mode == "weighted" and each.weight is None:
        yield Fault((*place, "weight"), NOTHING, "is missing: in mode weighted every criterion has one, 0 to 10,000")
    if mode != "weighted" and each.weight is not None:
        yield Fault((*place, "weight"), each.weight, f"means nothing in mode {mode}: take it out")
    if mode != "banded" and each.bands is not None:
        yield Fault((*place, "bands"), list(each.bands), f"means nothing in mode {mode}: take it out")


def _of_codes(codes: Sequence[tuple[int, str]], path: Path, names: _Names) -> Iterator[Fault]:
    seen: list[str] = []
    for at, code in codes:
        if code in seen:
            yield Fault((*path, at), code, "is named twice: leave one")
        else:
            yield from code_faults(code, (*path, at), names.warehouses)
        seen.append(code)


def _of_table_name(name: str, path: Path, names: _Names) -> Iterator[Fault]:
    if names.tables is not None and name not in names.tables:
        more = f"write one of {', '.join(names.tables)}" if names.tables else "it has none yet"
        yield Fault(path, name, f"is no table of this document: {more}")


def _unused(draft: Draft) -> Iterator[Fault]:
    choices: list[Path] = [*((*_STRATEGIES, at) for at in range(draft.count(_STRATEGIES))), ("default",)]
    named: set[str] = set()
    for path in choices:
        if draft.is_wrong((*path, "filters")) or draft.is_wrong((*path, "rank")):
            return
        named |= {each.table for _, each in draft.many((*path, "filters"), Filter) if isinstance(each, InTable)}
        ranked = draft.many((*path, "rank", "criteria"), Criterion)
        named |= {each.table for _, each in ranked if isinstance(each, ByTable)}
    for at in range(draft.count(_TABLES)):
        name = draft.one((*_TABLES, at, "name"), str)
        if name not in named:
            says = "is used by nothing: name it in a filter or a criterion, or take the table out"
            yield Fault((*_TABLES, at, "name"), name, says)
