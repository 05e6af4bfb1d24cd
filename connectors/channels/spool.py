"""Records that wait on disk while Kafka is away: what stands here was accepted, and is not lost when the process or the machine dies.

A folder of append-only segments, NNNNNNNN-SEED.spool (see ``segment.py``), written by one process (it holds ``lock``).

``put`` returns after fsync; all that wait for the disk at the same time share one (group commit). ``drain`` hands the segments to Kafka,
oldest first, and deletes each after all of it was delivered; a process killed between the two delivers it again.

What a crash cut off was never accepted; it is kept as NNNNNNNN-SEED.cut. A segment that the disk has damaged is kept as
NNNNNNNN-SEED.damaged after all that can be read of it was delivered: nobody deletes it but a person.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from connectors.channels.base import Outgoing
from connectors.channels.segment import Contents, closing, read
from connectors.channels.segment import framed as _framed
from schemas.private import private, private_folder, sync_folder

logger = logging.getLogger(__name__)

#: Records handed to Kafka at a time.
_CHUNK = 500
#: A segment that is longer is followed by the next.
SEGMENT_BYTES = 16 * 1024 * 1024

#: What the system can't read of a file is looked for by such blocks.
_BLOCK_BYTES = 4_096

Deliver = Callable[[Sequence[Outgoing]], Awaitable[None]]


class SpoolUnusable(Exception):
    """The folder can't be used, or another process uses it; the message says what to do."""


class SpoolFailed(OSError):
    """The disk does not take it: nothing was accepted."""


class Spool:
    """The spool in ``folder``, made when it is missing. Raises SpoolUnusable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            private_folder(folder)
            self._lock = private(str(folder / "lock"), os.O_RDWR | os.O_CREAT)
            names = sorted(os.listdir(folder))
        except OSError as exc:
            raise SpoolUnusable(
                f"{folder}: {exc.strerror}: pushes could not be kept there; make it a folder that this user may read and write"
            ) from exc
        try:
            flock(self._lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise SpoolUnusable(f"another gateway uses {folder}: give this one its own PENSTOCK_DATA") from None
        #: Segments that are complete, oldest first, and how many records each has, as far as can be told before they are read to deliver.
        self._full = {path: _records_in(path) for path in map(folder.joinpath, names) if path.suffix == ".spool"}
        self._next = 1 + max((int(found[0]) for name in names if (found := re.match(r"\d+", name))), default=0)
        #: Segments that were damaged, and stay until a person has looked.
        self.damaged = sum(name.endswith(".damaged") for name in names)
        self._file: int | None = None
        self._path = folder
        self._seed = self._in_file = self._bytes = 0
        self._waiting: list[tuple[list[Outgoing], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._disk = asyncio.Lock()

    @property
    def records(self) -> int:
        """How many wait."""
        return sum(self._full.values()) + self._in_file

    @property
    def empty(self) -> bool:
        """Nothing stands here, not even what can't be read."""
        return not self._full and not self._in_file

    async def put(self, records: Sequence[Outgoing]) -> None:
        """Returns when they are on disk, all of them. Raises SpoolFailed: none counts as accepted."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((list(records), done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await asyncio.shield(done)

    async def drain(self, deliver: Deliver) -> None:
        """Hands all that stands here now to ``deliver``; what that raises is raised, and the rest stays.

        Raises OSError when a segment can't be read, after all others were delivered.
        """
        async with self._disk:
            await asyncio.to_thread(self._close_segment)
        unread: OSError | None = None
        for path in list(self._full):
            try:
                found = await asyncio.to_thread(_contents, path)
            except FileNotFoundError:
                logger.error("%s is gone: somebody has taken it away with the records that waited in it", path)
                del self._full[path]
                continue
            except OSError as exc:
                unread = unread or exc
                continue
            for at in range(0, len(found.records), _CHUNK):
                await deliver(found.records[at : at + _CHUNK])
            await asyncio.to_thread(self._done_with, path, found)
            del self._full[path]
        if unread is not None:
            raise unread

    def _done_with(self, path: Path, found: Contents) -> None:
        """All that can be read of it was delivered."""
        if found.whole:
            path.unlink()
            return
        kept = path.rename(path.with_suffix(".cut" if found.cut else ".damaged"))
        count, bytes_damaged = len(found.records), sum(end - begin for begin, end in found.damaged)
        if found.cut:
            logger.warning(
                "%s ends in %d bytes that a crash cut off, which were never accepted; its %d records were delivered",
                *(kept, bytes_damaged, count),
            )
            return
        self.damaged += 1
        lost = "a record or more" if found.written is None else f"{found.written - count} of {found.written} records"
        logger.error(
            "%s is damaged: %s can't be read (%d bytes, at %s); the other %d were delivered, and the file is kept",
            *(
                kept,
                lost,
                bytes_damaged,
                ", ".join(f"{begin}-{end}" for begin, end in found.damaged[:10]) or "its end",
                count,
            ),
        )

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
                    await asyncio.to_thread(self._append, [record for records, _ in taken for record in records])
                except OSError as exc:
                    error = exc
            for _, done in taken:
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(SpoolFailed(error.errno, f"{self._folder} takes nothing: {error.strerror}"))
                    done.exception()  # Who waited may be gone.

    def _append(self, records: Sequence[Outgoing]) -> None:
        """All of them, on disk; or none is there."""
        if self._file is not None and self._bytes > SEGMENT_BYTES:
            self._close_segment()
        if self._file is None:
            self._open_segment()
        assert self._file is not None
        self._put(self._file, b"".join(_framed(record, self._seed) for record in records), sync=True)
        self._in_file += len(records)

    def _put(self, file: int, raw: bytes, *, sync: bool) -> None:
        """Whole, or not there at all."""
        try:
            view = memoryview(raw)
            while view:
                view = view[os.write(file, view) :]
            if sync:
                os.fsync(file)
        except OSError:
            # Half of it would stand before what is appended behind it.
            os.ftruncate(file, self._bytes)
            raise
        self._bytes += len(raw)

    def _open_segment(self) -> None:
        self._seed = 1 + secrets.randbelow(2**32 - 1)
        self._path = self._folder / f"{self._next:08d}-{self._seed:08x}.spool"
        self._file = private(str(self._path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)
        self._next += 1
        self._bytes = self._in_file = 0
        # A file whose name is not on disk is lost with the machine, however often it was fsynced itself.
        sync_folder(self._folder)

    def _close_segment(self) -> None:
        if self._file is None:
            return
        # Without its end it is read as one that a crash left, which costs nothing as long as it isn't damaged.
        with suppress(OSError):
            self._put(self._file, closing(self._in_file, self._seed), sync=False)
        os.close(self._file)
        self._file = None
        self._full[self._path] = self._in_file
        self._in_file = 0


def segments_about(folder: Path, order_id: str) -> list[Path]:
    """Files of a spool in which the order's number stands: waiting for Kafka (``.spool``), or spoilt (``.damaged``, ``.cut``).

    Raises OSError.
    """
    number = order_id.partition(":")[2].encode()
    kept = (".spool", ".damaged", ".cut")
    return [path for path in sorted(folder.glob("*")) if path.suffix in kept and number in _raw(path)]


def _contents(path: Path) -> Contents:
    """Raises OSError."""
    seed = re.search(r"-([0-9a-f]{8})$", path.stem)
    return read(_raw(path), int(seed[1], 16) if seed else 0)


def _records_in(path: Path) -> int:
    try:
        return len(_contents(path).records)
    except OSError:
        return 0


def _raw(path: Path) -> bytes:
    """A file's bytes, with zeros for blocks that the disk does not give back."""
    try:
        return path.read_bytes()
    except OSError as exc:
        if exc.errno != errno.EIO:
            raise
    raw = bytearray(path.stat().st_size)
    with path.open("rb", buffering=0) as file:
        for at in range(0, len(raw), _BLOCK_BYTES):
            with suppress(OSError):
                block = os.pread(file.fileno(), min(_BLOCK_BYTES, len(raw) - at), at)
                raw[at : at + len(block)] = block
    return bytes(raw)
