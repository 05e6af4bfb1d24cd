"""The door of an HTTP server: how many may be inside, and who goes when it is full. A connection's own way is told in ``connection.py``.

Who is proven (``Connection.prove``: its signature is good) keeps its place. When all places are taken, the newcomer gets that of whoever
has gone longest without a proof: silent and slow clients wait for seconds, honest ones are through in milliseconds, so that a flood of the
former ends the former. An address that is no trusted proxy's has ``per_address`` places: its further connections are answered 429.
An IPv6 client counts by its /64, which one subscriber has.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web

from streams.ops.connection import Connection, Limits, at_work
from streams.ops.ports import BACKLOG

logger = logging.getLogger(__name__)

_TICK_S = 0.25
#: aiohttp stops reading when it has twice as much: with what the kernel gives at once (``ports.py``) a connection holds 64 KiB that nobody
#: has read, 320 that all send as fast as they can 20 MiB, 2,000 of them 125 MiB.
_READ_BYTES = 8 * 1024
#: What is refused by the hundred is said so often.
_SAID_EVERY_S = 60.0


class Door:
    """Serves ``app`` at a bound socket from ``open`` to ``close``, in one event loop.

    :param refused: told of each that is refused: address, full, slow_head, large_head, unread, files.
    """

    def __init__(
        self,
        app: web.Application,
        limits: Limits,
        refused: Callable[[str], None] = lambda why: None,
        http_logger: logging.Logger = logger,
        drain_s: float = 1.0,
    ) -> None:
        app.middlewares.insert(0, at_work)
        self.limits = limits
        self.told = refused
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=http_logger,
            shutdown_timeout=drain_s,
            # Nobody unpacks what is not verified.
            auto_decompress=False,
            max_headers=100,
            read_bufsize=_READ_BYTES,
            keepalive_timeout=limits.rest_s,
            lingering_time=limits.leave_s,
        )
        self._all: set[Connection] = set()
        self._by_address: Counter[str] = Counter()
        #: Longest first. Who has proven nothing; who rests, and had.
        self._unproven: dict[Connection, None] = {}
        self._proven: dict[Connection, None] = {}
        self._leaving = 0
        self._said: dict[str, float] = {}

    @property
    def inside(self) -> int:
        """Connections that have a place."""
        return len(self._all) - self._leaving

    async def open(self, listening: socket.socket) -> None:
        """Accepts from now on."""
        await self._runner.setup()
        self._loop = asyncio.get_running_loop()
        self._fd = listening.fileno()
        self._server = await self._loop.create_server(lambda: Connection(self), sock=listening, backlog=BACKLOG)
        self._ticking = asyncio.create_task(self._tick())

    async def close(self) -> None:
        """Accepts nothing more, and returns when what is under way has been answered."""
        self._server.close()
        self._ticking.cancel()
        for each in list(self._all):
            each.close_if_silent()
        await self._runner.cleanup()

    # -- for its connections --

    def handler(self) -> asyncio.Protocol:
        """aiohttp's side of a connection."""
        server = self._runner.server
        assert server is not None
        return server()

    def admit(self, it: Connection) -> HTTPStatus | None:
        """A place, or why there is none."""
        self._all.add(it)
        limits = self.limits
        if it.address and self._by_address[it.address] >= limits.per_address:
            self.say(
                "address",
                f"{it.address} has {limits.per_address} connections and gets no more: a proxy's address is to stand in "
                "PENSTOCK_TRUSTED_PROXIES",
            )
            return HTTPStatus.TOO_MANY_REQUESTS
        if it.address:
            self._by_address[it.address] += 1
        if self.inside > limits.connections:
            self.say("full", f"all {limits.connections} places are taken: who waits longest without a signature goes")
            oldest = next(iter(self._unproven or self._proven), None)
            if oldest is None:
                return HTTPStatus.SERVICE_UNAVAILABLE
            oldest.give_way()
        self._unproven[it] = None
        return None

    def place(self, it: Connection, *, proven: bool, resting: bool = False) -> None:
        """Where it stands among those who may have to go: last, or not at all while its signed request is at work."""
        self.withdraw(it)
        if not proven:
            self._unproven[it] = None
        elif resting:
            self._proven[it] = None

    def withdraw(self, it: Connection) -> None:
        """It is none of those who may have to go."""
        self._unproven.pop(it, None)
        self._proven.pop(it, None)

    def leave(self, it: Connection) -> bool:
        """It gives its place back; False: too many are on their way out, it is to be cut off."""
        self.withdraw(it)
        self._uncount(it)
        self._leaving += 1
        return self._leaving <= self.limits.leaving

    def gone(self, it: Connection) -> None:
        """Its socket is closed."""
        self._all.discard(it)
        self.withdraw(it)
        if it.leaving:
            self._leaving -= 1
        else:
            self._uncount(it)

    def say(self, why: str, text: str) -> None:
        """Counts it, and logs the first of a kind, then one a while: whoever floods the server does not flood its log."""
        self.told(why)
        now = self._loop.time()
        if now >= self._said.get(why, 0.0):
            self._said[why] = now + _SAID_EVERY_S
            logger.warning("%s", text)

    def _uncount(self, it: Connection) -> None:
        if it.address:
            self._by_address[it.address] -= 1
            if self._by_address[it.address] <= 0:
                del self._by_address[it.address]

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            now = self._loop.time()
            for each in list(self._all):
                each.tick(now)
            # The event loop drops whom it has no descriptor for, without a word.
            try:
                os.close(os.dup(self._fd))
            except OSError as exc:
                limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
                self.say(
                    "files", f"{exc.strerror} (limit {limit}): who connects is dropped; raise ulimit -n, LimitNOFILE"
                )
