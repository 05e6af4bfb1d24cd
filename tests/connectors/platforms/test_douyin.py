"""Douyin: the bytes that are signed are those that are sent; pages from 0; narrow windows; packs with a request id."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from connectors.endings import Unavailable, Unsure
from connectors.platforms.base import Refused, Told
from connectors.platforms.calling import HttpPlatform
from connectors.platforms.douyin import param_json
from schemas.records import ParcelLine
from tests.connectors.platforms.rig import Asked, call, parcel

ID = "4900000000000000019"  # beyond 2**53
START_MS = 1_767_196_800_000
DETAIL, SEARCH = "/order/orderDetail", "/order/searchList"
ADD, PACKS = "/order/logisticsAdd", "/order/logisticsAddMultiPack"
run = partial(call, "douyin")


def ok(data: Any) -> dict[str, Any]:
    return {"code": 10000, "msg": "success", "data": data, "log_id": "l1"}


def detail(**changes: Any) -> dict[str, Any]:
    order = {
        "order_id": ID,
        "order_status": 2,
        "update_time": 1_767_232_805,
        "sku_order_list": [
            {"order_id": "4900000000000000020", "given_product_type": "MASTER"},
            {"order_id": 4900000000000000021, "given_product_type": "FREE"},
        ],
    }
    return ok({"shop_order_detail": order | changes})


def refusal(sub_code: str, code: int | str = 50002) -> dict[str, Any]:
    return {"code": code, "msg": "业务处理失败", "sub_code": sub_code, "sub_msg": "no", "log_id": "l1"}


async def pulled(platform: HttpPlatform) -> list[list[str]]:
    return [[row.order_no for row in page] async for page in platform.changed(START_MS, START_MS + 3_600_000)]


def test_the_body_is_sorted_compact_json_and_signed_as_it_stands() -> None:
    _, asked = run(lambda _: ok({}), lambda platform: platform.ship(parcel(ID, carrier="yuantong")))
    (only,) = asked
    expected = f'{{"company_code":"yuantong","logistics_code":"YT0000000000001","order_id":"{ID}"}}'
    assert only.body == expected.encode()
    assert only.path == ADD
    text = f"app_key10000000methodorder.logisticsAddparam_json{expected}timestamp1767240000v2"
    secret = "test-secret"
    sign = hmac.new(secret.encode(), f"{secret}{text}{secret}".encode(), hashlib.sha256).hexdigest()
    assert only.query == {
        "app_key": "10000000",
        "method": "order.logisticsAdd",
        "timestamp": "1767240000",
        "v": "2",
        "sign_method": "hmac-sha256",
        "sign": sign,
        "access_token": "test-token",
    }
    assert only.headers["x-open-no-old-err-code"] == "1"
    assert only.headers["Content-Type"].startswith("application/json")


def test_keys_are_sorted_at_every_level_and_text_is_not_escaped() -> None:
    value = {"z": [{"b": "中文<&>/é", "a": 10**18}], "Z": None, "a": {"y": True, "x": 1.5}, "中": "\x7f\n"}
    assert param_json(value).decode() == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_an_order_is_handed_on_byte_for_byte() -> None:
    text = b'{"code":10000,"data":{"shop_order_detail": {"update_time":"1767232805", "order_id":%s} }}' % ID.encode()
    snapshot, asked = run(lambda _: text, lambda platform: platform.order(ID))
    assert snapshot[:3] == (ID, 1_767_232_805_000, b'{"update_time":"1767232805", "order_id":%s}' % ID.encode())
    assert (asked[0].path, asked[0].body) == (DETAIL, f'{{"shop_order_id":"{ID}"}}'.encode())


def pages(*rows: list[int], total: int) -> Callable[[Asked], Any]:
    def answer(asked: Asked) -> Any:
        number = json.loads(asked.body)["page"]
        found = [{"order_id": one, "update_time": 1_767_196_900} for one in rows[number]]
        return ok({"page": number, "size": 100, "total": total, "shop_order_list": found})

    return answer


def test_pages_count_from_zero_and_are_read_from_the_last_to_the_first() -> None:
    found, asked = run(pages([1, 2], [3, 4], [5], total=201), pulled)
    assert found == [["5"], ["3", "4"], ["1", "2"]]
    bodies = [json.loads(one.body) for one in asked]
    assert [body["page"] for body in bodies] == [0, 2, 1, 0]
    assert bodies[0] == {
        "order_asc": True,
        "order_by": "update_time",
        "page": 0,
        "size": 100,
        "update_time_start": 1_767_196_800,
        "update_time_end": 1_767_200_400,
    }


def test_one_page_is_read_once_and_an_empty_window_has_none() -> None:
    found, asked = run(pages([1, 2], total=100), pulled)
    assert (found, len(asked)) == ([["1", "2"]], 1)
    found, asked = run(pages([], total=0), pulled)
    assert (found, len(asked)) == ([], 1)


def test_a_window_with_more_rows_than_are_shown_is_halved_and_nothing_between_is_left_out() -> None:
    asked_windows: list[tuple[int, int]] = []

    def answer(asked: Asked) -> Any:
        body = json.loads(asked.body)
        window = (body["update_time_start"], body["update_time_end"])
        asked_windows.append(window)
        total = 50_001 if window[1] - window[0] > 900 else 1
        rows = [{"order_id": window[0], "update_time": window[0]}]
        return ok({"total": total, "shop_order_list": rows})

    found, _ = run(answer, pulled)
    start = START_MS // 1000
    assert found == [[str(start)], [str(start + 900)], [str(start + 1800)], [str(start + 2700)]]
    assert asked_windows[0] == (start, start + 3600)
    assert [window for window in asked_windows if window[1] - window[0] == 900] == [
        (start + 900 * n, start + 900 * (n + 1)) for n in range(4)
    ]


def test_more_in_a_second_than_are_shown_is_an_error_and_no_end_of_halving() -> None:
    problem, _ = run(lambda _: ok({"total": 50_001, "shop_order_list": [{"order_id": 1, "update_time": 1}]}), pulled)
    assert type(problem) is Unavailable


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"total": 1},
        {"shop_order_list": []},
        {"total": 1, "shop_order_list": []},
        {"total": 1, "shop_order_list": None},
        {"total": 1, "shop_order_list": [{"order_id": 1}]},
        {"total": 1, "shop_order_list": [{"order_id": 1.5, "update_time": 1}]},
    ],
)
def test_a_page_that_lacks_something_is_an_error(data: Any) -> None:
    problem, _ = run(lambda _: ok(data), pulled)
    assert type(problem) is Unavailable


def answers(result: Any, standing: Any = None) -> Callable[[Asked], Any]:
    """Answers a shipment with ``result``, and who asks for the order with ``standing``."""
    return lambda asked: (standing or detail()) if asked.path == DETAIL else result


def test_a_part_goes_as_a_pack_with_its_lines_but_gifts_and_a_request_id() -> None:
    lines: list[ParcelLine] = [
        {"line_no": "4900000000000000020", "sku": "A", "quantity": 2},
        {"line_no": "4900000000000000021", "sku": "GIFT", "quantity": 1},
    ]
    one = parcel(ID, carrier="yuantong", whole_order=False, lines=lines, request_id="s1#2")
    told, asked = run(answers(ok({"pack_list": [{"pack_id": "p"}]})), lambda platform: platform.ship(one))
    assert told.outcome == "SHIPPED"
    assert asked[-1].path == PACKS
    assert json.loads(asked[-1].body) == {
        "order_id": ID,
        "pack_list": [
            {
                "company_code": "yuantong",
                "logistics_code": "YT0000000000001",
                "shipped_order_info": [{"shipped_num": 2, "shipped_order_id": "4900000000000000020"}],
            }
        ],
        "request_id": "s1#2",
    }


def test_a_parcel_of_nothing_but_gifts_names_them() -> None:
    lines: list[ParcelLine] = [{"line_no": "4900000000000000021", "sku": "GIFT", "quantity": 1}]
    one = parcel(ID, whole_order=False, lines=lines)
    _, asked = run(answers(ok({})), lambda platform: platform.ship(one))
    (pack,) = json.loads(asked[-1].body)["pack_list"]
    assert pack["shipped_order_info"] == [{"shipped_num": 1, "shipped_order_id": "4900000000000000021"}]


def test_a_further_parcel_of_a_whole_order_goes_as_a_pack_unless_it_is_there() -> None:
    one = parcel(ID, parcel_no=2)
    _, asked = run(answers(ok({})), lambda platform: platform.ship(one))
    assert [call.path for call in asked] == [DETAIL, PACKS]
    there = detail(logistics_info=[{"tracking_no": "YT0000000000001"}])
    told, asked = run(answers(ok({}), there), lambda platform: platform.ship(one))
    assert (told.outcome, [call.path for call in asked]) == ("ALREADY_SHIPPED", [DETAIL])


@pytest.mark.parametrize("code", ["60110", "70023", "60113"])
@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        (detail(order_status="3", logistics_info=[{"tracking_no": "YT0000000000001"}]), "ALREADY_SHIPPED"),
        (detail(order_status=5, logistics_info=[{"tracking_no": "YT0000000000001"}]), "ALREADY_SHIPPED"),
        (detail(order_status=3), "ALREADY_SHIPPED"),
        (detail(order_status=3, logistics_info=[{"tracking_no": "OTHER"}]), "ORDER_FORBIDS"),
        (detail(order_status=4), "ORDER_FORBIDS"),
        (detail(order_status=2, main_status=21), "ORDER_FORBIDS"),
        (detail(order_status=2), "RETRYABLE"),
    ],
)
def test_already_shipped_is_decided_by_reading_the_order(code: str, standing: Any, outcome: str) -> None:
    no = refusal(f"isv.business-failed:{code}")
    result, _ = run(answers(no, standing), lambda platform: platform.ship(parcel(ID)))
    assert (result.outcome, result.code) == (outcome, f"isv.business-failed:{code}")
    assert isinstance(result, Told if outcome == "ALREADY_SHIPPED" else Refused)


@pytest.mark.parametrize("answer", [{"msg": "success"}, {"code": None, "data": {}}, {"code": True}])
def test_an_answer_without_a_code_is_none(answer: dict[str, Any]) -> None:
    problem, _ = run(answers(answer), lambda platform: platform.ship(parcel(ID)))
    assert type(problem) is Unsure


def test_a_code_may_be_a_text() -> None:
    told, _ = run(answers({"code": "10000", "data": {}}), lambda platform: platform.ship(parcel(ID)))
    assert told.outcome == "SHIPPED"
    problem, _ = run(answers(refusal("", "40003")), lambda platform: platform.ship(parcel(ID)))
    assert (type(problem), problem.code) == (Unavailable, "40003")


def test_null_stands_for_nothing() -> None:
    order = detail(logistics_info=None, sku_order_list=None, main_status=None)
    standing, _ = run(lambda _: order, lambda platform: platform.standing(ID))
    assert (standing.shipped, standing.closed, standing.tracking_nos) == (False, False, ())
    answer = {"code": 10000, "msg": None, "sub_code": None, "sub_msg": None, "data": None}
    told, _ = run(answers(answer), lambda platform: platform.ship(parcel(ID)))
    assert told.outcome == "SHIPPED"
    problem, _ = run(answers({**answer, "code": 20000}), lambda platform: platform.ship(parcel(ID)))
    assert type(problem) is Unavailable
