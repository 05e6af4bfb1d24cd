"""The generator's after-sales of orders that have left: read by intake as what they are, on every platform that has them."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import pytest

from connectors.generator import RawEvent, aftersale_events, generate
from connectors.generator.aftersales import Kind
from connectors.generator.draw import CHANNELS
from schemas.codec import CODEC
from streams.domain.intake.dedup import dedup
from streams.domain.intake.reading import read_event
from tests.connectors.test_generator import ITEMS, SKUS, START_MS

AT_MS = START_MS + 86_400_000
KINDS: dict[Kind, str] = {"refund_only": "REFUND", "exchange": "EXCHANGE", "price_protection": "PRICE_PROTECTION"}


@cache
def orders(channel: str) -> list[RawEvent]:
    events = generate(300, 5, start_ms=START_MS, items=ITEMS, duplicate_rate=0, malformed_rate=0)
    return [raw for raw in events if raw.event["channel"] == channel and raw.note == "new"]


def told(order: RawEvent, kind: Kind) -> list[tuple[str, Any]]:
    """What intake makes of it, one after another."""
    found = []
    for offset, raw in enumerate(aftersale_events(order, kind, AT_MS)):
        value = CODEC.encode("ChannelEvent", raw.event)
        decision = dedup(read_event(value, raw.key, {"topic": raw.topic, "partition": 0, "offset": offset}, SKUS), None)
        assert decision.name != "Review", decision.record
        found.append((decision.name, cast(Any, decision.record)))
    return found


@pytest.mark.parametrize("kind", ["refund_only", "exchange"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_intake_reads_it_as_what_it_is(channel: str, kind: Kind) -> None:
    for order in orders(channel):
        sales = [record for name, record in told(order, kind) if name == "AfterSale"]
        assert {sale["kind"] for sale in sales} == {KINDS[kind]}
        assert {(sale["order_id"], sale["before_shipping"]) for sale in sales} <= {
            (order.key, False),
            *([(order.key, None)] if channel == "shopify" else []),
        }
        assert sales[-1]["state"] == "DONE"
        assert [sale["version"] for sale in sales] == sorted({sale["version"] for sale in sales})
        if kind == "exchange":
            assert [line["quantity"] for line in sales[-1]["lines"]] == [1]


def test_price_protection_is_an_after_sale_on_douyin_alone() -> None:
    for order in orders("douyin"):
        asked, done = (record for _, record in told(order, "price_protection"))
        assert (asked["kind"], asked["state"], done["state"]) == ("PRICE_PROTECTION", "OPEN", "DONE")
        assert done["amount_minor"] > 0 and done["whole"] is False
    assert not any(told(orders(channel)[0], "price_protection") for channel in CHANNELS if channel != "douyin")


def test_an_exchange_on_shopify_is_a_line_more_of_an_order_that_was_sent() -> None:
    for order in orders("shopify"):
        (shown,) = (record for name, record in told(order, "exchange") if name == "Order")
        *sent, new = (line for line in shown["lines"] if line["sent_by"] == "MERCHANT")
        assert all(line["shipped_quantity"] == line["quantity"] for line in sent)
        assert (new["quantity"], new["shipped_quantity"]) == (1, 0)
        assert new["sku"] in {line["sku"] for line in sent}
