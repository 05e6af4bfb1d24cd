"""One client's connection, from the accept to its end, and how long each part of its way may take (``Limits``):

head      from the accept, or the first byte of a further request, to the end of the head    408 after ``head_s``, 431 when it is larger
at work   the application's handler runs; a body is bounded where it is read                 (see ``Connection.hurry``)
resting   answered, kept open for a further request                                          closed after ``rest_s``, or unread
leaving   refused, or answered before its body was whole: what it still sends is dropped     closed after ``leave_s``
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, Protocol, cast

from aiohttp import web

Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_END = b"\r\n\r\n"


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


class Places(Protocol):
    """Who gives connections their places: the door."""

    limits: Limits

    def handler(self) -> asyncio.Protocol:
        """aiohttp's side of a connection."""

    def admit(self, it: Connection) -> HTTPStatus | None:
        """A place, or why there is none."""

    def place(self, it: Connection, *, proven: bool, resting: bool = False) -> None:
        """Where it stands among those who may have to go: last, or not at all while its signed request is at work."""

    def leave(self, it: Connection) -> bool:
        """It gives its place back; False: too many are on their way out, it is to be cut off."""

    def gone(self, it: Connection) -> None:
        """Its socket is closed."""

    def say(self, why: str, text: str) -> None:
        """Counts and logs why one is refused."""


class Connection(asyncio.Protocol):
    """One client's; aiohttp's handler behind it sees what passes."""

    def __init__(self, door: Places) -> None:
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
        self._gone = False
        #: Set by who reads its body: has the reading end with an answer, at once.
        self.hurry: Callable[[], None] | None = None

    @property
    def leaving(self) -> bool:
        """It has given its place back."""
        return self._ends_at is not None

    @property
    def _is_over(self) -> bool:
        return self._gone or self.leaving

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
        if self._inner is None or self.leaving:
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
        self._transport, self._gone = None, True
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
        if not self._is_over:
            self._phase = _Phase.AT_WORK

    def prove(self) -> None:
        """The request under way is from who it says: it keeps its place."""
        self._proven = True
        if not self._is_over:
            self._door.place(self, proven=True)

    def ended(self, *, whole: bool) -> None:
        """Its answer is on the way. ``whole``: so is its body; else it is closed when the answer had time to arrive."""
        # Who went away in the middle of his body has given his place back once already.
        if self._is_over:
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
async def at_work(
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
