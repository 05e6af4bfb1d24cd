"""The folder of a files sink: segments and the manifest that says which of them count. Blocking; knows nothing of Kafka's records.

    MANIFEST.json                          the number of the last flush, its segments, and every partition's position
    LOCK                                   held while the folder is changed: several drivers may share it
    orders/2026-11-24/000000000042.jsonl   what flush 42 has of that topic and day

A flush, in this order; its number is the next one:
1. Drafts: every segment is written as ``.000000000042.jsonl.draft`` beside its place, and synced.
2. Manifest: replaced by one with the new number, positions and segments. From here on the flush counts, whole.
3. Publish: drafts get their names.

A kill before 2 leaves drafts that no manifest names: they are removed. A kill after it leaves drafts that the manifest names: they get
their names. So whoever reads ``*.jsonl`` meets each record once, and none of a flush that may yet be undone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import NamedTuple

from streams.ops.sinks import Partition, SinkFenced, SinkMisfit, Span

_VERSION = 1


class Segment(NamedTuple):
    """What one flush has for one topic and day (``YYYY-MM-DD``, UTC)."""

    topic: str
    day: str
    content: bytes


class Manifest(NamedTuple):
    """The last flush."""

    number: int
    positions: dict[Partition, int]
    #: Relative to the folder.
    segments: list[str]


class Folder:
    """Every call raises OSError as the file system does."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> None:
        """Creates what is missing and brings a flush that was cut off to its end, or to nothing. Raises SinkMisfit."""
        self.path.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._recover()

    def positions(self) -> dict[Partition, int]:
        """The next offset of each partition that has one."""
        return self._manifest().positions

    def flush(
        self, segments: list[Segment], spans: Mapping[Partition, Span], known: Set[Partition] = frozenset()
    ) -> None:
        """Both become durable or neither does.

        Raises SinkFenced when a span doesn't begin where the manifest says, or the manifest has lost one that it is known to have had.
        """
        with self._locked():
            # Another driver may have been killed here since the folder was opened.
            last = self._recover()
            for tp, span in spans.items():
                if (stored := last.positions.get(tp, 0 if tp in known else span.start)) != span.start:
                    raise SinkFenced(f"{tp.topic}/{tp.number} stands at {stored}, not at {span.start}")
            number = last.number + 1
            # 1. Drafts
            places = [self._place(s, number) for s in segments]
            for place, segment in zip(places, segments, strict=True):
                self._mkdir(place.parent)
                _write(_draft(place), segment.content)
            for folder in {place.parent for place in places}:
                _sync_folder(folder)
            # 2. Manifest
            moved = {**last.positions, **{tp: span.end for tp, span in spans.items()}}
            self._put_manifest(Manifest(number, moved, [str(p.relative_to(self.path)) for p in places]))
            # 3. Publish
            self._publish(places)

    def _recover(self) -> Manifest:
        last = self._manifest()
        self._publish([self.path / name for name in last.segments])
        for draft in self.path.glob("*/*/.*.draft"):
            draft.unlink()
        return last

    def _publish(self, places: list[Path]) -> None:
        folders = set()
        for place in places:
            draft = _draft(place)
            if draft.exists():
                draft.rename(place)
                folders.add(place.parent)
        for folder in folders:
            _sync_folder(folder)

    def _place(self, segment: Segment, number: int) -> Path:
        return self.path / segment.topic / segment.day / f"{number:012}.jsonl"

    def _mkdir(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True)
            _sync_folder(folder.parent)
            _sync_folder(self.path)

    def _manifest(self) -> Manifest:
        path = self.path / "MANIFEST.json"
        try:
            found = json.loads(path.read_bytes())
            if found["version"] != _VERSION:
                raise SinkMisfit(
                    f"{path} is of version {found['version']}, this sink writes {_VERSION}: use another folder"
                )
            positions = {Partition(topic, number): at for topic, number, at in found["positions"]}
            return Manifest(found["number"], positions, found["segments"])
        except FileNotFoundError:
            return Manifest(0, {}, [])
        except (ValueError, KeyError, TypeError) as exc:
            raise SinkMisfit(
                f"{path} is not a manifest of this sink ({exc!r}): restore it, or use another folder"
            ) from exc

    def _put_manifest(self, manifest: Manifest) -> None:
        document = {
            "version": _VERSION,
            "number": manifest.number,
            "positions": [[tp.topic, tp.number, at] for tp, at in sorted(manifest.positions.items())],
            "segments": manifest.segments,
        }
        path = self.path / "MANIFEST.json"
        _write(_draft(path), json.dumps(document).encode())
        _draft(path).rename(path)
        _sync_folder(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self.path / "LOCK", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            flock(lock, LOCK_EX)
            yield
        finally:
            os.close(lock)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """A new name is durable once its folder is."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
