"""Whether a warehouse, or a carrier, that a document names is one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from schemas.documents.faults import Fault, Path


def code_faults(code: str, path: Path, warehouses: Collection[str] | None) -> Iterator[Fault]:
    """:param warehouses: codes of those that are set up; None: not known, then any name will do."""
    if warehouses is not None and code not in warehouses:
        near = get_close_matches(code, sorted(warehouses), n=1)
        more = f"did you mean {near[0]}?" if near else "penstock warehouse set makes one"
        yield Fault(path, code, f"is no warehouse that is set up: {more}")


def carrier_faults(name: str, path: Path, carriers: Collection[str] | None) -> Iterator[Fault]:
    """:param carriers: those that a document of carriers names; None: there is none, then any name will do."""
    if carriers is not None and name not in carriers:
        near = get_close_matches(name, sorted(carriers), n=1)
        more = f"did you mean {near[0]}?" if near else "a document of carriers says where it goes"
        yield Fault(path, name, f"is no carrier that is set up: {more}")
