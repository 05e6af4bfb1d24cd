"""After-sales of each client against its platform's simulator: all that changed is listed, each is read whole, nobody else's."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from connectors.endings import Unavailable
from connectors.platforms import client
from connectors.platforms.base import Changed, Refused
from connectors.platforms.calling import HttpPlatform
from connectors.simulators import registry
from connectors.simulators.clock import local
from connectors.simulators.faults import Rates
from connectors.simulators.simulator import ChannelSimulator, Options
from schemas.records import Reason
from streams.domain.aftersales import MAPPERS
from streams.domain.channels.payload import read_object
from tests.connectors.channels.sales import asked
from tests.connectors.platforms.test_against_simulators import PLATFORMS, put, run
from tests.connectors.simulators.sales import sale


def ask(simulator: ChannelSimulator, serial: int) -> tuple[str, str]:
    """A refund of a new order; numbers of both."""
    order = put(simulator, sale(simulator.name, serial))
    made = simulator.ask(order.shop, asked(simulator.name, order.order_no, deepcopy(order.doc)))
    return order.order_no, made.order_no


async def listed(platform: HttpPlatform, start_ms: int, end_ms: int) -> list[Changed]:
    return [row async for page in platform.aftersales(start_ms, end_ms) for row in page]


@pytest.mark.parametrize("channel", PLATFORMS)
def test_all_that_changed_is_listed_and_each_is_read_whole(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        start_ms = simulator.clock.now_ms() - 5_000
        there = {ask(simulator, serial) for serial in range(1, 104)}
        rows = await listed(platform, start_ms, simulator.clock.now_ms() + 1_000)
        assert {(row.order_no, row.aftersale_id) for row in rows} == there
        for row in rows[:3]:
            found = await platform.aftersale(row.order_no, row.aftersale_id)
            assert (found.order_no, found.aftersale_id) == (row.order_no, row.aftersale_id)
            reasons: list[Reason] = []
            doc = read_object(found.payload, reasons)
            assert doc is not None
            made = MAPPERS[channel](doc, reasons)
            assert reasons == []
            assert (made.order_no, made.aftersale_id) == (row.order_no, row.aftersale_id)
            # What is compared with what the hub has is what the hub will have.
            assert made.version == found.modified_ms == row.modified_ms
            assert row.payload is None or row.payload == found.payload
        assert await listed(platform, start_ms - 3_600_000, start_ms) == []

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_one_that_is_not_there_or_is_anothers_is_refused(channel: str) -> None:
    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        (first_no, first), (second_no, _) = ask(simulator, 1), ask(simulator, 2)
        kind = first.rpartition("/")[0]
        # PDD says the same to this as when it is at fault itself.
        with pytest.raises(Unavailable if channel == "pdd" else Refused):
            await platform.aftersale(first_no, f"{kind}/1" if kind else "1")
        # The platform answers with what was asked for; that it is another order's is seen here.
        with pytest.raises((Unavailable, Refused)):
            await platform.aftersale(second_no, first)

    run(channel, case)


@pytest.mark.parametrize("channel", PLATFORMS)
def test_a_list_of_many_calls_gets_through_calls_that_fail(channel: str) -> None:
    async def all_of_it() -> None:
        async with registry.simulator(channel, Options(faults=Rates(errors=0.1, resets=0.05))) as simulator:
            assert isinstance(simulator, ChannelSimulator)
            start_ms = simulator.clock.now_ms() - 5_000
            there = {ask(simulator, serial) for serial in range(1, 4)}
            async with client(simulator.shop_entries()[0], pause_s=0.0) as platform:
                found: Any = None
                for _ in range(6):
                    try:
                        rows = await listed(platform, start_ms, simulator.clock.now_ms() + 1_000)
                    except Unavailable:
                        continue
                    found = {(row.order_no, row.aftersale_id) for row in rows}
                    break
            assert found == there

    asyncio.run(all_of_it())


def test_what_jd_does_not_date_is_listed_all_the_same() -> None:
    """Paid by finance, or withdrawn: neither moves a time that JD lists by."""

    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        order = put(simulator, sale("jd", 1))
        doc = asked("jd", order.order_no, order.doc) | {"applyTime": "2026-01-01 00:00:00"}
        now_ms = simulator.clock.now_ms()
        for status, hours, seen in ((11, 1, True), (3, 1, True), (11, 100, False), (0, 1, False)):
            at = local(now_ms - hours * 3_600_000)
            simulator.ask(
                order.shop, {**doc, "status": status, "applyTime": at, "checkTime": at if status == 3 else None}
            )
            rows = await listed(platform, now_ms - 60_000, now_ms)
            assert [row.aftersale_id for row in rows] == ([f"refundapply/{doc['id']}"] if seen else []), (status, hours)

    run("jd", case)


def test_a_refund_of_shopify_whose_money_came_later_is_listed_by_its_order() -> None:
    """It is dated when it is made: by that date nobody would look at it again."""

    async def case(simulator: ChannelSimulator, platform: HttpPlatform) -> None:
        order = put(simulator, sale("shopify", 1))
        refund = {
            "id": 5,
            "order_id": int(order.order_no),
            "created_at": "2026-01-02T00:00:00+08:00",
            "refund_line_items": [],
            "transactions": [{"kind": "refund", "status": "pending", "amount": "1.00", "currency": "CNY"}],
        }
        states = []
        for status in ("pending", "success"):
            paid = deepcopy(refund)
            paid["transactions"][0]["status"] = status
            simulator.ask(order.shop, paid)
            (row,) = await listed(platform, order.changed_at_ms - 1_000, order.changed_at_ms + 1_000)
            assert (row.aftersale_id, row.modified_ms // 1_000) == ("Refund/5", order.changed_at_ms // 1_000)
            found = await platform.aftersale(row.order_no, row.aftersale_id)
            assert found.modified_ms == 1_767_283_200_000
            states.append(MAPPERS["shopify"](read_object(found.payload, []) or {}, []).state)
        assert states == ["OPEN", "DONE"]

    run("shopify", case)
