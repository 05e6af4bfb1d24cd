"""Against simulated platforms and a real Kafka: what the pushes missed is found and healed; key events are asked back."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from connectors.channels.marks import read_mark
from connectors.channels.reconcile.process import Options, Outcome, Reconciler
from connectors.channels.reconcile.pull import Pulled
from connectors.channels.reconcile.report import read_report
from connectors.platforms.base import Parcel
from connectors.platforms.client import CLIENTS, client
from connectors.shops import Shops
from connectors.simulators.faults import Rates
from connectors.simulators.registry import names
from schemas.codec import CODEC
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.conftest import Unique
from tests.connectors.reconcile.conftest import Hub, Market, market, named

CHANNELS = [channel for channel in CLIENTS if channel in names()]
QUICK = Options(settle_s=0, lookback_s=3_600, calls_per_s=500, confirm_after_s=0)


async def reconcile(hub: Hub, it: Market, options: Options = QUICK) -> tuple[Pulled, dict[str, int]]:
    (outcome,), checks = await Reconciler(hub.settings, it.shops, options).once()
    assert outcome == Outcome(it.channel, it.shop.shop, outcome.pulled)
    return outcome.pulled, dict(checks)


def test_changes_whose_pushes_were_lost_are_found_healed_and_put_on_record(hub: Hub, unique: Unique) -> None:
    async def scenario() -> None:
        rates = Rates(errors=0.1, resets=0.05)
        first = int(time.time()) % 100_000 * 100
        async with AsyncExitStack() as stack:
            markets = [await stack.enter_async_context(market(c, named(unique(c)), rates)) for c in CHANNELS]
            told = {f"{it.channel}:{it.shows(first + n, 'paid')}": it for it in markets for n in range(2)}
            lost = {f"{it.channel}:{it.shows(first + n, 'paid')}": it for it in markets for n in range(2, 5)}
            for order_id, it in told.items():
                it.push(hub, order_id.partition(":")[2])
            hub.judge()
            assert await found(hub, markets) == {it.channel: (3, 3) for it in markets}
            hub.judge()
            assert {hub.accepted(order_id) for order_id in (*told, *lost)} == {"PAID"}
            drifts = [check for it in markets for check in hub.checks(it, "DRIFT")]
            assert {check["order_id"] for check in drifts} == set(lost)
            assert {(c["hub_status"], c["platform_status"], c["healed"]) for c in drifts} == {("UNKNOWN", "PAID", True)}

            # The overlap lists them again, and there is nothing left to find.
            assert await found(hub, markets) == {it.channel: (0, 0) for it in markets}

            # Dated anew in another second (platforms date by the second), pushed, and nothing that matters had changed: no drift.
            await asyncio.sleep(1.1)
            for it in markets:
                it.push(hub, it.shows(first + 1, "paid"))
            hub.judge()
            assert await found(hub, markets) == {it.channel: (0, 0) for it in markets}

            # A change of an order that the hub has.
            cancelled = {f"{it.channel}:{it.shows(first, 'cancelled')}" for it in markets}
            # Where an order that is cancelled shows its refund, that is found too.
            both = {it.channel: len(it.simulator.aftersales) + 1 for it in markets}
            assert both["pdd"] == 2
            assert await found(hub, markets) == {channel: (count, count) for channel, count in both.items()}
            hub.judge()
            assert {hub.accepted(order_id) for order_id in cancelled} == {"CANCELLED"}
            for it in markets:
                of_orders = [check for check in hub.checks(it, "DRIFT") if "/aftersale/" not in check["check_id"]]
                drift = max(of_orders, key=lambda check: check["at_ms"])
                assert (drift["hub_status"], drift["platform_status"]) == ("PAID", "CANCELLED")

    asyncio.run(scenario())


def test_other_content_under_the_same_date_is_found_by_content_named_and_healed(hub: Hub, unique: Unique) -> None:
    async def scenario() -> None:
        first = int(time.time()) % 100_000 * 100 + 60
        async with AsyncExitStack() as stack:
            markets = [await stack.enter_async_context(market(c, named(unique(c)))) for c in CHANNELS]
            orders = {f"{it.channel}:{it.shows(first, 'paid')}": it for it in markets}
            for order_id, it in orders.items():
                it.push(hub, order_id.partition(":")[2])
            hub.judge()
            # What is read shows what was pushed: the two forms of an order say the same.
            assert await found(hub, markets) == {it.channel: (0, 0) for it in markets}
            for it in markets:
                it.edits(first + 1, it.shows(first + 1, "paid"), (3,))
            assert await found(hub, markets) == {it.channel: (1, 1) for it in markets}
            hub.judge()

            # Another edit, of one that the hub has, in the second of what was pushed: status and date are the same.
            for order_id, it in orders.items():
                it.edits(first, order_id.partition(":")[2], (3,))
            # Compared once a version: what was read a moment ago is not read again, so the hub is one that begins anew.
            hub.settings = replace(hub.settings, data=hub.settings.data / "elsewhere")
            assert await found(hub, markets) == {it.channel: (1, 1) for it in markets}
            hub.judge()
            for order_id, it in orders.items():
                (check,) = [each for each in hub.checks(it, "DRIFT") if each["order_id"] == order_id]
                assert (check["hub_status"], check["platform_status"], check["healed"]) == ("PAID", "PAID", True)
                assert ".quantity" in check["reason"], check["reason"]
                orders_ = [CODEC.decode(m.value())[1] for m in hub.cluster.read("orders", key=order_id)]
                assert [line["quantity"] for line in orders_[-1]["lines"]] == [3]
            assert await found(hub, markets) == {it.channel: (0, 0) for it in markets}

    asyncio.run(scenario())


async def found(hub: Hub, markets: list[Market]) -> dict[str, tuple[int, int]]:
    """Channel -> what was sent in, and what differed."""
    outcomes, _ = await Reconciler(hub.settings, Shops(tuple(it.shop for it in markets)), QUICK).once()
    assert [it.error for it in outcomes] == [""] * len(markets)
    return {it.channel: (it.pulled.found, it.pulled.drift) for it in outcomes}


def test_the_mark_moves_only_when_everything_found_is_delivered(hub: Hub, unique: Unique, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with market("taobao", named(unique("mark"))) as it:
            source = f"taobao/{it.shop.shop}/reconcile"
            it.shows(int(time.time()) % 100_000 * 100 + 50, "paid")
            # The platform fails every call: nothing was listed, and the mark stays.
            it.simulator.faults.rates = Rates(errors=1)
            short = Options(settle_s=0, lookback_s=60, calls_per_s=500)
            (outcome,), _ = await Reconciler(hub.settings, it.shops, short).once()
            assert outcome.error
            assert read_mark(hub.settings, source) is None
            it.simulator.faults.rates = Rates()
            before_ms = time.time_ns() // 1_000_000
            pulled, _ = await reconcile(hub, it)
            assert pulled.found == 1
            mark = read_mark(hub.settings, source)
            assert mark is not None and mark >= before_ms

            # Another machine, without the file: the mark and the topics tell it all.
            hub.judge()
            hub.settings = Settings(brokers=hub.settings.brokers, data=tmp_path / "elsewhere")
            pulled, _ = await reconcile(hub, it)
            assert pulled.found == 0
            assert (read_mark(hub.settings, source) or 0) > mark

    asyncio.run(scenario())


def test_a_payment_and_a_shipment_are_asked_back_and_a_difference_is_said(hub: Hub, unique: Unique) -> None:
    async def scenario() -> None:
        async with market("taobao", named(unique("confirm"))) as it:
            shop, first = it.shop.shop, int(time.time()) % 100_000 * 100 + 60
            shipped, unshipped = it.shows(first, "paid"), it.shows(first + 1, "paid")
            for order_no in (shipped, unshipped):
                it.push(hub, order_no)
            hub.judge()
            # Shipped in the second it was paid in, it would have other content under one date: that has a test of its own.
            await asyncio.sleep(1.0 - time.time() % 1.0)
            async with client(it.shop) as platform:
                line = {"line_no": "1", "sku": "SKU-1", "quantity": 2}
                await platform.ship(Parcel(shipped, "SF", "顺丰", "SF0000000000007", [line], 1, True, "r1"))
            written = [
                ("writeback.status", f"taobao:{no}", "WritebackChanged", changed(no, shop, "SF0000000000007"))
                for no in (shipped, unshipped)
            ]
            hub.publish(written)
            _, checks = await reconcile(hub, it)
            assert (checks["agrees"], checks["differs"]) == (3, 1)
            found = {
                (check["about"], check["order_id"].partition(":")[2]): check["agrees"]
                for about in ("PAYMENT", "SHIPMENT")
                for check in hub.checks(it, about)
            }
            assert found == {
                ("PAYMENT", shipped): True,
                ("PAYMENT", unshipped): True,
                ("SHIPMENT", shipped): True,
                ("SHIPMENT", unshipped): False,
            }
            now_ms = time.time_ns() // 1_000_000
            assert all(abs(now_ms - check["at_ms"]) < 600_000 for check in hub.checks(it, "SHIPMENT"))
            # Each is confirmed once.
            _, checks = await reconcile(hub, it)
            assert checks == {}

    asyncio.run(scenario())


def test_a_share_of_the_key_events_is_asked_back_by_a_setting(hub: Hub, unique: Unique) -> None:
    async def scenario() -> None:
        async with market("taobao", named(unique("none"))) as it:
            it.push(hub, it.shows(int(time.time()) % 100_000 * 100 + 70, "paid"))
            hub.judge()
            _, checks = await reconcile(hub, it, Options(settle_s=0, lookback_s=60, confirm_percent=0))
            assert checks == {}

    asyncio.run(scenario())


def test_the_report_counts_by_channel_and_names_what_differs(hub: Hub, unique: Unique) -> None:
    shop = named(unique("report"))
    base = {"channel": "jd", "shop": shop, "occurred_at_ms": 1, "reason": "why"}
    drift = {**base, "check_id": f"{shop}/1", "order_id": "jd:1", "about": "DRIFT", "agrees": False, "healed": True}
    paid = {**base, "check_id": f"{shop}/2", "order_id": "jd:2", "about": "PAYMENT", "agrees": True, "healed": False}
    told = [
        {**it, "hub_status": "UNPAID", "platform_status": "PAID", "at_ms": at_ms}
        for it, at_ms in ((drift, 9_000_000_000_000), (drift, 9_000_000_000_001), (paid, 9_000_000_000_000))
    ]
    hub.publish(("channel.checks", it["order_id"], "ChannelCheck", it) for it in told)
    found = read_report(Cluster(hub.settings), since_ms=8_999_999_999_999)
    shown = found.as_json(most=5)
    # The repetition of a check is no second one.
    assert shown["channels"]["jd"] == {
        "payment": {"agree": 1, "differ": 0},
        "shipment": {"agree": 0, "differ": 0},
        "drift": 1,
        "healed": 1,
    }
    assert [(it["order_id"], it["at_ms"]) for it in shown["differences"]] == [("jd:1", 9_000_000_000_001)]


def changed(order_no: str, shop: str, tracking_no: str) -> dict[str, object]:
    """The writeback of an order's one parcel is WRITTEN."""
    return {
        "order_id": f"taobao:{order_no}",
        "channel": "taobao",
        "shop": shop,
        "shipment_id": f"{order_no}/1",
        "warehouse": "hz1",
        "carrier": "SF",
        "tracking_no": tracking_no,
        "phase": "WRITTEN",
        "attempt": 1,
        "requests": 1,
        "outcome": "SHIPPED",
        "code": "",
        "reason": "",
        "ship_by_ms": 0,
        "shipped_at_ms": 0,
        "next_at_ms": None,
        "held_since_ms": None,
        "at_ms": 0,
    }
