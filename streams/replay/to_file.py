"""Into a file of JSON lines, which is there whole or not at all: written beside its place, flushed to disk, renamed at the end.

``json``   topic, partition, offset, time, key, record type, decoded value (personal data masked unless asked for), headers
``raw``    the same places with key, value and headers as they are, in base64: loses nothing, masks nothing

Of orders whose persons are forgotten both have what is left without them.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import socket
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, BinaryIO

from confluent_kafka import Message

from schemas.codec import CODEC, CodecError
from schemas.private import private, sync_folder
from streams.engine.work import Work
from streams.ops.forgetting import forget_in_file, without_person
from streams.ops.masking import readable, shown_bytes
from streams.ops.moments import utc
from streams.ops.sinks import Refused
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.replay.log import headers_of
from streams.replay.plan import Plan
from streams.replay.target import Target


class ToFile(Target):
    """``file:PATH``. ``forgotten``: orders whose persons are."""

    def __init__(self, plan: Plan, path: Path, forgotten: Set[bytes] = frozenset()) -> None:
        self._path = path.expanduser().absolute()
        self._part = self._path.with_name(f".{self._path.name}.{plan.replay_id}.part")
        self._plan = plan
        self._forgotten = forgotten
        self._begun = False
        self._file: BinaryIO | None = None
        # The same path on two machines is two files.
        self.identity = f"file:{socket.gethostname()}:{self._path}"

    async def check(self, resumed: bool) -> None:
        path, plan = self._path, self._plan
        if plan.form == "raw" and not plan.unmask:
            raise ReplayRefused(
                "--format raw writes records as they are, with people's names and addresses: add --unmask"
            )
        if path.exists() and not (resumed and not self._part.exists()):
            raise ReplayRefused(f"{path} is there already: name another file, or move it away")
        if not path.parent.is_dir():
            raise ReplayRefused(f"there is no folder {path.parent}: create it")
        if not os.access(path.parent, os.W_OK):
            raise ReplayRefused(f"nobody may write in {path.parent}: choose another folder, or change its permissions")

    async def open(self, positions: Mapping[int, int]) -> None:
        begun = self._begun = any(positions[r.partition] > r.start for r in self._plan.ranges)
        if begun and not self._part.exists() and not self._path.exists():
            raise ReplayRefused(
                f"{self._part} is not here: resume on the machine it was begun on, or begin a new replay"
            )
        if begun and self._path.exists():
            return  # Killed after the rename: nothing is left but to say so.
        try:
            self._file = os.fdopen(private(str(self._part), os.O_RDWR | os.O_CREAT), "r+b")
            # A run that only slept holds it still; one that was killed does not.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.truncate(_length_at(self._file, positions))
            self._file.seek(0, os.SEEK_END)
        except BlockingIOError as exc:
            raise ReplayRefused(f"{self._part} is being written by another process: stop that first") from exc
        except OSError as exc:
            raise ReplayRefused(f"cannot write {self._part}: {exc.strerror}") from exc

    async def put(self, messages: Sequence[Message], work: Work) -> Sequence[Refused]:
        if self._file is None:
            raise ReplayStopped(f"{self._path} is finished already")
        try:
            self._file.write(b"".join(self._line(m) for m in messages))
            self._file.flush()
            # On disk before the progress says so.
            os.fsync(self._file.fileno())
        except OSError as exc:
            raise ReplayStopped(f"cannot write {self._part}: {exc.strerror}") from exc
        return ()

    async def finish(self) -> None:
        if self._file is None:
            return
        try:
            os.fsync(self._file.fileno())
            if self._begun:
                # By an earlier run, to which some of them were not named yet.
                forget_in_file(self._part, {order.decode("utf-8", "backslashreplace") for order in self._forgotten})
            self._part.rename(self._path)
            sync_folder(self._path.parent)
        except OSError as exc:
            raise ReplayStopped(f"cannot put {self._path} in its place: {exc.strerror}") from exc

    async def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _line(self, m: Message) -> bytes:
        place = {
            "topic": self._plan.topic,
            "partition": m.partition(),
            "offset": m.offset(),
            "at": utc(m.timestamp()[1], "milliseconds"),
        }
        value = without_person(m.value()) if m.key() in self._forgotten else m.value()
        content = self._raw(m, value) if self._plan.form == "raw" else self._decoded(m, value)
        return json.dumps({**place, **content}, ensure_ascii=False, default=str).encode() + b"\n"

    @staticmethod
    def _raw(m: Message, value: bytes | None) -> dict[str, Any]:
        headers = [[name, _base64(value)] for name, value in headers_of(m)]
        return {
            "timestamp_ms": m.timestamp()[1],
            "key": _base64(m.key()),
            "value": _base64(value),
            "headers": headers,
        }

    def _decoded(self, m: Message, value: bytes | None) -> dict[str, Any]:
        key, unmask = m.key(), self._plan.unmask
        shown_key = key.decode("utf-8", "backslashreplace") if key is not None else None
        headers = {name: (value or b"").decode("utf-8", "backslashreplace") for name, value in headers_of(m)}
        try:
            name, record = CODEC.decode(value or b"")
            return {
                "key": shown_key,
                "record": name,
                "value": readable(name, record, unmask=unmask),
                "headers": headers,
            }
        except CodecError as exc:
            shown_value = shown_bytes(value, unmask=unmask)
            return {"key": shown_key, "record": None, "value": shown_value, "error": str(exc), "headers": headers}


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _length_at(file: BinaryIO, positions: Mapping[int, int]) -> int:
    """Bytes of the lines that the positions cover: lines were written in their order, so all after the first beyond them are beyond too."""
    length = 0
    file.seek(0)
    for line in file:
        if not line.endswith(b"\n"):
            break
        place = json.loads(line)
        if place["offset"] >= positions.get(place["partition"], 0):
            break
        length += len(line)
    return length
