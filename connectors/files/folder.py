"""The folder of a files sink: segments and the manifest that says which of them count. Blocking; knows nothing of Kafka's records.

    MANIFEST.json                          the number of the last flush, its segments, and every partition's position
    LOCK                                   held while the folder is changed: several drivers may share it
    FORGOTTEN                              orders whose persons are forgotten, a line each
    orders/2026-11-24/000000000042.jsonl   what flush 42 has of that topic and day

A flush, in this order; its number is the next one:
0. Persons: orders that are to be forgotten from now on are put into FORGOTTEN, and their lines in segments that are there written anew,
   each segment whole or not at all. No line of such an order is written with its person any more. Done again after a kill, it does nothing.
1. Drafts: every segment is written as ``.000000000042.jsonl.draft`` beside its place, and synced.
2. Manifest: replaced by one with the new number, positions and segments. From here on the flush counts, whole.
3. Publish: drafts get their names.

A kill before 2 leaves drafts that no manifest names: they are removed. A kill after it leaves drafts that the manifest names: they get
their names. So whoever reads ``*.jsonl`` meets each record once, and none of a flush that may yet be undone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import NamedTuple

from schemas.private import private, private_folder, sync_folder
from streams.ops.forgetting import UNFINISHED, forget_in_file
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
        private_folder(self.path)
        with self._locked():
            self._recover()

    def positions(self) -> dict[Partition, int]:
        """The next offset of each partition that has one."""
        return self._manifest().positions

    def forgotten(self) -> frozenset[str]:
        """Orders whose persons are forgotten."""
        try:
            return frozenset((self.path / "FORGOTTEN").read_text("utf-8").splitlines())
        except FileNotFoundError:
            return frozenset()

    def forget(self, orders: Set[str]) -> None:
        """Takes the orders' persons out of what is there and of what will be."""
        with self._locked():
            self._recover()
            self._forget(orders)

    def flush(
        self,
        segments: Callable[[Set[str]], list[Segment]],
        spans: Mapping[Partition, Span],
        known: Set[Partition] = frozenset(),
        forget: Set[str] = frozenset(),
    ) -> None:
        """Segments and positions become durable or neither does.

        Args:
            segments: what they are, given the orders whose persons are forgotten.
            forget: orders whose persons are to be forgotten from now on.

        Raises SinkFenced when a span doesn't begin where the manifest says, or the manifest has lost one that it is known to have had.
        """
        with self._locked():
            # Another driver may have been killed here since the folder was opened.
            last = self._recover()
            for tp, span in spans.items():
                if (stored := last.positions.get(tp, 0 if tp in known else span.start)) != span.start:
                    raise SinkFenced(f"{tp.topic}/{tp.number} stands at {stored}, not at {span.start}")
            number = last.number + 1
            # 0. Persons
            if forget:
                self._forget(forget)
            written = segments(self.forgotten())
            # 1. Drafts
            places = [self._place(s, number) for s in written]
            for place, segment in zip(places, written, strict=True):
                self._mkdir(place.parent)
                _write(_draft(place), segment.content)
            for folder in {place.parent for place in places}:
                sync_folder(folder)
            # 2. Manifest
            moved = {**last.positions, **{tp: span.end for tp, span in spans.items()}}
            self._put_manifest(Manifest(number, moved, [str(p.relative_to(self.path)) for p in places]))
            # 3. Publish
            self._publish(places)

    def _recover(self) -> Manifest:
        last = self._manifest()
        self._publish([self.path / name for name in last.segments])
        for draft in (*self.path.glob("*/*/.*.draft"), *self.path.glob(f"*/*/{UNFINISHED}")):
            draft.unlink()
        return last

    def _forget(self, orders: Set[str]) -> None:
        path = self.path / "FORGOTTEN"
        _write(_draft(path), "".join(f"{order}\n" for order in sorted(self.forgotten() | orders)).encode())
        _draft(path).rename(path)
        sync_folder(self.path)
        for segment in sorted(self.path.glob("*/*/*.jsonl")):
            forget_in_file(segment, orders)

    def _publish(self, places: list[Path]) -> None:
        folders = set()
        for place in places:
            draft = _draft(place)
            if draft.exists():
                draft.rename(place)
                folders.add(place.parent)
        for folder in folders:
            sync_folder(folder)

    def _place(self, segment: Segment, number: int) -> Path:
        return self.path / segment.topic / segment.day / f"{number:012}.jsonl"

    def _mkdir(self, folder: Path) -> None:
        if not folder.exists():
            private_folder(folder)
            sync_folder(folder.parent)
            sync_folder(self.path)

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
        sync_folder(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = private(str(self.path / "LOCK"), os.O_RDWR | os.O_CREAT)
        try:
            flock(lock, LOCK_EX)
            yield
        finally:
            os.close(lock)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb", opener=private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
