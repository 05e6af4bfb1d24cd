"""What is different in two documents, field by field: pure, of plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from .faults import NOTHING
from .hashing import canonical

#: Fields that tell the entries of a list apart, whatever their order: the first that all entries have, each another value.
_TELLS_APART = ("code", "sku", "name")


class Difference(NamedTuple):
    """One place. NOTHING: nothing stands there."""

    #: ``$.warehouses[HZ1].priority``: of lists whose entries have codes or names, by those.
    where: str
    before: Any
    after: Any


def differences(before: msgspec.Struct, after: msgspec.Struct) -> list[Difference]:
    """Of two documents, in the order of their fields; none: they are equal."""
    return list(_of(json.loads(canonical(before)), json.loads(canonical(after)), "$"))


def _of(before: Any, after: Any, where: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            its = f"{where}.{key}" if key.isidentifier() else f"{where}[{json.dumps(key, ensure_ascii=False)}]"
            yield from _of(before.get(key, NOTHING), after.get(key, NOTHING), its)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, where)
    # Of 1 and true, and of 1 and 1.0, Python says that they are equal.
    elif before is not after and (type(before) is not type(after) or before != after):
        yield Difference(where, before, after)


def _of_lists(before: list[Any], after: list[Any], where: str) -> Iterator[Difference]:
    field = next((each for each in _TELLS_APART if _is_told_by(before, each) and _is_told_by(after, each)), None)
    if field is None:
        for at in range(max(len(before), len(after))):
            one, other = (them[at] if at < len(them) else NOTHING for them in (before, after))
            yield from _of(one, other, f"{where}[{at}]")
        return
    was, becomes = ({each[field]: each for each in them} for them in (before, after))
    for name in (*was, *(name for name in becomes if name not in was)):
        yield from _of(was.get(name, NOTHING), becomes.get(name, NOTHING), f"{where}[{name}]")
    both = [name for name in was if name in becomes], [name for name in becomes if name in was]
    if both[0] != both[1]:
        yield Difference(f"{where}[]", *both)


def _is_told_by(them: list[Any], field: str) -> bool:
    names = [each.get(field) if isinstance(each, dict) else None for each in them]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
