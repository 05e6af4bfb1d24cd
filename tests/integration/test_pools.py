"""A sale before its goods are there, on a real hub: sold out exactly at its cap, given back in turn and in time, sent as goods come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import CHANNELS, channel_topic
from tests.domain.pools import pool, set_pool
from tests.domain.sales import DEPOSIT, raw
from tests.integration.conftest import Shop, envelope, until

CAP = 12
POOL = """kind = "pools"
version = 1
name = "{name}"
[[pools]]
sku = "{sku}"
cap = {cap}
from = "2025-12-31 00:00"
until = "2026-01-02 00:00"
quotas = [{{ name = "taobao", share = 2500 }}, {{ name = "shared", share = 7500 }}]
chains = [
    {{ channel = "taobao", draws = ["taobao", "shared"] }},
    {{ channel = "jd", draws = ["shared"] }},
    {{ channel = "pdd", draws = ["shared"] }},
    {{ channel = "douyin", draws = ["shared"] }},
    {{ channel = "shopify", draws = ["shared"] }},
]
"""


def numbered(channel: str, number: int) -> str:
    return f"260101-{number:015d}" if channel == "pdd" else str(2_300_000_000_800_000_000 + number)


def place(shop: Shop, channel: str, number: int, sku: str, paid: bool = True, **more: Any) -> str:
    order_no = numbered(channel, number)
    doc = raw(channel, DEPOSIT[channel][paid], order_no=order_no, sku=sku, pieces=1, **more)
    event = envelope(order_no, json.dumps(doc).encode(), channel=channel, event_id=f"{order_no}-{paid}")
    shop.send(channel_topic(channel), f"{channel}:{order_no}", event)
    return f"{channel}:{order_no}"


def figures(shop: Shop, sku: str) -> tuple[int, int, int]:
    """Sold, frozen, waiting, as ``stock show`` has them."""
    done = shop.penstock("stock", "show", sku, "--json")
    assert done.returncode == 0, done
    its = json.loads(done.stdout)["pool"]
    return its["sold"], its["frozen"], its["waiting"]


def phases(shop: Shop, orders: Sequence[str]) -> list[str]:
    return [(shop.statuses(each) or [""])[-1] for each in orders]


def test_a_sale_sells_out_at_its_cap_on_five_channels_and_its_goods_are_sent_in_turn(
    shop: Shop, tmp_path: Path
) -> None:
    sku = f"SALE-{shop.order_no()}"
    file = tmp_path / "pools.toml"
    file.write_text(POOL.format(name=sku.lower(), sku=sku, cap=CAP), "utf-8")
    done = shop.penstock("config", "apply", str(file), "--because", "a sale")
    assert done.returncode == 0 and sku in done.stdout, done
    until(lambda: len(shop.records("inventory.availability", sku)), lambda found: found > 0, "the pool is open")

    first = int(sku.removeprefix("SALE-")) % 10_000 * 100
    with ThreadPoolExecutor(len(CHANNELS)) as threads:
        placed = [
            threads.submit(place, shop, channel, first + number, sku) for number in range(4) for channel in CHANNELS
        ]
        orders = [each.result() for each in placed]
    until(lambda: figures(shop, sku), lambda found: found == (CAP, CAP, 8), "12 of 20 are sold")
    until(lambda: phases(shop, orders), lambda found: set(found) == {"BACKORDERED"}, "all are decided")
    decided = [shop.records("allocations", each)[-1][1] for each in orders]
    exhausted = [each for each in decided if each["reason"] == "pool_exhausted"]
    assert len(exhausted) == 8
    assert {each["trace"]["rounds"][0]["pools"][0]["answer"] for each in exhausted} == {"POOL_EXHAUSTED"}
    # A quarter of it is Taobao's own: it has had as many at the least.
    assert sum(1 for each in decided if each["channel"] == "taobao" and each["reason"] == "goods_to_come") >= 3

    # Who cancels gives its piece to who waits.
    given_up = next(each["order_id"] for each in decided if each["reason"] == "goods_to_come")
    done = shop.penstock("order", "cancel", given_up, "--because", "the buyer wants it no more", "--yes")
    assert done.returncode == 0, done
    until(lambda: figures(shop, sku), lambda found: found == (CAP, CAP, 7), "the next has the piece")

    # A deposit that comes now waits; what goods meet is sent, in turn.
    assert shop.penstock("stock", "receive", sku, "5", "--warehouse", "hz1").returncode == 0
    until(lambda: phases(shop, orders).count("ALLOCATED"), lambda found: found == 5, "five have their goods")
    assert figures(shop, sku) == (CAP, CAP - 5, 7)
    assert shop.penstock("stock", "receive", sku, "20", "--warehouse", "gz1").returncode == 0
    until(lambda: phases(shop, orders).count("ALLOCATED"), lambda found: found == 19, "all have theirs")
    assert figures(shop, sku) == (CAP, 0, 0)

    shown = shop.penstock("stock", "show", sku).stdout
    assert f"{CAP} of {CAP} are sold" in shown and "taobao" in shown
    waited = exhausted[0]["order_id"]
    assert "POOL_EXHAUSTED" in shop.penstock("order", "show", waited).stdout
    alerts = [record["kind"] for _, record in shop.records("inventory.alerts", sku) if "pool" in record]
    assert "POOL_SOLD_OUT" in alerts
    assert shop.penstock("verify").returncode == 0
    assert shop.penstock("rebuild", "--shadow").returncode == 0


def told(shop: Shop, topic: str, name: str, sku: str) -> list[dict[str, Any]]:
    return [record for its, record in shop.records(topic) if its == name and record["sku"] == sku]


def deposit_and_three_more(shop: Shop, sku: str, soft_ms: int) -> list[str]:
    """A pool of two pieces, one for a deposit, one for who has paid; and two who wait. None at all: the deposit's time was over before."""
    # Documents count a deposit's time in hours.
    sale = pool(2, name=sku.lower(), soft_ms=soft_ms, from_ms=0, until_ms=4_000_000_000_000)
    shop.cluster.publish([("inventory.commands", sku, "SetPool", set_pool(1, sale, sku))])
    until(lambda: len(shop.records("inventory.availability", sku)), lambda found: found > 0, "the pool is open")
    first, orders = int(sku.removeprefix("SALE-")) % 10_000 * 100, list[str]()
    for number, expected in enumerate([(1, 1, 0), (2, 2, 0), (2, 2, 1), (2, 2, 2)]):
        orders.append(place(shop, "taobao", first + number, sku, paid=number > 0))
        seen = until(
            lambda: (figures(shop, sku), told(shop, "inventory.commands", "Expire", sku)),
            lambda found, expected=expected: found[0] == expected or bool(found[1]),  # type: ignore[misc]
            f"order {number} has its piece, or waits",
        )
        if seen[1]:
            return []
    return orders


@pytest.mark.long
def test_a_deposit_whose_time_is_over_gives_its_piece_to_who_has_waited_longest(shop: Shop) -> None:
    # A machine that is too busy to place four orders in the time has longer.
    tries = ((f"SALE-{shop.order_no()}", seconds * 1_000) for seconds in (8, 40, 200))
    sku, soft_ms, orders = next((s, ms, placed) for s, ms in tries if (placed := deposit_and_three_more(shop, s, ms)))
    deposit, paid, third, fourth = orders
    until(lambda: figures(shop, sku), lambda found: found == (2, 2, 1), "the third has the deposit's piece")
    (served,) = told(shop, "inventory.results", "PoolServed", sku)
    assert (served["order_id"], served["warehouse"]) == (third, "")
    # Not before its time, by the log's: what counts is when the command stands there.
    (kept,) = [it for it in told(shop, "inventory.results", "FreezeAnswered", sku) if it["order_id"] == deposit]
    assert kept["expires_at_ms"] == kept["at_ms"] + soft_ms <= served["at_ms"]
    until(lambda: phases(shop, orders), lambda found: found == ["HELD", *["BACKORDERED"] * 3], "the others wait")

    # Who pays after all waits behind those who waited before.
    place(shop, "taobao", int(deposit.partition(":")[2]) - int(numbered("taobao", 0)), sku, newer=True)
    until(lambda: figures(shop, sku), lambda found: found == (2, 2, 2), "the first waits now")
    for units, expected in (("2", [paid, third]), ("1", [paid, third, fourth]), ("1", [paid, third, fourth, deposit])):
        assert shop.penstock("stock", "receive", sku, units, "--warehouse", "hz1").returncode == 0
        until(
            lambda: {each for each, phase in zip(orders, phases(shop, orders), strict=True) if phase == "ALLOCATED"},
            lambda found, expected=expected: found == {*expected},  # type: ignore[misc]
            "goods go to who waits, in turn",
        )
    assert figures(shop, sku) == (2, 0, 0)
    assert shop.penstock("verify").returncode == 0
