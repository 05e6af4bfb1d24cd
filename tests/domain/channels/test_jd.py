"""JD POP orders: states, who sends them, one SKU twice, cash at the door, times that mean nothing, refused parcels."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import OrderLine
from streams.domain.channels.snapshot import to_send
from tests.domain.raw_orders import JD, TEN_O_CLOCK_MS, Doc, changed, codes, sound

LINE: Doc = JD["itemInfoList"][0]
CONSIGNEE: Doc = JD["consigneeInfo"]
NOON_MS = TEN_O_CLOCK_MS + 2 * 3_600_000


def to(**fields: object) -> Doc:
    return changed(JD, consigneeInfo=changed(CONSIGNEE, **fields))


def with_lines(*lines: Doc, **fields: object) -> Doc:
    return changed(JD, itemInfoList=[changed(LINE, **line) for line in lines], **fields)


def test_a_paid_order_is_mapped_whole() -> None:
    order = sound("jd", JD)
    assert (order.order_no, order.status, order.total_minor) == ("300000000001", "PAID", 9900)
    assert (order.placed_at_ms, order.paid_at_ms) == (TEN_O_CLOCK_MS, TEN_O_CLOCK_MS + 60_000)
    assert order.version == TEN_O_CLOCK_MS + 60_000
    assert (order.collect_minor, order.not_before_ms) == (None, None)
    assert order.receiver["name"] == "测试甲"
    assert (order.receiver["province"], order.receiver["district"]) == ("浙江", "西湖区")
    expected: OrderLine = {
        "line_no": "50001",
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
    assert order.lines == [expected]


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
    ("state", "expected", "hold", "shipped", "cancelled"),
    [
        ("WAIT_SELLER_STOCK_OUT", "PAID", None, 0, 0),
        ("WAIT_SELLER_DELIVERY", "PAID", None, 0, 0),
        ("WAIT_GOODS_RECEIVE_CONFIRM", "SHIPPED", None, 2, 0),
        ("FINISHED_L", "SHIPPED", None, 2, 0),
        ("TRADE_CANCELED", "CANCELLED", None, 0, 2),
        ("LOCKED", "HOLD", "locked", 0, 0),
        ("PAUSE", "HOLD", "paused", 0, 0),
        ("POP_ORDER_PAUSE", "HOLD", "business_pause", 0, 0),
    ],
)
def test_every_state(state: str, expected: str, hold: str | None, shipped: int, cancelled: int) -> None:
    order = sound("jd", changed(JD, orderState=state))
    assert (order.status, order.hold_reason) == (expected, hold)
    assert [(line["shipped_quantity"], line["cancelled_quantity"]) for line in order.lines] == [(shipped, cancelled)]


@pytest.mark.parametrize("nothing", ["0001-01-01 00:00:00", "1970-01-01 00:00:00", "", None])
def test_times_without_a_value(nothing: str | None) -> None:
    assert sound("jd", changed(JD, paymentConfirmTime=nothing)).paid_at_ms is None
    assert codes("jd", changed(JD, modified=nothing)) == [("missing_field", "modified")]


@pytest.mark.parametrize(
    ("fields", "sent_by", "sender"),
    [
        ({"storeOrder": "京仓订单"}, "PLATFORM", "京仓"),
        ({"storeOrder": "云仓订单"}, "PLATFORM", "云仓"),
        ({"orderType": "21"}, "PLATFORM", "JD FBP"),
        ({"orderType": "23"}, "PLATFORM", "JD LBP"),
        ({"orderType": 25}, "PLATFORM", "JD SOPL"),
        ({"orderType": "LBP"}, "PLATFORM", "JD LBP"),
        ({"orderType": "112", "storeOrder": "京仓订单"}, "PLATFORM", "京仓"),
        ({"orderType": "75"}, "NOBODY", "service"),
        ({"orderType": "LOC"}, "NOBODY", "service"),
        ({"orderType": "SOP"}, "MERCHANT", ""),
        ({"orderState": "WAIT_SEND_CODE"}, "NOBODY", "service"),
        ({"orderType": "22", "storeOrder": ""}, "MERCHANT", ""),
        ({"orderType": ..., "storeOrder": None}, "MERCHANT", ""),
    ],
)
def test_who_sends_it(fields: Doc, sent_by: str, sender: str) -> None:
    order = sound("jd", changed(JD, **fields))
    assert (order.status, order.hold_reason) == ("PAID", None)
    assert [(line["sent_by"], line["sender"]) for line in order.lines] == [(sent_by, sender)]
    assert sum(map(to_send, order.lines)) == (2 if sent_by == "MERCHANT" else 0)


def test_what_others_send_needs_no_sku_of_the_merchants() -> None:
    assert sound("jd", with_lines({"outerSkuId": ""}, storeOrder="京仓订单")).lines[0]["sku"] == ""


@pytest.mark.parametrize(
    ("fields", "hold"),
    [
        ({"orderType": "112"}, "order_type_unknown"),
        ({"storeOrder": "仓"}, "store_order_unknown"),
        ({"payType": "3"}, "paid_at_pick_up"),
        ({"stepPaymentInfo": {"payBalancePlan": "80.00", "payBalanceReal": "0.00"}}, "deposit_only"),
        ({"stepPaymentInfo": {"payBalancePlan": "80.00"}}, "deposit_only"),
        ({"orderFlag": {"preSaleOrder": True}}, "deposit_only"),
        ({"consigneeInfo": {**CONSIGNEE, "province": "海外", "city": ""}}, "country_unknown"),
    ],
)
def test_what_is_in_doubt_is_held(fields: Doc, hold: str) -> None:
    order = sound("jd", changed(JD, **fields))
    assert (order.status, order.hold_reason) == ("HOLD", hold)


def test_a_presale_whose_balance_is_paid_goes() -> None:
    steps = {"payBargainReal": "10.00", "payBalancePlan": "80.00", "payBalanceReal": "80.00"}
    assert sound("jd", changed(JD, stepPaymentInfo=steps, orderFlag={"preSaleOrder": True})).status == "PAID"


@pytest.mark.parametrize(
    ("day", "status", "hold", "not_before"),
    [
        ("2026-01-01 12:00:00", "HOLD", "not_before", NOON_MS),
        ("2026-01-01 10:00:30", "PAID", None, None),  # before the snapshot: it is due
        ("0001-01-01 00:00:00", "PAID", None, None),
        (None, "PAID", None, None),
    ],
)
def test_a_booked_day_to_send(day: str | None, status: str, hold: str | None, not_before: int | None) -> None:
    order = sound("jd", changed(JD, scDT=day))
    assert (order.status, order.hold_reason, order.not_before_ms) == (status, hold, not_before)


def test_cash_on_delivery_is_sent_and_collected() -> None:
    order = sound("jd", changed(JD, payType=1, paymentConfirmTime="0001-01-01 00:00:00", orderPayment="89.50"))
    assert (order.status, order.collect_minor, order.paid_at_ms) == ("PAID", 8950, None)


# One SKU twice

BOUGHT, GIVEN = {"skuUuid": "u-1"}, {"skuUuid": "u-2", "itemTotal": "1", "jdPrice": "0.00"}


@pytest.mark.parametrize("lines", [(BOUGHT, GIVEN), (GIVEN, BOUGHT)])
def test_one_sku_bought_and_given_is_two_lines_in_either_order(lines: tuple[Doc, ...]) -> None:
    found = {line["line_no"]: line["quantity"] for line in sound("jd", with_lines(*lines)).lines}
    assert found == {"50001": 2, "50001/u-2": 1}


@pytest.mark.parametrize("uuid", [..., "", "u-1"])
def test_lines_that_nothing_tells_apart_are_counted(uuid: object) -> None:
    twice: Doc = {} if uuid is ... else {"skuUuid": uuid}
    lines: list[Doc] = [twice, twice, {"skuId": "7"}]
    mark = "/u-1" if uuid == "u-1" else ""
    found = [line["line_no"] for line in sound("jd", with_lines(*lines)).lines]
    assert found == (["50001", f"50001{mark}", "7"] if mark else ["50001", "50001/2", "7"])


def test_without_a_uuid_the_price_tells_which_is_which() -> None:
    given = {"itemTotal": "1", "jdPrice": "0.00"}
    one, other = sound("jd", with_lines({}, given)), sound("jd", with_lines(given, {}))
    assert {(line["line_no"], line["quantity"]) for line in one.lines} == {("50001", 2), ("50001/2", 1)}
    assert sorted(map(str, one.lines)) == sorted(map(str, other.lines))


@given(
    st.lists(st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["", "a", "b"]), st.integers(1, 3)), max_size=6),
    st.randoms(use_true_random=False),
)
def test_line_numbers_are_distinct_and_the_same_in_any_order(rows: list[tuple[str, str, int]], random: Random) -> None:
    lines: list[Doc] = [{"skuId": sku, "skuUuid": uuid, "itemTotal": str(pieces)} for sku, uuid, pieces in rows]
    shuffled = random.sample(lines, len(lines))
    one, other = ([(x["line_no"], x["quantity"]) for x in sound("jd", with_lines(*o)).lines] for o in (lines, shuffled))
    assert len(dict(one)) == len(lines)
    assert {number for number, _ in one} == {number for number, _ in other}


# After-sales


def test_a_parcel_refused_at_the_door_is_shipped_and_returned() -> None:
    order = sound("jd", changed(JD, orderState="TRADE_CANCELED", waybill="JDVA1"))
    (line,) = order.lines
    assert (order.status, line["shipped_quantity"], line["returned_quantity"]) == ("SHIPPED", 2, 2)
    assert line["cancelled_quantity"] == 0


@pytest.mark.parametrize(
    ("sales", "hold", "asked_back"),
    [
        ([{"customerExpect": 11, "refundStatus": 0}], "refund_open", 2),
        ([{"refundStatus": 20}], "refund_amount_unknown", 0),
        ([{"refundStatus": 20}, {"refundStatus": 0}], "refund_open", 2),
    ],
)
def test_an_after_sale_of_a_line_that_waits_holds(sales: list[Doc], hold: str, asked_back: int) -> None:
    order = sound("jd", with_lines({"afsInfoList": sales}))
    assert (order.status, order.hold_reason, order.lines[0]["asked_back_quantity"]) == ("HOLD", hold, asked_back)


def test_an_after_sale_of_a_line_that_has_left_moves_nothing() -> None:
    order = sound("jd", with_lines({"afsInfoList": [{"refundStatus": 20}]}, orderState="FINISHED_L"))
    assert (order.status, order.lines[0]["shipped_quantity"], order.lines[0]["returned_quantity"]) == ("SHIPPED", 2, 0)


# Receiver


@pytest.mark.parametrize(
    ("address", "town", "expected"),
    [
        ("浙江杭州市西湖区文三路1号", "", "文三路1号"),
        ("浙江省杭州市西湖区文三路1号", "", "文三路1号"),
        ("浙江杭州市西湖区三墩镇文三路1号", "三墩镇", "文三路1号"),
        ("三墩镇文三路1号", "三墩镇", "文三路1号"),
        ("文三路1号", "", "文三路1号"),
        ("三墩镇", "三墩镇", "三墩镇"),
        ("ENC", "三墩镇", "ENC"),
    ],
)
def test_the_region_stands_once(address: str, town: str, expected: str) -> None:
    receiver = sound("jd", to(fullAddress=address, town=town)).receiver
    assert (receiver["town"], receiver["address"]) == (town, expected)


@pytest.mark.parametrize(
    ("fields", "country"),
    [
        ({"province": "香港"}, "HK"),
        ({"province": "港澳", "city": "香港特别行政区"}, "HK"),
        ({"province": "港澳", "city": "澳门特别行政区"}, "MO"),
        ({"province": "台湾", "city": "台北市"}, "TW"),
        ({"province": "海外", "city": "加拿大"}, "CA"),
        ({"province": "浙江"}, "CN"),
        ({"province": ""}, "CN"),
    ],
)
def test_the_country_is_the_real_one(fields: Doc, country: str) -> None:
    assert sound("jd", to(**fields)).receiver["country"] == country


@pytest.mark.parametrize(
    ("fields", "phone", "extension", "forms"),
    [
        ({"mobile": "13800000000"}, "13800000000", "", {}),
        ({"mobile": "13800000000-1234"}, "13800000000", "1234", {"phone": "privacy"}),
        ({"mobile": "138****0000"}, "138****0000", "", {"phone": "masked"}),
        ({"mobile": "", "telephone": "0571-88880000"}, "0571-88880000", "", {}),
        ({"mobile": "138****0000", "encrypt_mobile": "c2VjcmV0"}, "c2VjcmV0", "", {"phone": "cipher"}),
    ],
)
def test_forms_of_a_phone(fields: Doc, phone: str, extension: str, forms: dict[str, str]) -> None:
    receiver = sound("jd", to(**fields)).receiver
    assert (receiver["phone"], receiver["phone_extension"], receiver["forms"]) == (phone, extension, forms)


# Bad input


@pytest.mark.parametrize("number", [300000000001, "300000000001"])
def test_ids_come_as_numbers_or_texts(number: object) -> None:
    assert sound("jd", changed(JD, orderId=number)).order_no == "300000000001"


@pytest.mark.parametrize("number", [3e11, True, [], "", None, -1, "x" * 65])
def test_ids_are_never_guessed(number: object) -> None:
    assert [field for _, field in codes("jd", changed(JD, orderId=number))] == ["orderId"]


def test_a_line_without_seller_sku() -> None:
    assert codes("jd", with_lines({"outerSkuId": ""})) == [("missing_field", "itemInfoList[0].outerSkuId")]


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        (changed(JD, storeOrder=[1]), ("wrong_type", "storeOrder")),
        (changed(JD, orderType={}), ("wrong_type", "orderType")),
        (changed(JD, payType=[]), ("wrong_type", "payType")),
        (changed(JD, scDT="soon"), ("invalid_time", "scDT")),
        (changed(JD, stepPaymentInfo="paid"), ("wrong_type", "stepPaymentInfo")),
        (changed(JD, stepPaymentInfo={"payBalancePlan": "-1"}), ("out_of_range", "stepPaymentInfo.payBalancePlan")),
        (changed(JD, orderFlag={"preSaleOrder": "perhaps"}), ("wrong_type", "orderFlag.preSaleOrder")),
        (with_lines({"skuUuid": []}), ("wrong_type", "itemInfoList[0].skuUuid")),
        (with_lines({"afsInfoList": "one"}), ("wrong_type", "itemInfoList[0].afsInfoList")),
        (with_lines({"itemTotal": "1000001"}), ("out_of_range", "itemInfoList[0].itemTotal")),
        (with_lines({"itemTotal": "-1"}), ("quantity_not_positive", "itemInfoList[0].itemTotal")),
    ],
)
def test_fields_that_decide_and_are_wrong(doc: Doc, expected: tuple[str, str]) -> None:
    assert expected in codes("jd", doc)
