"""Documents in files: one, or all of a folder, each with what keeps it from being read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from schemas.documents.faults import NOTHING, Fault
from schemas.documents.form import Form
from schemas.documents.kinds import drafted
from schemas.documents.reading import Draft
from schemas.documents.text import BYTES_MAX
from schemas.documents.writing import basis_of
from streams.cli.common import Refused, text_of

_SUFFIXES = (".toml", ".json")
FILES_MAX = 1_000


class File(NamedTuple):
    """A document as it stands in a file."""

    path: str
    form: Form[Any] | None
    draft: Draft[Any]
    #: The version that it says it goes on from.
    basis: int | None

    @property
    def document(self) -> str:
        """``kind/name``; empty where its form is wrong."""
        return f"{self.form.kind}/{self.draft.document.name}" if self.form and self.draft.document is not None else ""


def read(path: str) -> list[File]:
    """The document of a file (``-``: standard input), or those of a folder and the folders in it, by their paths.

    Raises Refused: there is no such file, nothing is in the folder, or too much.
    """
    if path == "-" or not Path(path).is_dir():
        if path != "-" and not os.path.lexists(path):
            raise Refused(f"{path} cannot be read: No such file or directory")
        return [_read(path)]
    found = [_read(each) if not says else _unread(each, says) for each, says in _in_folder(Path(path))]
    if not found:
        raise Refused(f"no document is in {path}: they are files *.toml and *.json")
    return found


def twice(files: Sequence[File]) -> dict[str, Fault]:
    """Path -> what is wrong with a document whose kind and name an earlier file has."""
    seen: dict[str, str] = {}
    found: dict[str, Fault] = {}
    for each in files:
        if each.document in seen:
            says = f"is the name of {seen[each.document]} already: one of them has to go"
            found[each.path] = Fault(("name",), each.draft.at(("name",)), says)
        elif each.document:
            seen[each.document] = each.path
    return found


def _read(path: str) -> File:
    try:
        if path != "-" and not Path(path).is_file():
            # Also what leads to itself: the system says so when it is opened.
            os.stat(path)
            return _unread(path, "is no file: documents are plain files")
        if path != "-" and (size := os.stat(path).st_size) > 4 * BYTES_MAX:
            return _unread(
                path, f"the document has {size:,} bytes: at most {BYTES_MAX:,}, so take out what no order needs"
            )
        text = text_of(path)
    except OSError as exc:
        return _unread(path, f"cannot be read: {exc.strerror}")
    except Refused as exc:
        return _unread(path, str(exc).removeprefix(f"{path} "))
    form, draft = drafted(text)
    document = None if draft.document is None or form is None else f"{form.kind}/{draft.document.name}"
    return File(path, form, draft, None if document is None else basis_of(text, document))


def _unread(path: str, says: str) -> File:
    return File(path, None, Draft(None, (Fault((), NOTHING, says),), {(): 1}, NOTHING, frozenset([()]), 0), None)


def _in_folder(folder: Path) -> Iterator[tuple[str, str]]:
    """Paths of documents, in order, and what is wrong with a folder on the way; hidden ones are passed over."""
    count = 0
    for path, says in _walk(folder, frozenset()):
        if says or path.suffix in _SUFFIXES:
            count += 1
            if count > FILES_MAX:
                raise Refused(f"more than {FILES_MAX:,} documents are in {folder}: apply them in parts")
            yield str(path), says


def _walk(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[tuple[Path, str]]:
    try:
        status = folder.stat()
        names = sorted(each.name for each in os.scandir(folder) if not each.name.startswith("."))
    except OSError as exc:
        yield folder, f"cannot be read: {exc.strerror}"
        return
    here = (status.st_dev, status.st_ino)
    if here in above:
        yield folder, "leads back to a folder that it lies in: take the link out"
        return
    for name in names:
        path = folder / name
        if path.is_dir():
            yield from _walk(path, above | {here})
        else:
            yield path, ""
