"""A document as TOML, for people: read again it is the same document, with the same hash."""

from __future__ import annotations

import json
import re
from unicodedata import category

import msgspec
import tomli_w

from .hashing import canonical

#: The first line of a document that was live as it was written out: what a change of it goes on from.
_BASIS = re.compile(r"# penstock config: ([^\n]+)@(\d{1,18})[ \t]*\r?(?:\n|$)")


def toml(kind: str, document: msgspec.Struct, basis: int | None = None) -> str:
    """What has its default is left out. ``basis``: the version that this is, where a change of it has to go on from that."""
    tree = json.loads(canonical(document))
    head = {"kind": kind, "version": tree.pop("version"), "name": tree.pop("name")}
    # A comment has no room for what cannot be printed, and no such document is ever applied.
    first = (
        "" if basis is None or not head["name"].isprintable() else f"# penstock config: {kind}/{head['name']}@{basis}\n"
    )
    return first + "".join(map(_escaped, tomli_w.dumps({**head, **tree})))


def _escaped(character: str) -> str:
    """What a terminal or an editor would obey stands in quotes always, where TOML has a form for it."""
    if character == "\n" or character.isprintable() or category(character) == "Zs":
        return character
    return f"\\U{ord(character):08x}"


def basis_of(text: str, document: str) -> int | None:
    """The version that a text says it goes on from; None: it says nothing of ``document``, ``kind/name``."""
    found = _BASIS.match(text.removeprefix("\ufeff"))
    return int(found[2]) if found is not None and found[1] == document else None
