"""Which records are meant, and which moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from streams.replay.errors import ReplayRefused
from streams.replay.only import Only
from streams.replay.when import moment_ms

GOLDEN = Path("schemas/golden")
NOW_MS = 1_800_000_000_000


class Message(NamedTuple):
    a_key: bytes | None
    a_value: bytes | None

    def key(self) -> bytes | None:
        return self.a_key

    def value(self) -> bytes | None:
        return self.a_value


def golden(name: str, key_field: str) -> tuple[Message, dict]:  # type: ignore[type-arg]
    record = json.loads((GOLDEN / f"{name}.v1.json").read_text())
    return Message(str(record[key_field]).encode(), (GOLDEN / f"{name}.v1.bin").read_bytes()), record


@pytest.mark.parametrize(
    ("topic", "name", "key", "criterion"),
    [
        ("orders", "Order", "order_id", "order-id={order_id}"),
        ("orders", "Order", "order_id", "channel={channel}"),
        ("inventory.commands", "Reserve", "sku", "order-id={order_id}"),
        ("inventory.commands", "Reserve", "sku", "warehouse={warehouse}"),
        ("shipments", "Shipped", "order_id", "warehouse={warehouse}"),
        ("allocations", "OrderAllocated", "order_id", "warehouse={parts[0][warehouse]}"),
        ("inventory.availability", "Availability", "sku", "warehouse={levels[0][warehouse]}"),
    ],
)
def test_a_record_is_found_by_what_it_says(topic: str, name: str, key: str, criterion: str) -> None:
    message, record = golden(name, key)
    meant = criterion.format(**record)
    assert Only(topic, [meant])(message)
    field = meant.partition("=")[0]
    other = "channel=shopify" if field == "channel" and record.get("channel") != "shopify" else f"{field}=another"
    other = "channel=jd" if other == "channel=another" else other
    assert not Only(topic, [other])(message)
    elsewhere = "order-id=nobody:1" if field == "warehouse" else "warehouse=nowhere"
    assert not Only(topic, [meant, elsewhere])(message), "different criteria must all hold"
    assert Only(topic, [meant, other])(message), "several values of one criterion are alternatives"


def test_a_channel_is_told_by_the_order_id_where_no_field_says_it() -> None:
    message, record = golden("Reserve", "sku")
    channel = record["order_id"].partition(":")[0]
    assert Only("inventory.commands", [f"channel={channel}"])(message)


def test_warehouses_merely_considered_do_not_count() -> None:
    message, record = golden("OrderAllocated", "order_id")
    senders = {part["warehouse"] for part in record["parts"]}
    seen = {c["warehouse"] for r in record["trace"]["rounds"] for c in r["considered"]} - senders
    assert not any(Only("allocations", [f"warehouse={each}"])(message) for each in seen)


def test_an_order_id_is_found_by_its_key_without_decoding() -> None:
    only = Only("orders", ["order-id=taobao:7"])
    assert only(Message(b"taobao:7", b"not avro"))
    assert not only(Message(b"taobao:8", b"not avro"))
    assert only.undecodable == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-11T00:00+08:00", 1_794_326_400_000),
        ("2026-11-10T16:00Z", 1_794_326_400_000),
        ("-2h", NOW_MS - 7_200_000),
        ("-90s", NOW_MS - 90_000),
        ("-3d", NOW_MS - 259_200_000),
    ],
)
def test_moments(text: str, expected: int) -> None:
    assert moment_ms(text, NOW_MS, "--from-time") == expected


@pytest.mark.parametrize("text", ["2026-11-11T00:00", "2026-11-11", "2h", "-2w", "now", "", "2026-13-01T00:00Z"])
def test_no_moments(text: str) -> None:
    with pytest.raises(ReplayRefused, match="--to-time is"):
        moment_ms(text, NOW_MS, "--to-time")
