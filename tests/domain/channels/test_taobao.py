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
        "phone": "13800000000",
        "country": "CN",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "town": "",
        "address": "文三路***",
        "postal_code": "310000",
        "oaid": "oaid-1",
        "company": "",
        "phone_extension": "1234",
        "forms": {"name": "masked", "phone": "privacy", "address": "masked"},
    }
    assert (order.not_before_ms, order.collect_minor) == (None, None)
    assert order.lines == [
        {
            "line_no": "2300000000000000002",
            "sku": "SKU-A",
            "title": "测试商品",
            "quantity": 2,
            "unit_price_minor": 5450,
            "returned_quantity": 0,
            "shipped_quantity": 0,
            "cancelled_quantity": 0,
            "asked_back_quantity": 0,
            "sent_by": "MERCHANT",
            "sender": "",
            "bundle_line_no": "",
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
        ("SELLER_CONSIGNED_PART", "HOLD", "sent_unclear"),  # something has left, and no line says that it has
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
        ({"is_sh_ship": True}, {"is_sh_ship": False}, "platform_hold"),
        ({"is_daixiao": True}, {"is_daixiao": False}, "supplier_unclear"),
        ({"is_force_wlb": True}, {}, "platform_warehouse_unclear"),
        ({"shipping_type": "instant"}, {}, "local_delivery"),
        ({"consign_time": "2026-01-01 12:00:00"}, {}, "sent_unclear"),
        ({"is_part_consign": True}, {}, "sent_unclear"),
        ({"is_oversold": True}, {}, "oversold_on_platform"),
        ({"lm": "1"}, {}, "address_change"),
        ({"step_trade_status": "FRONT_PAID_FINAL_NOPAID"}, {}, "deposit_only"),
        ({"rx_audit_status": 0}, {}, "prescription_audit"),
        ({}, {"is_oversold": True}, "oversold_on_platform"),
        ({}, {"modify_address": "1"}, "address_change"),
        ({}, {"refund_status": "WAIT_SELLER_AGREE"}, "refund_open"),
        ({}, {"refund_status": "WAIT_BUYER_RETURN_GOODS"}, "refund_open"),
        ({}, {"refund_status": "WAIT_SELLER_CONFIRM_GOODS"}, "refund_open"),
        ({}, {"refund_status": "SUCCESS"}, "refund_amount_unknown"),
        ({}, {"refund_status": "SUCCESS", "refund_fee": "5.00", "payment": "109.00"}, "refund_amount_unknown"),
        ({}, {"refund_status": "HALF_WAY"}, "refund_status_unknown"),
        ({}, {"status": "WAIT_BUYER_PAY"}, "line_unpaid"),
        ({}, {"status": "PAID_FORBID_CONSIGN"}, "platform_forbids_shipping"),
        ({}, {"status": "SELLER_CONSIGNED_PART"}, "sent_unclear"),
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
        ({}, {"refund_status": "SUCCESS", "special_refund_type": "priceProtect"}),
        ({}, {"refund_status": "WAIT_SELLER_AGREE", "special_refund_type": "cashBack"}),
        ({"is_brand_sale": True, "is_force_wlb": False, "is_daixiao": False, "is_sh_ship": "false"}, {}),
        ({"shipping_type": "seller"}, {}),  # the merchant's own vans
    ],
)
def test_what_is_no_hold(fields: Doc, line: Doc) -> None:
    assert sound("taobao", trade(line=line, **fields)).status == "PAID"


def test_a_hold_flag_means_nothing_in_other_statuses() -> None:
    order = sound("taobao", trade(status="WAIT_BUYER_PAY", top_hold=1))
    assert (order.status, order.hold_reason) == ("UNPAID", None)


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
