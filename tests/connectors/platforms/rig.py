"""A real HTTP server that answers a client as a test says, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from connectors.endings import CallError
from connectors.platforms.base import Parcel
from connectors.platforms.calling import HttpPlatform
from connectors.platforms.client import client
from connectors.shops import Shop

#: 2026-01-01 12:00:00 at GMT+8.
NOW_S = 1_767_240_000.0


@dataclass
class Asked:
    """One request as it arrived."""

    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    form: dict[str, str] = field(default_factory=dict)
    #: The client's end of the connection.
    peer: Any = None


#: What to answer: JSON of a value, bytes as they are, or a whole response.
Answer = Callable[[Asked], Any]


class Server:
    """``async with Server(answer) as server``: ``server.url`` is where, ``server.asked`` what came."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.url = ""

    async def __aenter__(self) -> Server:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        asked = Asked(request.path, dict(request.query), dict(request.headers), body)
        if "x-www-form-urlencoded" in request.headers.get("Content-Type", ""):
            asked.form = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
        asked.peer = request.transport.get_extra_info("peername") if request.transport else None
        self.asked.append(asked)
        answer = self.answer(asked)
        if isinstance(answer, web.Response):
            return answer
        text = answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()
        return web.Response(body=text, content_type="application/json", charset="utf-8")


class RawServer:
    """A server that takes a whole request, writes these bytes, and cuts the connection; None: it never answers."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer
        self.requests = 0
        self.url = ""

    async def __aenter__(self) -> RawServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._ended = asyncio.Event()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ended.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.decode().split("\r\n") if line.lower().startswith("content-length:")
        )
        await reader.readexactly(length)
        self.requests += 1
        if self._answer is None:
            await self._ended.wait()
        else:
            writer.write(self._answer)
            await writer.drain()
        writer.close()


def shop(channel: str, url: str) -> Shop:
    """A shop of a channel, whose API is at ``url``."""
    return Shop(channel, f"{channel}-test", url, "10000000", "test-secret", "test-token", "700001")


def connected(channel: str, url: str, **settings: Any) -> HttpPlatform:
    """Its client, with the clock at NOW_S."""
    return client(shop(channel, url), now=lambda: NOW_S, pause_s=0.0, **settings)


def parcel(order_no: str, **changes: Any) -> Parcel:
    """The only parcel of an order."""
    whole = Parcel(order_no, "YTO", "圆通速递", "YT0000000000001", (), 1, True, "s1#1")
    return whole._replace(**changes)


def call(channel: str, answer: Answer, what: Callable[[HttpPlatform], Awaitable[Any]]) -> tuple[Any, list[Asked]]:
    """A call's result, or the error it ended in, and what the platform was asked."""

    async def with_server() -> tuple[Any, list[Asked]]:
        async with Server(answer) as server, connected(channel, server.url) as platform:
            try:
                return await what(platform), server.asked
            except CallError as problem:
                return problem, server.asked

    return asyncio.run(with_server())
