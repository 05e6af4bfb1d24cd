"""Pinduoduo: requests byte for byte, pages from the last to the first, first and further parcels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from connectors.endings import Unavailable, Unsure
from connectors.platforms.base import Refused, Told
from connectors.platforms.calling import HttpPlatform
from tests.connectors.platforms.rig import Asked, call, parcel

SN = "260101-000000000000001"
START_MS = 1_767_196_800_000
SEND, EXTRA, INFO = "pdd.logistics.online.send", "pdd.order.upload.extra.logistics", "pdd.order.information.get"
run = partial(call, "pdd")


def info(**changes: Any) -> dict[str, Any]:
    order = {"order_sn": SN, "order_status": 1, "updated_at": "2026-01-01 10:00:05", "confirm_status": 1}
    return {"order_info_get_response": {"order_info": order | changes, "request_id": "r1"}}


def refusal(code: int, sub_msg: str = "") -> dict[str, Any]:
    return {"error_response": {"error_code": code, "error_msg": "业务服务错误", "sub_code": "x", "sub_msg": sub_msg}}


async def pulled(platform: HttpPlatform) -> list[list[str]]:
    return [[row.order_no for row in page] async for page in platform.changed(START_MS, START_MS + 1_800_000)]


def test_a_call_carries_its_parameters_the_systems_and_a_signature_over_both() -> None:
    snapshot, asked = run(lambda _: info(), lambda platform: platform.order(SN))
    form = dict(asked[0].form)
    sign = form.pop("sign")
    assert form == {
        "type": INFO,
        "client_id": "10000000",
        "access_token": "test-token",
        "timestamp": "1767240000",
        "data_type": "JSON",
        "version": "V1",
        "order_sn": SN,
    }
    text = "".join(name + value for name, value in sorted(form.items()))
    assert sign == hashlib.md5(f"test-secret{text}test-secret".encode()).hexdigest().upper()
    assert (snapshot.order_no, snapshot.modified_ms) == (SN, 1_767_232_805_000)


def test_an_order_is_handed_on_byte_for_byte() -> None:
    text = b'{"order_info_get_response":{"order_info":{"order_sn":"%s","updated_at":1767232805,"pay_amount":1.10}}}'
    snapshot, _ = run(lambda _: text % SN.encode(), lambda platform: platform.order(SN))
    assert snapshot.payload == b'{"order_sn":"%s","updated_at":1767232805,"pay_amount":1.10}' % SN.encode()
    assert snapshot.modified_ms == 1_767_232_805_000


def pages(*rows: list[str], total: int) -> Callable[[Asked], Any]:
    def answer(asked: Asked) -> Any:
        number = int(asked.form["page"])
        if asked.form["use_has_next"] == "false":
            found: dict[str, Any] = {"order_sn_list": [], "total_count": total}
        else:
            found = {"order_sn_list": [{"order_sn": sn} for sn in rows[number - 1]], "has_next": number < len(rows)}
        return {"order_sn_increment_get_response": found}

    return answer


def test_pages_are_read_from_the_last_to_the_first_also_when_it_grew_since_the_count() -> None:
    for total in (201, 200):
        found, asked = run(pages(["e", "d"], ["c", "b"], ["a"], total=total), pulled)
        assert found == [["a"], ["c", "b"], ["e", "d"]]
    assert [(one.form["page"], one.form["use_has_next"]) for one in asked] == [
        ("1", "false"),
        ("2", "true"),
        ("3", "true"),
        ("2", "true"),
        ("1", "true"),
    ]
    form = asked[1].form
    assert (form["start_updated_at"], form["end_updated_at"]) == ("1767196800", "1767198600")
    assert (form["order_status"], form["refund_status"], form["is_lucky_flag"]) == ("5", "5", "0")
    assert form["page_size"] == "100"


def test_a_window_is_no_longer_than_half_an_hour() -> None:
    async def long(platform: HttpPlatform) -> None:
        assert [page async for page in platform.changed(START_MS, START_MS + 3_600_000)] == []

    _, asked = run(pages(total=0), long)
    assert [(one.form["start_updated_at"], one.form["end_updated_at"]) for one in asked] == [
        ("1767196800", "1767198600"),
        ("1767198600", "1767200400"),
    ]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"order_sn_list": []},
        {"has_next": False},
        {"order_sn_list": [], "has_next": True},
        {"order_sn_list": [{}], "has_next": False},
        {"order_sn_list": [260101], "has_next": False},
    ],
)
def test_a_page_that_lacks_something_is_an_error(page: dict[str, Any]) -> None:
    def answer(asked: Asked) -> Any:
        count = asked.form["use_has_next"] == "false"
        return {"order_sn_increment_get_response": {"total_count": 1} if count else page}

    problem, _ = run(answer, pulled)
    assert type(problem) is Unavailable


def sends(result: Any, standing: Any = None) -> Callable[[Asked], Any]:
    """Answers a shipment with ``result``, and who asks for the order with ``standing``."""
    return lambda asked: (standing or info()) if asked.form["type"] == INFO else result


def test_the_first_parcel_ships_the_order() -> None:
    answer = {"logistics_online_send_response": {"is_success": True}}
    told, asked = run(sends(answer), lambda platform: platform.ship(parcel(SN, carrier="85", whole_order=False)))
    assert told.outcome == "SHIPPED"
    (only,) = asked
    assert {name: only.form[name] for name in ("type", "order_sn", "logistics_id", "tracking_number")} == {
        "type": SEND,
        "order_sn": SN,
        "logistics_id": "85",
        "tracking_number": "YT0000000000001",
    }


@pytest.mark.parametrize(
    ("standing", "outcome", "calls"),
    [
        (info(order_status=2, tracking_number="A"), "SHIPPED", [INFO, EXTRA]),
        (info(order_status=2, extra_delivery_list=[{"tracking_number": "YT0000000000001"}]), "ALREADY_SHIPPED", [INFO]),
        (info(order_status=1), "RETRYABLE", [INFO]),
    ],
)
def test_a_further_parcel_is_added_once_the_first_is_told(standing: Any, outcome: str, calls: list[str]) -> None:
    further = parcel(SN, carrier="85", parcel_no=2, whole_order=False)
    answer = {"upload_extra_logistics_response": {"success": True}}
    result, asked = run(sends(answer, standing), lambda platform: platform.ship(further))
    assert result.outcome == outcome
    assert [one.form["type"] for one in asked] == calls
    if outcome == "SHIPPED":
        assert asked[1].form["extra_track_type"] == "1"
        assert asked[1].form["extra_track_list"] == '[{"shipping_id":85,"tracking_number":"YT0000000000001"}]'


@pytest.mark.parametrize("answer", [{}, {"is_success": None}, {"ok": True}])
def test_a_shipment_without_a_result_is_unsure(answer: dict[str, Any]) -> None:
    result = {"logistics_online_send_response": answer}
    problem, _ = run(sends(result), lambda platform: platform.ship(parcel(SN)))
    assert type(problem) is Unsure


@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        (info(order_status=2, tracking_number="YT0000000000001"), "ALREADY_SHIPPED"),
        (info(order_status="3", tracking_number="YT0000000000001"), "ALREADY_SHIPPED"),
        # Shipped, and the API doesn't show with what: it counts.
        (info(order_status=2, tracking_number=""), "ALREADY_SHIPPED"),
        (info(order_status=2, tracking_number="OTHER"), "ORDER_FORBIDS"),
        (info(refund_status=4), "ORDER_FORBIDS"),
    ],
)
def test_already_shipped_is_decided_by_reading_the_order(standing: Any, outcome: str) -> None:
    no = refusal(50001, "订单已发货，请勿重复发货")
    result, _ = run(sends(no, standing), lambda platform: platform.ship(parcel(SN)))
    assert (result.outcome, result.code) == (outcome, "50001")
    assert isinstance(result, Told if outcome == "ALREADY_SHIPPED" else Refused)


@pytest.mark.parametrize("status", [200, 500])
def test_an_error_of_the_platforms_own_is_read_whatever_the_http_status(status: int) -> None:
    text = '{"error_response":{"error_code":10019,"error_msg":"access_token已过期","sub_code":null,"sub_msg":null}}'
    problem, _ = run(
        lambda _: web.Response(text=text, status=status, content_type="application/json"),
        lambda platform: platform.ship(parcel(SN)),
    )
    assert (type(problem), problem.code) == (Unavailable, "10019")


def test_null_stands_for_nothing() -> None:
    nothing = dict.fromkeys(("tracking_number", "extra_delivery_list", "group_status", "refund_status"))
    standing, _ = run(lambda _: info(**nothing), lambda platform: platform.standing(SN))
    assert (standing.shipped, standing.closed, standing.tracking_nos) == (False, False, ())
