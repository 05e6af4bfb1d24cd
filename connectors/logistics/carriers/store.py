"""Versions of the dictionary: the one in this package, and newer ones in a folder."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from schemas.private import private_folder

from .model import CODE_FIELDS, Carrier, Carriers
from .reading import InvalidCarriers, Problem, parse


class Stored(NamedTuple):
    """A dictionary and where it is from."""

    carriers: Carriers
    source: str


def packaged() -> Carriers:
    """The one that Penstock brings along."""
    return parse(resources.files(__package__).joinpath("carriers.toml").read_text("utf-8"), "carriers.toml")


def current(folder: Path) -> Stored:
    """The newest by date: of ``folder``, else the packaged one; of one date the folder's goes before. Raises InvalidCarriers."""
    found = Stored(packaged(), "packaged")
    for path in sorted(folder.glob("*.toml")):
        carriers = read(path)
        if carriers.date >= found.carriers.date:
            found = Stored(carriers, str(path))
    return found


def read(path: Path) -> Carriers:
    """A file's dictionary. Raises InvalidCarriers."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as exc:
        raise InvalidCarriers(str(path), [Problem(0, f"cannot be read: {exc.strerror}")]) from exc
    except UnicodeDecodeError as exc:
        raise InvalidCarriers(str(path), [Problem(0, "is not UTF-8: save it as UTF-8")]) from exc
    return parse(text, str(path))


def keep(path: Path, carriers: Carriers, folder: Path) -> Path:
    """Puts a checked file among the versions, whole or not at all; returns where it is now."""
    private_folder(folder)
    # Numbered: of two versions of one date the later one counts.
    kept = folder / f"{len(list(folder.glob('*.toml'))) + 1:04d}-{carriers.version}.toml"
    draft = folder / f".{uuid.uuid4().hex}"
    try:
        with draft.open("wb") as file:
            file.write(path.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(kept)
    finally:
        draft.unlink(missing_ok=True)
    return kept


def differences(old: Carriers, new: Carriers) -> Iterator[str]:
    """What changes from one version to the other, a line each."""
    before, after = ({c.code: c for c in each.carriers} for each in (old, new))
    for code in sorted(before.keys() | after.keys()):
        if code not in after:
            yield f"- {code} {before[code].name}"
        elif code not in before:
            yield f"+ {code} {after[code].name}: {_codes(after[code])}"
        else:
            yield from (f"~ {code}.{name}: {was} -> {now}" for name, was, now in _changes(before[code], after[code]))
    if old.prefixes != new.prefixes:
        yield f"~ numbers.prefixes: {list(old.prefixes)} -> {list(new.prefixes)}"
    for key in sorted(old.own.keys() | new.own.keys()):
        if old.own.get(key) != new.own.get(key):
            yield f"~ own {'/'.join(key)}: {old.own.get(key, '-')} -> {new.own.get(key, '-')}"


def _codes(carrier: Carrier) -> str:
    return ", ".join(f"{name} {carrier.of(name)}" for name in CODE_FIELDS if carrier.of(name)) or "no codes"


def _changes(old: Carrier, new: Carrier) -> Iterator[tuple[str, str, str]]:
    for name in (*CODE_FIELDS, *Carrier.__dataclass_fields__):
        if name == "codes":
            continue
        was, now = (_shown(each.of(name) if name in CODE_FIELDS else getattr(each, name)) for each in (old, new))
        if was != now:
            yield name, was, now


def _shown(value: object) -> str:
    match value:
        case tuple() | frozenset():
            shown = [getattr(each, "pattern", str(each)) for each in value]
            return f"[{', '.join(sorted(shown) if isinstance(value, frozenset) else shown)}]"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value) or "-"
