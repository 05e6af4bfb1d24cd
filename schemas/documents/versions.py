"""From one version of a document's form to the next, so that a document of any released version is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .faults import NOTHING, Fault, Refused
from .form import Migration


def upgraded(tree: Any, migrations: Mapping[int, Migration], newest: int) -> dict[str, Any]:
    """A document's plain values in the newest form.

    Raises:
        Refused: they are no document, or of a version that nothing leads on from.
    """
    if not isinstance(tree, dict):
        raise Refused([Fault((), tree, "is no document: write kind, version, name and the rest of it")])
    found: dict[str, Any] = tree
    while (version := found.get("version", NOTHING)) != newest:
        if type(version) is not int:
            says = f"is missing: write version = {newest}" if version is NOTHING else f"write {newest}, without quotes"
            raise Refused([Fault(("version",), version, says)])
        if version not in migrations:
            known = ", ".join(str(each) for each in sorted({newest, *migrations}))
            raise Refused([Fault(("version",), version, f"is no version that this Penstock reads: {known}")])
        found = {**migrations[version](found), "version": version + 1}
    return found
