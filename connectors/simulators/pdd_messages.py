"""PDD's message socket: frames to the merchant's app, each again until it is acknowledged.

A connection's path holds the app, the time and a digest of both with the app's secret. The platform sends ``Common`` frames; the app
answers each with ``Ack`` (or ``Fail``: it wants it again), and sends a ``HeartBeat`` every few seconds. What is not acknowledged when a
connection ends goes out on the next one. How long the platform waits for an Ack on a connection that stands is not published: here 30
seconds, times the simulators' ``retry_scale``.

Ids of frames are beyond 2^53 from the first one on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from connectors.simulators.counts import Counts

_FIRST_ID = 9_007_199_254_740_993
ACK_WAIT_S = 30.0
#: The app's heartbeats come every 5 s or so: without any for this long, the connection is given up.
_SILENCE_S = 60.0


@dataclass(slots=True)
class Message:
    """One frame's content; ``content`` is JSON within JSON."""

    id: int
    type: str
    mall: int
    content: str
    at_ms: int
    #: Times sent, and on which connection last.
    sent: int = 0
    connection: object | None = None


class Outbox:
    """Messages of one app that are not acknowledged. ``gap_s``: how long one waits for its Ack before it goes out again."""

    def __init__(self, gap_s: float, clock_s: Callable[[], float]) -> None:
        self.gap_s = gap_s
        self._clock_s = clock_s
        self._ids = iter(range(_FIRST_ID, 1 << 63))
        self._pending: dict[int, Message] = {}
        self._ready: deque[Message] = deque()
        # (when, message): in the order of sending, which is that of becoming overdue too.
        self._sent: deque[tuple[float, Message]] = deque()
        self.filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._pending)

    def new(self, type_: str, mall: int, content: str, at_ms: int) -> Message:
        """A message with an id of its own; ``put`` sends it."""
        return Message(next(self._ids), type_, mall, content, at_ms)

    def put(self, message: Message) -> None:
        """Sends it; the same again: it goes out twice."""
        self._pending[message.id] = message
        self._ready.append(message)
        self.filled.set()

    def take(self, connection: object) -> Message | None:
        """The next to send on this connection: a new one, or one whose Ack is overdue."""
        while self._sent and self._sent[0][0] + self.gap_s <= self._clock_s():
            self._ready.append(self._sent.popleft()[1])
        while self._ready:
            message = self._ready.popleft()
            if message.id in self._pending:
                message.sent += 1
                message.connection = connection
                self._sent.append((self._clock_s(), message))
                return message
        return None

    def ack(self, id_: int) -> bool:
        """Whether it was still pending."""
        return self._pending.pop(id_, None) is not None

    def again(self, connection: object) -> None:
        """A connection has ended: what was sent on it and not acknowledged goes out on another."""
        mine = [m for _, m in self._sent if m.connection is connection and m.id in self._pending]
        self._sent = deque((at, m) for at, m in self._sent if m.connection is not connection)
        self._ready.extendleft(reversed(mine))
        if mine:
            self.filled.set()

    def clear(self) -> None:
        """Forgets all."""
        self._pending.clear()
        self._ready.clear()
        self._sent.clear()


class Socket:
    """Connections of one app's outbox; ``cut`` says at a heartbeat whether the network fails now."""

    def __init__(self, outbox: Outbox, counts: Counts, now_ms: Callable[[], int], cut: Callable[[], bool]) -> None:
        self._outbox = outbox
        self._counts = counts
        self._now_ms = now_ms
        self._cut = cut
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, until either side ends it."""
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self._open.add(socket)
        sender = asyncio.create_task(self._send_all(socket))
        try:
            await self._read_all(socket, request)
        finally:
            self._open.discard(socket)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            self._outbox.again(socket)
        return socket

    async def close(self) -> None:
        """Ends the connections that stand."""
        for socket in list(self._open):
            await socket.close()

    async def _read_all(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        while True:
            try:
                received = await socket.receive(timeout=_SILENCE_S)
            except TimeoutError:
                return
            if received.type is not WSMsgType.TEXT:
                return
            try:
                frame = msgspec.json.decode(received.data)
                kind, id_ = frame["commandType"], frame.get("id")
            except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
                continue
            if kind == "Ack" and isinstance(id_, int):
                # An id that lost its digits in a float is no id of ours: its message goes out again.
                self._counts.pushes_acked += self._outbox.ack(id_)
            elif kind == "HeartBeat":
                if self._cut() and request.transport is not None:
                    request.transport.abort()
                    return
                await socket.send_str(self._frame("HeartBeat"))

    async def _send_all(self, socket: web.WebSocketResponse) -> None:
        while True:
            message = self._outbox.take(socket)
            if message is None:
                self._outbox.filled.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._outbox.filled.wait(), min(self._outbox.gap_s, 1))
                continue
            self._counts.pushes += 1
            self._counts.pushes_retried += message.sent > 1
            try:
                await socket.send_str(self._frame("Common", message))
            except ConnectionError:
                return

    def _frame(self, kind: str, message: Message | None = None) -> str:
        now_ms = self._now_ms()
        frame: dict[str, Any] = {"commandType": kind, "time": now_ms, "sendTime": now_ms}
        if message is not None:
            inner = {"type": message.type, "mallID": message.mall, "content": message.content}
            frame = {"id": message.id, **frame, "time": message.at_ms, "message": inner}
        return msgspec.json.encode(frame).decode()
