"""What is compared, as the tables tell it: each order once a pair, figures of the same orders on both sides, who moved where."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from connectors.postgres.comparing import compared
from streams.ops.sinks import Record
from tests.connectors.postgres.records import message
from tests.connectors.postgres.test_sink import opened, take
from tests.domain.make import AT_MS

EVER = datetime(2000, 1, 1, tzinfo=UTC)
TRACE: dict[str, Any] = {
    "rounds": [{"round": 1, "considered": [], "rejected": [], "by_rules": None, "first_choice": None, "pools": []}]
}


def side(version: int | None, *warehouses: str, freight: int | None = None, **more: Any) -> dict[str, Any]:
    waits = 0 if warehouses else 2
    told = {"version": version, "outcome": "ALLOCATED" if warehouses else "BACKORDERED", "warehouses": list(warehouses)}
    told |= {"freight_minor": freight, "arrival_minutes": None, "backordered": waits, "over_capacity": 0}
    return {**told, "below_safety": 0, "error": "", "micros": 40, "trace": TRACE, **more}


def held(
    offset: int, number: int, stands: dict[str, Any], tried: dict[str, Any], *, shop: str = "tea", **more: Any
) -> Record:
    fields: dict[str, Any] = {
        "order_id": f"taobao:{number}",
        "channel": "taobao",
        "shop": shop,
        "order_version": 1,
        "attempt": 1,
        "document": "rules/default",
        "role": "SHADOW",
        "trial_ms": None,
        "effect": "STANDS",
        "currency": "CNY",
        "stands": stands,
        "tried": tried,
        "equal": stands["warehouses"] == tried["warehouses"],
        "at_ms": AT_MS + offset,
        **more,
    }
    return message("decisions.compared", offset, "DecisionCompared", fields)


RECORDS = [
    # Decided twice: its last plan counts.
    held(0, 1, side(1, "HZ"), side(2, "HZ")),
    held(1, 1, side(1, "HZ", freight=500), side(2, "GZ", "SH", freight=900), attempt=2),
    held(2, 2, side(1, "HZ", freight=700), side(2, "HZ", freight=700)),
    held(3, 3, side(1, "HZ", freight=100), side(2), shop="coffee"),
    held(4, 4, side(1, "HZ"), side(2, outcome="FAILED", error="KeyError", backordered=0, micros=None, trace=None)),
    held(5, 5, side(None, "GZ"), side(3, "HZ"), role="SHARE", effect="TRIED", trial_ms=AT_MS),
    held(6, 6, side(None, "GZ"), side(3, "HZ"), role="SHARE", effect="TRIED", trial_ms=0),
    held(7, 7, side(1, "HZ"), side(2, "GZ"), document="rules/other"),
]


def asked(url: str, document: str = "rules/default", since: datetime = EVER, *shops: str) -> list[dict[str, Any]]:
    async def run() -> list[dict[str, Any]]:
        async with opened(url) as sink:
            assert await take(sink, RECORDS, {}) == []
            # A replay adds nothing.
            assert await take(sink, RECORDS[:3], {}) == []
        return await compared(url, document, since, shops, 1)

    return asyncio.run(run())


def test_each_order_counts_once_and_both_sides_tell_of_the_same_orders(hub: str) -> None:
    shadow, share = asked(hub)
    assert (shadow["role"], shadow["stands_version"], shadow["tried_version"]) == ("SHADOW", 1, 2)
    assert (shadow["orders"], shadow["otherwise"], shadow["failed"], shadow["undecided"]) == (4, 3, 1, 0)
    stands, tried = shadow["stands"], shadow["tried"]
    assert (stands["orders_backordered"], tried["orders_backordered"]) == (0, 1)
    assert (stands["pieces_backordered"], tried["pieces_backordered"]) == (0, 2)
    # Of orders 1 and 2, which both send.
    assert (stands["parcels_per_order"], tried["parcels_per_order"]) == (1.0, 1.5)
    assert (shadow["freight_known_of"], stands["freight_minor_per_order"], tried["freight_minor_per_order"]) == (
        2,
        600.0,
        800.0,
    )
    assert (shadow["arrival_known_of"], tried["arrival_minutes"], stands["micros_p99"]) == (0, None, 40)
    assert {(each["from"], each["to"], each["orders"]) for each in shadow["moved"]} == {
        ("HZ", "GZ+SH", 1),
        ("HZ", "-", 2),
    }
    (example,) = shadow["examples"]
    assert (example["order_id"], example["from"], example["to"]) == ("taobao:4", "HZ", "-")
    assert (example["stands"]["trace"], example["tried"]["error"]) == (TRACE, "KeyError")
    assert (share["stands_version"], share["orders"], share["moved"]) == (
        None,
        2,
        [{"from": "GZ", "to": "HZ", "orders": 2}],
    )


def test_they_are_chosen_by_document_shop_and_time(hub: str) -> None:
    assert [each["document"] for each in asked(hub, "")] == ["rules/default", "rules/default", "rules/other"]
    (coffee,) = asked(hub, "rules/default", EVER, "coffee")
    assert (coffee["orders"], coffee["moved"]) == (1, [{"from": "HZ", "to": "-", "orders": 1}])
    late = datetime.fromtimestamp((AT_MS + 5) / 1000, UTC)
    assert [each["role"] for each in asked(hub, "rules/default", late)] == ["SHARE"]
    assert asked(hub, "rules/nothing") == []
