"""Douyin's simulator: signatures, paging, shipping as a whole and in packs, pushes of several messages."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from connectors.generator.shapes import douyin as shape
from connectors.platforms.signing import douyin as sign
from connectors.platforms.signing import douyin_push
from connectors.simulators.douyin import DouyinSimulator
from connectors.simulators.orders import Order
from connectors.simulators.registry import simulator
from connectors.simulators.simulator import Options
from tests.connectors.simulators.receiver import Receiver
from tests.connectors.simulators.sales import sale

SHOP = "douyin-live"
SF = {"company_code": "shunfeng", "logistics_code": "SF0000000000001"}


class Caller:
    """Signs and calls as a merchant's app does."""

    def __init__(self, sim: DouyinSimulator, session: aiohttp.ClientSession) -> None:
        self.sim, self.session, self.shop = sim, session, sim.shops[SHOP]

    async def __call__(self, path: str, tamper: dict[str, str] | None = None, **params: Any) -> Any:
        body = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        method, stamp = path.strip("/").replace("/", "."), str(int(time.time()))
        query = {
            "app_key": self.shop.app_key,
            "method": method,
            "timestamp": stamp,
            "v": "2",
            "sign_method": "hmac-sha256",
            "sign": sign(self.shop.secret, self.shop.app_key, method, stamp, body),
            "access_token": self.shop.token,
        } | (tamper or {})
        async with self.session.post(self.sim.url + path, params=query, data=body.encode()) as answer:
            assert answer.status == 200
            return await answer.json()

    async def packs(self, order: Order, request_id: str, *packs: dict[int, int], first: int = 1) -> Any:
        """Ships packs, each pieces by the place of their line."""
        lines = [line["order_id"] for line in order.doc["sku_order_list"]]
        pack_list = [
            {
                "company_code": "shunfeng",
                "logistics_code": f"SF00000000001{n:02d}",
                "shipped_order_info": [{"shipped_order_id": lines[p], "shipped_num": q} for p, q in pack.items()],
            }
            for n, pack in enumerate(packs, start=first)
        ]
        return await self(
            "/order/logisticsAddMultiPack", order_id=order.order_no, pack_list=pack_list, request_id=request_id
        )


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[tuple[DouyinSimulator, Caller]]:
    async with simulator("douyin", Options(**options)) as sim, aiohttp.ClientSession() as session:
        assert isinstance(sim, DouyinSimulator)
        yield sim, Caller(sim, session)


def tail(answer: Any) -> str:
    assert answer["code"] == 50002, answer
    return str(answer["sub_code"]).rpartition(":")[2]


def test_calls_that_are_tampered_with_stale_or_of_another_are_refused() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            path = "/order/logisticsCompanyList"
            assert {row["code"] for row in (await call(path))["data"]} >= {"shunfeng", "yuantong"}
            assert (await call(path, {"sign": "0" * 64}))["sub_code"] == "isv.sign-invalid"
            assert (await call(path, {"access_token": "other"}))["sub_code"] == "isv.access-token-expired"
            assert (await call(path, {"timestamp": "1700000000"}))["sub_code"] == "isv.timestamp-invalid"
            assert (await call(path, {"method": "order.orderDetail"}))["sub_code"] == "isv.method-invalid"
            assert (await call(path, {"sign": ""}))["code"] == 40001
            assert sim.counts.bad_signatures == 1

    asyncio.run(run())


def test_orders_are_searched_by_change_from_page_0_upwards_or_downwards() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            numbers = [sim.place(SHOP, shape.snapshot(sale("douyin", n), "paid", 0)).order_no for n in range(1, 6)]

            async def page(**params: Any) -> Any:
                asked = {"update_time_start": int(time.time()) - 60, "order_by": "update_time", "size": 2, **params}
                return (await call("/order/searchList", **asked))["data"]

            async def found(**params: Any) -> list[str]:
                return [row["order_id"] for row in (await page(**params))["shop_order_list"]]

            assert (await page())["total"] == 5
            assert await found(page=0, order_asc=True) == numbers[:2]
            assert await found(page=2, order_asc=True) == numbers[4:]
            assert await found(page=0) == numbers[:2:-1]
            assert await found(combine_status=[{"order_status": "3"}]) == []
            assert len(await found(combine_status=[{"order_status": "3,2"}], size=100)) == 5
            assert await found(update_time_start=int(time.time()) + 60) == []
            assert (await call("/order/searchList", page=0))["code"] == 40004
            assert (await call("/order/searchList", update_time_start=1, page=500, size=100))["code"] == 40004
            detail = await call("/order/orderDetail", shop_order_id=numbers[0])
            assert detail["data"]["shop_order_detail"]["encrypt_post_tel"].startswith("$$")
            assert tail(await call("/order/orderDetail", shop_order_id="1")) == "60033"

    asyncio.run(run())


def test_an_order_is_shipped_as_a_whole_once() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("douyin", pieces=(2, 3)), "paid", 0))
            assert (await call("/order/logisticsAdd", order_id=order.order_no, **SF))["code"] == 10000
            assert tail(await call("/order/logisticsAdd", order_id=order.order_no, **SF)) == "60110"
            assert (order.ship_calls, order.ship_effects, sim.status(order.doc)) == (2, 1, "3")
            assert [line["order_status"] for line in order.doc["sku_order_list"]] == ["3", "3"]
            assert order.doc["logistics_info"][0]["tracking_no"] == "SF0000000000001"

    asyncio.run(run())


def test_packs_are_all_or_none_and_the_same_request_ships_once() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("douyin", pieces=(2, 3)), "paid", 0))
            too_many = await call.packs(order, "r0", {0: 2}, {1: 4})
            assert (tail(too_many), order.shipments) == ("60104", [])

            first = await call.packs(order, "r1", {0: 2}, {1: 1})
            again = await call.packs(order, "r1", {0: 2}, {1: 1})
            assert first["data"] == again["data"] and len(first["data"]["pack_list"]) == 2
            assert (order.ship_calls, order.ship_effects, sim.status(order.doc)) == (3, 2, "101")
            assert tail(await call.packs(order, "r2", {0: 1}, first=5)) == "60110"
            assert tail(await call("/order/logisticsAdd", order_id=order.order_no, **SF)) == "60111"

            assert (await call.packs(order, "r3", {1: 2}, first=3))["code"] == 10000
            assert (order.ship_effects, sim.status(order.doc)) == (3, "3")
            packs = [one["pack_id"] for one in first["data"]["pack_list"]]
            assert [one["delivery_id"] for one in order.doc["logistics_info"]][:2] == packs

    asyncio.run(run())


def test_what_is_shipped_stays_so_when_the_order_changes_otherwise() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            sold = sale("douyin", pieces=(2, 3))
            order = sim.place(SHOP, shape.snapshot(sold, "paid", 0))
            await call.packs(order, "r1", {0: 2})
            sim.place(SHOP, {**shape.snapshot(sold, "paid", 0), "seller_words": "hurry"})
            assert (sim.status(order.doc), order.doc["seller_words"]) == ("101", "hurry")
            assert [line["order_status"] for line in order.doc["sku_order_list"]] == ["3", "2"]

    asyncio.run(run())


def test_gifts_go_with_their_goods_or_in_a_pack_of_their_own() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("douyin", pieces=(2, 1), gift=True), "paid", 0))
            assert (await call.packs(order, "r1", {0: 2}))["code"] == 10000
            assert sim.status(order.doc) == "3"
            assert (await call.packs(order, "r2", {1: 1}, first=2))["code"] == 10000
            assert tail(await call.packs(order, "r3", {1: 1}, first=3)) == "60110"
            assert order.ship_effects == 2

    asyncio.run(run())


def after_sale(status: int) -> dict[str, Any]:
    return {"after_sale_info": {"after_sale_status": status, "after_sale_type": 0, "refund_status": 0}}


@pytest.mark.parametrize(
    ("stage", "line", "refused"),
    [
        ("unpaid", {}, "60137"),
        ("held", {}, "60109"),
        ("cancelled", {}, "60021"),
        ("shipped", {}, "60110"),
        ("paid", after_sale(6), "60040"),
        ("paid", after_sale(12), "60068"),
    ],
)
def test_what_must_not_be_shipped_is_refused(stage: Any, line: dict[str, Any], refused: str) -> None:
    async def run() -> None:
        async with running() as (sim, call):
            doc = shape.snapshot(sale("douyin"), stage, 0)
            doc["sku_order_list"][0].update(line)
            order = sim.place(SHOP, doc)
            assert tail(await call("/order/logisticsAdd", order_id=order.order_no, **SF)) == refused
            assert tail(await call.packs(order, "r1", {0: 1})) == refused
            assert (order.ship_calls, order.ship_effects) == (2, 0)

    asyncio.run(run())


def test_an_open_refund_may_be_refused_by_shipping() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            doc = shape.snapshot(sale("douyin"), "paid", 0)
            doc["sku_order_list"][0].update(after_sale(6))
            order = sim.place(SHOP, doc)
            answer = await call("/order/logisticsAdd", order_id=order.order_no, is_reject_refund=True, **SF)
            assert (answer["code"], order.ship_effects) == (10000, 1)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("company", "number", "refused"),
    [("", "SF1", "60011"), ("nobody", "SF0000000000001", "60018"), ("yuantong", "123", "60017")],
)
def test_carriers_it_does_not_have_and_numbers_that_are_not_theirs_are_refused(
    company: str, number: str, refused: str
) -> None:
    async def run() -> None:
        async with running() as (sim, call):
            order = sim.place(SHOP, shape.snapshot(sale("douyin"), "paid", 0))
            asked = {"order_id": order.order_no, "company_code": company, "logistics_code": number}
            assert tail(await call("/order/logisticsAdd", **asked)) == refused

    asyncio.run(run())


def test_a_number_that_another_order_has_is_refused() -> None:
    async def run() -> None:
        async with running() as (sim, call):
            orders = [sim.place(SHOP, shape.snapshot(sale("douyin", n), "paid", 0)).order_no for n in (1, 2)]
            assert (await call("/order/logisticsAdd", order_id=orders[0], **SF))["code"] == 10000
            assert tail(await call("/order/logisticsAdd", order_id=orders[1], **SF)) == "70022"

    asyncio.run(run())


def test_a_push_holds_several_messages_and_comes_again_until_its_code_is_0() -> None:
    fail, success = (200, b'{"code":1,"msg":"fail"}'), (200, b'{"code":0,"msg":"success"}')

    async def run() -> None:
        async with Receiver([fail, (500, b""), (200, b"ok"), success]) as receiver:
            async with running(gateway=receiver.url, retry_scale=0.001) as (sim, _):
                order = sim.place(SHOP, shape.snapshot(sale("douyin"), "paid", 0))
                deliveries = [await receiver.got() for _ in range(4)]
                first = deliveries[0]
                assert first.path == f"/push/douyin/{SHOP}"
                assert {one.body for one in deliveries} == {first.body}
                shop = sim.shops[SHOP]
                assert first.headers["event-sign"] == douyin_push(shop.app_key, shop.secret, first.body)
                messages = json.loads(first.body)
                assert [one["tag"] for one in messages] == ["100", "101"]
                data = json.loads(messages[1]["data"])
                assert (data["p_id"], data["shop_id"]) == (int(order.order_no), int(shop.seller))
                while sim.pushes_pending():
                    await asyncio.sleep(0.01)
                assert (sim.counts.pushes, sim.counts.pushes_acked, sim.counts.pushes_retried) == (4, 1, 3)

    asyncio.run(run())


def test_messages_tell_what_changed() -> None:
    async def run() -> None:
        async with Receiver([(200, b'{"code":0}')]) as receiver:
            async with running(gateway=receiver.url) as (sim, call):
                sold = sale("douyin", pieces=(2, 3))

                async def tags() -> list[tuple[str, dict[str, Any]]]:
                    return [(m["tag"], json.loads(m["data"])) for m in json.loads((await receiver.got()).body)]

                order = sim.place(SHOP, shape.snapshot(sold, "held", 0))
                assert [tag for tag, _ in await tags()] == ["100", "110"]
                sim.place(SHOP, shape.snapshot(sold, "paid", 0))
                assert [tag for tag, _ in await tags()] == ["101"]
                sim.place(SHOP, {**shape.snapshot(sold, "paid", 0), "seller_words": "hurry", "exp_ship_time": 1})
                (remark, _), (deadline, data) = await tags()
                assert (remark, deadline, data["p_id"]) == ("113", "126", order.order_no)
                doc = shape.snapshot(sold, "paid", 0)
                for status, tag in ((6, "200"), (0, "207")):
                    doc["sku_order_list"][0].update(after_sale(status))
                    sim.place(SHOP, json.loads(json.dumps(doc)))
                    assert tag in [tag for tag, _ in await tags()]
                await call.packs(order, "r1", {0: 2})
                (data,) = [data for tag, data in await tags() if tag == "108"]
                assert data["logistics_msg"]["logistics_code"] == "SF0000000000101"
                assert data["logistics_msg"]["shipped_order_info"][0]["shipped_num"] == 2
                await call.packs(order, "r2", {1: 3}, first=2)
                assert "102" in [tag for tag, _ in await tags()]

    asyncio.run(run())
