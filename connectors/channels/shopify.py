"""Shopify's webhooks, signed with HMAC-SHA256 over the raw body: most ``orders/*`` pushes are the whole order, others only name one.

    a whole order: its gid is an order's, it has lines and a date   a snapshot
    what names an order (``orders/edited``, ``orders/delete``,      the order is read again
      ``orders/risk_assessment_changed``, ...)
    a refund: it has refunded lines, an order and a date            an after-sale's snapshot; the order is read again
    a return (each topic shows another part)                        both are read
    what names none, of whatever topic; the admin's test            answered 200 and counted: sent again, it would say no more

What a push is, its body says: that alone is signed. The topic, a header, can be changed by whoever caught a push; so can the shop's domain
and the date, both of which must be there. A changed topic makes us read an order from the platform, at the most.

Source: the platform's webhook reference. Shopify waits 5 s, and sends again what was not answered with 2xx: 8 times over 4 hours, with the
original body; so while Kafka is away a push is answered 503 and not kept. ``X-Shopify-Triggered-At`` dates a push. It is not signed, so
the order's own ``updated_at``, which is, must lie in the window too: a push caught once can't be replayed for longer than that. An order
without one is read from the platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.channels.base import BadSignature, Malformed, Outgoing, Push, Stale, Webhook, event, notices
from connectors.channels.payload import object_of, order_no_of, time_ms
from connectors.platforms.signing import same, shopify_push
from connectors.shops import Shop
from streams.domain.intake.kinds import kind_of
from streams.settings import InvalidSetting

#: The reference has deliveries a day late; retries add four hours.
_OLD_MS = 48 * 3_600_000
#: Clocks differ.
_AHEAD_MS = 10 * 60_000
#: The order of the admin's "send test notification": it is in no shop.
_SAMPLE = "820982911946154508"


class ShopifyWebhook(Webhook):
    """One shop's."""

    answer_within_s = 4.0
    spools = False

    def __init__(self, shop: Shop) -> None:
        """Raises InvalidSetting: one app's secret signs for all shops it is installed in, and only ``seller`` tells them apart."""
        if not shop.seller:
            raise InvalidSetting(
                f"shop {shop.shop!r} of shopify has no seller: set it to its domain, such as tea.myshopify.com"
            )
        self._shop = shop

    def verify(self, push: Push) -> None:
        if not same(shopify_push(self._shop.secret, push.body), push.headers.get("X-Shopify-Hmac-Sha256", "")):
            raise BadSignature("X-Shopify-Hmac-Sha256 is not the body's")
        domain = push.headers.get("X-Shopify-Shop-Domain", "")
        if not same(self._shop.seller, domain):
            raise BadSignature("X-Shopify-Shop-Domain is another shop's")
        if time_ms(push.headers.get("X-Shopify-Triggered-At")) is None:
            raise Stale("X-Shopify-Triggered-At is no date")
        _check_age(push.headers.get("X-Shopify-Triggered-At"), push.received_ms, "X-Shopify-Triggered-At")

    def read(self, push: Push) -> Sequence[Outgoing]:
        topic = push.headers.get("X-Shopify-Topic", "")
        body = object_of(push.body)
        lines = isinstance(body.get("line_items"), list)
        is_order = lines and _gid(body, "Order") == str(body.get("id"))
        order_no = order_no_of(body.get("id"), "id") if is_order else _named(body, topic)
        if order_no in ("", _SAMPLE) or (
            body.get("test") is True and not _is_recent(body.get("updated_at"), push.received_ms)
        ):
            return ()
        if is_order and time_ms(body.get("updated_at")) is not None:
            return (self._event(push, order_no, body, "updated_at", aftersale=False),)
        told = self._notices(push, order_no, topic, _returned(body, topic))
        if isinstance(body.get("refund_line_items"), list) and time_ms(body.get("created_at")) is not None:
            return (self._event(push, order_no, body, "created_at", aftersale=True), *told)
        return told

    def _notices(self, push: Push, order_no: str, topic: str, aftersale_id: str) -> Sequence[Outgoing]:
        return notices(
            {
                "notice_id": _event_id(push),
                "order_id": f"shopify:{order_no}",
                "channel": "shopify",
                "shop": self._shop.shop,
                "order_no": order_no,
                "kind": topic,
                "occurred_at_ms": time_ms(push.headers.get("X-Shopify-Triggered-At")) or push.received_ms,
                "received_at_ms": push.received_ms,
                "payload": push.body,
                "aftersale_id": aftersale_id,
            }
        )

    def _event(self, push: Push, order_no: str, body: Mapping[str, Any], dated: str, *, aftersale: bool) -> Outgoing:
        """A snapshot, of the order or of an after-sale; ``dated``: where it says when it changed."""
        _check_age(body.get(dated), push.received_ms, dated)
        occurred_ms = time_ms(push.headers.get("X-Shopify-Triggered-At")) or time_ms(body.get(dated))
        return event(
            {
                "channel": "shopify",
                "shop": self._shop.shop,
                "order_no": order_no,
                "kind": kind_of(aftersale=aftersale, fetched=False),
                "event_id": _event_id(push),
                "occurred_at_ms": occurred_ms or push.received_ms,
                "received_at_ms": push.received_ms,
                "content_type": "application/json",
                "payload": push.body,
            }
        )


def _event_id(push: Push) -> str:
    return push.headers.get("X-Shopify-Event-Id") or push.headers.get("X-Shopify-Webhook-Id", "")


def _gid(body: Mapping[str, Any], kind: str) -> str:
    """The number in the body's global id, when it is of this kind."""
    prefix, gid = f"gid://shopify/{kind}/", body.get("admin_graphql_api_id")
    return gid.removeprefix(prefix) if isinstance(gid, str) and gid.startswith(prefix) else ""


def _returned(body: Mapping[str, Any], topic: str) -> str:
    """What the hub calls the return that a body is of, itself or in what it wraps; empty: it is of none, or the pull finds it."""
    inner = body.get("return")
    if not isinstance(inner, dict):
        if not _gid(body, "Return") and (not topic.startswith("returns/") or "admin_graphql_api_id" in body):
            return ""
        inner = body
    found = inner.get("id")
    number = found.rpartition("/")[2] if isinstance(found, str) else str(found)
    return f"Return/{number}" if number.isdecimal() else ""


def _named(body: Mapping[str, Any], topic: str) -> str:
    """The number of the order that a body names, itself or in what it wraps (``order_edit``, ``return``); empty: it names none.

    Raises Malformed: an order without a number.
    """
    inner = [value for value in body.values() if isinstance(value, dict)]
    found = [each.get("order_id") for each in (body, *inner)]
    found += [order.get("id") for each in (body, *inner) if isinstance(order := each.get("order"), dict)]
    # Of a topic of orders the id is the order's, unless the body says that it is of something else: one that is deleted is nothing else.
    if _gid(body, "Order") or (topic.startswith("orders/") and "admin_graphql_api_id" not in body):
        found.append(body.get("id"))
        if isinstance(body.get("line_items"), list) and "order_id" not in body:
            order_no_of(body.get("id"), "id")
    for value in found:
        try:
            return order_no_of(value.rpartition("/")[2] if isinstance(value, str) else value, "order")
        except Malformed:
            continue
    return ""


def _is_recent(text: object, now_ms: int) -> bool:
    at_ms = time_ms(text)
    return at_ms is None or now_ms - _OLD_MS <= at_ms <= now_ms + _AHEAD_MS


def _check_age(text: object, now_ms: int, field: str) -> None:
    """What is not dated passes: intake has an opinion on an order without its time."""
    if not _is_recent(text, now_ms):
        raise Stale(f"{field} is more than {_OLD_MS // 3_600_000} h old, or ahead of our clock")
