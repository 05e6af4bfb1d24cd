"""A sale before its goods are there, on a real hub: sold out exactly at its cap, given back in turn, sent as goods come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from schemas.topics import CHANNELS, channel_topic
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
