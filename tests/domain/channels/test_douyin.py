"""Douyin orders: codes as numbers and texts, who sends them, parcels of a part, presales, bundles, 19-digit ids."""

from __future__ import annotations

import pytest

from schemas.records import Receiver
from streams.domain.channels import MAPPERS
from streams.domain.channels.settings import ChannelSettings
from streams.domain.channels.snapshot import to_send
from tests.domain.raw_orders import DOUYIN, TEN_O_CLOCK_MS, Doc, changed, codes, sound

LINE: Doc = DOUYIN["sku_order_list"][0]
LINE_NO, SECOND_NO = "4900000000000000001", "4900000000000000002"
DEADLINE_S = DOUYIN["exp_ship_time"]
TWO_DAYS_S = 48 * 3600
LATER_S = DOUYIN["update_time"] + 7 * 24 * 3600


def with_line(fields: Doc | None = None, **line: object) -> Doc:
    return changed(DOUYIN, sku_order_list=[changed(LINE, **line)], **(fields or {}))


def parcel(pieces: int, line_no: str = LINE_NO) -> Doc:
    return {"tracking_no": "YT1", "product_info": [{"sku_order_id": line_no, "product_count": pieces}]}


def test_a_paid_order_is_mapped_whole() -> None:
    order = sound("douyin", DOUYIN)
    assert (order.order_no, order.status, order.total_minor) == ("4900000000000000001", "PAID", 9900)
    assert (order.placed_at_ms, order.paid_at_ms, order.version) == (
        TEN_O_CLOCK_MS - 60_000,
        TEN_O_CLOCK_MS,
        TEN_O_CLOCK_MS,
    )
    assert (order.ship_by_ms, order.not_before_ms, order.collect_minor) == (DEADLINE_S * 1000, None, None)
    receiver: Receiver = {
        "name": "##bg==*bg==#1##",
        "phone": "$$dA==*dA==$1$$",
        "country": "CN",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "town": "北山街道",
        "address": "##ZA==*ZA==#1##",
        "postal_code": "",
        "oaid": None,
        "company": "",
        "phone_extension": "",
        "forms": {"name": "cipher", "phone": "cipher", "address": "cipher"},
    }
    assert order.receiver == receiver
    assert (order.lines[0]["line_no"], order.lines[0]["unit_price_minor"]) == (LINE_NO, 4950)
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
        ({"main_status": 103}, "HOLD", "deposit_only"),
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


# What has left


@pytest.mark.parametrize(
    ("fields", "line", "status", "shipped", "cancelled"),
    [
        ({"order_status": 3}, {"order_status": "3"}, "SHIPPED", 2, 0),
        ({"order_status": 3}, {"order_status": "2"}, "SHIPPED", 2, 0),
        ({"order_status": 3}, {"order_status": ...}, "SHIPPED", 2, 0),
        ({"order_status": 101, "logistics_info": [parcel(1)]}, {"order_status": "101"}, "PAID", 1, 0),
        ({"order_status": 101, "logistics_info": [parcel(1), parcel(1)]}, {"order_status": "101"}, "SHIPPED", 2, 0),
        ({"order_status": 101, "logistics_info": [parcel(5)]}, {"order_status": "101"}, "SHIPPED", 2, 0),
        ({"order_status": 101, "logistics_info": [parcel(2, SECOND_NO)]}, {"order_status": "2"}, "PAID", 0, 0),
        ({"order_status": 4}, {"order_status": "4"}, "CANCELLED", 0, 2),
        ({"order_status": 4}, {"order_status": "2"}, "CANCELLED", 0, 2),
        ({"order_status": 4, "ship_time": 1767240000}, {"order_status": "2"}, "SHIPPED", 2, 0),
        ({"order_status": 4, "ship_time": 1767240000}, {"order_status": "4", "ship_time": 1767240000}, "SHIPPED", 2, 0),
        ({"order_status": 4, "main_status": 22}, {"order_status": "4", "main_status": 22}, "SHIPPED", 2, 0),
        ({"order_status": 4, "main_status": 21}, {"order_status": "4", "main_status": 21}, "CANCELLED", 0, 2),
        ({"order_status": 2}, {"order_status": "4"}, "CANCELLED", 0, 2),
        ({"order_status": 2}, {"order_status": "21"}, "CANCELLED", 0, 2),
        ({"order_status": 4, "logistics_info": [parcel(1)]}, {"order_status": "4"}, "SHIPPED", 1, 1),
    ],
)
def test_what_has_left_and_what_never_will(fields: Doc, line: Doc, status: str, shipped: int, cancelled: int) -> None:
    order = sound("douyin", with_line(fields, **line))
    found = order.lines[0]
    assert (order.status, found["shipped_quantity"], found["cancelled_quantity"]) == (status, shipped, cancelled)


def test_a_part_sent_without_a_count_is_held() -> None:
    order = sound("douyin", with_line({"order_status": 101}, order_status="101"))
    assert (order.status, order.hold_reason) == ("HOLD", "sent_unclear")


def test_first_seen_when_a_line_is_sent_only_the_other_is_left() -> None:
    lines = [changed(LINE, order_status="3"), changed(LINE, order_id=SECOND_NO, code="SKU-B", item_num=1)]
    order = sound("douyin", changed(DOUYIN, order_status=101, sku_order_list=lines))
    assert (order.status, [to_send(line) for line in order.lines]) == ("PAID", [0, 1])


def test_a_line_that_is_cancelled_leaves_the_other() -> None:
    lines = [LINE, changed(LINE, order_id=SECOND_NO, order_status="4", code="")]
    order = sound("douyin", changed(DOUYIN, sku_order_list=lines))
    assert (order.status, [to_send(line) for line in order.lines]) == ("PAID", [2, 0])


# Who sends it

STOCK = {"warehouse_id": "1", "count": 2}


@pytest.mark.parametrize(
    ("fields", "line", "sent_by", "sender"),
    [
        ({}, {"inventory_list": [{**STOCK, "warehouse_type": 0}]}, "MERCHANT", ""),
        ({}, {"inventory_list": [{**STOCK, "warehouse_type": 1}]}, "PLATFORM", "跨境仓"),
        ({}, {"inventory_list": [{**STOCK, "warehouse_type": 2}]}, "PLATFORM", "云仓"),
        (
            {},
            {"sku_yun_warehouse_info": [{"real_yun_warehouse_info": {"yun_warehouse_code": "Y1"}}]},
            "PLATFORM",
            "云仓",
        ),
        ({}, {"sku_yun_warehouse_info": [{"real_yun_warehouse_info": {}}]}, "MERCHANT", ""),
        ({"order_type": 2}, {}, "NOBODY", "virtual"),
        ({"order_type": 4}, {}, "NOBODY", "voucher"),
        ({"order_type": 5}, {}, "NOBODY", "voucher"),
        ({"order_type": 6}, {}, "NOBODY", "service"),
        ({}, {"order_type": 4}, "NOBODY", "voucher"),
        ({}, {"goods_type": 1}, "NOBODY", "virtual"),
        ({}, {"receive_type": 2}, "NOBODY", "pickup"),
        ({}, {"receive_type": 1, "goods_type": 0, "supplier_id": "0", "store_info": {"store_id": "0"}}, "MERCHANT", ""),
    ],
)
def test_who_sends_it(fields: Doc, line: Doc, sent_by: str, sender: str) -> None:
    order = sound("douyin", with_line(fields, **line))
    assert (order.status, order.hold_reason) == ("PAID", None)
    assert [(one["sent_by"], one["sender"]) for one in order.lines] == [(sent_by, sender)]
    assert sum(map(to_send, order.lines)) == (2 if sent_by == "MERCHANT" else 0)


@pytest.mark.parametrize(
    ("line", "hold"),
    [
        ({"inventory_list": [{**STOCK, "warehouse_type": 0}, {**STOCK, "warehouse_type": 2}]}, "warehouse_unclear"),
        ({"inventory_list": [{**STOCK, "warehouse_type": 9}]}, "warehouse_unclear"),
        ({"supplier_id": "S-1"}, "supplier_unknown"),
        ({"store_info": {"store_id": "88"}}, "shop_sends"),
        ({"trade_type": 18}, "shop_sends"),
    ],
)
def test_who_sends_it_is_in_doubt(line: Doc, hold: str) -> None:
    order = sound("douyin", with_line(**line))
    assert (order.status, order.hold_reason) == ("HOLD", hold)


@pytest.mark.parametrize(
    ("settings", "sent_by", "hold"),
    [
        (ChannelSettings(own_suppliers=("S-1",)), "MERCHANT", None),
        (ChannelSettings(own_suppliers=("*",)), "MERCHANT", None),
        (ChannelSettings(suppliers=("S-1",)), "SUPPLIER", None),
        (ChannelSettings(own_suppliers=("*",), suppliers=("S-1",)), "SUPPLIER", None),
        (ChannelSettings(own_suppliers=("S-2",)), "MERCHANT", "supplier_unknown"),
    ],
)
def test_the_settings_say_what_a_supplier_means(settings: ChannelSettings, sent_by: str, hold: str | None) -> None:
    order = MAPPERS["douyin"](with_line(supplier_id="S-1"), [], settings)
    assert (order.lines[0]["sent_by"], order.hold_reason) == (sent_by, hold)


def test_goods_of_another_warehouse_do_not_hold_those_of_ones_own() -> None:
    theirs = {"inventory_list": [{**STOCK, "warehouse_type": 2}], "code": "", "supplier_id": "S-1"}
    lines = [LINE, changed(LINE, order_id=SECOND_NO, **theirs)]
    order = sound("douyin", changed(DOUYIN, sku_order_list=lines))
    assert (order.status, [to_send(line) for line in order.lines]) == ("PAID", [2, 0])


# Cash on delivery


@pytest.mark.parametrize(
    ("fields", "status", "collect"),
    [
        ({"pay_type": 0, "pay_time": 0}, "PAID", 9900),
        ({"pay_type": "0", "pay_time": 0}, "PAID", 9900),
        ({"pay_type": 0, "pay_amount": 0, "order_amount": 9900}, "PAID", 9900),
        ({"pay_type": 1}, "PAID", None),
        ({}, "PAID", None),
        # Not confirmed yet: what stands for no way of paying stands for cash too.
        ({"pay_type": 0, "order_status": 1, "main_status": 1, "pay_time": 0}, "UNPAID", None),
    ],
)
def test_cash_on_delivery(fields: Doc, status: str, collect: int | None) -> None:
    order = sound("douyin", changed(DOUYIN, **fields))
    assert (order.status, order.collect_minor) == (status, collect)


# Not before


@pytest.mark.parametrize(
    ("fields", "line", "not_before_s"),
    [
        ({"appointment_ship_time": LATER_S}, {}, LATER_S),
        ({}, {"appointment_ship_time": LATER_S}, LATER_S),
        ({}, {"pre_sale_type": 1, "exp_ship_time": LATER_S}, LATER_S - TWO_DAYS_S),
        ({"exp_ship_time": LATER_S}, {"pre_sale_type": 2, "exp_ship_time": 0}, LATER_S - TWO_DAYS_S),
        ({}, {"pre_sale_type": 2, "exp_ship_time": DEADLINE_S}, None),  # the tier that is in stock
        ({}, {"pre_sale_type": 0, "exp_ship_time": LATER_S}, None),
        ({"appointment_ship_time": DOUYIN["update_time"]}, {}, None),
        ({"order_status": 3}, {"order_status": "3", "appointment_ship_time": LATER_S}, None),
    ],
)
def test_presales_and_booked_days(fields: Doc, line: Doc, not_before_s: int | None) -> None:
    order = sound("douyin", with_line(fields, **line))
    assert order.not_before_ms == (not_before_s * 1000 if not_before_s else None)
    assert order.hold_reason == ("not_before" if not_before_s else None)


@pytest.mark.parametrize(
    ("phases", "hold"),
    [
        ([{"current_phase": 1, "pay_success": True}, {"current_phase": 2, "pay_success": False}], "deposit_only"),
        ([{"phase_pay_time": 1767232800}, {"phase_pay_time": 0}], "deposit_only"),
        ([{"current_phase": 1, "pay_success": True}, {"current_phase": 2, "pay_success": True}], None),
        ([{"phase_pay_time": 1767232800}, {"phase_pay_time": 1767232800}], None),
        ([], None),
    ],
)
def test_a_presale_with_the_deposit_only(phases: list[Doc], hold: str | None) -> None:
    assert sound("douyin", changed(DOUYIN, order_phase_list=phases)).hold_reason == hold


# Bundles and gifts

PARTS = [
    {"code": "SKU-A", "item_num": 1, "product_name": "甲"},
    {"code": "SKU-B", "item_num": 3, "product_name": "乙"},
]


def test_combined_goods_are_their_parts() -> None:
    order = sound("douyin", with_line(code="", bundle_sku_info=PARTS))
    found = [(line["line_no"], line["sku"], line["title"], line["quantity"]) for line in order.lines]
    assert found == [(f"{LINE_NO}/SKU-A", "SKU-A", "甲", 2), (f"{LINE_NO}/SKU-B", "SKU-B", "乙", 6)]
    assert {line["bundle_line_no"] for line in order.lines} == {LINE_NO}


def test_parts_have_left_with_their_bundle() -> None:
    doc = with_line({"order_status": 101, "logistics_info": [parcel(1)]}, order_status="101", bundle_sku_info=PARTS)
    assert [to_send(line) for line in sound("douyin", doc).lines] == [1, 3]


def test_a_bundle_whose_parts_have_no_codes_is_left_to_the_merchants_table() -> None:
    order = sound("douyin", with_line(code="SET-1", bundle_sku_info=[{"product_name": "甲"}, *PARTS]))
    assert [(line["line_no"], line["sku"]) for line in order.lines] == [(LINE_NO, "SET-1")]
    assert codes("douyin", with_line(code="", bundle_sku_info=[{"product_name": "甲"}])) == [
        ("missing_field", "sku_order_list[0].code")
    ]


def test_a_gift_is_a_line_of_its_own() -> None:
    gift = changed(LINE, order_id=SECOND_NO, item_num=1, origin_amount=0, given_product_type="FREE")
    order = sound("douyin", changed(DOUYIN, sku_order_list=[LINE, gift]))
    assert [(line["sku"], to_send(line)) for line in order.lines] == [("SKU-A", 2), ("SKU-A", 1)]


# Receiver


@pytest.mark.parametrize(
    ("fields", "phone", "extension", "form"),
    [
        ({"encrypt_post_tel": ..., "mask_post_tel": "138****0000"}, "138****0000", "", "masked"),
        ({"encrypt_post_tel": "", "post_tel": "13800000000"}, "13800000000", "", ""),
        ({"encrypt_post_tel": None, "post_tel": "13800000000-1234"}, "13800000000", "1234", "privacy"),
    ],
)
def test_the_second_choices_of_a_phone(fields: Doc, phone: str, extension: str, form: str) -> None:
    receiver = sound("douyin", changed(DOUYIN, **fields)).receiver
    assert (receiver["phone"], receiver["phone_extension"], receiver["forms"].get("phone", "")) == (
        phone,
        extension,
        form,
    )


def test_the_region_stands_once_where_the_address_is_in_clear() -> None:
    place = changed(DOUYIN["post_addr"], encrypt_detail=..., detail="浙江省杭州市西湖区北山街道保俶路1号")
    receiver = sound("douyin", changed(DOUYIN, post_addr=place)).receiver
    assert (receiver["town"], receiver["address"], receiver["forms"].get("address")) == ("北山街道", "保俶路1号", None)


def test_an_address_that_is_only_masked() -> None:
    place = changed(DOUYIN["post_addr"], encrypt_detail=...)
    order = sound("douyin", changed(DOUYIN, post_addr=place, mask_post_addr={"detail": "丁河村***"}))
    assert (order.receiver["address"], order.receiver["forms"]["address"]) == ("丁河村***", "masked")


@pytest.mark.parametrize(
    ("province", "country"),
    [("香港特别行政区", "HK"), ("澳门特别行政区", "MO"), ("台湾省", "TW"), ("浙江省", "CN"), ("", "CN")],
)
def test_the_country_is_the_real_one(province: str, country: str) -> None:
    place = changed(DOUYIN["post_addr"], province={"name": province}, city={"name": ""})
    assert sound("douyin", changed(DOUYIN, post_addr=place)).receiver["country"] == country


# Bad input


def test_the_outer_code_stands_in_for_a_missing_code() -> None:
    assert sound("douyin", with_line(code="", out_sku_id=77)).lines[0]["sku"] == "77"


def test_ids_above_two_to_the_53_stay_exact() -> None:
    assert sound("douyin", changed(DOUYIN, order_id=4900000000000000001)).order_no == "4900000000000000001"


def test_an_unknown_line_status() -> None:
    assert codes("douyin", with_line(order_status="99")) == [("unknown_status", "sku_order_list[0].order_status")]


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        (changed(DOUYIN, pay_type="cash"), ("wrong_type", "pay_type")),
        (changed(DOUYIN, order_type=[2]), ("wrong_type", "order_type")),
        (changed(DOUYIN, appointment_ship_time="tomorrow"), ("invalid_time", "appointment_ship_time")),
        (changed(DOUYIN, appointment_ship_time=1800), ("invalid_time", "appointment_ship_time")),
        (changed(DOUYIN, order_phase_list="paid"), ("wrong_type", "order_phase_list")),
        (changed(DOUYIN, logistics_info="YT1"), ("wrong_type", "logistics_info")),
        (
            changed(DOUYIN, logistics_info=[parcel(-1)]),
            ("out_of_range", "logistics_info[0].product_info[0].product_count"),
        ),
        (
            changed(DOUYIN, logistics_info=[parcel(10**6)]),
            ("out_of_range", "logistics_info[0].product_info[0].product_count"),
        ),
        (with_line(item_num=10**6), ("out_of_range", "sku_order_list[0].item_num")),
        (with_line(item_num=-2), ("quantity_not_positive", "sku_order_list[0].item_num")),
        (with_line(pre_sale_type="soon"), ("wrong_type", "sku_order_list[0].pre_sale_type")),
        (with_line(goods_type={}), ("wrong_type", "sku_order_list[0].goods_type")),
        (with_line(receive_type=-1), ("out_of_range", "sku_order_list[0].receive_type")),
        (with_line(supplier_id=[]), ("wrong_type", "sku_order_list[0].supplier_id")),
        (with_line(store_info="shop"), ("wrong_type", "sku_order_list[0].store_info")),
        (with_line(inventory_list={"warehouse_type": 2}), ("wrong_type", "sku_order_list[0].inventory_list")),
        (
            with_line(inventory_list=[{"warehouse_type": "mine"}]),
            ("wrong_type", "sku_order_list[0].inventory_list[0].warehouse_type"),
        ),
        (
            with_line(bundle_sku_info=[{"code": "SKU-A", "item_num": 0}]),
            ("out_of_range", "sku_order_list[0].bundle_sku_info[0].item_num"),
        ),
    ],
)
def test_fields_that_decide_and_are_wrong(doc: Doc, expected: tuple[str, str]) -> None:
    assert expected in codes("douyin", doc)
