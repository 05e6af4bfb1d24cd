"""Messages of a channel, and what intake reads in them."""

from __future__ import annotations

import json
from typing import Any

from schemas.codec import CODEC
from schemas.records import ChannelEvent, Order, Review, Seen, Source
from streams.domain.channels.settings import DEFAULT, ChannelSettings
from streams.domain.intake.bundles import Bundles
from streams.domain.intake.dedup import Decision, Reading, dedup
from streams.domain.intake.reading import read_event
from streams.domain.reference import country_of, without_region
from tests.domain.raw_orders import ORDER_NO, SOUND, TAOBAO, TEN_O_CLOCK_MS, Doc, changed

# The tables of places and countries are read at first use: that takes longer than an example of a property may.
country_of("中国"), without_region("", "浙江省", "杭州市", "西湖区")

SKUS = frozenset({"SKU-A", "SKU-B"})
CHANNELS = sorted(SOUND)
#: A day after the sound orders were changed.
RECEIVED_MS = TEN_O_CLOCK_MS + 86_400_000
LINE: Doc = TAOBAO["orders"]["order"][0]


def at(offset: int) -> Source:
    return {"topic": "channel.taobao.events", "partition": 0, "offset": offset}


def envelope(channel: str, payload: bytes, /, **fields: Any) -> ChannelEvent:
    event: dict[str, Any] = {
        "channel": channel,
        "shop": "shop-1",
        "order_no": ORDER_NO.get(channel, "1"),
        "kind": "order",
        "event_id": "event-1",
        "occurred_at_ms": 1,
        "received_at_ms": RECEIVED_MS,
        "content_type": "application/json",
        "payload": payload,
        **fields,
    }
    return event  # type: ignore[return-value]


def reading(
    channel: str,
    payload: bytes | Doc,
    /,
    *,
    key: bytes | str | None = "",
    offset: int = 0,
    bundles: Bundles | None = None,
    settings: ChannelSettings = DEFAULT,
    **fields: Any,
) -> Reading:
    """One message read; a document is sent as JSON, the key is the envelope's order id if not given."""
    raw = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    event = envelope(channel, raw, **fields)
    message_key = f"{event['channel']}:{event['order_no']}" if key == "" else key
    found = read_event(
        CODEC.encode("ChannelEvent", event), message_key, at(offset), SKUS, settings=settings, bundles=bundles or {}
    )
    assert (found.order is None) != (found.review is None)
    # Whatever comes out can be written to its topic.
    if found.order is not None:
        assert CODEC.decode(CODEC.encode("Order", found.order))[1] == found.order
    if found.review is not None:
        assert found.review["reasons"]
        assert CODEC.decode(CODEC.encode("Review", found.review))[1] == found.review
    return found


def order_of(found: Reading) -> Order:
    assert found.order is not None, found.review
    return found.order


def review_of(found: Reading) -> Review:
    assert found.review is not None
    return found.review


def codes(found: Reading) -> list[str]:
    return [reason["code"] for reason in review_of(found)["reasons"]]


def taobao(offset: int = 0, minute: int = 0, received: int = RECEIVED_MS, **fields: Any) -> Reading:
    """A Taobao order modified `minute` minutes after ten."""
    doc = changed(TAOBAO, modified=f"2026-01-01 10:{minute:02d}:00", **fields)
    return reading("taobao", doc, offset=offset, received_at_ms=received)


def first_seen(found: Reading) -> Seen:
    seen = dedup(found, None).seen
    assert seen is not None
    return seen


def outcome(decision: Decision) -> str:
    return f"Duplicate {decision.record['kind']}" if decision.name == "Duplicate" else decision.name  # type: ignore[typeddict-item]
