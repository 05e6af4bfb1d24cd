"""JD's simulator: what a search finds and misses, and shipping as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.generator.sale import Stage
from connectors.generator.shapes import jd as shape
from connectors.shops import Shop
from connectors.simulators.jd import JdSimulator
from connectors.simulators.jos import PATH
from connectors.simulators.simulator import Options
from tests.connectors.simulators.calls import Client, now_text
from tests.connectors.simulators.sales import sale

SEARCH = "jingdong.pop.order.search"
GET = "jingdong.pop.order.get"
SHIP = "jingdong.pop.order.shipment"
YTO = {"logiCoprId": "463", "logiNo": "YT0000000000001"}
EVERY_STATE = "WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,TRADE_CANCELED,LOCKED"


def doc(serial: int = 1, stage: Stage = "paid") -> dict[str, Any]:
    return shape.snapshot(sale("jd", serial, (2, 1)), stage, 0)


def number(serial: int = 1) -> str:
    return shape.order_no(sale("jd", serial))


@dataclass
class Rig:
    jd: JdSimulator
    client: Client
    shop: Shop

    async def answer(self, method: str, **business: Any) -> Any:
        return (await self.client.jd(self.shop, method, **business))[method.replace(".", "_") + "_responce"]

    async def found(self, **wanted: Any) -> Any:
        window = {"start_date": now_text(-60), "end_date": now_text(60), "order_state": EVERY_STATE}
        paging = {"optional_fields": "orderId,modified", "page": "1", "page_size": "100"}
        return (await self.answer(SEARCH, **{**window, **paging, **wanted}))["searchorderinfo_result"]

    async def numbers(self, **wanted: Any) -> list[str]:
        return [row["orderId"] for row in (await self.found(**wanted))["orderInfoList"]]

    async def ship(self, serial: int = 1, **params: Any) -> Any:
        answer = await self.answer(SHIP, **{"orderId": int(number(serial)), **YTO, **params})
        return answer["sopjosshipment_result"]

    async def place(self, *docs: dict[str, Any]) -> list[Any]:
        return await self.client.place(self.shop, *docs)


@asynccontextmanager
async def running() -> AsyncIterator[Rig]:
    async with JdSimulator(Options()) as jd, Client(jd.url, PATH) as client:
        yield Rig(jd, client, jd.shops["jd-pop"])


def run(test: Callable[[Rig], Awaitable[None]]) -> None:
    async def go() -> None:
        async with running() as rig:
            await test(rig)

    asyncio.run(go())


def test_a_search_goes_upwards_unless_it_is_asked_otherwise() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc(1), doc(2), doc(3, "held"))
        assert await rig.numbers() == [number(1), number(2), number(3)]
        assert await rig.numbers(sortType="1") == [number(3), number(2), number(1)]
        assert await rig.numbers(order_state="LOCKED") == [number(3)]
        assert await rig.numbers(page="2", page_size="2") == [number(3)]
        found = await rig.found(page_size="2")
        assert found["orderTotal"] == 3
        assert found["apiResult"]["success"] is True
        # By when it was created, which the sale says: long ago.
        assert await rig.numbers(dateType="1") == []

    run(test)


def test_only_named_fields_come_back_and_the_encrypted_methods_hide_the_receiver() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        fields = "orderId,consigneeInfo"
        plain = (await rig.answer(GET, order_id=number(), optional_fields=fields))["orderDetailInfo"]["orderInfo"]
        hidden = await rig.answer("jingdong.pop.order.enGet", order_id=number(), optional_fields=fields)
        hidden = hidden["orderDetailInfo"]["orderInfo"]
        assert plain.keys() == hidden.keys() == {"orderId", "consigneeInfo"}
        for name in ("mobile", "telephone", "fullAddress"):
            assert plain["consigneeInfo"][name] and plain["consigneeInfo"][name] not in str(hidden)
        assert hidden["consigneeInfo"]["city"] == plain["consigneeInfo"]["city"]

    run(test)


def test_no_page_after_the_hundredth() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(*(doc(serial) for serial in range(1, 103)))
        assert await rig.numbers(page="100", page_size="1") == [number(100)]
        assert await rig.numbers(page="101", page_size="1") == []
        assert (await rig.found(page="101", page_size="1"))["orderTotal"] == 102

    run(test)


def test_an_edit_is_missed_a_new_state_is_not() -> None:
    async def test(rig: Rig) -> None:
        (first,) = await rig.place(doc())
        rig.jd.clock.offset_ms += 5_000
        edited = {**doc(), "orderRemark": "two pieces, please"}
        (second,) = await rig.place(edited)
        assert second == first
        get = {"order_id": number(), "optional_fields": "orderRemark,modified"}
        shown = (await rig.answer(GET, **get))["orderDetailInfo"]["orderInfo"]
        assert shown["orderRemark"] == "two pieces, please"
        (third,) = await rig.place(doc(1, "cancelled"))
        assert third["changed_at_ms"] >= first["changed_at_ms"] + 5_000
        assert (await rig.answer(GET, **get))["orderDetailInfo"]["orderInfo"]["modified"] > shown["modified"]

    run(test)


def test_windows_are_a_month_at_most_and_may_be_left_out_for_what_is_to_be_shipped() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        assert await rig.numbers(start_date="", end_date="", order_state="WAIT_SELLER_STOCK_OUT") == [number()]
        wanted = {"order_state": "LOCKED", "optional_fields": "orderId", "page": 1, "page_size": 10}
        for window in ({}, {"start_date": now_text(-32 * 86_400), "end_date": now_text()}):
            answer = await rig.client.jd(rig.shop, SEARCH, **wanted, **window)
            assert answer["error_response"]["code"] == "41"

    run(test)


def test_shipping_is_success_as_a_text_and_shows_the_waybill() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        result = await rig.ship()
        assert (result["success"], result["chineseErrCode"]) == ("true", "SOP订单 订单出库成功")
        shown = await rig.client.order(number())
        assert shown["status"] == "WAIT_GOODS_RECEIVE_CONFIRM"
        assert [line["quantity"] for line in shown["shipments"][0]["lines"]] == [2, 1]
        again = await rig.ship()
        assert again["success"] == "false" and "已出库" in again["chineseErrCode"]
        after = await rig.client.order(number())
        assert after == {**shown, "ship_calls": 2}
        fields = {"order_id": number(), "optional_fields": "waybill,logisticsId"}
        info = (await rig.answer(GET, **fields))["orderDetailInfo"]["orderInfo"]
        assert info == {"waybill": YTO["logiNo"], "logisticsId": YTO["logiCoprId"]}

    run(test)


def test_several_parcels_and_own_delivery() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc(1), doc(2), doc(3))
        assert (await rig.ship(1, logiCoprId="467|463", logiNo="SF1001,SF1002|YT0000000000001"))["success"] == "true"
        shown = (await rig.client.order(number(1)))["shipments"]
        assert [(s["carrier"], s["tracking_no"]) for s in shown] == [
            *(("467", "SF1001"), ("467", "SF1002"), ("463", "YT0000000000001")),
        ]
        assert (await rig.ship(2, logiCoprId="1274", logiNo=None))["success"] == "true"
        assert (await rig.client.order(number(2)))["shipments"][0]["tracking_no"] == ""
        assert (await rig.ship(3, logiCoprId="467|463"))["success"] == "false"

    run(test)


@pytest.mark.parametrize(
    ("stage", "params", "says"),
    [
        ("cancelled", {}, "已取消"),
        ("held", {}, "锁定"),
        ("shipped", {}, "已出库"),
        ("paid", {"logiCoprId": "9"}, "承运商"),
        ("paid", {"logiNo": "YT1"}, "运单号"),
        ("paid", {"orderId": 1}, "订单不存在"),
    ],
)
def test_what_must_not_ship_is_refused(stage: Stage, params: dict[str, Any], says: str) -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc(1, stage))
        result = await rig.ship(**params)
        assert result["success"] == "false" and says in result["chineseErrCode"]
        assert (await rig.client.order(number()))["ship_effects"] == 0

    run(test)


def test_jd_splits_an_order_into_children() -> None:
    async def test(rig: Rig) -> None:
        await rig.place(doc())
        lines = [[line["skuId"]] for line in doc()["itemInfoList"]]
        split = await rig.client.control("POST", "/_sim/split", {"order_no": number(), "lines": lines})
        assert split["orders"] == [number() + "1", number() + "2"]
        assert (await rig.ship())["success"] == "false"
        for child in split["orders"]:
            fields = {"order_id": child, "optional_fields": "directParentOrderId,itemInfoList"}
            info = (await rig.answer(GET, **fields))["orderDetailInfo"]["orderInfo"]
            assert info["directParentOrderId"] == number() and len(info["itemInfoList"]) == 1
            assert (await rig.ship(orderId=int(child)))["success"] == "true"

    run(test)


def test_an_order_that_is_not_there_and_throttling() -> None:
    async def test(rig: Rig) -> None:
        result = (await rig.answer(GET, order_id="1", optional_fields="orderId"))["orderDetailInfo"]["apiResult"]
        assert result["success"] is False
        await rig.client.control("PUT", "/_sim/faults", {"throttle": 1})
        throttled = await rig.client.jd(rig.shop, GET, order_id="1", optional_fields="orderId")
        assert throttled["error_response"]["code"] == "2"

    run(test)
