"""The platforms' signing vectors go through the running servers; one flipped byte, a stale time or a wrong key does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.shops import Shop
from connectors.simulators.clock import Clock, from_local
from connectors.simulators.jd import JdSimulator
from connectors.simulators.jos import PATH as JD_PATH
from connectors.simulators.simulator import Options
from connectors.simulators.taobao import TaobaoSimulator
from connectors.simulators.top import PATH as TOP_PATH
from connectors.simulators.top import Method
from tests.connectors.simulators.calls import Client, jd_params, now_text, top_params

TOP_VECTOR = {
    "method": "taobao.item.seller.get",
    "app_key": "12345678",
    "session": "test",
    "timestamp": "2016-01-01 12:00:00",
    "v": "2.0",
    "sign_method": "md5",
    "format": "json",
    "fields": "num_iid,title,nick,price,num",
    "num_iid": "11223344",
}
TOP_SIGNS = {
    "md5": "66987CB115214E59E6EC978214934FB8",
    "hmac": "D56D7858309C31B6251083A874D48273",
    "hmac-sha256": "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8",
}
JD_VECTOR = {
    "360buy_param_json": '{"logiCoprId":"467","logiNo":"SF0000000000001","orderId":300000000001}',
    "access_token": "tok",
    "app_key": "ak",
    "method": "jingdong.pop.order.shipment",
    "timestamp": "2026-01-01 12:00:00",
    "v": "2.0",
    "sign": "194370FAEEF9B603BB5A77F6E4FF864E",
}


def offset_to(text: str) -> int:
    """With which a platform's clock shows this time now."""
    at_ms = from_local(text)
    assert at_ms is not None
    return at_ms - Clock().now_ms()


class ItemTaobao(TaobaoSimulator):
    """Knows the vector's shop, and the method that the vector calls."""

    def __init__(self) -> None:
        super().__init__(Options(clock_offset_ms=offset_to(TOP_VECTOR["timestamp"])))
        shop = self.shops["taobao-home"]
        self.shops["taobao-home"] = replace(shop, app_key="12345678", secret="helloworld", token="test")

    def methods(self) -> dict[str, Method]:
        return {**super().methods(), "taobao.item.seller.get": Method(lambda caller, params: {"item": caller.account})}


async def top_call(params: Mapping[str, str]) -> Any:
    async with ItemTaobao() as taobao, Client(taobao.url, TOP_PATH) as client:
        return await client.call(params), await client.counts()


@pytest.mark.parametrize("by", TOP_SIGNS)
def test_top_takes_the_published_vectors(by: str) -> None:
    answer, counts = asyncio.run(top_call({**TOP_VECTOR, "sign_method": by, "sign": TOP_SIGNS[by]}))
    assert answer["item_seller_get_response"]["item"] == "taobao-home"
    assert counts["bad_signatures"] == 0


@pytest.mark.parametrize("by", TOP_SIGNS)
def test_top_refuses_one_flipped_byte(by: str) -> None:
    sign = TOP_SIGNS[by]
    flipped = sign[:-1] + ("A" if sign[-1] != "A" else "B")
    for params in ({"sign": flipped}, {"sign": sign, "num_iid": "11223345"}, {"sign": sign, "extra": "1"}):
        answer, counts = asyncio.run(top_call({**TOP_VECTOR, "sign_method": by, **params}))
        assert answer["error_response"]["code"] == 25
        assert counts["bad_signatures"] == 1


async def jd_call(params: Mapping[str, str]) -> Any:
    jd = JdSimulator(Options(clock_offset_ms=offset_to(JD_VECTOR["timestamp"])))
    jd.shops["jd-pop"] = replace(jd.shops["jd-pop"], app_key="ak", secret="s", token="tok")
    async with jd, Client(jd.url, JD_PATH) as client:
        return await client.call(params), await client.counts()


def test_jd_takes_the_vector() -> None:
    answer, _ = asyncio.run(jd_call(JD_VECTOR))
    result = answer["jingdong_pop_order_shipment_responce"]["sopjosshipment_result"]
    # Signed as it should be: what is refused is an order that is not there.
    assert (result["success"], result["chineseErrCode"]) == ("false", "订单不存在")


def test_jd_refuses_one_flipped_byte() -> None:
    flipped = JD_VECTOR["360buy_param_json"].replace("SF0000000000001", "SF0000000000002")
    answer, counts = asyncio.run(jd_call({**JD_VECTOR, "360buy_param_json": flipped}))
    assert answer["error_response"]["code"] == "12"
    assert counts["bad_signatures"] == 1


CONSUME = "taobao.tmc.messages.consume"
INCREMENT = "taobao.trades.sold.increment.get"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        (None, {}, 21),
        ("taobao.no.such", {}, 22),
        (CONSUME, {"sign": ""}, 24),
        (INCREMENT, {"session": None}, 26),
        (CONSUME, {"session": "stolen"}, 27),
        (CONSUME, {"app_key": None}, 28),
        (CONSUME, {"app_key": "12345678"}, 29),
        (CONSUME, {"timestamp": None}, 30),
        (CONSUME, {"timestamp": now_text(-3600)}, 31),
        (CONSUME, {"timestamp": now_text(3600)}, 31),
        (CONSUME, {"timestamp": "1767232800"}, 31),
        (CONSUME, {"v": None}, 32),
        (INCREMENT, {"fields": "tid"}, 40),
        (INCREMENT, {"fields": "tid", "start_modified": now_text(-90_000), "end_modified": now_text()}, 41),
        (
            INCREMENT,
            {"fields": "tid", "start_modified": now_text(), "end_modified": now_text(), "page_size": "101"},
            41,
        ),
        (
            INCREMENT,
            {"fields": "tid", "start_modified": now_text(-94 * 86_400), "end_modified": now_text(-94 * 86_400)},
            41,
        ),
        (CONSUME, {"quantity": "201"}, 41),
    ],
)
def test_top_names_what_is_wrong_with_a_call(method: str | None, params: dict[str, Any], code: int) -> None:
    async def run() -> Any:
        async with TaobaoSimulator(Options()) as taobao, Client(taobao.url, TOP_PATH) as client:
            return await client.call(top_params(taobao.shops["taobao-home"], method, **params))

    assert asyncio.run(run())["error_response"]["code"] == code


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"method": None}, "14"),
        ({"method": "jingdong.no.such"}, "15"),
        ({"app_key": "0"}, "21"),
        ({"timestamp": None}, "7"),
        ({"timestamp": now_text(-3600)}, "8"),
        ({"sign": ""}, "11"),
        ({"sign": "0" * 32}, "12"),
        ({"access_token": "stolen"}, "19"),
        ({"v": None}, "4"),
        ({"360buy_param_json": "[]"}, "43"),
        ({}, "40"),
    ],
)
def test_jd_names_what_is_wrong_with_a_call(params: dict[str, Any], code: str) -> None:
    async def run() -> Any:
        async with JdSimulator(Options()) as jd, Client(jd.url, JD_PATH) as client:
            call = {"method": "jingdong.pop.order.get", **params}
            return await client.call(jd_params(jd.shops["jd-pop"], business={}, **call))

    answer = asyncio.run(run())
    assert answer["error_response"]["code"] == code
    assert answer["error_response"].keys() == {"code", "zh_desc", "en_desc"}


def test_each_shop_has_keys_of_its_own_and_sees_no_other_s_order() -> None:
    async def run() -> None:
        async with TaobaoSimulator(Options()) as taobao, Client(taobao.url, TOP_PATH) as client:
            ours, theirs = taobao.shops["taobao-home"], taobao.shops["tmall-flagship"]
            keys = [value for shop in (ours, theirs) for value in (shop.app_key, shop.secret, shop.token, shop.seller)]
            assert len(set(keys)) == 8
            await client.place(ours, {"tid": 1, "status": "WAIT_SELLER_SEND_GOODS"})
            mixed: Shop = replace(ours, token=theirs.token)
            assert (await client.top(mixed, CONSUME))["code"] == 27
            read = "taobao.trade.fullinfo.get"
            assert (await client.top(ours, read, tid=1, fields="tid"))["trade"] == {"tid": 1}
            assert (await client.top(theirs, read, tid=1, fields="tid"))["sub_code"] == "isv.trade-not-exist"

    asyncio.run(run())
