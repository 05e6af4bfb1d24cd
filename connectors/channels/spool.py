"""Records that wait on disk while Kafka is away: what stands here was accepted, and is not lost when the process or the machine dies.

A folder of append-only segments, NNNNNNNN.spool, written by one process (it holds ``lock``):

    length of the body (4 bytes, big-endian), CRC-32 of the body (4 bytes), body: MessagePack [topic, key, value, headers]

``put`` returns after fsync; all that wait for the disk at the same time share one (group commit). ``drain`` hands the segments to Kafka,
oldest first, and deletes each after all of it was delivered; a process killed between the two delivers it again.

A record that was cut off by a crash was never accepted: reading a segment ends there. A segment damaged before its end is kept as
NNNNNNNN.damaged after what can be read of it was delivered.
"""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import zlib
from collections.abc import Awaitable, Callable, Sequence
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import msgspec

from connectors.channels.base import Outgoing

logger = logging.getLogger(__name__)

_HEAD = struct.Struct(">II")
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Outgoing).decode

#: Records handed to Kafka at a time.
_CHUNK = 500
#: A segment that is longer is followed by the next.
SEGMENT_BYTES = 16 * 1024 * 1024

Deliver = Callable[[Sequence[Outgoing]], Awaitable[None]]


class SpoolTaken(Exception):
    """Another process uses the folder; the message says what to do."""


class SpoolFailed(OSError):
    """The disk does not take it: nothing was accepted."""


class Spool:
    """The spool in ``folder``, made when it is missing. Raises SpoolTaken, OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            flock(self._lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise SpoolTaken(f"another gateway uses {folder}: give this one its own PENSTOCK_DATA") from None
        #: Segments that are complete, oldest first, and how many records each has.
        self._full = {path: sum(1 for _ in _records(path)[0]) for path in sorted(folder.glob("*.spool"))}
        last = max((int(path.stem) for path in folder.iterdir() if path.stem.isdigit()), default=0)
        self._next = last + 1
        self._file: int | None = None
        self._path = folder
        self._in_file = self._bytes = 0
        self._waiting: list[tuple[bytes, int, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._disk = asyncio.Lock()

    @property
    def records(self) -> int:
        """How many wait."""
        return sum(self._full.values()) + self._in_file

    async def put(self, records: Sequence[Outgoing]) -> None:
        """Returns when they are on disk, all of them. Raises SpoolFailed: none counts as accepted."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((b"".join(_framed(record) for record in records), len(records), done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await asyncio.shield(done)

    async def drain(self, deliver: Deliver) -> None:
        """Hands all that stands here now to ``deliver``; what that raises is raised, and the rest stays."""
        async with self._disk:
            await asyncio.to_thread(self._close_segment)
        for path in list(self._full):
            records, whole = await asyncio.to_thread(_records, path)
            for at in range(0, len(records), _CHUNK):
                await deliver(records[at : at + _CHUNK])
            if whole:
                await asyncio.to_thread(path.unlink)
            else:
                kept = path.with_suffix(".damaged")
                await asyncio.to_thread(path.rename, kept)
                logger.error(
                    "%s is damaged: %d of its records were delivered, the rest can't be read", kept, len(records)
                )
            del self._full[path]

    async def close(self) -> None:
        """After what is being written."""
        if self._writing is not None:
            await self._writing
        async with self._disk:
            await asyncio.to_thread(self._close_segment)
        os.close(self._lock)

    def abandon(self) -> None:
        """Gives the folder up at once, as a process that dies does: nothing is finished."""
        os.close(self._lock)

    async def _write(self) -> None:
        while self._waiting:
            async with self._disk:
                taken, self._waiting = self._waiting, []
                error: OSError | None = None
                try:
                    await asyncio.to_thread(self._append, b"".join(raw for raw, _, _ in taken))
                    self._in_file += sum(count for _, count, _ in taken)
                except OSError as exc:
                    error = exc
            for _, _, done in taken:
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(SpoolFailed(error.errno, f"{self._folder} takes nothing: {error.strerror}"))
                    done.exception()  # Who waited may be gone.

    def _append(self, raw: bytes) -> None:
        """Whole and on disk, or not there at all."""
        if self._file is not None and self._bytes > SEGMENT_BYTES:
            self._close_segment()
        if self._file is None:
            self._open_segment()
        assert self._file is not None
        try:
            view = memoryview(raw)
            while view:
                view = view[os.write(self._file, view) :]
            os.fsync(self._file)
        except OSError:
            # Half of it would hide what is appended behind it.
            os.ftruncate(self._file, self._bytes)
            raise
        self._bytes += len(raw)

    def _open_segment(self) -> None:
        self._path = self._folder / f"{self._next:08d}.spool"
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._next += 1
        self._bytes = self._in_file = 0
        # A file whose name is not on disk is lost with the machine, however often it was fsynced itself.
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _close_segment(self) -> None:
        if self._file is None:
            return
        os.close(self._file)
        self._file = None
        self._full[self._path] = self._in_file
        self._in_file = 0


def _framed(record: Outgoing) -> bytes:
    body = _pack(record)
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def _records(path: Path) -> tuple[list[Outgoing], bool]:
    """The records of a segment, and whether it could be read to its end (or to a record that a crash cut off)."""
    raw, at = path.read_bytes(), 0
    found: list[Outgoing] = []
    while at + _HEAD.size <= len(raw):
        length, crc = _HEAD.unpack_from(raw, at)
        body = raw[at + _HEAD.size : at + _HEAD.size + length]
        if not length or len(body) < length:
            break
        if zlib.crc32(body) != crc:
            # A crash may leave zeros or rubbish where the last group was to be written, but nothing behind it.
            return found, at + _HEAD.size + length >= len(raw)
        found.append(_unpack(body))
        at += _HEAD.size + length
    return found, True
