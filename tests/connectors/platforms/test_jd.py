"""JD: the business JSON in the signature, four ways to say no, pages that are trusted only when they say so, joined numbers."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from connectors.endings import Unavailable, Unsure
from connectors.platforms.base import Refused, Told
from connectors.platforms.calling import HttpPlatform
from connectors.platforms.client import client
from tests.connectors.platforms.rig import NOW_S, Asked, Server, call, parcel, shop

ID = "300000000001"
START_MS = 1_767_196_800_000
GET, SEARCH = "jingdong.pop.order.enGet", "jingdong.pop.order.enSearch"
SHIP, UPDATE = "jingdong.pop.order.shipment", "360buy.order.sop.waybill.update"
YES = {"success": True, "numberCode": 0, "chineseErrCode": ""}
run = partial(call, "jd")


def responce(method: str, **body: Any) -> dict[str, Any]:
    return {f"{method.replace('.', '_')}_responce": {"code": "0", **body}}


def order(**changes: Any) -> dict[str, Any]:
    info = {"orderId": ID, "orderState": "WAIT_SELLER_STOCK_OUT", "modified": "2026-01-01 10:00:05"}
    return responce(GET, orderDetailInfo={"apiResult": YES, "orderInfo": info | changes})


def shipped(**changes: Any) -> dict[str, Any]:
    result = {"success": "true", "chineseErrCode": "SOP订单 订单出库成功"}
    return responce(SHIP, sopjosshipment_result=result | changes)


def business(asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked.form["360buy_param_json"])
    return found


def answers(result: Any, standing: Any = None) -> Callable[[Asked], Any]:
    """Answers a shipment with ``result``, and who asks for the order with ``standing``."""
    return lambda asked: (standing or order()) if asked.form["method"] == GET else result


async def pulled(platform: HttpPlatform) -> list[list[str]]:
    return [[row.order_no for row in page] async for page in platform.changed(START_MS, START_MS + 3_600_000)]


def test_a_call_carries_the_business_json_among_the_signed_parameters() -> None:
    _, asked = run(answers(shipped()), lambda platform: platform.ship(parcel(ID, carrier="463")))
    (only,) = asked
    form = dict(only.form)
    sign = form.pop("sign")
    assert form == {
        "method": SHIP,
        "app_key": "10000000",
        "access_token": "test-token",
        "timestamp": "2026-01-01 12:00:00",
        "v": "2.0",
        "360buy_param_json": '{"logiCoprId":"463","logiNo":"YT0000000000001","orderId":300000000001}',
    }
    text = "".join(name + value for name, value in sorted(form.items()))
    assert sign == hashlib.md5(f"test-secret{text}test-secret".encode()).hexdigest().upper()


@pytest.mark.parametrize(
    ("settings", "unit", "operator"),
    [({}, "700001", "jd-test"), ({"business_unit": "100001", "operator": "home-ops"}, "100001", "home-ops")],
)
def test_who_asks_for_service_orders_is_a_setting(settings: dict[str, str], unit: str, operator: str) -> None:
    nothing = responce("jingdong.asc.sync.list", pageResult={"success": True, "totalCount": 0, "data": []})

    async def asked() -> list[Asked]:
        async with Server(lambda _: nothing) as server:
            async with client(replace(shop("jd", server.url), **settings), now=lambda: NOW_S, pause_s=0.0) as platform:
                with pytest.raises(Refused):
                    await platform.aftersale(ID, "service/1")
            return server.asked

    said = business(asyncio.run(asked())[0])
    assert (said["buId"], said["operatePin"], said["operateNick"]) == (unit, operator, operator)


def test_an_order_is_handed_on_byte_for_byte() -> None:
    info = b'{"modified":"2026-01-01 10:00:05", "orderId":300000000001,"orderPayment":"1.10"}'
    text = (
        b'{"jingdong_pop_order_enGet_responce":{"code":0,"orderDetailInfo":{"apiResult":{"success":"true"},"orderInfo":'
        + info
        + b"}}}"
    )
    snapshot, asked = run(lambda _: text, lambda platform: platform.order(ID))
    assert snapshot[:3] == (ID, 1_767_232_805_000, info)
    assert business(asked[0])["order_id"] == 300000000001
    assert {"orderId", "modified", "itemInfoList", "waybill"} <= set(business(asked[0])["optional_fields"].split(","))


def found(total: Any, *ids: Any, **result: Any) -> dict[str, Any]:
    rows = [{"orderId": one, "modified": "2026-01-01 00:10:00"} for one in ids]
    answer = {"apiResult": YES | result, "orderTotal": total, "orderInfoList": rows}
    return responce(SEARCH, searchorderinfo_result=answer)


def test_pages_are_read_from_the_last_to_the_first_with_their_orders() -> None:
    pages = {"1": ["1", 2], "2": ["3", "4"], "3": ["5"]}
    rows: list[Any] = []

    async def read(platform: HttpPlatform) -> list[list[str]]:
        async for page in platform.changed(START_MS, START_MS + 3_600_000):
            rows.append(page)
        return [[row.order_no for row in page] for page in rows]

    result, asked = run(lambda one: found("201", *pages[business(one)["page"]]), read)
    assert result == [["5"], ["3", "4"], ["1", "2"]]
    assert json.loads(rows[0][0].payload) == {"orderId": "5", "modified": "2026-01-01 00:10:00"}
    assert [business(one)["page"] for one in asked] == ["1", "3", "2", "1"]
    first = business(asked[0])
    assert (first["start_date"], first["end_date"]) == ("2026-01-01 00:00:00", "2026-01-01 01:00:00")
    # Upwards, by when it was modified.
    assert (first["sortType"], first["dateType"], first["page_size"]) == ("0", "0", "100")


def test_a_window_of_more_than_a_hundred_pages_is_halved() -> None:
    windows: list[tuple[str, str]] = []

    def answer(asked: Asked) -> Any:
        window = (business(asked)["start_date"], business(asked)["end_date"])
        windows.append(window)
        return found(10_001 if window == ("2026-01-01 00:00:00", "2026-01-01 01:00:00") else 1, 7)

    result, _ = run(answer, pulled)
    assert result == [["7"], ["7"]]
    assert windows[1:] == [
        ("2026-01-01 00:00:00", "2026-01-01 00:30:00"),
        ("2026-01-01 00:30:00", "2026-01-01 01:00:00"),
    ]


def test_more_in_a_second_than_are_shown_is_an_error_and_no_end_of_halving() -> None:
    problem, _ = run(lambda _: found(10_001, 7), pulled)
    assert type(problem) is Unavailable


def search(**result: Any) -> dict[str, Any]:
    return responce(SEARCH, searchorderinfo_result=result)


@pytest.mark.parametrize(
    "answer",
    [
        responce(SEARCH),
        search(),
        search(apiResult=YES),
        search(apiResult=YES, orderInfoList=[]),
        search(apiResult=YES, orderTotal=None, orderInfoList=[]),
        search(apiResult=YES, orderTotal=3, orderInfoList=[]),
        search(apiResult=YES, orderTotal=3),
        search(apiResult=YES, orderTotal="many", orderInfoList=[]),
        search(apiResult={}, orderTotal=0, orderInfoList=[]),
        search(apiResult={"success": "yes"}, orderTotal=0, orderInfoList=[]),
        search(apiResult={"success": None}, orderTotal=0, orderInfoList=[]),
        search(orderTotal=0, orderInfoList=[]),
        search(apiResult=YES, orderTotal=1, orderInfoList=[{"orderId": 1}]),
        {"jingdong_pop_order_enSearch_responce": {"searchorderinfo_result": {}}},
    ],
)
def test_a_page_that_lacks_something_is_an_error(answer: dict[str, Any]) -> None:
    problem, _ = run(lambda _: answer, pulled)
    assert type(problem) is Unavailable


def test_a_search_that_failed_is_refused() -> None:
    no = {"success": False, "numberCode": 400, "chineseErrCode": "参数错误"}
    problem, _ = run(lambda _: search(apiResult=no), pulled)
    assert (type(problem), problem.code) == (Refused, "400")


def test_an_empty_window_has_no_pages() -> None:
    result, asked = run(lambda _: found(0), pulled)
    assert (result, len(asked)) == ([], 1)


@pytest.mark.parametrize(
    "no",
    [
        {"error_response": {"code": "21", "zh_desc": "无效app_key", "en_desc": "Invalid app_key"}},
        {"error_response": {"code": 21}},
        {"code": "21", "errorMessage": "无效app_key"},
        {"jingdong_pop_order_shipment_responce": {"code": "21", "zh_desc": "无效app_key"}},
    ],
)
def test_the_gateway_says_no_in_three_forms(no: dict[str, Any]) -> None:
    problem, _ = run(answers(no), lambda platform: platform.ship(parcel(ID)))
    assert (type(problem), problem.code) == (Unavailable, "21")


@pytest.mark.parametrize("flag", ["false", False, 0])
def test_the_order_service_says_no_in_its_result(flag: Any) -> None:
    no = shipped(success=flag, errorCode="10400004", chineseErrCode="运单号不符合规则", englishErrCode="bad")
    problem, _ = run(answers(no), lambda platform: platform.ship(parcel(ID)))
    assert isinstance(problem, Refused)
    assert (problem.outcome, problem.code) == ("NUMBER_WRONG", "10400004")


@pytest.mark.parametrize("flag", ["yes", None, "", "1"])
def test_a_success_that_is_neither_true_nor_false_is_unsure(flag: Any) -> None:
    problem, _ = run(answers(shipped(success=flag)), lambda platform: platform.ship(parcel(ID)))
    assert type(problem) is Unsure


@pytest.mark.parametrize("words", ["订单已出库, 不能重复出库", "该订单已发货"])
@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        (order(orderState="WAIT_GOODS_RECEIVE_CONFIRM", waybill="YT0000000000001"), "ALREADY_SHIPPED"),
        (order(orderState="FINISHED_L", waybill="A1,YT0000000000001|B1"), "ALREADY_SHIPPED"),
        # Delivered with people of its own: no number is stored.
        (order(orderState="WAIT_GOODS_RECEIVE_CONFIRM", waybill=None), "ALREADY_SHIPPED"),
        (order(orderState="WAIT_GOODS_RECEIVE_CONFIRM", waybill="YT00000000000012"), "ORDER_FORBIDS"),
        (order(orderState="TRADE_CANCELED"), "ORDER_FORBIDS"),
    ],
)
def test_already_shipped_is_decided_by_reading_the_order(words: str, standing: Any, outcome: str) -> None:
    no = shipped(success="false", errorCode="1", chineseErrCode=words)
    result, _ = run(answers(no, standing), lambda platform: platform.ship(parcel(ID)))
    assert (result.outcome, result.code) == (outcome, "1")
    assert isinstance(result, Told if outcome == "ALREADY_SHIPPED" else Refused)


def sent(waybill: Any, carriers: Any) -> dict[str, Any]:
    return order(orderState="WAIT_GOODS_RECEIVE_CONFIRM", waybill=waybill, logisticsId=carriers)


@pytest.mark.parametrize(
    ("standing", "carriers", "numbers"),
    [
        (sent("SF1", "467"), "467|463", "SF1|YT0000000000001"),
        (sent("YT9", "463"), "463", "YT9,YT0000000000001"),
        (sent("SF1,SF2|YT9", "467|463"), "467|463", "SF1,SF2|YT9,YT0000000000001"),
        (sent(12345678, 467), "467|463", "12345678|YT0000000000001"),
    ],
)
def test_a_further_parcels_number_joins_those_of_the_shipped_order(standing: Any, carriers: str, numbers: str) -> None:
    further = parcel(ID, carrier="463", parcel_no=2, whole_order=False)
    for answer in (responce(UPDATE), {"order_sop_waybill_update_response": {"code": "0", "order_id": ID}}):
        told, asked = run(answers(answer, standing), lambda platform: platform.ship(further))
        assert told.outcome == "SHIPPED"
        assert [one.form["method"] for one in asked] == [GET, UPDATE]
        assert business(asked[1]) == {"order_id": ID, "logistics_id": carriers, "waybill": numbers}


def test_a_further_parcel_ships_an_order_that_is_not_shipped_and_is_not_told_twice() -> None:
    further = parcel(ID, carrier="463", parcel_no=2, whole_order=False)
    _, asked = run(answers(shipped()), lambda platform: platform.ship(further))
    assert [one.form["method"] for one in asked] == [GET, SHIP]
    told, asked = run(
        answers(shipped(), sent("SF1|YT0000000000001", "467|463")), lambda platform: platform.ship(further)
    )
    assert (told.outcome, len(asked)) == ("ALREADY_SHIPPED", 1)


def test_numbers_that_can_not_be_told_apart_are_not_replaced() -> None:
    further = parcel(ID, carrier="463", parcel_no=2, whole_order=False)
    problem, asked = run(answers(shipped(), sent("SF1,B1", "467|1499")), lambda platform: platform.ship(further))
    assert isinstance(problem, Refused)
    assert (problem.outcome, len(asked)) == ("REQUEST_WRONG", 1)
