"""Shopify's webhooks: each ``orders/*`` push is the whole order, signed with HMAC-SHA256 over the raw body.

Source: the platform's webhook reference. Shopify waits 5 s, and sends again what was not answered with 2xx: 8 times over 4 hours, with the
original body; so while Kafka is away a push is answered 503 and not kept. ``X-Shopify-Triggered-At`` dates a push. It is not signed, so
the order's own ``updated_at``, which is, must lie in the window too: a push caught once can't be replayed for longer than that.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.channels.base import BadSignature, Malformed, Outgoing, Push, Stale, Webhook, event
from connectors.channels.payload import object_of, order_no_of, time_ms
from connectors.platforms.signing import same, shopify_push
from connectors.shops import Shop

#: The reference has deliveries a day late; retries add four hours.
_OLD_MS = 48 * 3_600_000
#: Clocks differ.
_AHEAD_MS = 10 * 60_000


class ShopifyWebhook(Webhook):
    """One shop's."""

    answer_within_s = 4.0
    spools = False

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def verify(self, push: Push) -> None:
        if not same(shopify_push(self._shop.secret, push.body), push.headers.get("X-Shopify-Hmac-Sha256", "")):
            raise BadSignature("X-Shopify-Hmac-Sha256 is not the body's")
        domain = push.headers.get("X-Shopify-Shop-Domain", "")
        # One app's secret signs for all shops it is installed in.
        if self._shop.seller and not same(self._shop.seller, domain):
            raise BadSignature("X-Shopify-Shop-Domain is another shop's")
        _check_age(push.headers.get("X-Shopify-Triggered-At"), push.received_ms, "X-Shopify-Triggered-At")

    def read(self, push: Push) -> Sequence[Outgoing]:
        topic = push.headers.get("X-Shopify-Topic", "")
        # What is deleted has no snapshot; refunds and fulfillments come as orders/updated too.
        if not topic.startswith("orders/") or topic == "orders/delete":
            return ()
        order = object_of(push.body)
        if "id" not in order:
            raise Malformed("the order has no id")
        order_no = order_no_of(order["id"], "id")
        _check_age(order.get("updated_at"), push.received_ms, "updated_at")
        occurred_ms = time_ms(push.headers.get("X-Shopify-Triggered-At")) or time_ms(order.get("updated_at"))
        return (
            event(
                {
                    "channel": "shopify",
                    "shop": self._shop.shop,
                    "order_no": order_no,
                    "kind": "order",
                    "event_id": push.headers.get("X-Shopify-Event-Id") or push.headers.get("X-Shopify-Webhook-Id", ""),
                    "occurred_at_ms": occurred_ms or push.received_ms,
                    "received_at_ms": push.received_ms,
                    "content_type": "application/json",
                    "payload": push.body,
                }
            ),
        )


def _check_age(text: object, now_ms: int, field: str) -> None:
    """What is not dated passes: intake has an opinion on an order without its time."""
    at_ms = time_ms(text)
    if at_ms is not None and not now_ms - _OLD_MS <= at_ms <= now_ms + _AHEAD_MS:
        raise Stale(f"{field} is more than {_OLD_MS // 3_600_000} h old, or ahead of our clock")
