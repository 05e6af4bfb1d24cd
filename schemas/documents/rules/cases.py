"""Orders with what is expected of them, as a person writes them down, to hold a rule document to."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from .. import shape
from ..faults import NOTHING, Fault
from ..parts import Name, Remark
from ..text import read
from .case import Case, CaseOrder, CaseRefused, CaseWarehouse

_CASES_MAX, _FEW_MAX = 10_000, 1_000


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """What every part of the file has in common."""


class Expected(_Part, frozen=True):
    """Who sends the order: these warehouses and no other, in any order; none: it waits. ``strategy``: which one decides; empty: any."""

    warehouses: Annotated[tuple[Name, ...], Meta(max_length=_FEW_MAX)]
    strategy: Remark = ""


class ExpectedCase(_Part, frozen=True):
    """A case with its name. ``warehouses`` and ``now`` left out: those of the whole file."""

    name: Name
    order: CaseOrder
    expect: Expected
    warehouses: Annotated[tuple[CaseWarehouse, ...], Meta(max_length=_FEW_MAX)] | None = None
    now: Remark = ""


class Cases(_Part, frozen=True):
    """Cases, and the warehouses of those that name none."""

    cases: Annotated[tuple[ExpectedCase, ...], Meta(min_length=1, max_length=_CASES_MAX)]
    warehouses: Annotated[tuple[CaseWarehouse, ...], Meta(max_length=_FEW_MAX)] = ()
    now: Remark = ""


def cases(text: str) -> list[tuple[ExpectedCase, Case]]:
    """Read a file of cases, JSON or TOML: each with the order and the warehouses that it is about. Raises CaseRefused: all its faults."""
    found = read(text)
    if not found.faults:
        found.faults.extend(shape.faults(found.tree, msgspec.inspect.type_info(Cases)))
    if found.faults or found.tree is NOTHING:
        raise CaseRefused(found)
    given = msgspec.convert(found.tree, Cases)
    seen: dict[str, int] = {}
    for at, each in enumerate(given.cases):
        if each.name in seen:
            says = f"is the name of cases[{seen[each.name]}] already: give it another"
            found.faults.append(Fault(("cases", at, "name"), each.name, says))
        seen.setdefault(each.name, at)
        known = [it.code for it in (given.warehouses if each.warehouses is None else each.warehouses)]
        for number, code in enumerate(each.expect.warehouses):
            if code not in known:
                says = "is no warehouse of this case: put it among its warehouses, or name another"
                found.faults.append(Fault(("cases", at, "expect", "warehouses", number), code, says))
    if found.faults:
        raise CaseRefused(found)
    return [
        (
            each,
            Case(each.order, given.warehouses if each.warehouses is None else each.warehouses, each.now or given.now),
        )
        for each in given.cases
    ]
