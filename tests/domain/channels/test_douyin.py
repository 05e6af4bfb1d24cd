"""Douyin orders: codes as numbers and texts, risk review, after-sales, 19-digit ids."""

from __future__ import annotations

import pytest

from tests.domain.raw_orders import DOUYIN, TEN_O_CLOCK_MS, Doc, changed, codes, sound

LINE: Doc = DOUYIN["sku_order_list"][0]
DONE = {"after_sale_status": 12, "after_sale_type": 0, "refund_status": 3}


def with_line(fields: Doc | None = None, **line: object) -> Doc:
    return changed(DOUYIN, sku_order_list=[changed(LINE, **line)], **(fields or {}))


def test_a_paid_order_is_mapped_whole() -> None:
    order = sound("douyin", DOUYIN)
    assert (order.order_no, order.status, order.total_minor) == ("4900000000000000001", "PAID", 9900)
    assert (order.placed_at_ms, order.paid_at_ms, order.version) == (
        TEN_O_CLOCK_MS - 60_000,
        TEN_O_CLOCK_MS,
        TEN_O_CLOCK_MS,
    )
    assert order.ship_by_ms == 1_767_405_600_000
    assert order.receiver == {
        "name": "##bg==*bg==#1##",
        "phone": "$$dA==*dA==$1$$",
        "country": "CN",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "address": "##ZA==*ZA==#1##",
        "postal_code": "",
        "oaid": None,
    }
    assert (order.lines[0]["line_no"], order.lines[0]["unit_price_minor"]) == ("4900000000000000001", 4950)
    assert sound("douyin", {"data": {"shop_order_detail": DOUYIN}}) == order


@pytest.mark.parametrize(
    ("fields", "expected", "hold"),
    [
        ({"order_status": 1, "main_status": 1, "pay_time": 0}, "UNPAID", None),
        ({"order_status": 105}, "HOLD", "risk_review"),
        ({"order_status": 2}, "PAID", None),
        ({"order_status": "2"}, "PAID", None),
        ({"order_status": 101}, "PAID", None),
        ({"order_status": 3}, "SHIPPED", None),
        ({"order_status": 4}, "CANCELLED", None),
        ({"order_status": 5}, "SHIPPED", None),
        ({"main_status": 103}, "UNPAID", None),
        ({"main_status": 21}, "CANCELLED", None),
        ({"main_status": 22}, "SHIPPED", None),
        ({"main_status": 39}, "SHIPPED", None),
        ({"abnormal_order": 2}, "HOLD", "risk_review"),
        ({"address_tag_ui": [{"key": "double_address"}]}, "HOLD", "two_addresses"),
    ],
)
def test_every_status(fields: Doc, expected: str, hold: str | None) -> None:
    order = sound("douyin", changed(DOUYIN, **fields))
    assert (order.status, order.hold_reason) == (expected, hold)


@pytest.mark.parametrize("status", [6, 7, 11])
def test_an_open_after_sale_holds_the_order(status: int) -> None:
    order = sound("douyin", with_line(after_sale_info={"after_sale_status": status}))
    assert (order.status, order.hold_reason) == ("HOLD", "refund_open")


@pytest.mark.parametrize("status", [27, 28])
def test_a_refused_after_sale_does_not(status: int) -> None:
    assert sound("douyin", with_line(after_sale_info={"after_sale_status": status})).status == "PAID"


def test_a_line_refunded_before_it_was_sent_is_left_out() -> None:
    lines = [LINE, changed(LINE, order_id="4900000000000000002", after_sale_info=DONE)]
    assert len(sound("douyin", changed(DOUYIN, sku_order_list=lines)).lines) == 1
    assert sound("douyin", with_line(after_sale_info=DONE)).status == "CANCELLED"


@pytest.mark.parametrize(("kind", "came_back"), [(0, 2), (1, 0), (2, 0)])
def test_a_finished_after_sale_of_goods_is_a_return(kind: int, came_back: int) -> None:
    sale = {**DONE, "after_sale_type": kind}
    order = sound("douyin", with_line({"order_status": 3}, order_status="3", after_sale_info=sale))
    assert (order.status, order.lines[0]["returned_quantity"]) == ("SHIPPED", came_back)


def test_the_outer_code_stands_in_for_a_missing_code() -> None:
    assert sound("douyin", with_line(code="", out_sku_id=77)).lines[0]["sku"] == "77"


def test_ids_above_two_to_the_53_stay_exact() -> None:
    assert sound("douyin", changed(DOUYIN, order_id=4900000000000000001)).order_no == "4900000000000000001"


def test_the_masked_receiver_is_the_second_choice() -> None:
    order = sound("douyin", changed(DOUYIN, encrypt_post_tel=..., mask_post_tel="138****0000"))
    assert order.receiver["phone"] == "138****0000"


def test_an_unknown_line_status() -> None:
    assert codes("douyin", with_line(order_status="99")) == [("unknown_status", "sku_order_list[0].order_status")]
