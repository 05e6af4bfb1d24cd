"""The tables that rules are tried with, of a folder of documents."""

from __future__ import annotations

from pathlib import Path

from schemas.documents.hashing import digest
from schemas.documents.kinds import drafted
from streams.cli.common import Refused, text_of
from streams.cli.faults import print_faults
from streams.domain.routing.tables.documents import TABLES, faults_of, tables_of
from streams.domain.routing.tables.reckoning import Tables


def of_folder(folder: str) -> Tables:
    """All documents of tables in a folder; others in it are left alone. Raises Refused: one has faults, of which every one was printed."""
    if not Path(folder).is_dir():
        raise Refused(f"{folder} is no folder: name one with documents of tables, such as deploy/examples/config")
    found = []
    wrong = 0
    for path in sorted(each for each in Path(folder).iterdir() if each.suffix in (".toml", ".json")):
        form, draft = drafted(text_of(str(path)))
        if form is not None and form.kind not in TABLES:
            continue
        faults = list(draft.faults) if form is None else faults_of(form.kind, draft)
        if faults:
            print_faults(str(path), faults, draft.lines)
            wrong += len(faults)
        elif form is not None and draft.document is not None:
            found.append((form.kind, draft.document))
    if wrong:
        raise Refused(f"{folder} has {wrong} faults: put them right")
    if not found:
        raise Refused(f"{folder} has no document of a table: {', '.join(TABLES)}")
    return tables_of(found, {f"config.{kind}/{document.name}": digest(document)[:12] for kind, document in found})
