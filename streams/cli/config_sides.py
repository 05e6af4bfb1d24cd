"""Documents by what a person calls them: a file, a folder, or a version that was published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemas.documents.faults import line_of
from schemas.documents.kinds import KINDS
from streams.aside.config.standing import Standing, document_of
from streams.cli import config_files
from streams.cli.common import Refused


class Side(NamedTuple):
    """One of two that are compared."""

    title: str
    document: str
    content: msgspec.Struct


def sides(what: str, there: Standing) -> Iterator[Side]:
    """A version that was published, by its name; or the documents of a file or a folder."""
    if what.partition("/")[0] in KINDS and not Path(what).exists():
        document, number = named(what)
        if number is None:
            live = live_side(there, document)
            if live is None:
                raise Refused(f"nothing is live of {document}: penstock config list shows what is")
            yield live
        else:
            yield Side(f"{document}@{number}", document, document_of(there.version(document, number)))
        return
    files = config_files.read(what)
    for each in files:
        if each.form is None or each.draft.document is None:
            first = each.draft.faults[0]
            line = line_of(first.path, each.draft.lines)
            raise Refused(f"{each.path} has {len(each.draft.faults)} faults, line {line}: {first.says}")
        yield Side(each.path, each.document, each.draft.document)


def live_side(there: Standing, document: str) -> Side | None:
    """The version that is live; None: none is. Raises ConfigRefused: it cannot be read."""
    live = there.live(document)
    return None if live is None else Side(live["document"], document, document_of(live))


def named(text: str) -> tuple[str, int | None]:
    """``KIND/NAME`` and the version behind ``@``, if there is one."""
    document, _, number = text.rpartition("@")
    return (document, int(number)) if document and number.isascii() and number.isdigit() else (text, None)
