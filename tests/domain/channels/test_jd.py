"""JD POP orders: states, times that mean nothing, refused parcels."""

from __future__ import annotations

import pytest

from tests.domain.raw_orders import JD, TEN_O_CLOCK_MS, changed, codes, sound


def test_a_paid_order_is_mapped_whole() -> None:
    order = sound("jd", JD)
    assert (order.order_no, order.status, order.total_minor) == ("300000000001", "PAID", 9900)
    assert (order.placed_at_ms, order.paid_at_ms) == (TEN_O_CLOCK_MS, TEN_O_CLOCK_MS + 60_000)
    assert order.version == TEN_O_CLOCK_MS + 60_000
    assert order.receiver["name"] == "测试甲"
    assert (order.receiver["province"], order.receiver["district"]) == ("浙江", "西湖区")
    assert order.lines == [
        {
            "line_no": "50001",
            "sku": "SKU-A",
            "title": "测试商品",
            "quantity": 2,
            "unit_price_minor": 5450,
            "returned_quantity": 0,
        }
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("jingdong_pop_order_get_responce", "orderDetailInfo", "orderInfo"),
        ("jingdong_pop_order_enGet_responce", "orderDetailInfo", "orderInfo"),
        ("orderDetailInfo", "orderInfo"),
        ("orderInfo",),
    ],
)
def test_the_response_around_an_order_is_taken_off(names: tuple[str, ...]) -> None:
    wrapped = JD
    for name in reversed(names):
        wrapped = {name: wrapped}
    assert sound("jd", wrapped) == sound("jd", JD)


@pytest.mark.parametrize(
    ("state", "expected", "hold"),
    [
        ("WAIT_SELLER_STOCK_OUT", "PAID", None),
        ("WAIT_SELLER_DELIVERY", "PAID", None),
        ("WAIT_GOODS_RECEIVE_CONFIRM", "SHIPPED", None),
        ("FINISHED_L", "SHIPPED", None),
        ("TRADE_CANCELED", "CANCELLED", None),
        ("LOCKED", "HOLD", "locked"),
        ("PAUSE", "HOLD", "paused"),
        ("POP_ORDER_PAUSE", "HOLD", "business_pause"),
        ("WAIT_SEND_CODE", "HOLD", "local_service"),
    ],
)
def test_every_state(state: str, expected: str, hold: str | None) -> None:
    order = sound("jd", changed(JD, orderState=state))
    assert (order.status, order.hold_reason) == (expected, hold)


@pytest.mark.parametrize("nothing", ["0001-01-01 00:00:00", "1970-01-01 00:00:00", "", None])
def test_times_without_a_value(nothing: str | None) -> None:
    assert sound("jd", changed(JD, paymentConfirmTime=nothing)).paid_at_ms is None
    assert codes("jd", changed(JD, modified=nothing)) == [("missing_field", "modified")]


def test_an_order_for_jds_own_warehouse_is_held() -> None:
    order = sound("jd", changed(JD, storeOrder="京仓订单"))
    assert (order.status, order.hold_reason) == ("HOLD", "sent_by_jd_warehouse")


def test_a_parcel_refused_at_the_door_is_shipped_and_returned() -> None:
    order = sound("jd", changed(JD, orderState="TRADE_CANCELED", waybill="JDVA1"))
    assert (order.status, order.lines[0]["returned_quantity"]) == ("SHIPPED", 2)


@pytest.mark.parametrize("number", [300000000001, "300000000001"])
def test_ids_come_as_numbers_or_texts(number: object) -> None:
    assert sound("jd", changed(JD, orderId=number)).order_no == "300000000001"


@pytest.mark.parametrize("number", [3e11, True, [], "", None, -1, "x" * 65])
def test_ids_are_never_guessed(number: object) -> None:
    assert [field for _, field in codes("jd", changed(JD, orderId=number))] == ["orderId"]


def test_a_line_without_seller_sku() -> None:
    line = changed(JD["itemInfoList"][0], outerSkuId="")
    assert codes("jd", changed(JD, itemInfoList=[line])) == [("missing_field", "itemInfoList[0].outerSkuId")]
