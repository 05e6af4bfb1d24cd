"""Taobao: requests byte for byte, pages from the last to the first, and what its answers mean."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from connectors.endings import Throttled, Unavailable, Unsure
from connectors.platforms.base import Refused, Told
from connectors.platforms.calling import HttpPlatform
from schemas.records import ParcelLine
from tests.connectors.platforms.rig import Asked, call, parcel

TID = "2300000000000000019"  # beyond 2**53
WINDOW_MS = (1_767_196_800_000, 1_767_196_800_000 + 3_600_000)  # 2026-01-01 00:00 to 01:00 at GMT+8
OFFLINE = "taobao.logistics.offline.send"
PACKAGES = "alibaba.ascp.logistics.offline.send"


run = partial(call, "taobao")


async def pulled(platform: HttpPlatform) -> list[list[str]]:
    return [[row.order_no for row in page] async for page in platform.changed(*WINDOW_MS)]


def trade(**changes: Any) -> dict[str, Any]:
    of = {
        "tid": int(TID),
        "status": "WAIT_SELLER_SEND_GOODS",
        "modified": "2026-01-01 10:00:05",
        "orders": {"order": [{"oid": 2300000000000000020, "num": 3, "status": "WAIT_SELLER_SEND_GOODS"}]},
    }
    return {"trade_fullinfo_get_response": {"trade": of | changes, "request_id": "r1"}}


def refusal(sub_code: str, **more: Any) -> dict[str, Any]:
    return {"error_response": {"code": 15, "msg": "Remote service error", "sub_code": sub_code, **more}}


def test_a_call_carries_its_parameters_the_systems_and_a_signature_over_both() -> None:
    _, asked = run(lambda _: trade(), lambda platform: platform.order(TID))
    form = dict(asked[0].form)
    sign, fields = form.pop("sign"), form["fields"]
    text = "".join(name + value for name, value in sorted(form.items()))
    assert sign == hmac.new(b"test-secret", text.encode(), hashlib.md5).hexdigest().upper()
    assert form == {
        "method": "taobao.trade.fullinfo.get",
        "app_key": "10000000",
        "session": "test-token",
        "timestamp": "2026-01-01 12:00:00",
        "format": "json",
        "v": "2.0",
        "sign_method": "hmac",
        "tid": TID,
        "include_oaid": "true",
        "fields": fields,
    }
    assert asked[0].headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    # Without these five the platform leaves the handle for waybills out.
    assert {"receiver_name", "receiver_address", "created", "receiver_mobile", "receiver_phone"} <= set(
        fields.split(",")
    )


def test_an_order_is_handed_on_byte_for_byte() -> None:
    text = (
        b'{"trade_fullinfo_get_response":{"trade": {"modified":"2026-01-01 10:00:05", "tid":%s,"x":1.10} }}'
        % TID.encode()
    )
    snapshot, _ = run(lambda _: text, lambda platform: platform.order(TID))
    assert snapshot.payload == b'{"modified":"2026-01-01 10:00:05", "tid":%s,"x":1.10}' % TID.encode()
    assert (snapshot.order_no, snapshot.modified_ms) == (TID, 1_767_232_805_000)


def test_another_order_than_asked_for_is_no_answer() -> None:
    problem, _ = run(lambda _: trade(tid=1), lambda platform: platform.order(TID))
    assert type(problem) is Unavailable


class Pages:
    """Answers pulls with these pages, the first one first; ``total``: what it says it has."""

    def __init__(self, *pages: list[int], total: int) -> None:
        self.pages, self.total = pages, total

    def __call__(self, asked: Asked) -> Any:
        number = int(asked.form["page_no"])
        if asked.form["use_has_next"] == "false":
            answer: dict[str, Any] = {"total_results": self.total}
        else:
            rows = [{"tid": tid, "modified": "2026-01-01 00:10:00"} for tid in self.pages[number - 1]]
            answer = {"has_next": number < len(self.pages)} | ({"trades": {"trade": rows}} if rows else {})
        return {"trades_sold_increment_get_response": answer}


def asked_for(asked: list[Asked]) -> list[tuple[str, str]]:
    return [(one.form["page_no"], one.form["use_has_next"]) for one in asked]


def test_pages_are_read_from_the_last_to_the_first() -> None:
    pages, asked = run(Pages([5, 4], [3, 2], [1], total=201), pulled)
    assert pages == [["1"], ["3", "2"], ["5", "4"]]
    assert asked_for(asked) == [("1", "false"), ("3", "true"), ("2", "true"), ("1", "true")]
    assert {one.form["page_size"] for one in asked} == {"100"}
    assert (asked[1].form["start_modified"], asked[1].form["end_modified"]) == (
        "2026-01-01 00:00:00",
        "2026-01-01 01:00:00",
    )


def test_pages_that_came_since_the_count_are_read_first() -> None:
    pages, asked = run(Pages([5, 4], [3, 2], [1], total=200), pulled)
    assert pages == [["1"], ["3", "2"], ["5", "4"]]
    assert asked_for(asked) == [("1", "false"), ("2", "true"), ("3", "true"), ("2", "true"), ("1", "true")]


def test_an_empty_window_is_asked_for_once_and_has_no_pages() -> None:
    pages, asked = run(Pages(total=0), pulled)
    assert (pages, len(asked)) == ([], 1)


def test_a_long_window_is_cut_into_days_that_touch() -> None:
    async def long(platform: HttpPlatform) -> None:
        assert [page async for page in platform.changed(WINDOW_MS[0] + 1, WINDOW_MS[0] + 2 * 86_400_000 + 1)] == []

    _, asked = run(Pages(total=0), long)
    assert [(one.form["start_modified"], one.form["end_modified"]) for one in asked] == [
        ("2026-01-01 00:00:00", "2026-01-02 00:00:00"),
        ("2026-01-02 00:00:00", "2026-01-03 00:00:00"),
        ("2026-01-03 00:00:00", "2026-01-03 00:00:01"),
    ]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"trades": {"trade": []}},
        {"has_next": True},
        {"has_next": True, "trades": {}},
        {"has_next": False, "trades": {"trade": [{"tid": 1.0, "modified": "2026-01-01 00:10:00"}]}},
        {"has_next": False, "trades": {"trade": [{"modified": "2026-01-01 00:10:00"}]}},
        {"has_next": False, "trades": {"trade": [{"tid": 1, "modified": "yesterday"}]}},
        {"has_next": False, "trades": {"trade": [{"tid": 1, "modified": ""}]}},
    ],
)
def test_a_page_that_lacks_something_is_an_error(page: dict[str, Any]) -> None:
    def answer(asked: Asked) -> Any:
        count = asked.form["use_has_next"] == "false"
        return {"trades_sold_increment_get_response": {"total_results": 1} if count else page}

    problem, _ = run(answer, pulled)
    assert type(problem) is Unavailable


@pytest.mark.parametrize("count", [{}, {"total_results": None}, {"total_results": "many"}])
def test_a_missing_total_is_an_error(count: dict[str, Any]) -> None:
    problem, _ = run(lambda _: {"trades_sold_increment_get_response": count}, pulled)
    assert type(problem) is Unavailable


def sends(result: Any, standing: Any = None) -> Callable[[Asked], Any]:
    """Answers a shipment with ``result``, and who asks for the trade with ``standing``."""

    def answer(asked: Asked) -> Any:
        if asked.form["method"] == "taobao.trade.fullinfo.get":
            return standing or trade()
        name = asked.form["method"].removeprefix("taobao.").replace(".", "_") + "_response"
        return result if "error_response" in result else {name: result}

    return answer


@pytest.mark.parametrize("flag", [True, "true", "True", 1])
def test_a_whole_order_goes_in_one_call(flag: Any) -> None:
    told, asked = run(sends({"shipping": {"is_success": flag}}), lambda platform: platform.ship(parcel(TID)))
    assert told.outcome == "SHIPPED"
    (only,) = asked
    assert only.form["method"] == OFFLINE
    assert {name: only.form[name] for name in ("tid", "out_sid", "company_code")} == {
        "tid": TID,
        "out_sid": "YT0000000000001",
        "company_code": "YTO",
    }


@pytest.mark.parametrize(("pieces", "part"), [(2, True), (3, False)])
def test_a_part_goes_with_its_lines_and_says_whether_pieces_remain(pieces: int, part: bool) -> None:
    lines: list[ParcelLine] = [{"line_no": "2300000000000000020", "sku": "A", "quantity": pieces}]
    told, asked = run(
        sends({"result": {"success": True}}),
        lambda platform: platform.ship(parcel(TID, whole_order=False, lines=lines)),
    )
    assert told.outcome == "SHIPPED"
    form = asked[-1].form
    assert (form["method"], form["consign_type"], form["tid"]) == (PACKAGES, "1", TID)
    goods = f'[{{"sub_tid":2300000000000000020,"item_type":0,"num":{pieces}}}]'
    assert form["consign_pkgs"] == f'[{{"out_sid":"YT0000000000001","company_code":"YTO","goods":{goods}}}]'
    assert json.loads(form["consign_status"]) == [{"sub_tid": 2300000000000000020, "is_part_consign": part}]


def test_the_second_parcel_of_a_line_closes_it() -> None:
    line = {"oid": 2300000000000000020, "num": 3, "status": "WAIT_SELLER_SEND_GOODS", "invoice_no": "YT0000000000009"}
    lines: list[ParcelLine] = [{"line_no": "2300000000000000020", "sku": "A", "quantity": 1}]
    _, asked = run(
        sends({"result": {"success": True}}, trade(orders={"order": [line]})),
        lambda platform: platform.ship(parcel(TID, whole_order=False, parcel_no=2, lines=lines)),
    )
    assert json.loads(asked[-1].form["consign_status"])[0]["is_part_consign"] is False


@pytest.mark.parametrize("result", [{}, {"shipping": {}}, {"shipping": {"is_success": None}}, {"result": {"ok": 1}}])
def test_a_shipment_without_a_result_is_unsure(result: dict[str, Any]) -> None:
    problem, _ = run(sends(result), lambda platform: platform.ship(parcel(TID)))
    assert type(problem) is Unsure


def shown(status: str, number: str = "", **more: Any) -> dict[str, Any]:
    line = {"oid": 2300000000000000020, "num": 3, "status": status, "invoice_no": number}
    return trade(status=status, orders={"order": [line]}, **more)


@pytest.mark.parametrize(
    ("code", "standing", "outcome"),
    [
        ("B04", shown("WAIT_BUYER_CONFIRM_GOODS", "YT0000000000001"), "ALREADY_SHIPPED"),
        ("HD06", shown("TRADE_FINISHED", "YT0000000000001"), "ALREADY_SHIPPED"),
        ("F04", shown("SELLER_CONSIGNED_PART", "YT0000000000001"), "ALREADY_SHIPPED"),
        # Shipped, refunded and closed: it had the number.
        ("B04", shown("TRADE_CLOSED", "YT0000000000001", consign_time="2026-01-01 11:00:00"), "ALREADY_SHIPPED"),
        ("B04", shown("TRADE_CLOSED"), "ORDER_FORBIDS"),
        ("B04", shown("TRADE_CLOSED_BY_TAOBAO"), "ORDER_FORBIDS"),
        ("B04", shown("WAIT_BUYER_CONFIRM_GOODS", "SF0000000000009"), "ORDER_FORBIDS"),
        ("F04", shown("WAIT_SELLER_SEND_GOODS"), "NUMBER_WRONG"),
    ],
)
def test_a_no_that_may_mean_it_has_it_is_decided_by_reading_the_trade(code: str, standing: Any, outcome: str) -> None:
    no = refusal(f"isv.logistics-offline-service-error:{code}")
    result, asked = run(sends(no, standing), lambda platform: platform.ship(parcel(TID)))
    assert (result.outcome, result.code) == (outcome, f"isv.logistics-offline-service-error:{code}")
    assert isinstance(result, Told if outcome == "ALREADY_SHIPPED" else Refused)
    assert [one.form["method"] for one in asked] == [OFFLINE, "taobao.trade.fullinfo.get"]


@pytest.mark.parametrize(
    ("code", "outcome"), [("B04", "RETRYABLE"), ("B02", "ORDER_FORBIDS"), ("B27", "REQUEST_WRONG")]
)
def test_a_no_that_nothing_explains_is_what_its_code_says(code: str, outcome: str) -> None:
    # Neither sent, nor closed, nor held: its status was read, and the whole trade.
    no = refusal(f"isv.logistics-offline-service-error:{code}")
    result, asked = run(sends(no, shown("WAIT_SELLER_SEND_GOODS")), lambda platform: platform.ship(parcel(TID)))
    assert (type(result), result.outcome) == (Refused, outcome)
    assert [one.form["method"] for one in asked] == [OFFLINE, *2 * ["taobao.trade.fullinfo.get"]]


def test_a_no_that_can_not_be_decided_now_changed_nothing() -> None:
    no = refusal("isv.logistics-offline-service-error:B04")
    problem, _ = run(sends(no, refusal("isp.remote-service-error")), lambda platform: platform.ship(parcel(TID)))
    assert type(problem) is Unavailable


@pytest.mark.parametrize("code", [7, "7"])
def test_a_ban_lasts_as_long_as_it_says(code: Any) -> None:
    words = "This ban will last for 12 more seconds"
    no = {"error_response": {"code": code, "sub_code": "accesscontrol.limited-by-app-access-count", "sub_msg": words}}
    problem, _ = run(sends(no), lambda platform: platform.ship(parcel(TID)))
    assert isinstance(problem, Throttled)
    assert problem.wait_s == 12


def test_a_time_out_behind_the_gateway_may_have_been_carried_out() -> None:
    no = refusal("isp.top-remote-connection-timeout")
    problem, _ = run(sends(no), lambda platform: platform.ship(parcel(TID)))
    assert type(problem) is Unsure
    problem, _ = run(lambda _: no, lambda platform: platform.order(TID))
    assert type(problem) is Unavailable


def test_null_stands_for_nothing() -> None:
    line = {"oid": 1, "num": "2", "status": None, "invoice_no": None, "consign_time": None}
    standing, _ = run(
        lambda _: trade(orders={"order": [line]}, consign_time=None), lambda platform: platform.standing(TID)
    )
    assert (standing.shipped, standing.closed, standing.tracking_nos) == (False, False, ())
    no = {"error_response": {"code": 25, "msg": "Invalid signature", "sub_code": None, "sub_msg": None}}
    problem, _ = run(sends(no), lambda platform: platform.ship(parcel(TID)))
    assert (type(problem), problem.code) == (Unavailable, "25")


def test_messages_are_consumed_as_they_are_and_confirmed_by_their_ids() -> None:
    message = {"id": 9000000000000000001, "topic": "taobao_trade_TradeBuyerPay", "content": '{"tid":1}'}

    def answer(asked: Asked) -> Any:
        if asked.form["method"] == "taobao.tmc.messages.confirm":
            return {"tmc_messages_confirm_response": {"is_success": asked.form["s_message_ids"] == "1,2"}}
        messages = {"messages": {"tmc_message": [message]}} if asked.form["quantity"] == "200" else {}
        return {"tmc_messages_consume_response": messages}

    assert run(answer, lambda platform: platform.consume(200))[0] == [message]
    assert run(answer, lambda platform: platform.consume(10))[0] == []
    assert run(answer, lambda platform: platform.confirm(["1", "2"]))[0] is None
    assert type(run(answer, lambda platform: platform.confirm(["3"]))[0]) is Unavailable
    assert type(run(lambda _: {}, lambda platform: platform.consume(10))[0]) is Unavailable


@pytest.mark.parametrize(("pieces", "outcome"), [(1, "ALREADY_SHIPPED"), (2, "ORDER_FORBIDS")])
def test_a_part_of_a_line_that_is_sent_in_full_was_told_and_all_of_a_line_with_another_number_was_not(
    pieces: int, outcome: str
) -> None:
    sent = {"oid": 2300000000000000020, "num": 2, "status": "WAIT_BUYER_CONFIRM_GOODS", "invoice_no": "OTHER"}
    lines: list[ParcelLine] = [{"line_no": "2300000000000000020", "sku": "A", "quantity": pieces}]
    result, _ = run(
        sends(
            refusal("isv.logistics-offline-service-error:B04"),
            trade(status="WAIT_BUYER_CONFIRM_GOODS", orders={"order": [sent]}),
        ),
        lambda platform: platform.ship(parcel(TID, whole_order=False, parcel_no=2, lines=lines)),
    )
    assert result.outcome == outcome


@pytest.mark.parametrize(
    ("status", "consigned", "shipped", "closed"),
    [
        ("WAIT_SELLER_SEND_GOODS", None, False, False),
        ("SELLER_CONSIGNED_PART", None, False, False),
        ("TRADE_BUYER_SIGNED", "2026-01-01 11:00:00", True, False),
        ("TRADE_CLOSED", None, False, True),
        # Refunded after it was sent.
        ("TRADE_CLOSED", "2026-01-01 11:00:00", True, True),
    ],
)
def test_what_the_trade_says_of_its_shipping(status: str, consigned: str | None, shipped: bool, closed: bool) -> None:
    standing, _ = run(lambda _: shown(status, "A", consign_time=consigned), lambda platform: platform.standing(TID))
    assert (standing.shipped, standing.closed, standing.tracking_nos) == (shipped, closed, ("A",))
