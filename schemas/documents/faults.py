"""What is wrong with a document: where, what stands there, and what to do. All of it at once, never only the first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

#: Keys and positions from the top of a document down to a value.
Path = tuple[str | int, ...]

_SHOWN_MAX = 60


class Fault(NamedTuple):
    """One thing that is wrong."""

    path: Path
    #: What stands there; NOTHING where nothing does.
    value: Any
    #: What is wrong and what to do, in English; ``schemas.texts.said`` turns it.
    says: str


NOTHING: Any = object()


class Refused(ValueError):
    """A document with faults; ``faults`` are all of them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{in_words(each.path)}: {each.says}" for each in self.faults))


def in_words(path: Path) -> str:
    """As JSONPath writes it: ``$.strategies[0].when[1].field``."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else _key(part) for part in path)


def _key(part: str) -> str:
    return f".{part}" if part.isidentifier() else f"[{json.dumps(part, ensure_ascii=False)}]"


def shown(value: Any) -> str:
    """A value as JSON, cut where it is long; empty for NOTHING."""
    if value is NOTHING:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 3]}..."


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of a value, or of the nearest thing around it; 1 where nothing is known."""
    for end in range(len(path), -1, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return 1
