"""What every process serves over HTTP: how it is doing, for Prometheus and for whoever restarts it.

    GET /metrics   Prometheus' text format
    GET /live      200 while the process gets on with its work, 503 when it hangs: restart it
    GET /ready     200 while it does what it is there for, 503 while it can't (yet): wait, or look why

The last two answer with a JSON object of one line: ``{"ready": false, "why": "restoring 3 of 8 partitions"}``. Requests are answered
by an event loop in a thread of its own, so that a process whose loop hangs can still say so. A reason names no person and no secret.
It listens where ``PENSTOCK_METRICS_HOST`` says; how many may connect, and for how long, is the door's (``streams.ops.door``).
"""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

import uvloop
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from streams.ops.connection import Limits
from streams.ops.door import Door
from streams.ops.ports import CannotServe, bind

__all__ = ("CannotServe", "Heartbeat", "Probe", "Server", "about", "serve")

logger = logging.getLogger(__name__)

#: Answers whether all is well, and why (not). Called from any thread; must not block.
Probe = Callable[[], tuple[bool, str]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Prometheus, and a few who look.
_LIMITS = Limits(connections=64, per_address=32, leaving=16)


class Heartbeat:
    """Says that a loop turns: alive as long as it has called ``beat`` within ``limit_s`` seconds. Thread-safe."""

    def __init__(self, what: str, limit_s: float) -> None:
        self._what = what
        self._limit_s = limit_s
        self._last = time.monotonic()

    def beat(self) -> None:
        """The loop has come round again."""
        self._last = time.monotonic()

    async def keep(self) -> None:
        """Beats once a second, as a task of the event loop it tells of, until it is cancelled."""
        while True:
            self.beat()
            await asyncio.sleep(1)

    def __call__(self) -> tuple[bool, str]:
        age_s = time.monotonic() - self._last
        return age_s <= self._limit_s, f"{self._what} last turned {age_s:.0f} s ago (limit {self._limit_s:.0f} s)"


class Server:
    """Serves ``app`` at a bound socket, in a thread of its own, until it is closed, at the end of the process at the latest; ``port`` is
    where.

    A loop of native code that still turned while Python is taken down would take the process with it (SIGSEGV).

    Raises what keeps it from opening.
    """

    def __init__(self, listening: socket.socket, app: web.Application) -> None:
        self.port: int = listening.getsockname()[1]
        self._loop = uvloop.new_event_loop()
        self._door = Door(app, _LIMITS)
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(listening,), name="http", daemon=True)
        self._thread.start()
        self._opened.result()
        atexit.register(self.close)

    def close(self) -> None:
        """Stops listening."""
        atexit.unregister(self.close)
        asyncio.run_coroutine_threadsafe(self._door.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, listening: socket.socket) -> None:
        try:
            self._loop.run_until_complete(self._door.open(listening))
        except BaseException as exc:
            # Whoever waits for it is told, and goes on without it.
            self._opened.set_exception(exc)
            return
        self._opened.set_result(None)
        self._loop.run_forever()


def serve(port: int, registry: CollectorRegistry, *, live: Probe, ready: Probe, host: str = "127.0.0.1") -> Server:
    """Serves from a thread of its own; port 0 takes a free one.

    Raises:
        CannotServe: the port is taken, or may not be listened on.
    """
    app = web.Application()
    app.add_routes(about(registry, live=live, ready=ready))
    return Server(bind("serve metrics", host, port), app)


def about(registry: CollectorRegistry, *, live: Probe, ready: Probe) -> list[web.RouteDef]:
    """The three routes, for a server that has others too."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [
        web.get("/metrics", metrics),
        web.get("/live", _asks("live", live)),
        web.get("/ready", _asks("ready", ready)),
    ]


def _asks(name: str, probe: Probe) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        try:
            good, why = probe()
        except Exception as exc:
            # A process that can't tell how it is doing is not well.
            logger.exception("the probe %s failed", name)
            good, why = False, f"the probe failed: {type(exc).__name__}"
        raw = json.dumps({name: good, "why": why}, ensure_ascii=False).encode() + b"\n"
        return web.Response(
            status=200 if good else 503,
            body=raw,
            content_type="application/json",
            charset="utf-8",
            headers={"Cache-Control": "no-store"},
        )

    return answer
