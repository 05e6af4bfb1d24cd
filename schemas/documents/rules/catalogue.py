"""The field catalogue: what a rule document may name, what it is called in English and Chinese, and where the fact comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, get_args

Kind = Literal["condition", "filter", "criterion", "action"]

#: The field that names one of a kind, or takes one, in the document -> the kind.
KIND_OF: Mapping[str, Kind] = {
    "field": "condition",
    "filter": "filter",
    "by": "criterion",
    "partial": "action",
    "none": "action",
    "split": "action",
}


class Entry(NamedTuple):
    """One name that a document may use, or may not use yet."""

    kind: str
    name: str
    en: str
    zh: str
    #: text, number or yes_no; empty: it takes no value.
    type: str
    unit: str
    #: Whether it is a fact of each line.
    of_lines: bool
    #: Where the hub has the fact from; empty where it has none.
    source: str
    #: The fact that the hub does not have yet; empty where the entry is offered.
    lacks: str

    @property
    def offered(self) -> bool:
        return not self.lacks


@cache
def entries() -> Mapping[tuple[str, str], Entry]:
    """All of them, by kind and name."""
    return read((files(__package__) / "catalogue.toml").read_text("utf-8"), get_args(Kind))


def read(text: str, kinds: Iterable[str]) -> Mapping[tuple[str, str], Entry]:
    """A catalogue's entries by kind and name, kind by kind.

    :param text: TOML, ``[kind.name]`` for each entry.
    """
    parsed = tomllib.loads(text)
    return {
        (kind, name): Entry(
            *(kind, name, each["en"], each["zh"], each.get("type", ""), each.get("unit", "")),
            of_lines=each.get("each") == "line",
            source=each.get("from", ""),
            lacks=each.get("lacks", ""),
        )
        for kind in kinds
        for name, each in parsed[kind].items()
    }


def offered(kind: Kind) -> list[str]:
    """Names that a document may use."""
    return [entry.name for entry in entries().values() if entry.kind == kind and entry.offered]


def why_not(field: str, name: str) -> str:
    """Why a name that the types do not have may not be used, where it is known; empty where it is not."""
    kind = KIND_OF.get(field)
    entry = entries().get((kind, name)) if kind else None
    return f"is known and not offered yet: the hub lacks the fact {entry.lacks}" if entry and entry.lacks else ""
