"""What is live, as files that say the same when they are applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from schemas.documents.writing import toml
from streams.aside.config import rows
from streams.aside.config.changes import name_of
from streams.aside.config.standing import Standing, document_of
from streams.cli.common import Refused, err
from streams.cli.config_sides import named

#: The name of what is made of warehouses and bundles that stand in no document.
_BY_HAND = "by-hand"


def exported(there: Standing, of: Sequence[str]) -> Iterator[tuple[str, str]]:
    """``kind/name`` and the text of each document: of those named, or of all, and of what stands in none. Raises Refused, ConfigRefused."""
    for name in of or [each for each in sorted(there.releases) if there.live(each) is not None]:
        document, number = named(name)
        live = there.live(document)
        version = live if number is None else there.version(document, number)
        if version is None:
            raise Refused(f"nothing is live of {document}: penstock config list shows what is")
        basis = version["version"] if live is not None and live["version"] == version["version"] else None
        yield document, toml(version["kind"], document_of(version), basis)
    if of:
        return
    codes, skus = rows.in_documents(rows.live_documents(there).values())
    by_hand = [each for code, each in there.rows.warehouses.items() if code not in codes]
    opened = [each for sku, each in there.rows.bundles.items() if each["parts"] and sku not in skus]
    made: list[tuple[str, msgspec.Struct]] = []
    if by_hand:
        made.append(("warehouses", rows.as_document(_BY_HAND, by_hand)))
    if opened:
        made.append(("bundles", rows.bundles_as_document(_BY_HAND, opened)))
    for kind, document_by_hand in made:
        name = name_of(kind, document_by_hand)
        if name in there.releases:
            err.print(
                f"some {kind} were set by hand and are in no document: {name} is there already, add them to it",
                soft_wrap=True,
            )
        else:
            yield name, toml(kind, document_by_hand)


def write(folder: Path, texts: Mapping[str, str], overwrite: bool) -> None:
    """One file a document. Raises Refused: one is there that says something else; then none is written. Raises OSError."""
    paths = {folder / f"{name}.toml": text for name, text in texts.items()}
    other = [path for path, text in paths.items() if path.exists() and path.read_text("utf-8") != text]
    if other and not overwrite:
        raise Refused(f"{', '.join(map(str, other))} says something else: --overwrite writes over it")
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
