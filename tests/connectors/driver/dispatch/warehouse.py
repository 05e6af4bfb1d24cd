"""A slow system over HTTP: a warehouse that books what arrives, fails as it is told to, and writes down what reached it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web

#: How a call may end, beside ``well``, ``lost`` (booked, no answer), ``reset`` (neither) and ``hangs`` (booked, answered on ``go_on``).
STATUS = {"throttled": 429, "away": 503, "no": 409, "held": 423}


class Reached(NamedTuple):
    """What has reached it: ``book`` or ``ask``."""

    what: str
    house: str
    id: str
    at_s: float


class Warehouse:
    """``plan`` and ``asked``: of an id, how its next calls and questions end; of none left, well."""

    def __init__(self) -> None:
        self.plan: dict[str, deque[str]] = defaultdict(deque)
        self.asked: dict[str, deque[str]] = defaultdict(deque)
        #: Houses that answer nothing at all.
        self.away: set[str] = set()
        self.log: list[Reached] = []
        #: How often each id was booked: once, whatever befalls whoever has it done.
        self.booked: Counter[str] = Counter()
        self.go_on = asyncio.Event()
        self.url = ""

    def of(self, id: str) -> list[str]:
        """What reached it about one id."""
        return [it.what for it in self.log if it.id == id]

    async def book(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        ends = self._reached("book", request, body["id"], self.plan)
        if ends in STATUS:
            return web.Response(status=STATUS[ends], headers={"Retry-After": "0.5"} if ends == "throttled" else {})
        if ends != "reset":
            self.booked[body["id"]] += 1
        if ends in ("lost", "reset"):
            return _cut(request)
        if ends == "hangs":
            await self.go_on.wait()
        return web.json_response({"booked": body["quantity"]})

    async def ask(self, request: web.Request) -> web.StreamResponse:
        id = request.match_info["id"]
        ends = self._reached("ask", request, id, self.asked)
        if ends in STATUS:
            return web.Response(status=STATUS[ends])
        return web.json_response({"booked": self.booked[id] > 0})

    def _reached(self, what: str, request: web.Request, id: str, plan: dict[str, deque[str]]) -> str:
        house = request.match_info["house"]
        self.log.append(Reached(what, house, id, time.monotonic()))
        if house in self.away:
            return "away"
        return plan[id].popleft() if plan[id] else "well"


def _cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@asynccontextmanager
async def open_house() -> AsyncIterator[Warehouse]:
    """At a port of its own, until the block ends."""
    it = Warehouse()
    app = web.Application()
    app.add_routes([web.post("/{house}/receipts", it.book), web.get("/{house}/receipts/{id}", it.ask)])
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield it
    finally:
        it.go_on.set()
        await runner.cleanup()
