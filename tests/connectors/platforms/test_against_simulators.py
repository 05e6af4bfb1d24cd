"""Each client against its platform's simulator, over HTTP: an order is read, found by a pull, shipped once, and never twice.

Simulator and client know the platform from the same reference: that each signs and names things rightly is tested apart, by vectors and by
the bytes of requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from connectors.endings import Held, Throttled, Unavailable, Unsure
from connectors.generator.sale import Sale
from connectors.generator.shapes import SHAPES
from connectors.platforms import client
from connectors.platforms.base import Parcel, Refused
from connectors.platforms.calling import HttpPlatform
from connectors.simulators import jd_orders, registry
from connectors.simulators.carriers import CARRIERS, Carrier
from connectors.simulators.faults import Rates
from connectors.simulators.orders import Order
from connectors.simulators.simulator import ChannelSimulator, Options
from schemas.json_text import compact
from schemas.records import ParcelLine, Reason
from streams.domain.channels import MAPPERS, Snapshot
from streams.domain.channels.payload import read_object
from tests.connectors.simulators.sales import sale

PLATFORMS = [name for name in registry.names() if name in MAPPERS]
YTO = next(carrier for carrier in CARRIERS if carrier.kuaidi100 == "yuantong")
STO = next(carrier for carrier in CARRIERS if carrier.kuaidi100 == "shentong")
Case = Callable[[ChannelSimulator, HttpPlatform], Awaitable[None]]


def run(channel: str, case: Case, **changed: str) -> None:
    """A case against a fresh simulator and the client of its first shop; ``changed`` are fields of the shop."""

    async def with_both() -> None:
        async with registry.simulator(channel, Options()) as simulator:
            assert isinstance(simulator, ChannelSimulator)
            shop = simulator.shop_entries()[0]
            async with client(replace(shop, **changed), pause_s=0.0) as platform:
                await case(simulator, platform)

    asyncio.run(with_both())


def put(simulator: ChannelSimulator, of: Sale, stage: str = "paid") -> Order:
    """The platform has this order."""
    return simulator.place(of.shop, SHAPES[simulator.name].snapshot(of, stage, 1_767_240_000_000))


def lines(channel: str, of: Sale, *pieces: int) -> list[ParcelLine]:
    """Lines of a parcel, so many pieces of each; 0: the line is not in it."""
    return [
        {"line_no": SHAPES[channel].line_no(of, n), "sku": f"SKU-{n}", "quantity": count}
        for n, count in enumerate(pieces, start=1)
        if count
    ]


def parcel(channel: str, of: Sale, serial: int = 1, by: Carrier = YTO, **changes: Any) -> Parcel:
    """The only parcel of an order."""
    whole = Parcel(
        order_no=SHAPES[channel].order_no(of),
        carrier=getattr(by, channel, "") or by.name,
        carrier_name=by.name,
        tracking_no=by.waybill(serial),
        lines=lines(channel, of, *(line.quantity for line in of.lines)),
        parcel_no=1,
        whole_order=True,
        request_id=f"s{serial}#1",
    )
    return whole._replace(**changes)


def mapped(channel: str, payload: bytes | dict[str, Any]) -> Snapshot:
    """What the intake makes of a payload. Fails with its reasons if it would go to review."""
    reasons: list[Reason] = []
    doc = read_object(compact(payload) if isinstance(payload, dict) else payload, reasons)
    assert doc is not None, reasons
    snapshot = MAPPERS[channel](doc, reasons)
    assert not reasons
    return snapshot


@pytest.mark.parametrize("stage", ["paid", "held", "shipped", "cancelled"])
@pytest.mark.parametrize("channel", PLATFORMS)
def test_the_intake_reads_an_order_as_it_reads_the_platforms_own_document(channel: str, stage: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        order = put(simulator, sale(channel, pieces=(2, 1), gift=channel == "pdd"), stage)
        found = await platform.order(order.order_no)
        read, own = mapped(channel, found.payload), mapped(channel, order.doc)
        if channel == "jd":  # shows who is to receive it as ciphertext to those who ask for it
            own = own._replace(receiver=read.receiver)
        assert read == own
        assert (found.order_no, found.modified_ms) == (order.order_no, read.version)

    run(channel, case)


SHOPIFYS = {
    "cash on delivery": {"financial_status": "pending", "payment_gateway_names": ["Cash on Delivery (COD)"]},
    "in two currencies": {
        "financial_status": "pending",
        "payment_gateway_names": ["COD"],
        "presentment_currency": "HKD",
    },
    "over a counter": {"source_name": "pos", "shipping_address": None},
    "fetched": {"shipping_lines": [{"code": "Shop 1", "title": "Shop 1", "delivery_category": "local_pickup"}]},
    "a phone elsewhere": {"phone": "+14155550100"},
    "a phone in the bill": {"billing_address": {"name": "Ann", "phone": "+14155550100"}},
}
LINES: dict[str, dict[str, Any]] = {
    "others send it": {"fulfillment_service": "printful"},
    "edited": {"current_quantity": 1, "fulfillable_quantity": 1},
    "edited out": {"current_quantity": 0, "fulfillable_quantity": 0},
    "a presale": {"selling_plan": {"name": "Pre-order"}},
}


@pytest.mark.parametrize("kind", [*SHOPIFYS, *LINES, "a company"])
def test_a_shopify_order_is_the_same_pushed_or_fetched(kind: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        order = put(simulator, sale("shopify", pieces=(2, 1)))
        place = order.doc["shipping_address"]
        place |= {"phone": None} if "phone" in kind else {"company": "Example GmbH"}
        order.doc.update(SHOPIFYS.get(kind, {}))
        order.doc["line_items"][0].update(LINES.get(kind, {}))
        found = await platform.order(order.order_no)
        assert mapped("shopify", found.payload) == mapped("shopify", order.doc)

    run("shopify", case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_pull_finds_all_that_changed_and_nothing_else(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        count = 2 * platform.page_max + 1
        placed = [put(simulator, sale(channel, serial)) for serial in range(1, count + 1)]
        start_ms, end_ms = placed[0].changed_at_ms, placed[-1].changed_at_ms
        pages = [page async for page in platform.changed(start_ms, end_ms)]
        assert {row.order_no for page in pages for row in page} == {order.order_no for order in placed}
        assert max(len(page) for page in pages) <= platform.page_max
        for row in pages[0]:
            if row.payload is not None:
                assert mapped(channel, row.payload).order_no == row.order_no
        assert [page async for page in platform.changed(start_ms - 3_600_000, start_ms - 60_000)] == []

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_an_order_that_changes_while_it_is_pulled_is_not_lost_and_hides_no_other(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        platform.page_max = 5
        sales = [sale(channel, serial) for serial in range(1, 24)]
        placed = [put(simulator, one) for one in sales]
        end_ms = placed[-1].changed_at_ms
        # The platforms' windows end on whole seconds: what changes from here on is beyond it.
        simulator.clock.offset_ms += 5_000
        seen: set[str] = set()
        moved = iter(sales)
        async for page in platform.changed(placed[0].changed_at_ms, end_ms):
            seen |= {row.order_no for row in page}
            put(simulator, next(moved), "shipped")
        later = [page async for page in platform.changed(end_ms + 1_000, simulator.clock.now_ms())]
        seen |= {row.order_no for page in later for row in page}
        assert seen == {order.order_no for order in placed}

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_parcel_is_shipped_once_however_often_it_is_told(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel, pieces=(2, 1))
        order, one = put(simulator, of), parcel(channel, of)
        before = await platform.standing(order.order_no)
        assert (before.shipped, before.closed, before.tracking_nos) == (False, False, ())
        assert (await platform.ship(one)).outcome == "SHIPPED"
        assert (await platform.ship(one)).outcome == "ALREADY_SHIPPED"
        after = await platform.standing(order.order_no)
        assert (after.shipped, after.closed, after.tracking_nos) == (True, False, (one.tracking_no,))
        assert [(s.tracking_no, s.carrier) for s in order.shipments] == [(one.tracking_no, one.carrier)]
        assert order.ship_effects == 1

    run(channel, case)


def test_shopify_keeps_where_a_parcel_is_followed() -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale("shopify")
        order = put(simulator, of)
        link = "https://www.kuaidi100.com/chaxun?com=yuantong&nu=YT0000000000001"
        await platform.ship(parcel("shopify", of, tracking_url=link))
        assert [each["tracking_url"] for each in order.doc["fulfillments"]] == [link]

    run("shopify", case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_shipped_order_takes_no_other_number_for_the_same_goods(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel)
        order = put(simulator, of)
        await platform.ship(parcel(channel, of))
        with pytest.raises(Refused) as refused:
            await platform.ship(parcel(channel, of, serial=2))
        assert refused.value.outcome == "ORDER_FORBIDS"
        assert [s.tracking_no for s in order.shipments] == [YTO.waybill(1)]

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_each_parcel_of_an_order_is_told_with_its_own_number(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel, pieces=(3, 1))
        order = put(simulator, of)
        first = parcel(channel, of, 1, lines=lines(channel, of, 1, 1), whole_order=False)
        second = parcel(channel, of, 2, STO, lines=lines(channel, of, 2), whole_order=False, parcel_no=2)
        assert (await platform.ship(first)).outcome == "SHIPPED"
        assert (await platform.ship(first)).outcome == "ALREADY_SHIPPED"
        assert (await platform.ship(second)).outcome == "SHIPPED"
        assert (await platform.ship(second)).outcome == "ALREADY_SHIPPED"
        told = await platform.standing(order.order_no)
        assert told.shipped
        assert told.numbers_known
        # A line of a Taobao trade shows the number of its first parcel alone.
        numbers = (first.tracking_no,) if channel == "taobao" else (first.tracking_no, second.tracking_no)
        assert told.tracking_nos == numbers
        assert [s.tracking_no for s in order.shipments] == [first.tracking_no, second.tracking_no]
        assert order.ship_effects == 2

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_cancelled_order_is_not_shipped(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel)
        order = put(simulator, of, "cancelled")
        with pytest.raises(Refused) as refused:
            await platform.ship(parcel(channel, of))
        assert refused.value.outcome == "ORDER_FORBIDS"
        assert (await platform.standing(order.order_no)).closed
        assert order.ship_effects == 0

    run(channel, case)


def _open_refund(doc: Any) -> None:
    doc["trade_fullinfo_get_response"]["trade"]["orders"]["order"][0]["refund_status"] = "WAIT_SELLER_AGREE"


def _trade(**changes: Any) -> Callable[[Any], None]:
    return lambda doc: doc["trade_fullinfo_get_response"]["trade"].update(changes)


def _after_sale(status: int) -> Callable[[Any], None]:
    def change(doc: Any) -> None:
        doc["sku_order_list"][0]["after_sale_info"] = {"after_sale_status": status, "after_sale_type": 1}

    return change


def _douyin(**changes: Any) -> Callable[[Any], None]:
    return lambda doc: doc.update(changes)


def _jd(state: str) -> Callable[[Any], None]:
    def change(doc: Any) -> None:
        jd_orders.order_info(doc)["orderState"] = state

    return change


def _pdd(**changes: Any) -> Callable[[Any], None]:
    return lambda doc: doc["order_info_get_response"]["order_info"].update(changes)


def _shopify(**changes: Any) -> Callable[[Any], None]:
    return lambda doc: doc.update(fulfillment_order=changes)


#: What holds an order at its platform, and what ends the hold.
HOLDS: list[tuple[str, str, Callable[[Any], None]]] = [
    ("taobao", "refund", _open_refund),
    ("taobao", "forbidden", _trade(status="PAID_FORBID_CONSIGN")),
    ("taobao", "group", _trade(team_buy_hold=1)),
    ("taobao", "flag", _trade(top_hold=1)),
    *(("jd", state, _jd(state)) for state in ("LOCKED", "PAUSE", "POP_ORDER_PAUSE")),
    ("pdd", "risk", _pdd(risk_control_status=1)),
    ("pdd", "refund", _pdd(refund_status=2)),
    ("pdd", "refunding", _pdd(refund_status=3)),
    ("pdd", "group", _pdd(group_status=0)),
    ("douyin", "risk", _douyin(order_status=105)),
    *(("douyin", f"after-sale {status}", _after_sale(status)) for status in (6, 7, 11)),
    ("shopify", "hold", _shopify(hold="INCORRECT_ADDRESS")),
    ("shopify", "scheduled", _shopify(fulfill_at="2026-02-01T00:00:00Z")),
    ("shopify", "cancelling", _shopify(request_status="CANCELLATION_REQUESTED")),
]


@pytest.mark.parametrize(("channel", "why", "hold"), HOLDS, ids=[f"{channel} {why}" for channel, why, _ in HOLDS])
@pytest.mark.parametrize("whole", [True, False])
def test_an_order_that_its_platform_holds_now_is_shipped_once_it_does_not(
    channel: str, why: str, hold: Callable[[Any], None], whole: bool
) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel)
        order = put(simulator, of)
        free = deepcopy(order.doc)
        hold(order.doc)
        told = parcel(channel, of, whole_order=whole)
        for _ in range(2):
            with pytest.raises(Held) as raised:
                await platform.ship(told)
            assert order.ship_effects == 0, raised.value
        order.doc = free
        assert (await platform.ship(told)).outcome == "SHIPPED"

    run(channel, case)


@pytest.mark.parametrize("channel", [name for name in PLATFORMS if name != "shopify"])
def test_a_wrong_number_and_a_wrong_carrier_are_told_apart(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel)
        order = put(simulator, of)
        for changes, outcome in (({"tracking_no": "1"}, "NUMBER_WRONG"), ({"carrier": "99999"}, "CARRIER_WRONG")):
            with pytest.raises(Refused) as refused:
                await platform.ship(parcel(channel, of, **changes))
            assert refused.value.outcome == outcome, refused.value
        assert order.ship_effects == 0

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_lost_answer_is_unsure_and_asking_shows_that_it_was_carried_out(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel)
        order, one = put(simulator, of), parcel(channel, of)
        if channel == "shopify":  # it reads before it ships: only the last answer is to be lost
            real = platform._create  # type: ignore[attr-defined]

            async def create(*arguments: Any) -> Any:
                simulator.faults.rates = Rates(lost_answers=1)
                return await real(*arguments)

            platform._create = create  # type: ignore[attr-defined]
        else:
            simulator.faults.rates = Rates(lost_answers=1)
        with pytest.raises(Unsure):
            await platform.ship(one)
        with pytest.raises(Unavailable):
            await platform.standing(order.order_no)
        simulator.faults.rates = Rates()
        assert (await platform.standing(order.order_no)).tracking_nos == (one.tracking_no,)
        assert order.ship_effects == 1

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_what_a_platform_in_trouble_answers_is_never_taken_for_a_result(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        order = put(simulator, sale(channel))
        for rates in (Rates(errors=1), Rates(resets=1)):
            simulator.faults.rates = rates
            with pytest.raises(Unavailable):
                await platform.order(order.order_no)
            with pytest.raises(Unavailable):
                [page async for page in platform.changed(order.changed_at_ms - 1000, order.changed_at_ms)]
        simulator.faults.rates = Rates(throttle=1)
        with pytest.raises(Throttled) as throttled:
            await platform.order(order.order_no)
        assert 0 < throttled.value.wait_s <= 60

    run(channel, case)


@pytest.mark.parametrize("changed", ["secret", "token"])
@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_wrong_account_is_no_orders_fault(channel: str, changed: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        of = sale(channel)
        order = put(simulator, of)
        calls = (lambda: platform.order(order.order_no), lambda: platform.ship(parcel(channel, of)))
        for call in calls:
            with pytest.raises(Unavailable) as problem:
                await call()
            assert problem.value.code
            assert "forged" not in str(problem.value)
        assert order.ship_calls == 0

    if channel != "shopify" or changed == "token":  # Shopify's requests carry no signature
        run(channel, case, **{changed: "forged"})


@pytest.mark.parametrize("channel", PLATFORMS)
def test_whoever_asks_after_each_doubt_ships_each_order_once_at_a_platform_in_trouble(channel: str) -> None:
    async def settled(platform: HttpPlatform, one: Parcel) -> str:
        """As the dispatcher does it: after a doubt the platform is asked, and until it answers nothing is sent."""
        doubt = False
        for _ in range(200):
            try:
                if doubt:
                    known = await platform.standing(one.order_no)
                    if one.tracking_no in known.tracking_nos:
                        return "FOUND"
                    doubt = False
                return (await platform.ship(one)).outcome
            except Unsure:
                doubt = True
            except (Unavailable, Throttled):
                continue
        raise AssertionError("200 tries were not enough")

    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        sales = [sale(channel, serial, pieces=(2, 1)) for serial in range(1, 61)]
        orders = [put(simulator, of) for of in sales]
        wholes = [parcel(channel, of, n) for n, of in enumerate(sales[:40], start=1)]
        parts = [
            part
            for n, of in enumerate(sales[40:], start=101)
            for part in (
                parcel(channel, of, n, lines=lines(channel, of, 2), whole_order=False),
                parcel(channel, of, n + 100, lines=lines(channel, of, 0, 1), whole_order=False, parcel_no=2),
            )
        ]
        simulator.faults.rates = Rates(errors=0.15, resets=0.1, lost_answers=0.15, throttle=0.1)
        ends = await asyncio.gather(*(settled(platform, one) for one in wholes))
        for one in parts:  # an order's parcels go one after the other
            ends.append(await settled(platform, one))
        assert [order.ship_effects for order in orders] == [1] * 40 + [2] * 20
        told = sorted(shipment.tracking_no for order in orders for shipment in order.shipments)
        assert told == sorted(one.tracking_no for one in (*wholes, *parts))
        # Each way to the end was gone.
        assert {"SHIPPED", "FOUND"} <= set(ends)

    run(channel, case)
