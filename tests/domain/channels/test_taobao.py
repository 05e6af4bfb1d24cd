"""Taobao and Tmall trades: every status, hold, refund and wrapping."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.raw_orders import TAOBAO, TEN_O_CLOCK_MS, Doc, changed, codes, read, sound

LINE: Doc = TAOBAO["orders"]["order"][0]


def trade(line: dict[str, Any] | None = None, **fields: Any) -> Doc:
    return changed(TAOBAO, **fields, **({"orders": {"order": [changed(LINE, **line)]}} if line else {}))


def test_a_paid_trade_is_mapped_whole() -> None:
    order = sound("taobao", TAOBAO)
    assert order.order_no == "2300000000000000001"
    assert (order.status, order.hold_reason) == ("PAID", None)
    assert (order.currency, order.total_minor) == ("CNY", 9900)
    assert (order.placed_at_ms, order.paid_at_ms, order.version) == (
        TEN_O_CLOCK_MS - 60_000,
        TEN_O_CLOCK_MS,
        TEN_O_CLOCK_MS,
    )
    assert order.receiver == {
        "name": "测**",
        "phone": "13800000000-1234",
        "country": "CN",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "address": "文三路***",
        "postal_code": "310000",
        "oaid": "oaid-1",
    }
    assert order.lines == [
        {
            "line_no": "2300000000000000002",
            "sku": "SKU-A",
            "title": "测试商品",
            "quantity": 2,
            "unit_price_minor": 5450,
            "returned_quantity": 0,
        }
    ]
    assert order.attributes == {"platform_status": "WAIT_SELLER_SEND_GOODS", "trade_type": "guarantee_trade"}


@pytest.mark.parametrize("names", [("trade_fullinfo_get_response", "trade"), ("trade",)])
def test_the_response_around_a_trade_is_taken_off(names: tuple[str, ...]) -> None:
    wrapped = TAOBAO
    for name in reversed(names):
        wrapped = {name: wrapped}
    assert sound("taobao", wrapped) == sound("taobao", TAOBAO)


def test_reasons_name_the_place_in_the_wrapped_payload() -> None:
    wrapped = {"trade_fullinfo_get_response": {"trade": trade(line={"num": 0})}}
    assert codes("taobao", wrapped) == [
        ("quantity_not_positive", "trade_fullinfo_get_response.trade.orders.order[0].num")
    ]


@pytest.mark.parametrize(
    ("status", "expected", "hold"),
    [
        ("TRADE_NO_CREATE_PAY", "UNPAID", None),
        ("WAIT_BUYER_PAY", "UNPAID", None),
        ("PAY_PENDING", "UNPAID", None),
        ("WAIT_PRE_AUTH_CONFIRM", "UNPAID", None),
        ("PAID_FORBID_CONSIGN", "HOLD", "platform_forbids_shipping"),
        ("WAIT_SELLER_SEND_GOODS", "PAID", None),
        ("SELLER_CONSIGNED_PART", "PAID", None),
        ("WAIT_BUYER_CONFIRM_GOODS", "SHIPPED", None),
        ("TRADE_BUYER_SIGNED", "SHIPPED", None),
        ("TRADE_FINISHED", "SHIPPED", None),
        ("TRADE_CLOSED", "CANCELLED", None),
        ("TRADE_CLOSED_BY_TAOBAO", "CANCELLED", None),
    ],
)
def test_every_status(status: str, expected: str, hold: str | None) -> None:
    order = sound("taobao", trade(status=status))
    assert (order.status, order.hold_reason) == (expected, hold)


@pytest.mark.parametrize(
    ("fields", "line", "hold"),
    [
        ({"top_hold": 1}, {}, "platform_hold"),
        ({"team_buy_hold": 1}, {}, "group_forming"),
        ({"share_group_hold": "1"}, {}, "group_forming"),
        ({"ofp_hold": True}, {}, "platform_hold"),
        ({"forbid_consign": 1}, {}, "platform_forbids_shipping"),
        ({"is_sh_ship": True}, {}, "platform_hold"),
        ({"is_oversold": True}, {}, "oversold_on_platform"),
        ({"lm": "1"}, {}, "address_change"),
        ({"step_trade_status": "FRONT_PAID_FINAL_NOPAID"}, {}, "deposit_only"),
        ({"rx_audit_status": 0}, {}, "prescription_audit"),
        ({}, {"is_oversold": True}, "oversold_on_platform"),
        ({}, {"modify_address": "1"}, "address_change"),
        ({}, {"refund_status": "WAIT_SELLER_AGREE"}, "refund_open"),
        ({"top_hold": 1, "lm": "1"}, {}, "address_change,platform_hold"),
    ],
)
def test_every_hold(fields: Doc, line: Doc, hold: str) -> None:
    order = sound("taobao", trade(line=line, **fields))
    assert (order.status, order.hold_reason) == ("HOLD", hold)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"top_hold": 0}, {}),
        ({"lm": "0"}, {}),
        ({"step_trade_status": "FRONT_PAID_FINAL_PAID"}, {}),
        ({"rx_audit_status": 1}, {}),
        ({}, {"modify_address": "2"}),  # changed before payment
        ({}, {"refund_status": "SELLER_REFUSE_BUYER"}),
        ({}, {"refund_status": "CLOSED"}),
    ],
)
def test_what_is_no_hold(fields: Doc, line: Doc) -> None:
    assert sound("taobao", trade(line=line, **fields)).status == "PAID"


def test_a_hold_flag_means_nothing_in_other_statuses() -> None:
    order = sound("taobao", trade(status="WAIT_BUYER_PAY", top_hold=1))
    assert (order.status, order.hold_reason) == ("UNPAID", None)


def test_a_line_closed_before_payment_is_never_shipped() -> None:
    lines = [LINE, changed(LINE, oid=7, status="TRADE_CLOSED_BY_TAOBAO")]
    order = sound("taobao", changed(TAOBAO, orders={"order": lines}))
    assert [line["line_no"] for line in order.lines] == ["2300000000000000002"]


def test_a_trade_whose_lines_were_all_refunded_before_shipping_is_cancelled() -> None:
    assert sound("taobao", trade(line={"refund_status": "SUCCESS"})).status == "CANCELLED"


def test_a_line_refunded_after_it_was_sent_is_returned() -> None:
    sent = {"status": "TRADE_CLOSED", "refund_status": "SUCCESS", "consign_time": "2026-01-02 10:00:00"}
    other = changed(LINE, oid=7, status="WAIT_BUYER_CONFIRM_GOODS", consign_time="2026-01-02 10:00:00")
    doc = changed(TAOBAO, status="WAIT_BUYER_CONFIRM_GOODS", orders={"order": [changed(LINE, **sent), other]})
    assert [line["returned_quantity"] for line in sound("taobao", doc).lines] == [2, 0]


def test_a_trade_closed_after_it_was_sent_left_the_house() -> None:
    sent = {"status": "TRADE_CLOSED", "refund_status": "SUCCESS", "consign_time": "2026-01-02 10:00:00"}
    order = sound("taobao", trade(line=sent, status="TRADE_CLOSED", consign_time="2026-01-02 10:00:00"))
    assert (order.status, order.lines[0]["returned_quantity"]) == ("SHIPPED", 2)


def test_the_item_code_stands_in_for_a_missing_sku_code() -> None:
    assert sound("taobao", trade(line={"outer_sku_id": ""})).lines[0]["sku"] == "ITEM-A"
    assert codes("taobao", trade(line={"outer_sku_id": "", "outer_iid": ...})) == [
        ("missing_field", "orders.order[0].outer_sku_id or outer_iid")
    ]


def test_a_county_level_city_is_the_district() -> None:
    assert sound("taobao", trade(receiver_city="", receiver_district="义乌市")).receiver["city"] == "义乌市"


def test_lists_wrapped_once_are_read_too() -> None:
    assert sound("taobao", changed(TAOBAO, orders=[LINE])).lines == sound("taobao", TAOBAO).lines


def test_everything_wrong_is_named_at_once() -> None:
    doc = trade(line={"num": -1, "price": "free"}, status="GONE", modified=..., payment="1.234", tid=1.5)
    assert set(codes("taobao", doc)) == {
        ("unknown_status", "status"),
        ("quantity_not_positive", "orders.order[0].num"),
        ("invalid_money", "orders.order[0].price"),
        ("wrong_type", "tid"),
        ("missing_field", "modified"),
        ("invalid_money", "payment"),
    }
    assert all(reason["fix"] for reason in read("taobao", doc)[1])
