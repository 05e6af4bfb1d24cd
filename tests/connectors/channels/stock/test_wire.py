"""What each platform is asked, byte for byte, and what its answers mean. The signatures are reckoned here anew; vectors: test_signing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from connectors.channels.stock.base import Asked, ChannelStock
from connectors.channels.stock.clients import stock_client
from connectors.endings import CallError, Held, Refused, Throttled, Unavailable, Unsure
from connectors.shops import Shop
from tests.connectors.channels.stock.rig import IDS
from tests.connectors.platforms.rig import NOW_S, Answer, Server
from tests.connectors.platforms.rig import Asked as Call

SECRET = "test-secret"


def place(channel: str, **changes: Any) -> Any:
    ids = {name: value.format(n=1) for name, value in IDS[channel].items()}
    return {"variant": "", "location": "", "held": False, "channel": channel, **ids, **changes}


def asked(channel: str, quantity: int = 37, told: int | None = None, **changes: Any) -> Asked:
    return Asked(place(channel, **changes), quantity, told, f"{channel}/tea/1#42")


def run(
    channel: str, answer: Answer, what: Callable[[ChannelStock], Awaitable[Any]], **changed: str
) -> tuple[Any, list[Call]]:
    """What came of it, or the error it ended in, and what the platform was asked."""

    async def with_server() -> tuple[Any, list[Call]]:
        async with Server(answer) as server:
            url = f"{server.url}/admin/api/2026-01/graphql.json" if channel == "shopify" else server.url
            shop = Shop(channel, "tea", url, "10000000", SECRET, "test-token", "700001", **changed)
            async with stock_client(shop, now=lambda: NOW_S) as client:
                try:
                    return await what(client), server.asked
                except CallError as problem:
                    return problem, server.asked

    return asyncio.run(with_server())


def put(channel: str, answers: Any, ask: Asked, **changed: str) -> tuple[Any, list[Call]]:
    """``answers``: one after another."""
    left = list(answers)
    return run(channel, lambda _: left.pop(0), lambda client: client.put(ask), **changed)


def signed(form: dict[str, str]) -> str:
    text = "".join(name + value for name, value in sorted(form.items()) if name != "sign" and value)
    return hashlib.md5(f"{SECRET}{text}{SECRET}".encode()).hexdigest().upper()


UPDATED = {"item_quantity_update_response": {"item": {"num_iid": 1, "num": 37}}}


def top_error(sub_code: str) -> Any:
    return {"error_response": {"code": 15, "msg": "Remote service error", "sub_code": sub_code, "sub_msg": "错误"}}


def test_taobao_is_told_the_whole_number_of_one_sku() -> None:
    found, (call,) = put("taobao", [UPDATED], asked("taobao"))
    assert found is True
    form = dict(call.form)
    sign = form.pop("sign")
    assert form == {
        "method": "taobao.item.quantity.update",
        "app_key": "10000000",
        "session": "test-token",
        "timestamp": "2026-01-01 12:00:00",
        "v": "2.0",
        "sign_method": "hmac",
        "format": "json",
        "num_iid": "60000000001",
        "sku_id": "51000000001",
        "quantity": "37",
        "type": "1",
    }
    text = "".join(name + value for name, value in sorted(form.items()))
    assert sign == hmac.new(SECRET.encode(), text.encode(), hashlib.md5).hexdigest().upper()


def sku(quantity: int, kept: int) -> Any:
    return {"item_sku_get_response": {"sku": {"sku_id": 1, "quantity": quantity, "with_hold_quantity": kept}}}


def test_what_unpaid_orders_keep_at_taobao_is_read_and_added_where_it_is_in_the_number() -> None:
    found, calls = put("taobao", [sku(50, 3), UPDATED], asked("taobao", held=True))
    assert (found, [call.form.get("quantity") for call in calls]) == (True, [None, "40"])
    assert calls[0].form["fields"] == "sku_id,quantity,with_hold_quantity"
    found, calls = put("taobao", [sku(40, 3)], asked("taobao", held=True))
    assert (found, len(calls)) == (False, 1)
    shown, _ = run("taobao", lambda _: sku(40, 3), lambda client: client.shown(place("taobao", held=True)))
    assert shown == 37
    item = {"item_seller_get_response": {"item": {"num": 40, "with_hold_quantity": 3}}}
    shown, calls = run("taobao", lambda _: item, lambda client: client.shown(place("taobao", variant="")))
    assert (shown, calls[0].form["fields"]) == (40, "num_iid,num,with_hold_quantity")


@pytest.mark.parametrize(
    ("code", "held", "kind", "says"),
    [
        ("isv.item-not-exist:invalid-numIid-or-iid-tmall", False, Refused, "item: "),
        ("isv.item-quantity-item-update-service-error-tmall", False, Refused, "variant: "),
        ("isv.error-inventory-invalid-item-quantity-tmall", False, Refused, "held = true"),
        ("isv.error-inventory-invalid-item-quantity-tmall", True, Unavailable, "keep more"),
        ("isp.remote-service-timeout", False, Unsure, ""),
        ("isp.remote-service-error", False, Unavailable, ""),
        ("accesscontrol.limited-by-app-access-count", False, Throttled, ""),
    ],
)
def test_taobao_s_answers(code: str, held: bool, kind: type[CallError], says: str) -> None:
    answers = [sku(50, 3), top_error(code)] if held else [top_error(code)]
    found, _ = put("taobao", answers, asked("taobao", held=held))
    assert isinstance(found, kind) and says in str(found)


def jd_row(number: int, booked: int = 0, app: int = 0) -> Any:
    row = {"skuId": 50001, "stockNum": number, "orderBookingNum": booked, "appBookingNum": app}
    return {"jingdong_ware_stock_sku_query_responce": {"code": "0", "returnType": {"success": True, "obj": [row]}}}


def jd_set(success: object = True, **more: Any) -> Any:
    result = {"success": success, "obj": {"updateStockResult": [{"data": 1, "success": True, "message": ""}]}, **more}
    return {"jingdong_ware_stock_sku_set_responce": {"code": "0", "returnType": result}}


def test_jd_is_told_what_may_be_ordered_and_what_is_booked() -> None:
    found, (question, call) = put("jd", [jd_row(50, 2, 1), jd_set()], asked("jd"), stock_model="2")
    assert found is True
    for each, method in ((question, "query"), (call, "set")):
        assert each.form["method"] == f"jingdong.ware.stock.sku.{method}"
        assert each.form["sign"] == signed(each.form)
    assert json.loads(question.form["360buy_param_json"]) == {"req": {"skuIds": [50001]}}
    same = hashlib.sha256(b"jd/tea/1#42:40").hexdigest()[:32]
    skus = [{"skuId": 50001, "stockNum": 40}]
    assert json.loads(call.form["360buy_param_json"]) == {
        "req": {"updateModel": 2, "stockRfId": same, "skuStocks": skus}
    }
    found, calls = put("jd", [jd_row(40, 3)], asked("jd"))
    assert (found, len(calls)) == (False, 1)
    _, calls = put("jd", [jd_row(9), jd_set()], asked("jd", location="7"))
    assert [json.loads(call.form["360buy_param_json"])["req"].get("updateModel") for call in calls] == [None, None]
    assert json.loads(calls[1].form["360buy_param_json"])["req"]["skuStocks"][0]["storeId"] == 7


def test_jd_s_answers() -> None:
    found, _ = put(
        "jd", [jd_row(50), jd_set(False, errorCode="sku_not_found", chineseErrCode="SKU不存在")], asked("jd")
    )
    assert isinstance(found, Refused) and "variant: " in str(found)
    nothing = {"jingdong_ware_stock_sku_query_responce": {"code": "0", "returnType": {"success": True, "obj": []}}}
    found, _ = put("jd", [nothing], asked("jd"))
    assert isinstance(found, Refused) and "variant: " in str(found)
    one = {"updateStockResult": [{"data": 1, "success": False, "message": "不可修改"}]}
    found, _ = put("jd", [jd_row(50), jd_set(obj=one)], asked("jd"))
    assert isinstance(found, Refused) and found.said == "不可修改"


def test_pdd_is_told_the_whole_number_of_one_sku() -> None:
    answer = {"goods_quantity_update_response": {"is_success": True}}
    found, (call,) = put("pdd", [answer], asked("pdd"))
    assert (found, call.form["sign"]) == (True, signed(call.form))
    form = {name: value for name, value in call.form.items() if name != "sign"}
    assert form == {
        "type": "pdd.goods.quantity.update",
        "client_id": "10000000",
        "access_token": "test-token",
        "timestamp": "1767240000",
        "data_type": "JSON",
        "version": "V1",
        "goods_id": "70001",
        "sku_id": "71001",
        "quantity": "37",
        "update_type": "1",
    }
    rows = [{"sku_id": 71009, "quantity": 5}, {"sku_id": 71001, "quantity": 37}]
    goods = {"goods_detail_get_response": {"sku_list": rows}}
    shown, _ = run("pdd", lambda _: goods, lambda client: client.shown(place("pdd")))
    assert shown == 37
    shown, _ = run("pdd", lambda _: goods, lambda client: client.shown(place("pdd", variant="1")))
    assert isinstance(shown, Refused) and "variant" in str(shown)


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (50001, "商品在活动资源位中，库存不能减少", Held),
        (50001, "商品不存在", Refused),
        (50000, "系统异常，请稍后重试", Unavailable),
        (50002, "", Unsure),
        (52101, "", Throttled),
        (10019, "", Unavailable),
    ],
)
def test_pdd_s_answers(code: int, words: str, kind: type[CallError]) -> None:
    answer = {"error_response": {"error_code": code, "error_msg": "业务服务错误", "sub_msg": words}}
    found, _ = put("pdd", [answer], asked("pdd"))
    assert isinstance(found, kind)


def douyin(data: Any = None, code: int = 10000, sub_code: str = "") -> Any:
    return {"code": code, "msg": "success", "sub_code": sub_code, "sub_msg": "", "data": data, "log_id": "1"}


def test_douyin_is_told_the_whole_number_with_an_idempotent_id() -> None:
    found, (call,) = put("douyin", [douyin()], asked("douyin"))
    assert (found, call.path) == (True, "/sku/syncStock")
    same = hashlib.sha256(b"douyin/tea/1#42:37").hexdigest()[:32]
    body = (
        f'{{"idempotent_id":"{same}","incremental":false,"product_id":35000000001,"sku_id":36000000001,"stock_num":37}}'
    )
    assert call.body.decode() == body
    text = f"{SECRET}app_key10000000methodsku.syncStockparam_json{body}timestamp1767240000v2{SECRET}"
    assert call.query["sign"] == hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    numbers = {"stock_num": 50, "prehold_stock_num": 3}
    found, calls = put("douyin", [douyin(numbers), douyin()], asked("douyin", held=True, location="HZ"))
    assert (found, [call.path for call in calls]) == (True, ["/sku/stockNum", "/sku/syncStock"])
    assert (json.loads(calls[1].body)["stock_num"], json.loads(calls[1].body)["out_warehouse_id"]) == (40, "HZ")
    shown, _ = run("douyin", lambda _: douyin(numbers), lambda client: client.shown(place("douyin")))
    assert shown == 50


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        (40004, "isv.parameter-invalid:40010", None),
        (50002, "isv.business-failed:2010021", None),
        (40004, "isv.parameter-invalid:40004", Unavailable),
        (50002, "isv.business-failed:2010401", Unavailable),
        (40004, "isv.parameter-invalid:5", Refused),
        (50002, "isv.business-failed:2010045", Held),
        (50002, "isv.business-failed:2010041", Held),
        (50002, "isv.business-failed:2010043", Refused),
        (20000, "isp.service-error", Unavailable),
    ],
)
def test_douyin_s_answers(code: int, sub_code: str, kind: type[CallError] | None) -> None:
    found, _ = put("douyin", [douyin(None, code, sub_code)], asked("douyin"))
    assert found is True if kind is None else isinstance(found, kind)


def mutation(code: str | None = None) -> Any:
    errors = [] if code is None else [{"code": code, "field": ["input"], "message": "no"}]
    return {"data": {"inventorySetQuantities": {"inventoryAdjustmentGroup": None, "userErrors": errors}}}


def level(available: int) -> Any:
    quantities = [{"name": "available", "quantity": available}]
    return {"data": {"inventoryItem": {"inventoryLevel": {"quantities": quantities}}}}


def test_shopify_is_compared_with_what_it_was_told_under_a_key_of_its_own() -> None:
    found, (call,) = put("shopify", [mutation()], asked("shopify", told=40))
    assert (found, call.path) == (True, "/admin/api/2026-04/graphql.json")
    assert call.headers["X-Shopify-Access-Token"] == "test-token"
    body = json.loads(call.body)
    assert "inventorySetQuantities(input: $input) @idempotent(key: $key)" in body["query"]
    assert body["variables"] == {
        "key": "shopify/tea/1#42:40",
        "input": {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": "penstock://listing/shopify/tea/1#42",
            "quantities": [
                {
                    "inventoryItemId": "gid://shopify/InventoryItem/43000000001",
                    "locationId": "gid://shopify/Location/77",
                    "quantity": 37,
                    "changeFromQuantity": 40,
                }
            ],
        },
    }


def keys(calls: list[Call]) -> list[str | None]:
    return [json.loads(call.body)["variables"].get("key") for call in calls]


def test_stale_at_shopify_is_read_and_compared_anew_and_what_stands_already_is_not_put() -> None:
    answers = [mutation("CHANGE_FROM_QUANTITY_STALE"), level(38), mutation()]
    found, calls = put("shopify", answers, asked("shopify", told=40))
    assert (found, keys(calls)) == (True, ["shopify/tea/1#42:40", None, "shopify/tea/1#42:38"])
    found, calls = put("shopify", [mutation("COMPARE_QUANTITY_STALE"), level(37)], asked("shopify", told=40))
    assert (found, len(calls)) == (False, 2)
    found, calls = put("shopify", [level(37)], asked("shopify"))
    assert (found, len(calls)) == (False, 1)
    stale = [mutation("CHANGE_FROM_QUANTITY_STALE"), level(39)] * 4
    found, _ = put("shopify", stale, asked("shopify", told=40))
    assert isinstance(found, Unavailable)


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("IDEMPOTENCY_CONCURRENT_REQUEST", Unavailable, "already"),
        ("ITEM_NOT_STOCKED_AT_LOCATION", Refused, "location: "),
        ("INVALID_LOCATION", Refused, "location: "),
        ("INVALID_QUANTITY_TOO_HIGH", Refused, "INVALID_QUANTITY_TOO_HIGH"),
    ],
)
def test_shopify_s_answers(code: str, kind: type[CallError], says: str) -> None:
    found, _ = put("shopify", [mutation(code)], asked("shopify", told=40))
    assert isinstance(found, kind) and says in str(found)


def test_a_key_of_shopify_s_that_failed_before_is_not_used_again() -> None:
    answers = [mutation("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"), mutation()]
    found, calls = put("shopify", answers, asked("shopify", told=40))
    assert (found, keys(calls)) == (True, ["shopify/tea/1#42:40", "shopify/tea/1#42:40:1"])
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    found, _ = put("shopify", [throttled], asked("shopify", told=40))
    assert isinstance(found, Throttled)
