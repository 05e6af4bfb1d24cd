"""A document's text, JSON or TOML, into plain values, and the line that each stands on.

The parsers of the standard library judge the text; the scanner here only finds lines in what they took.
"""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect
from typing import Any, NamedTuple

from .faults import NOTHING, Fault, Path

#: A document is one message of a topic, and no broker takes a larger one unasked.
BYTES_MAX = 1_000_000

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'", re.DOTALL
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_LINE = re.compile(r"line (\d+)")


class Read(NamedTuple):
    """What a text says. ``tree`` is NOTHING where it could not be read, and then a fault says why."""

    tree: Any
    lines: dict[Path, int]
    faults: list[Fault]


def read(text: str) -> Read:
    """Read JSON, which begins with a brace, or TOML, which cannot."""
    size = len(text.encode("utf-8", "replace"))
    if size > BYTES_MAX:
        return _unread(1, f"the document has {size:,} bytes: at most {BYTES_MAX:,}, so take out what no order needs")
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
    text = text.removeprefix("\ufeff")
    try:
        tree = json.loads(text, parse_constant=_no_number) if is_json else tomllib.loads(text)
        scanner = _Scanner(text)
        scanner.json() if is_json else scanner.toml()
    except json.JSONDecodeError as error:
        return _unread(error.lineno, f"this is no JSON: {error.msg}")
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        return _unread(int(found[1]) if found else text.count("\n") + 1, f"this is no TOML: {error}")
    except RecursionError:
        return _unread(1, "it is nested too deeply: no document needs that")
    except ValueError as error:
        return _unread(1, f"a number cannot be read: {error}")
    return Read(tree, scanner.lines, [Fault(path, NOTHING, "stands here twice: leave one") for path in scanner.twice])


def _unread(line: int, says: str) -> Read:
    return Read(NOTHING, {(): line}, [Fault((), NOTHING, says)])


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is none")


class _Scanner:
    """Walks over text that a parser has taken, and notes where values begin."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {(): 1}
        self.twice: list[Path] = []

    def json(self) -> None:
        self._skip()
        self._value(())

    def toml(self) -> None:
        last: dict[Path, int] = {}
        table: Path = ()
        self._skip()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                listed = self._text.startswith("[[", self._at)
                self._at += 2 if listed else 1
                line = self._line()
                table = self._table(self._keys(), listed, last)
                self._note(table, line)
                self._at += 2 if listed else 1
            else:
                self._pair(table)
            self._skip()

    def _table(self, keys: Path, listed: bool, last: dict[Path, int]) -> Path:
        """Where a header leads: of a list of tables it is the last one that is meant."""
        path: Path = ()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            if listed and number == len(keys):
                last[path] = last.get(path, -1) + 1
            if path in last:
                path = (*path, last[path])
        return path

    def _pair(self, within: Path) -> None:
        line = self._line()
        path = (*within, *self._keys())
        if path in self.lines:
            self.twice.append(path)
        self._at += 1
        self._skip()
        self._value(path)
        self._note(path, line)

    def _note(self, path: Path, line: int) -> None:
        """Also what it lies in, where that has no line of its own."""
        self.lines[path] = line
        for end in range(1, len(path)):
            self.lines.setdefault(path[:end], line)

    def _keys(self) -> Path:
        keys: list[str] = []
        while True:
            self._skip()
            if self._text[self._at] in "\"'":
                quoted = self._string()
                keys.append(json.loads(quoted, strict=False) if quoted[0] == '"' else quoted[1:-1])
            else:
                keys.append(self._match(_BARE))
            self._skip()
            if not self._text.startswith(".", self._at):
                return tuple(keys)
            self._at += 1

    def _value(self, path: Path) -> None:
        self.lines[path] = self._line()
        first = self._text[self._at]
        if first == "[":
            self._many(path, "]")
        elif first == "{":
            self._many(path, "}")
        elif first in "\"'":
            self._string()
        else:
            self._match(_SCALAR)

    def _many(self, path: Path, end: str) -> None:
        self._at += 1
        number = 0
        self._skip()
        while self._text[self._at] != end:
            if end == "]":
                self._value((*path, number))
            else:
                self._pair(path)
            number += 1
            self._skip()
            if self._text[self._at] == ",":
                self._at += 1
                self._skip()
        self._at += 1

    def _string(self) -> str:
        return self._match(_STRING)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"line {self._line()}")
        self._at = found.end()
        return found[0]

    def _skip(self) -> None:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _line(self) -> int:
        return bisect(self._breaks, self._at - 1) + 1
