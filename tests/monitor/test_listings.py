"""What the monitor says of shops' stock: where SKUs stand, how old the oldest number is, what differs; and what is over is gone."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry

from schemas.codec import CODEC
from streams.monitor.listings import ListingGauges, Listings
from tests.domain.listing.make import Sku, listed, place, stock


class Message:
    def __init__(self, value: bytes) -> None:
        self._value = value

    def value(self) -> bytes:
        return self._value


def told(it: Listings, sku: Sku) -> None:
    it.take(Message(CODEC.encode("Listings", sku.state)), True)  # type: ignore[arg-type]


def test_lag_and_difference_of_each_sku_while_they_last() -> None:
    registry = CollectorRegistry()
    it, sku = Listings(ListingGauges(registry)), Sku()
    shop = {"channel": "pdd", "shop": "tea"}

    def value(name: str, **more: str) -> float | None:
        return registry.get_sample_value(f"hub_listing_{name}", {**shop, **more})

    sku.on("ListSku", listed(place()))
    sku.on("Availability", stock(5))
    told(it, sku)
    it.refresh(sku.at_ms + 4_000)
    assert (value("lag_seconds"), value("sku_lag_seconds", sku="MUG")) == (4.0, None)
    it.refresh(sku.at_ms + 9_000)
    assert (value("lag_seconds"), value("sku_lag_seconds", sku="MUG")) == (9.0, 9.0)
    assert (value("places", phase="REQUESTED"), value("places", phase="SHOWN")) == (1.0, 0.0)

    sku.answer(sku.requests[-1])
    told(it, sku)
    it.refresh(sku.at_ms + 99_000)
    assert (value("lag_seconds"), value("sku_lag_seconds", sku="MUG")) == (0.0, None)
    assert (value("places", phase="REQUESTED"), value("places", phase="SHOWN")) == (0.0, 1.0)

    sku.seen(3)
    told(it, sku)
    it.refresh(sku.at_ms)
    assert (value("differs"), value("sku_difference", sku="MUG")) == (1.0, -2.0)
    sku.on("Availability", stock(3, 2))
    told(it, sku)
    it.refresh(sku.at_ms)
    assert (value("differs"), value("sku_difference", sku="MUG")) == (0.0, None)


def test_what_cannot_be_read_is_counted() -> None:
    it: Any = Listings(ListingGauges(CollectorRegistry()))
    it.take(Message(b"no record"), True)
    assert it.unreadable == 1
