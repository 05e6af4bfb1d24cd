"""Douyin's pushes: an array of messages, each with the order's number and not the order; signed with MD5 over the raw body.

Source: public SDKs of the platform. How long it waits and whether it sends again is not known: so it is answered within 2 s, and while
Kafka is away the push is kept on disk and accepted. Pushes are not dated, so a replayed one can't be told; it does no harm, since all it
makes us do is read an order from the platform.

One bad message does not lose its siblings: it goes to quarantine. A push of nothing but bad ones is refused. What names no order (goods,
coupons, the console's test) is answered as taken, and counted.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from connectors.channels.aside import aside
from connectors.channels.base import NOTICES, Answer, BadSignature, Malformed, Outgoing, Push, Webhook, notices
from connectors.channels.payload import aftersale_id_of, json_of, object_of, order_no_of
from connectors.platforms.signing import douyin_push, same
from connectors.shops import Shop
from schemas.json_text import compact

logger = logging.getLogger(__name__)

_TAKEN, _FAILED = b'{"code":0,"msg":"success"}', b'{"code":1,"msg":"fail"}'
#: Where a message says when it happened; the others are dated by their receipt. Seconds since the epoch.
_TIMES = ("update_time", "pay_time", "create_time", "cancel_time")


class DouyinWebhook(Webhook):
    """One shop's."""

    answer_within_s = 2.0
    spools = True

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def verify(self, push: Push) -> None:
        expected = douyin_push(self._shop.app_key, self._shop.secret, push.body)
        if not same(expected, push.headers.get("event-sign", "")):
            raise BadSignature("event-sign is not the body's")

    def read(self, push: Push) -> Sequence[Outgoing]:
        messages = json_of(push.body)
        if not isinstance(messages, list) or not messages:
            raise Malformed("no array of messages")
        found: list[Outgoing] = []
        bad: list[Outgoing] = []
        for message in messages:
            try:
                found += self._read(message, push.received_ms)
            except Malformed as exc:
                bad.append(aside(NOTICES, "", compact(message), exc, push.received_ms))
        if len(bad) == len(messages):
            raise Malformed(f"none of {len(messages)} messages can be read")
        return found + bad

    def answer(self, status: int, reason: str) -> Answer:
        return Answer(status, _TAKEN if status == 200 else _FAILED)

    def _read(self, message: Any, received_ms: int) -> Sequence[Outgoing]:
        if not isinstance(message, dict):
            raise Malformed("a message is no JSON object")
        tag = str(message.get("tag", ""))
        # 1xx: orders; 2xx: after-sales. Goods, coupons and the like are not ours.
        if not (len(tag) == 3 and tag.isascii() and tag.isdigit() and tag[0] in "12"):
            return ()
        data = message.get("data")
        data = object_of(data) if isinstance(data, str) else data
        if not isinstance(data, dict):
            raise Malformed("data is no JSON object")
        if data.get("p_id") in (None, ""):
            # Of an order's family, and of no order: said again, it would name none either.
            return ()
        order_no = order_no_of(data["p_id"], "p_id")
        if self._shop.seller and str(data.get("shop_id", self._shop.seller)) != self._shop.seller:
            raise Malformed("shop_id is another shop's: give each its own path")
        return notices(
            {
                "notice_id": str(message.get("msg_id", "")),
                "order_id": f"douyin:{order_no}",
                "channel": "douyin",
                "shop": self._shop.shop,
                "order_no": order_no,
                "kind": tag,
                "occurred_at_ms": _occurred_ms(data, received_ms),
                "received_at_ms": received_ms,
                "payload": compact(message),
                "aftersale_id": aftersale_id_of(data, "aftersale_id") if tag[0] == "2" else "",
            }
        )


def _occurred_ms(data: dict[str, Any], received_ms: int) -> int:
    for name in _TIMES:
        value = data.get(name)
        if isinstance(value, int) and 0 < value * 1000 <= received_ms:
            return value * 1000
    return received_ms
