"""The door of an HTTP server: how many may be inside, how long they may take to say what they want, and who goes when it is full.

A connection's way, and how long each part may take (``Limits``):

    head      from the accept, or the first byte of a further request, to the end of the head    408 after ``head_s``, 431 when it is larger
    at work   the application's handler runs; a body is bounded where it is read                 (see ``Connection.hurry``)
    resting   answered, kept open for a further request                                          closed after ``rest_s``, or unread
    leaving   refused, or answered before its body was whole: what it still sends is dropped     closed after ``leave_s``

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
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, cast

from aiohttp import web

logger = logging.getLogger(__name__)

Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_END = b"\r\n\r\n"
_TICK_S = 0.25
#: What is refused by the hundred is said so often.
_SAID_EVERY_S = 60.0
#: The kernel has the last word (net.core.somaxconn). Whoever finds the queue full is heard only when he tries again, seconds later.
_BACKLOG = 16_384
#: More than this is no use to a server that holds 2,000 connections.
_FILES_MAX = 65_536


class CannotServe(Exception):
    """The port can't be listened on; the message says what to do."""


class Limits(NamedTuple):
    """What one server allows. Times in seconds."""

    connections: int = 2_000
    per_address: int = 100
    head_s: float = 10.0
    #: nginx's own, too.
    head_max_bytes: int = 32 * 1024
    #: To have taken an answer.
    answer_s: float = 10.0
    #: Longer than a proxy keeps its connections (nginx: 60 s), so that it is the one who ends them.
    rest_s: float = 75.0
    leave_s: float = 2.0
    #: So many may be on their way out with an answer; the others are cut off.
    leaving: int = 512
    #: Who connects for many: counted by no address.
    trusted: tuple[Network, ...] = LOOPBACK


DEFAULT = Limits()


class _Phase(Enum):
    HEAD = 1
    AT_WORK = 2
    RESTING = 3
    LEAVING = 4


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
        app.middlewares.insert(0, _at_work)
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
            read_bufsize=32 * 1024,
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
        self._server = await self._loop.create_server(lambda: Connection(self), sock=listening, backlog=_BACKLOG)
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


class Connection(asyncio.Protocol):
    """One client's; aiohttp's handler behind it sees what passes."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._loop = asyncio.get_running_loop()
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None
        self._phase = _Phase.HEAD
        self._since = 0.0
        self._head = b""
        self._head_bytes = 0
        self._proven = False
        self._ends_at: float | None = None
        #: Whom it is counted for; empty: a trusted proxy's.
        self.address = ""
        #: Set by who reads its body: has the reading end with an answer, at once.
        self.hurry: Callable[[], None] | None = None

    @property
    def leaving(self) -> bool:
        """It has given its place back."""
        return self._ends_at is not None

    # -- asyncio's side --

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._since = self._loop.time()
        self.address = _counted(self._transport.get_extra_info("peername"), self._door.limits.trusted)
        refused = self._door.admit(self)
        if refused is not None:
            if refused is HTTPStatus.TOO_MANY_REQUESTS:
                # It was not counted.
                self.address = ""
            self._refuse(refused)
            return
        self._inner = self._door.handler()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._inner is None or (self._phase is _Phase.LEAVING):
            return
        if self._phase is _Phase.RESTING:
            self._begin_head()
        if self._phase is _Phase.HEAD and not self._fits(data):
            self._door.say("large_head", f"a request's head has more than {self._door.limits.head_max_bytes} bytes")
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._inner is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._door.gone(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    # -- the application's side --

    def began(self) -> None:
        """A request's head is whole."""
        if not self.leaving:
            self._phase = _Phase.AT_WORK

    def prove(self) -> None:
        """The request under way is from who it says: it keeps its place."""
        self._proven = True
        if not self.leaving:
            self._door.place(self, proven=True)

    def ended(self, *, whole: bool) -> None:
        """Its answer is on the way. ``whole``: so is its body; else it is closed when the answer had time to arrive."""
        if self.leaving:
            return
        self._since = self._loop.time()
        if whole:
            self._phase = _Phase.RESTING
            self._door.place(self, proven=self._proven, resting=True)
        else:
            self._leave(self._door.limits.leave_s + self._door.limits.answer_s)

    # -- the door's side --

    def give_way(self) -> None:
        """Its place is another's."""
        if self._phase is _Phase.HEAD:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        elif self._phase is _Phase.AT_WORK and self.hurry is not None:
            self.hurry()
            self._leave(self._door.limits.leave_s)
        elif self._phase is _Phase.RESTING and self._transport is not None:
            self._transport.close()
            self._leave(self._door.limits.leave_s)
        else:
            self._cut()

    def tick(self, now: float) -> None:
        """A quarter of a second has passed."""
        limits = self._door.limits
        if self._ends_at is not None:
            if now >= self._ends_at:
                self._cut()
        elif self._phase is _Phase.HEAD and now - self._since > limits.head_s:
            self._door.say("slow_head", f"a request's head did not come within {limits.head_s:g} s")
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self._phase is _Phase.RESTING and now - self._since > limits.answer_s:
            if self._transport is not None and self._transport.get_write_buffer_size():
                self._door.say("unread", f"an answer was not taken within {limits.answer_s:g} s")
                self._cut()

    def close_if_silent(self) -> None:
        """The server ends: aiohttp sees to those that are its."""
        if self._inner is None or self.leaving:
            self._cut()

    def _begin_head(self) -> None:
        self._phase, self._since, self._proven = _Phase.HEAD, self._loop.time(), False
        self._head, self._head_bytes = b"", 0
        self._door.place(self, proven=False)

    def _fits(self, data: bytes) -> bool:
        """Whether the head, as far as it has come, is one that is read."""
        if self._head_bytes < 0 or _END in self._head + data:
            # What follows is its body, if anything.
            self._head_bytes = -1
            return True
        self._head, self._head_bytes = data[-3:], self._head_bytes + len(data)
        return self._head_bytes <= self._door.limits.head_max_bytes

    def _refuse(self, status: HTTPStatus) -> None:
        """Says so, and drops what still comes: closed at once, the answer could be lost with it."""
        if self._transport is not None and not self._transport.is_closing():
            text = f"{status.phrase}\n"
            again = "Retry-After: 1\r\n" if status in (429, 503) else ""
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n"
            self._transport.write(f"{head}{again}Connection: close\r\n\r\n{text}".encode())
            with suppress(OSError, RuntimeError):
                self._transport.write_eof()
        self._phase = _Phase.LEAVING
        self._leave(self._door.limits.leave_s)

    def _leave(self, within_s: float) -> None:
        fits = self._door.leave(self)
        self._ends_at = self._loop.time() + within_s
        if not fits:
            self._cut()

    def _cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()


@web.middleware
async def _at_work(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Tells the connection when a request is at work, and refuses heads that are no text."""
    connection = connection_of(request)
    if connection is None:
        raise web.HTTPBadRequest
    connection.began()
    try:
        if not _is_text(request):
            raise web.HTTPBadRequest(text="the head is not UTF-8: send it so\n")
        response = await handler(request)
        _end_unless_whole(request, response)
        return response
    except web.HTTPException as exc:
        _end_unless_whole(request, exc)
        raise
    finally:
        connection.ended(whole=request.content.is_eof())


def connection_of(request: web.Request) -> Connection | None:
    """Which connection a request came by; None: it is gone."""
    transport = request.transport
    return cast(Connection, transport.get_protocol()) if transport is not None else None


def _is_text(request: web.Request) -> bool:
    """Bytes that are no UTF-8 are surrogates by now: they can be neither compared with a signature nor written anywhere."""
    try:
        "".join((request.raw_path, *request.headers.values())).encode()
    except UnicodeEncodeError:
        return False
    return True


def _end_unless_whole(request: web.Request, response: web.StreamResponse) -> None:
    if not request.content.is_eof():
        response.force_close()


def _counted(peer: tuple[str, int] | None, trusted: tuple[Network, ...]) -> str:
    address: IPv4Address | IPv6Address = ip_address(peer[0].partition("%")[0]) if peer else ip_address("0.0.0.0")
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if any(address in network for network in trusted):
        return ""
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def bind(what: str, host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. ``what``: to do what, for the error's text. Raises CannotServe."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        it = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as exc:
        reason = "no such port"
        if isinstance(exc, OSError):
            # Its own text names the address once more.
            reason = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else str(exc.strerror)
        raise CannotServe(f"cannot {what} at {host}:{port}: {reason}; set another port") from exc
    it.setblocking(False)
    return it


def raise_file_limit() -> int:
    """Raises the limit of open files as far as this process may, and tells it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, _FILES_MAX)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _FILES_MAX if soft == resource.RLIM_INFINITY else soft
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
