"""Pinduoduo orders: three status fields at once, exact JSON amounts, gifts, hidden receivers."""

from __future__ import annotations

import pytest

from tests.domain.raw_orders import PDD, TEN_O_CLOCK_MS, Doc, changed, codes, sound

LINE: Doc = PDD["item_list"][0]


def test_a_paid_order_is_mapped_whole() -> None:
    order = sound("pdd", PDD)
    assert (order.order_no, order.status) == ("260101-000000000000001", "PAID")
    assert (order.version, order.paid_at_ms) == (TEN_O_CLOCK_MS, TEN_O_CLOCK_MS)
    assert order.ship_by_ms == TEN_O_CLOCK_MS + 48 * 3_600_000
    assert order.total_minor == 9950
    assert order.receiver["address"] == "~YWRkcmVzcw==~1~1~~"
    assert order.lines == [
        {
            "line_no": "1500000000001",
            "sku": "SKU-A",
            "title": "测试商品 红色",
            "quantity": 2,
            "unit_price_minor": 4975,
            "returned_quantity": 0,
            "shipped_quantity": 0,
            "cancelled_quantity": 0,
            "asked_back_quantity": 0,
            "sent_by": "MERCHANT",
            "sender": "",
            "bundle_line_no": "",
        }
    ]
    assert sound("pdd", {"order_info_get_response": {"order_info": PDD}}) == order


@pytest.mark.parametrize(
    ("fields", "expected", "hold"),
    [
        ({}, "PAID", None),
        ({"confirm_status": 0, "group_status": 0, "pay_time": ""}, "UNPAID", None),
        ({"confirm_status": 0, "group_status": 0}, "HOLD", "group_forming"),
        ({"confirm_status": 2}, "CANCELLED", None),
        ({"group_status": 2}, "CANCELLED", None),
        ({"refund_status": 4}, "HOLD", "refund_amount_unknown"),
        ({"refund_status": 4, "confirm_status": 2}, "CANCELLED", None),
        ({"refund_status": 1, "after_sales_status": 10}, "HOLD", "refund_amount_unknown"),
        ({"order_status": 2}, "SHIPPED", None),
        ({"order_status": 3}, "SHIPPED", None),
        ({"order_status": "2"}, "SHIPPED", None),
        ({"risk_control_status": 1}, "HOLD", "risk_review"),
        ({"refund_status": 2}, "HOLD", "refund_open"),
        ({"refund_status": 3}, "HOLD", "refund_open"),
        ({"refund_status": 7}, "HOLD", "refund_open"),  # none that is documented
        *(
            ({"after_sales_status": code}, "HOLD", "refund_open")
            for code in (2, 3, 4, 5, 6, 7, 8, 14, 15, 18, 31, 33, 99)
        ),
        # Closed without money, repair, resending: nothing is given up.
        *(({"after_sales_status": code}, "PAID", None) for code in (0, 9, 11, 12, 13, 16, 17, 21, 22, 24, 25, 27, 32)),
        ({"refund_status": 2, "after_sales_status": 21}, "PAID", None),
        ({"order_tag_list": [{"name": "ship_hold", "value": 1}]}, "HOLD", "platform_hold"),
        ({"order_tag_list": [{"name": "ship_hold", "value": 0}]}, "PAID", None),
        (
            {"order_tag_list": [{"name": "conso_order", "value": 1}], "consolidate_info": {"consolidate_type": 0}},
            "PAID",
            None,
        ),
        ({"order_tag_list": [{"name": "direct_mail_activity", "value": 1}]}, "PAID", None),
        ({"order_tag_list": [{"name": "same_city_distribution", "value": 1}]}, "HOLD", "local_delivery"),
        ({"order_tag_list": [{"name": "local_depot", "value": 1}]}, "HOLD", "local_depot"),
        ({"shipping_type": 2}, "HOLD", "local_delivery"),
        ({"shipping_time": "2026-01-01 12:00:00"}, "HOLD", "sent_unclear"),
        ({"is_lucky_flag": 2}, "HOLD", "lottery"),
        ({"trade_type": 1}, "HOLD", "deposit_only"),
        ({"trade_type": 1, "step_order_info": {"step_trade_status": 2}}, "PAID", None),
        ({"order_status": 2, "risk_control_status": 1}, "SHIPPED", None),
    ],
)
def test_every_status(fields: Doc, expected: str, hold: str | None) -> None:
    order = sound("pdd", changed(PDD, **fields))
    assert (order.status, order.hold_reason) == (expected, hold)


@pytest.mark.parametrize(
    ("amount", "minor"),
    [(99, 9900), (99.5, 9950), (0.07, 7), (1234567.89, 123456789), ("4.35", 435), (0, 0), (1e2, 10000)],
)
def test_amounts_are_exact(amount: object, minor: int) -> None:
    assert sound("pdd", changed(PDD, pay_amount=amount)).total_minor == minor


@pytest.mark.parametrize("amount", [0.001, -1, "１２", "1_0", "", None, True, [], "99.999", 1e300, "NaN", "9" * 40])
def test_amounts_are_never_guessed(amount: object) -> None:
    assert [field for _, field in codes("pdd", changed(PDD, pay_amount=amount))] == ["pay_amount"]


def test_gifts_are_lines_of_their_own() -> None:
    gift = changed(LINE, outer_id="SKU-GIFT", goods_count=1, goods_price=0)
    lines = sound("pdd", changed(PDD, gift_list=[gift])).lines
    assert [(line["line_no"], line["sku"]) for line in lines] == [
        ("1500000000001", "SKU-A"),
        ("gift:1500000000001", "SKU-GIFT"),
    ]


def test_the_receiver_may_be_hidden_while_in_risk_review() -> None:
    hidden = changed(PDD, risk_control_status=1, receiver_name="", receiver_phone="", receiver_address="")
    assert sound("pdd", hidden).receiver["name"] == ""


def test_the_goods_code_stands_in_for_a_missing_sku_code() -> None:
    assert sound("pdd", changed(PDD, item_list=[changed(LINE, outer_id="")])).lines[0]["sku"] == "ITEM-A"


def test_times_may_be_unix_seconds() -> None:
    assert sound("pdd", changed(PDD, updated_at=1767232800)).version == TEN_O_CLOCK_MS


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-13-01 00:00:00", 1767232800000, -5, "2026-01-01", [], "9999-12-31 00:00:00"]
)
def test_times_are_never_guessed(time: object) -> None:
    assert codes("pdd", changed(PDD, updated_at=time)) == [("invalid_time", "updated_at")]
