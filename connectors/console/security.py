"""What every answer carries and every request must: against other sites' pages, framing, scripts from elsewhere, and endless bodies.

A request that changes something needs the header ``X-Penstock``, which no form and no other site's script can send without being asked
first (CORS, which nothing here answers); and no request to the API may come from another site. Sessions add SameSite=Lax.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.console.problems import Problem, answer, in_log

logger = logging.getLogger(__name__)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_BODY_MAX_BYTES = 1 << 20

_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Secured:
    """Around the whole application. Puts ``request_id`` and ``nonce``, of the page's styles, into the request's state."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.request_id = uuid4().hex
        request.state.nonce = secrets.token_urlsafe(16)
        begun, status = time.monotonic(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _headed(MutableHeaders(scope=message), scope, request)
            await send(message)

        try:
            _check(scope["method"], scope["path"], Headers(scope=scope), request)
            await self._app(scope, receive, sent)
        except Problem as problem:
            await answer(request, problem)(scope, receive, sent)
        except Exception as error:
            logger.error("request %s failed: %s", request.state.request_id, in_log(error))
            if status:
                # Half an answer is out: the connection is cut, so that nobody takes it for a whole one.
                raise ConnectionAbortedError from None
            await answer(request, Problem("fault"))(scope, receive, sent)
        # Paths have an order's id at the most; what is looked for stands behind the question mark, and may be anything.
        took_ms = (time.monotonic() - begun) * 1000
        line = (scope["method"], scope["path"], status, took_ms, request.state.request_id)
        logger.log(logging.INFO if status < 500 else logging.WARNING, "%s %s %d in %.0f ms, request %s", *line)


def _headed(headers: MutableHeaders, scope: Scope, request: Request) -> None:
    for name, value in _HEADERS.items():
        headers[name] = value
    headers["Content-Security-Policy"] = _POLICY.format(request.state.nonce)
    headers["X-Request-Id"] = request.state.request_id
    if scope["path"].startswith("/api/"):
        headers["Cache-Control"] = "no-store"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"


def _check(method: str, path: str, headers: Headers, request: Request) -> None:
    """Raises Problem."""
    if not path.startswith("/api/"):
        return
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Problem("foreign_origin")
    if method in _SAFE:
        return
    origin = headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.url.netloc}":
        raise Problem("foreign_origin")
    if headers.get("x-penstock") is None:
        raise Problem("no_header")
    # Bodies without a length are not taken: a browser always says it.
    length = headers.get("content-length", "0" if "transfer-encoding" not in headers else "")
    if not 0 <= _number(length) <= _BODY_MAX_BYTES:
        raise Problem("too_large")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1
