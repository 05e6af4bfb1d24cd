"""What every process serves over HTTP: how it is doing, for Prometheus and for whoever restarts it.

    GET /metrics   Prometheus' text format
    GET /live      200 while the process gets on with its work, 503 when it hangs: restart it
    GET /ready     200 while it does what it is there for, 503 while it can't (yet): wait, or look why

The last two answer with a JSON object of one line: ``{"ready": false, "why": "restoring 3 of 8 partitions"}``. Requests are answered
from threads of their own, so that a process whose event loop hangs can still say so. A reason names no person and no secret.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

logger = logging.getLogger(__name__)

#: Answers whether all is well, and why (not). Called from any thread; must not block.
Probe = Callable[[], tuple[bool, str]]


class CannotServe(Exception):
    """The port can't be listened on; the message says what to do."""


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
    """One that answers until it is closed; ``port`` is where."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.port: int = server.server_port
        self._thread = threading.Thread(target=server.serve_forever, name="http", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def serve(port: int, registry: CollectorRegistry, *, live: Probe, ready: Probe, host: str = "0.0.0.0") -> Server:
    """Serves from a thread of its own; port 0 takes a free one.

    Raises:
        CannotServe: the port is taken, or may not be listened on.
    """
    metrics = make_wsgi_app(registry)

    def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                return metrics(environ, start_response)  # type: ignore[no-any-return]
            case "/live":
                return _verdict(start_response, "live", live)
            case "/ready":
                return _verdict(start_response, "ready", ready)
            case _:
                return _json(start_response, "404 Not Found", {"error": "there are /metrics, /live and /ready"})

    try:
        return Server(make_server(host, port, answer, ThreadingWSGIServer, handler_class=_Quiet))
    except (OSError, OverflowError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "no such port"
        raise CannotServe(f"cannot serve metrics at {host}:{port}: {reason}; set another port") from exc


def _verdict(start_response: Any, name: str, probe: Probe) -> Iterable[bytes]:
    try:
        good, why = probe()
    except Exception as exc:
        # A process that can't tell how it is doing is not well.
        logger.exception("the probe %s failed", name)
        good, why = False, f"the probe failed: {type(exc).__name__}"
    return _json(start_response, "200 OK" if good else "503 Service Unavailable", {name: good, "why": why})


def _json(start_response: Any, status: str, body: dict[str, Any]) -> Iterable[bytes]:
    raw = json.dumps(body, ensure_ascii=False).encode() + b"\n"
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(raw))),
        ("Cache-Control", "no-store"),
    ]
    start_response(status, headers)
    return [raw]


class _Quiet(WSGIRequestHandler):
    """A request every few seconds is nothing to log."""

    #: A client that connects and says nothing holds a thread no longer than this.
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None: ...
