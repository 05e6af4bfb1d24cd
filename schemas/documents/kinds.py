"""Every kind of document, declared once. A new one is a folder beside this file with its types and its form, an entry here, and an entry in
``streams/aside/config/lints.py`` for what may be wrong with it beyond its form.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from . import (
    bundles,
    calendars,
    capacity,
    carriers,
    coverage,
    flows,
    freight,
    listings,
    pools,
    products,
    risk,
    transit,
    warehouses,
)
from .faults import NOTHING, Fault
from .form import Form
from .reading import Draft, around, typed
from .rules import reading as rules
from .text import read

_ALL: tuple[Form[Any], ...] = (
    *(rules.FORM, warehouses.FORM, bundles.FORM, flows.FORM, risk.FORM),
    *(products.FORM, freight.FORM, transit.FORM, calendars.FORM, coverage.FORM, capacity.FORM, carriers.FORM),
    *(pools.FORM, listings.FORM),
)

#: Kind -> its form.
KINDS: Mapping[str, Form[Any]] = {form.kind: form for form in _ALL}
#: Fields that every document has.
_COMMON = frozenset(("kind", "version", "name", "description"))


def drafted(text: str) -> tuple[Form[Any] | None, Draft[Any]]:
    """A document of the kind that its text names, and the form of that; None where it names none that there is.

    ``kind`` has to be written: which kind is meant is never guessed.
    """
    found = read(text)
    kind = found.tree.get("kind", NOTHING) if isinstance(found.tree, dict) else NOTHING
    form = KINDS.get(kind) if isinstance(kind, str) else None
    if form is not None:
        draft = typed(found, form)
        faults = tuple(_elsewhere(fault, form) for fault in draft.faults)
        return form, draft._replace(faults=faults)
    faults = tuple(found.faults)
    if found.tree is not NOTHING:
        faults = (*faults, Fault(("kind",), kind, _which(kind, found.tree)))
    return None, Draft(None, faults, found.lines, NOTHING, around(fault.path for fault in faults), 0)


def _which(kind: Any, tree: dict[str, Any]) -> str:
    names = ", ".join(KINDS)
    if kind is NOTHING:
        fitting = [form.kind for form in _ALL if _own(form) & tree.keys()]
        return f'is missing: write kind = "{fitting[0]}"' if len(fitting) == 1 else f"is missing: one of {names}"
    if isinstance(kind, list):
        return f"names several: a file holds one document, of one kind, one of {names}"
    near = get_close_matches(str(kind), KINDS, n=1)
    return f"is no kind of document: {f'did you mean {near[0]}?' if near else f'write one of {names}'}"


def _elsewhere(fault: Fault, form: Form[Any]) -> Fault:
    """What is no field of this kind may be another's: two documents in one file."""
    if len(fault.path) != 1 or fault.path[0] in form.type.__struct_encode_fields__:
        return fault
    others = [other.kind for other in _ALL if fault.path[0] in _own(other)]
    if not others:
        return fault
    says = (
        f"belongs to a document of kind {others[0]}, and this is one of kind {form.kind}: give each a file of its own"
    )
    return fault._replace(says=says)


def _own(form: Form[Any]) -> frozenset[str]:
    return frozenset(form.type.__struct_encode_fields__) - _COMMON
