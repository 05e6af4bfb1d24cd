"""Taobao's message queue (TMC), in the form that is pulled: consume, to Kafka, confirm.

Source: the platform's reference. A message names the trade and does not show it. It is confirmed after Kafka has it; what is not comes
again. The reference asks for 100 ms of sleep when the queue is empty. One queue serves all shops of an app: a message goes to the shop
whose ``seller`` is its ``user_id``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.channels.aside import aside
from connectors.channels.base import NOTICES, Hub, Listener, Malformed, Outgoing, notices
from connectors.channels.payload import aftersale_id_of, object_of, order_no_of, time_ms
from connectors.platforms.taobao import Taobao
from connectors.platforms.times import now_ms
from connectors.shops import Shop
from schemas.json_text import compact

_MOST = 200
_EMPTY_S = 0.1
#: Trades, and their refunds in both families of names. Goods and the like, and what names no trade, are confirmed and counted.
_REFUNDS = ("taobao_refund_", "tmall_refund_")
_TOPICS = ("taobao_trade_", *_REFUNDS)


class TaobaoQueue(Listener):
    """One app's, asked with one shop's session."""

    async def run(self, hub: Hub) -> None:
        platform = hub.platform
        if not isinstance(platform, Taobao):
            raise TypeError(f"Taobao's queue is asked through its own client, not {type(platform).__name__}")
        of = {shop.seller: shop for shop in hub.shops if shop.app_key == self.shop.app_key}
        while True:
            messages = await platform.consume(_MOST)
            hub.heard()
            if not messages:
                await asyncio.sleep(_EMPTY_S)
                continue
            found, ignored = _read(messages, of, now_ms())
            await hub.deliver(found)
            hub.ignored(ignored)
            await platform.confirm([str(message["id"]) for message in messages])


def _read(
    messages: Sequence[Mapping[str, Any]], of: Mapping[str, Shop], received_ms: int
) -> tuple[list[Outgoing], int]:
    """The records, and how many messages there was nothing in for us: one may make two records."""
    each = [_told(message, of, received_ms) for message in messages]
    return [record for records in each for record in records], sum(not records for records in each)


def _told(message: Mapping[str, Any], of: Mapping[str, Shop], received_ms: int) -> Sequence[Outgoing]:
    topic = message.get("topic")
    if isinstance(topic, str) and not topic.startswith(_TOPICS):
        return ()
    try:
        content = object_of(message.get("content") or "")
        return () if content.get("tid") in (None, "") else _notices(message, content, of, received_ms)
    except Malformed as exc:
        return (aside(NOTICES, "", compact(message), exc, received_ms),)


def _notices(
    message: Mapping[str, Any], content: Mapping[str, Any], of: Mapping[str, Shop], received_ms: int
) -> Sequence[Outgoing]:
    shop = of.get(str(message.get("user_id", ""))) or (next(iter(of.values())) if [*of] == [""] else None)
    if shop is None:
        raise Malformed("user_id is no seller in PENSTOCK_SHOPS: add the shop")
    topic = str(message.get("topic", ""))
    order_no = order_no_of(content["tid"], "tid")
    return notices(
        {
            "notice_id": str(message.get("id", "")),
            "order_id": f"taobao:{order_no}",
            "channel": "taobao",
            "shop": shop.shop,
            "order_no": order_no,
            "kind": topic,
            "occurred_at_ms": time_ms(message.get("pub_time")) or received_ms,
            "received_at_ms": received_ms,
            "payload": compact(message),
            "aftersale_id": aftersale_id_of(content, "refund_id") if topic.startswith(_REFUNDS) else "",
        }
    )
