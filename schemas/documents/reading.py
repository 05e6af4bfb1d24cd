"""A document from its text: typed where its form is right, and every fault of its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from . import shape
from .faults import NOTHING, Fault, Path, Refused
from .form import D, Form
from .text import Read, read
from .versions import upgraded

T = TypeVar("T")


class Draft(NamedTuple, Generic[D]):
    """What a text holds of a document."""

    #: None where anything of its form is wrong.
    document: D | None
    faults: tuple[Fault, ...]
    lines: Mapping[Path, int]
    #: Plain values; NOTHING where the text could not be read.
    tree: Any
    #: Where faults of the form lie, and all that is around those.
    wrong: frozenset[Path]
    #: Of a list that is longer, nothing is looked at.
    parts_max: int

    def at(self, path: Path) -> Any:
        """What stands there; NOTHING where nothing does."""
        value = self.tree
        for part in path:
            if isinstance(part, int):
                value = value[part] if isinstance(value, list) and part < len(value) else NOTHING
            else:
                value = value.get(part, NOTHING) if isinstance(value, dict) else NOTHING
        return value

    def one(self, path: Path, kind: type[T]) -> T | None:
        """A part of the document; None where it is not there, or anything of its form is wrong."""
        value = self.at(path)
        return None if value is NOTHING or self.is_wrong(path) else msgspec.convert(value, kind)

    def many(self, path: Path, kind: Any) -> list[tuple[int, Any]]:
        """Those of a list whose own form is right, with their places in it."""
        parts = ((at, self.one((*path, at), kind)) for at in range(self.count(path)))
        return [(at, part) for at, part in parts if part is not None]

    def count(self, path: Path) -> int:
        """How many stand in a list; 0 where there is none, or one that is too long."""
        value = self.at(path)
        return len(value) if isinstance(value, list) and len(value) <= self.parts_max else 0

    def is_wrong(self, path: Path) -> bool:
        """Whether a fault of the form lies at a part, or in it."""
        return path in self.wrong


def draft(text: str, form: Form[D]) -> Draft[D]:
    """Read a document of a kind, JSON or TOML."""
    return typed(read(text), form)


def typed(found: Read, form: Form[D]) -> Draft[D]:
    """What was read, held to the form of a kind."""
    tree, lines, faults = found.tree, found.lines, list(found.faults)
    if tree is not NOTHING:
        try:
            tree = upgraded(tree, form.migrations, form.version)
            faults += shape.faults(tree, form.shape, form.known)
        except Refused as error:
            faults += error.faults
            tree = NOTHING
    document = None if faults else msgspec.convert(tree, form.type)
    return Draft(document, tuple(faults), lines, tree, around(fault.path for fault in faults), form.parts_max)


def around(paths: Iterable[Path]) -> frozenset[Path]:
    """These places, and all that they lie in."""
    return frozenset(path[:end] for path in paths for end in range(len(path) + 1))
