"""What the commands about documents have in common: faults of several files, a document without one, and what a document may name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from schemas.documents.faults import NOTHING, Fault, Path, in_words, line_of
from schemas.documents.hashing import digest
from schemas.documents.rules.catalogue import Entry
from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import language, word
from streams.cli.common import Refused, out, print_json, text_of
from streams.cli.faults import print_faults

T = TypeVar("T")


class Linted(NamedTuple, Generic[T]):
    """A document's text, judged."""

    #: None where there is a fault.
    document: T | None
    faults: Sequence[Fault]
    lines: Mapping[Path, int]


Judge = Callable[[str], Linted[T]]


def lint_all(files: Iterable[str], judge: Judge[Any], *, as_json: bool) -> None:
    """Say all that is wrong with each of several files; exit code 1 where there is anything."""
    found = [_linted(file, judge, aloud=not as_json) for file in files]
    if as_json:
        print_json(found)
    if any(each["faults"] for each in found):
        sys.exit(1)


def _linted(file: str, judge: Judge[Any], *, aloud: bool) -> dict[str, Any]:
    """What is wrong with one document, for machines; ``aloud``: for persons too."""
    read = judge(text_of(file))
    hashed = None if read.document is None else digest(read.document)
    if aloud and hashed is not None:
        out.print(f"no fault is in {file}, hash {hashed[:12]}", soft_wrap=True)
    elif aloud:
        print_faults(file, read.faults, read.lines)
    return {
        "file": file,
        "faults": [{**_for_machines(each), "line": line_of(each.path, read.lines)} for each in read.faults],
        "digest": hashed,
    }


def sound(file: str, judge: Judge[T], kind: str) -> T:
    """A document without a fault.

    :param kind: whose command shows all faults.

    Raises:
        Refused: it has faults; the first of them is named.
    """
    read = judge(text_of(file))
    if read.faults or read.document is None:
        first = read.faults[0]
        raise Refused(
            f"{file} has {len(read.faults)} faults, line {line_of(first.path, read.lines)}: {first.says}; "
            f"all of them: penstock {kind} lint {file}"
        )
    return read.document


def in_language(entry: Entry) -> str:
    """What an entry is called in the person's language."""
    return entry.zh if language() == "zh" else entry.en


def print_entries(entries: Iterable[Entry], *, as_json: bool) -> None:
    """A table of what a document may name, in the person's language."""
    found = list(entries)
    if as_json:
        print_json([{**entry._asdict(), "offered": entry.offered} for entry in found])
        return
    table = Table("kind", "name", "what it is", "from", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for entry in found:
        source = Text(entry.source) if entry.offered else Text(f"{word('lacks')} {entry.lacks}", "yellow")
        what = in_language(entry)
        table.add_row(word(entry.kind), entry.name, f"{what} ({entry.unit})" if entry.unit else what, source)
    out.print(table)


def _for_machines(fault: Fault) -> dict[str, Any]:
    return {"path": in_words(fault.path), "value": None if fault.value is NOTHING else fault.value, "says": fault.says}
