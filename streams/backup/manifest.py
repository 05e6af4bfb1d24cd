"""What a backup consists of: its manifest, written last, names every file. A backup without one is none."""

from __future__ import annotations

from pathlib import Path

import msgspec

from streams.backup import vault
from streams.backup.errors import BackupRefused, Damaged
from streams.backup.vault import File, Key

_FOLDER = "manifests"
_NEEDED_FORM = 1


class Segment(msgspec.Struct, frozen=True):
    """Committed records of one partition from offset ``start``, before ``end``."""

    start: int
    end: int
    records: int
    file: File


class Chain(msgspec.Struct, frozen=True):
    """One partition: its log from ``low``, before ``end``, in segments that follow each other; where it is empty there are none."""

    partition: int
    low: int
    end: int
    segments: tuple[Segment, ...]


class Kept(msgspec.Struct, frozen=True):
    """One topic.

    Attributes:
        settings: those said for it alone.
        changelog_of: the table whose changelog it is; empty: it is none.
    """

    name: str
    id: str
    settings: dict[str, str]
    chains: tuple[Chain, ...]
    changelog_of: str = ""


class Position(msgspec.Struct, frozen=True):
    """Where a group stands in one partition, and what it has noted with it."""

    group: str
    topic: str
    partition: int
    offset: int
    note: str = ""


class TableRows(msgspec.Struct, frozen=True):
    """One table's rows, as Postgres' COPY writes them as text."""

    table: str
    columns: tuple[str, ...]
    rows: int
    file: File


class Database(msgspec.Struct, frozen=True):
    """The tables, all of one snapshot; ``version`` of their migrations. ``partitions``: table -> (its parent, its bounds), as DDL says."""

    version: str
    tables: tuple[TableRows, ...]
    partitions: dict[str, tuple[str, str]]


class Manifest(msgspec.Struct, frozen=True):
    """A backup. ``cut_ms``: its moment, ms since the epoch. ``notices``: what the log had lost before it could be kept, in words."""

    name: str
    form: int
    app_id: str
    cut_ms: int
    seconds: float
    new_records: int
    new_bytes: int
    topics: tuple[Kept, ...]
    positions: tuple[Position, ...]
    database: Database | None = None
    shops: File | None = None
    notices: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        return sum(s.records for topic in self.topics for chain in topic.chains for s in chain.segments)

    def files(self) -> list[File]:
        """All that it needs, each once."""
        found = [s.file for topic in self.topics for chain in topic.chains for s in chain.segments]
        found += [table.file for table in self.database.tables] if self.database else []
        return [*found, *([self.shops] if self.shops else [])]


def write(folder: Path, manifest: Manifest, key: Key | None) -> None:
    """Makes a backup one."""
    vault.put(folder, f"{_FOLDER}/{manifest.name}", manifest, key)


def names(folder: Path) -> list[str]:
    """Backups in a folder, oldest first. Raises BackupRefused: there is no such folder."""
    if not folder.is_dir():
        raise BackupRefused(f"{folder} is no folder with backups: name one in PENSTOCK_BACKUP or with --folder")
    return sorted(path.name for path in (folder / _FOLDER).glob("*") if not path.name.endswith(".part"))


def read(folder: Path, name: str, key: Key | None) -> Manifest:
    """Raises Damaged, BackupRefused."""
    file = f"{_FOLDER}/{name}"
    raw = b"".join(vault.frames(folder, file, key))
    try:
        found = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as exc:
        raise Damaged(file, f"it is no manifest: {exc}") from exc
    if found.form > _NEEDED_FORM:
        raise BackupRefused(f"{file} was written by a newer Penstock: restore it with that one")
    return found


def chosen(folder: Path, name: str, key: Key | None) -> Manifest:
    """The one of this name, or the newest. Raises BackupRefused, Damaged."""
    there = names(folder)
    if not there:
        raise BackupRefused(f"there is no backup in {folder}: penstock backup run makes one")
    if name and name not in there:
        raise BackupRefused(f"there is no backup {name} in {folder}: penstock backup list shows those there are")
    return read(folder, name or there[-1], key)
