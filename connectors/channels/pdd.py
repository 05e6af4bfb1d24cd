"""PDD's message socket: each frame is acknowledged after Kafka has it; a frame that is not comes again.

Source: public client code of the platform. The path holds the time and a digest, so each connection has a new one. We send a heartbeat
every 5 s. Whether the platform answers heartbeats is not known, so a silent connection is found out by WebSocket's own ping.
Frames' ids exceed 2^53.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import aiohttp
from yarl import URL

from connectors import calls
from connectors.channels.aside import aside
from connectors.channels.base import NOTICES, Hub, Listener, Malformed, Outgoing, notices
from connectors.channels.payload import aftersale_id_of, object_of, order_no_of
from connectors.platforms.signing import pdd_messages_path
from connectors.platforms.times import now_ms
from connectors.shops import Shop
from schemas.json_text import compact

_HEARTBEAT_S = 5.0
_PING_S = 20.0
_CONNECT_S = 10.0
#: Frames delivered together.
_BATCH = 500
_REFUNDS = "pdd_refund_"
_TYPES = ("pdd_trade_", _REFUNDS)

Frame = dict[str, Any]


class SocketEnded(Exception):
    """The platform closed the connection, or says that it failed."""


class PddSocket(Listener):
    """One shop's."""

    async def run(self, hub: Hub) -> None:
        path = pdd_messages_path(self.shop.app_key, now_ms(), self.shop.secret)
        # As it is: the path is quoted already, and signed so.
        url = URL(self.shop.messages_url.rstrip("/") + path, encoded=True)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
        async with calls.session(timeout) as session:
            async with session.ws_connect(url, heartbeat=_PING_S, max_msg_size=1024 * 1024) as socket:
                hub.heard()
                frames: asyncio.Queue[Frame] = asyncio.Queue(_BATCH)
                async with asyncio.TaskGroup() as parts:
                    parts.create_task(_receive(socket, frames))
                    parts.create_task(_beat(socket))
                    parts.create_task(self._deliver(socket, frames, hub))

    async def _deliver(self, socket: aiohttp.ClientWebSocketResponse, frames: asyncio.Queue[Frame], hub: Hub) -> None:
        while True:
            taken = [await frames.get()]
            # What came meanwhile shares its delivery.
            with suppress(asyncio.QueueEmpty):
                while len(taken) < _BATCH:
                    taken.append(frames.get_nowait())
            found, ignored = _read(taken, self.shop, now_ms())
            await hub.deliver(found)
            hub.ignored(ignored)
            for frame in taken:
                await socket.send_str(_ack(frame).decode())
            hub.heard()


async def _receive(socket: aiohttp.ClientWebSocketResponse, frames: asyncio.Queue[Frame]) -> None:
    async for message in socket:
        if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            continue
        frame = object_of(message.data)
        kind = frame.get("commandType")
        if kind == "Common":
            await frames.put(frame)
        elif kind == "Fail":
            raise SocketEnded("the platform answers Fail")
    raise SocketEnded(f"the platform closed the connection ({socket.close_code})")


async def _beat(socket: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        await socket.send_str(compact({"commandType": "HeartBeat", "time": now_ms()}).decode())
        await asyncio.sleep(_HEARTBEAT_S)


def _ack(frame: Frame) -> bytes:
    message = frame.get("message")
    inner = message if isinstance(message, dict) else {}
    return compact(
        {
            "id": frame.get("id"),
            "commandType": "Ack",
            "time": now_ms(),
            "sendTime": frame.get("sendTime"),
            "type": inner.get("type"),
            "mallID": inner.get("mallID"),
        }
    )


def _read(frames: Sequence[Frame], shop: Shop, received_ms: int) -> tuple[list[Outgoing], int]:
    """The records, and how many frames there was nothing in for us: one may make two records."""
    each = [_told(frame, shop, received_ms) for frame in frames]
    return [record for records in each for record in records], sum(not records for records in each)


def _told(frame: Frame, shop: Shop, received_ms: int) -> Sequence[Outgoing]:
    message = frame.get("message")
    try:
        if not isinstance(message, dict):
            raise Malformed("message is no JSON object")
        if not str(message.get("type", "")).startswith(_TYPES):
            return ()
        content = object_of(message.get("content") or "")
        return () if content.get("tid") in (None, "") else _notices(frame, message, content, shop, received_ms)
    except Malformed as exc:
        return (aside(NOTICES, "", compact(frame), exc, received_ms),)


def _notices(
    frame: Frame, message: Mapping[str, Any], content: Mapping[str, Any], shop: Shop, received_ms: int
) -> Sequence[Outgoing]:
    if shop.seller and str(message.get("mallID", shop.seller)) != shop.seller:
        raise Malformed("mallID is another shop's")
    kind = str(message["type"])
    order_no = order_no_of(content["tid"], "tid")
    at_ms = frame.get("time")
    return notices(
        {
            "notice_id": str(frame.get("id", "")),
            "order_id": f"pdd:{order_no}",
            "channel": "pdd",
            "shop": shop.shop,
            "order_no": order_no,
            "kind": kind,
            "occurred_at_ms": at_ms if isinstance(at_ms, int) and at_ms > 0 else received_ms,
            "received_at_ms": received_ms,
            "payload": compact(frame),
            "aftersale_id": aftersale_id_of(content, "refund_id") if kind.startswith(_REFUNDS) else "",
        }
    )
