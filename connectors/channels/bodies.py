"""Bodies of pushes while they are read: nobody knows yet whether they are signed, so all of them together are bounded.

When they hold more, the one that holds most for longest (bytes times seconds) gives way (503). An honest body is small, or through in
milliseconds; who fills the room with bodies that do not end ends his own.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial

from aiohttp import StreamReader

from streams.ops.connection import Connection

#: In all. An order of a hundred lines has 100 KB.
_ALL_MAX_BYTES = 16 * 1024 * 1024
#: Who sends more slowly is not a platform.
_BODY_S = 10.0


class TooLarge(Exception):
    """The body is longer than it may be."""


class GaveWay(Exception):
    """Its room, or its connection's place, is another's."""


class Bodies:
    """All of one gateway's."""

    def __init__(self, all_max_bytes: int = _ALL_MAX_BYTES) -> None:
        self._most = all_max_bytes
        self._reading: set[_Body] = set()
        self.size = 0

    async def read(self, content: StreamReader, most_bytes: int, connection: Connection) -> bytes:
        """The whole body. Raises TooLarge, GaveWay, TimeoutError, and what aiohttp raises for a broken one."""
        body, chunk = _Body(), b""
        self._reading.add(body)
        try:
            async with body.clock:
                connection.hurry = partial(self._end, body)
                async for chunk in content.iter_any():
                    self._take(body, chunk)
                    if body.size > most_bytes:
                        raise TooLarge
            if body.ended:
                raise GaveWay
            return b"".join(body.chunks)
        except TimeoutError:
            if body.ended:
                raise GaveWay from None
            raise
        finally:
            connection.hurry = None
            self._reading.discard(body)
            self.size -= body.size
            # What is left of one that failed is held by its error's frames, and by aiohttp's, until the garbage collector comes by.
            chunk = b""
            body.chunks.clear()
            with suppress(Exception):
                content.read_nowait()

    def _take(self, body: _Body, chunk: bytes) -> None:
        if body.ended:
            return
        body.chunks.append(chunk)
        body.size += len(chunk)
        self.size += len(chunk)
        while self.size > self._most:
            now = time.monotonic()
            self._end(max(self._reading, key=lambda each: each.size * (now - each.began)))

    def _end(self, body: _Body) -> None:
        """Its bytes are let go, and its reading ends as soon as the loop turns."""
        self._reading.discard(body)
        self.size -= body.size
        body.chunks.clear()
        body.size, body.ended = 0, True
        # Its own time may be up just now.
        with suppress(RuntimeError):
            body.clock.reschedule(asyncio.get_running_loop().time())


class _Body:
    """One that is being read."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        self.began = time.monotonic()
        self.ended = False
        self.clock = asyncio.timeout(_BODY_S)
