"""The gateway's HTTP server: pushes in, and how the process is doing.

    POST /push/<channel>/<shop>                        a channel's push
    POST /push/kuaidi100/<order id>/<shipment id>      a logistics provider's
    POST /push/qimen/<system>, /push/wms/<system>      a warehouse system's report (``connectors.channels.reports``)
    POST /in/<shop>/shipments                          a warehouse system's parcel (``connectors.channels.shipments``)
    GET  /metrics, /live, /ready                       as every process has them (``streams.ops.http``)

What a push is answered, with the platform's own body where it asks for one:

    200  Kafka has it, or the disk (``Webhook.spools``)
    400  not readable                   404  no such shop          408  its head or its body did not come in time
    401  the signature is wrong         405  not POST              413  its body is too large; 431: its head
    403  dated outside the window       415  not what it sends     429  too many connections of one address
                                                                   503  Kafka does not take it, or there is no room: send it again

TLS ends at a reverse proxy (``deploy/nginx/gateway.conf``). Nothing of a push is logged but its channel, its size and why it was refused.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from connectors.channels.base import Answer, Counter, Outgoing, Push, PushRefused, Webhook
from connectors.channels.bodies import Bodies, GaveWay, TooLarge
from connectors.channels.metrics import GatewayMetrics
from connectors.channels.outbox import Outbox, Undelivered
from connectors.channels.spool import Spool, SpoolFailed
from connectors.platforms.times import now_ms
from streams.ops.connection import Connection, Limits, connection_of
from streams.ops.door import Door
from streams.ops.http import Probe, about
from streams.ops.ports import bind

logger = logging.getLogger(__name__)
#: aiohttp's own words: the bytes of what is no HTTP would stand in them.
_http_logger = logging.getLogger(f"{__name__}.http")
_http_logger.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)))

#: Where a path behind ``/push/`` (its channel, and what follows) or behind ``/in/`` (None) comes in; None when it is nobody's.
Find = Callable[[str | None, tuple[str, ...]], Webhook | Counter | None]

#: What is under way has this long to end when the process is to end: longer than any push takes.
_DRAIN_S = 10.0
#: A kind of refusal is logged so often.
_SAID_EVERY_S = 60.0
#: Kept from the time a push may take: for the answer itself.
_ANSWER_S = 0.2


class Server:
    """Listens from ``start`` to ``close``; ``port`` 0 takes a free one. Its door is told in ``streams.ops.door``."""

    def __init__(
        self, find: Find, outbox: Outbox, spool: Spool, metrics: GatewayMetrics, ready: Probe, limits: Limits
    ) -> None:
        self._find = find
        self._outbox = outbox
        self._spool = spool
        self._metrics = metrics
        self._bodies = Bodies()
        self._quiet_until: dict[tuple[str, str], float] = {}
        app = web.Application()
        app.router.add_route("*", "/push/{channel}/{path:.+}", self._push)
        app.router.add_route("*", "/in/{path:.+}", self._push)
        # Live is answered by the loop itself: when that hangs, nothing is.
        app.add_routes(about(metrics.registry, live=lambda: (True, "the event loop turns"), ready=ready))
        self._door = Door(app, limits, lambda why: metrics.refused.labels(why).inc(), _http_logger, _DRAIN_S)
        metrics.connections.set_function(lambda: self._door.inside)
        metrics.unsigned_bytes.set_function(lambda: self._bodies.size)
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Raises CannotServe."""
        listening = bind("listen", host, port)
        self.port = listening.getsockname()[1]
        await self._door.open(listening)

    async def close(self) -> None:
        """Accepts nothing more, and returns when what is under way has been answered."""
        await self._door.close()

    async def _push(self, request: web.Request) -> web.Response:
        began = time.perf_counter()
        named = request.match_info.get("channel")
        path = tuple(request.match_info["path"].split("/"))
        entrance = self._find(named, path)
        if entrance is None:
            # The label is not the path's: whoever sends paths can't make metrics.
            self._metrics.pushes.labels("unknown", "unknown_shop").inc()
            return _plain(404, "no such shop")
        channel = named or "shipments"
        connection = connection_of(request)
        if connection is None:
            raise web.HTTPBadRequest
        label, answer = await self._answer(request, entrance, path, connection)
        self._metrics.pushes.labels(channel, label).inc()
        self._metrics.push_seconds.labels(channel).observe(time.perf_counter() - began)
        if answer.status >= 400:
            self._say(channel, label, answer.status)
        headers = {"Allow": "POST"} if answer.status == 405 else None
        return web.Response(
            status=answer.status, body=answer.body, headers=headers, content_type=answer.content_type, charset="utf-8"
        )

    def _say(self, channel: str, label: str, status: int) -> None:
        """The first of a kind, then one a while: whoever floods the gateway does not flood its log; the metrics have them all."""
        now = time.monotonic()
        if now >= self._quiet_until.get((channel, label), 0.0):
            self._quiet_until[channel, label] = now + _SAID_EVERY_S
            logger.info("a push of %s was answered %d (%s)", channel, status, label)

    async def _answer(
        self, request: web.Request, entrance: Webhook | Counter, path: tuple[str, ...], connection: Connection
    ) -> tuple[str, Answer]:
        # 1. What can be said without its body.
        if request.method != "POST":
            return "method", entrance.answer(405, "POST it")
        if request.content_type not in entrance.content_types:
            return "content_type", entrance.answer(415, f"send {' or '.join(entrance.content_types)}")
        # A signature is over the bytes as they were sent, and a small body may unpack to a large one.
        if request.headers.get("Content-Encoding", "identity") != "identity":
            return "content_type", entrance.answer(415, "send it as it is, not compressed")
        if (request.content_length or 0) > entrance.body_max_bytes:
            return "too_large", entrance.answer(413, f"at most {entrance.body_max_bytes} bytes")
        # 2. The body.
        try:
            body = await self._bodies.read(request.content, entrance.body_max_bytes, connection)
        except TimeoutError:
            return "too_slow", entrance.answer(408, "the body did not come in time")
        except TooLarge:
            return "too_large", entrance.answer(413, f"at most {entrance.body_max_bytes} bytes")
        except GaveWay:
            return "gave_way", entrance.answer(503, "too much is being read: send it again")
        except (web.HTTPException, web.RequestPayloadError, HttpProcessingError, ValueError, OSError):
            # A connection that ended, chunks that are none.
            return "malformed", entrance.answer(400, "the body can't be read")
        until = time.monotonic() + entrance.answer_within_s - _ANSWER_S
        # 3. Its signature, its age, its contents.
        push = Push(request.headers, body, now_ms(), path, request.query)
        try:
            entrance.verify(push)
            connection.prove()
            if isinstance(entrance, Counter):
                return await entrance.take(push, max(0.1, until - time.monotonic()))
            records = entrance.read(push)
        except PushRefused as exc:
            if exc.kept and isinstance(entrance, Webhook) and await self._taken(exc.kept, entrance, until) == "retry":
                return "retry", entrance.answer(503, "not taken: send it again")
            return exc.label, entrance.answer(exc.status, str(exc))
        if not records:
            return "ignored", entrance.answer(200, "nothing in it matters here")
        # 4. Kafka, or the disk.
        label = await self._taken(records, entrance, until)
        if label == "retry":
            return label, entrance.answer(503, "not taken: send it again")
        return label, entrance.answer(200, "accepted")

    async def _taken(self, records: Sequence[Outgoing], entrance: Webhook, until: float) -> str:
        """``accepted``: Kafka has them; ``spooled``: the disk has them; ``retry``: nobody."""
        try:
            await self._outbox.deliver(records, max(0.1, until - time.monotonic()))
        except Undelivered as exc:
            if not entrance.spools:
                return "retry"
            try:
                await self._spool.put(records)
            except SpoolFailed as failed:
                logger.error("a push was not taken: %s; %s", exc, failed)
                return "retry"
            self._metrics.spooled.set(self._spool.records)
            return "spooled"
        self._metrics.delivered(records)
        return "accepted"


def _plain(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text + "\n")
