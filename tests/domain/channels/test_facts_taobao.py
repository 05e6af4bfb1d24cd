"""What a Taobao trade says of its lines: how many are still to be sent, by whom, where to, when, and what came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from streams.domain.channels.snapshot import Snapshot, to_send
from tests.domain.raw_orders import TAOBAO, TEN_O_CLOCK_MS, Doc, changed, codes, sound

LINE: Doc = TAOBAO["orders"]["order"][0]
SENT = {"status": "WAIT_BUYER_CONFIRM_GOODS", "consign_time": "2026-01-02 10:00:00"}


def trade(*lines: dict[str, Any], **fields: Any) -> Doc:
    """A trade of lines that differ from the usual one in these fields; the second is SKU-B, numbered 7."""
    others = ({}, {"oid": 7, "outer_sku_id": "SKU-B"}, {"oid": 8})
    sold = [changed(LINE, **{**other, **line}) for other, line in zip(others, lines, strict=False)] or [LINE]
    return changed(TAOBAO, orders={"order": sold}, **fields)


def counts(order: Snapshot) -> list[tuple[int, int, int, int]]:
    """Per line: still to be sent, shipped, cancelled, asked back."""
    return [
        (to_send(line), line["shipped_quantity"], line["cancelled_quantity"], line["asked_back_quantity"])
        for line in order.lines
    ]


@pytest.mark.parametrize(
    ("lines", "fields", "expected", "status"),
    [
        # sent in part, by whomever
        ([SENT, {}], {"status": "SELLER_CONSIGNED_PART"}, [(0, 2, 0, 0), (2, 0, 0, 0)], "PAID"),
        ([SENT, {}], {}, [(0, 2, 0, 0), (2, 0, 0, 0)], "PAID"),
        ([{"consign_time": "2026-01-02 10:00:00"}, {}], {}, [(0, 2, 0, 0), (2, 0, 0, 0)], "PAID"),
        ([{"status": "TRADE_FINISHED"}, {}], {}, [(0, 2, 0, 0), (2, 0, 0, 0)], "PAID"),
        # sent in part within a line: how many pieces is not said
        ([{"status": "SELLER_CONSIGNED_PART", "consign_time": "2026-01-02 10:00:00"}],
         {"status": "SELLER_CONSIGNED_PART"}, [(2, 0, 0, 0)], "HOLD"),
        ([{"status": "SELLER_CONSIGNED_PART"}, SENT], {"status": "WAIT_BUYER_CONFIRM_GOODS"},
         [(2, 0, 0, 0), (0, 2, 0, 0)], "HOLD"),
        # all sent: each line says so, or the trade alone
        ([SENT, SENT], {"status": "WAIT_BUYER_CONFIRM_GOODS"}, [(0, 2, 0, 0)] * 2, "SHIPPED"),
        ([{"status": ""}, {}], {"status": "WAIT_BUYER_CONFIRM_GOODS"}, [(0, 2, 0, 0)] * 2, "SHIPPED"),
        ([{"status": "TRADE_BUYER_SIGNED"}], {"status": "TRADE_BUYER_SIGNED"}, [(0, 2, 0, 0)], "SHIPPED"),
        # the trade is sent, one line is and another waits: nothing is sent twice
        ([SENT, {}], {"status": "WAIT_BUYER_CONFIRM_GOODS"}, [(0, 2, 0, 0), (2, 0, 0, 0)], "HOLD"),
        # closed before sending
        ([{}, {"status": "TRADE_CLOSED"}], {}, [(2, 0, 0, 0), (0, 0, 2, 0)], "PAID"),
        ([{}, {"status": "TRADE_CLOSED_BY_TAOBAO"}], {}, [(2, 0, 0, 0), (0, 0, 2, 0)], "PAID"),
        ([{"status": "TRADE_CLOSED"}] * 2, {}, [(0, 0, 2, 0)] * 2, "CANCELLED"),
        ([{}], {"status": "TRADE_CLOSED"}, [(0, 0, 2, 0)], "CANCELLED"),
        ([SENT, {"status": "TRADE_CLOSED"}], {}, [(0, 2, 0, 0), (0, 0, 2, 0)], "SHIPPED"),
        # refunds before sending: open, part of the money or nobody knows, all of the money
        ([{"refund_status": "WAIT_SELLER_AGREE"}, {}], {}, [(2, 0, 0, 2), (2, 0, 0, 0)], "HOLD"),
        ([{"refund_status": "SUCCESS"}], {}, [(2, 0, 0, 0)], "HOLD"),
        ([{"refund_status": "SUCCESS", "status": "TRADE_CLOSED"}, {}], {}, [(0, 0, 2, 0), (2, 0, 0, 0)], "PAID"),
        ([{"refund_status": "SUCCESS", "refund_fee": "99.00", "divide_order_fee": "99.00"}, {}], {},
         [(0, 0, 2, 0), (2, 0, 0, 0)], "PAID"),
        # refunds after sending move nothing, whatever the line is called then
        ([{**SENT, "refund_status": "SUCCESS"}], {"status": "WAIT_BUYER_CONFIRM_GOODS"}, [(0, 2, 0, 0)], "SHIPPED"),
        ([{**SENT, "status": "TRADE_CLOSED", "refund_status": "SUCCESS"}],
         {"status": "TRADE_CLOSED", "consign_time": "2026-01-02 10:00:00"}, [(0, 2, 0, 0)], "SHIPPED"),
        ([{"status": "TRADE_CLOSED", "refund_status": "SUCCESS"}],
         {"status": "TRADE_CLOSED", "consign_time": "2026-01-02 10:00:00"}, [(0, 2, 0, 0)], "SHIPPED"),
        ([{**SENT, "refund_status": "WAIT_BUYER_RETURN_GOODS"}], {"status": "WAIT_BUYER_CONFIRM_GOODS"},
         [(0, 2, 0, 2)], "SHIPPED"),
        # a new line on an order that is sent
        ([SENT, {"status": "WAIT_SELLER_SEND_GOODS"}], {"status": "SELLER_CONSIGNED_PART"},
         [(0, 2, 0, 0), (2, 0, 0, 0)], "PAID"),
    ],
)  # fmt: skip
def test_how_many_are_still_to_be_sent(
    lines: list[Doc], fields: Doc, expected: list[tuple[int, int, int, int]], status: str
) -> None:
    order = sound("taobao", trade(*lines, **fields))
    assert (counts(order), order.status) == (expected, status)
    assert [line["returned_quantity"] for line in order.lines] == [0] * len(lines)


@pytest.mark.parametrize(
    ("lines", "fields", "senders"),
    [
        ([{"is_daixiao": True}], {"is_daixiao": True}, ["SUPPLIER"]),
        ([{"is_daixiao": True}, {}], {"is_daixiao": True}, ["SUPPLIER", "MERCHANT"]),
        ([{"is_daixiao": "true"}, {"is_daixiao": False}], {}, ["SUPPLIER", "MERCHANT"]),
        ([{}], {"is_daixiao": True}, ["SUPPLIER"]),
        ([{"b2b_daixiao": "1"}, {}], {}, ["SUPPLIER", "MERCHANT"]),
        ([{"distribute_status": "distribute"}, {"distribute_status": "cancel"}], {}, ["SUPPLIER", "MERCHANT"]),
        ([{"is_sh_ship": True}], {}, ["PLATFORM"]),
        ([{"is_sh_ship": True}, {"is_sh_ship": False}], {}, ["PLATFORM", "MERCHANT"]),
        ([{}, {}], {"is_sh_ship": True}, ["PLATFORM", "PLATFORM"]),
        ([{"is_force_dc": True}, {}], {}, ["PLATFORM", "MERCHANT"]),
        ([{"auto_flow": "1"}, {"auto_flow": "0"}], {}, ["PLATFORM", "MERCHANT"]),
        ([{}], {"is_force_wlb": True, "is_brand_sale": True}, ["PLATFORM"]),
        ([{}], {"rt_omni_send_type": "storeSend"}, ["SERVICE"]),
        ([{}], {"rt_omni_send_type": "tmall"}, ["MERCHANT"]),
        ([{"is_service_order": True}, {}], {}, ["NOBODY service", "MERCHANT"]),
        ([{"shipping_type": "virtual"}, {"shipping_type": "express"}], {}, ["NOBODY virtual", "MERCHANT"]),
        ([{}], {"shipping_type": "virtual"}, ["NOBODY virtual"]),
        *(([{}], {"type": kind}, ["NOBODY virtual"]) for kind in ("auto_delivery", "ec", "game_equipment")),
        ([{}], {"type": "eticket"}, ["NOBODY voucher"]),
        ([{}], {"eticket_ext": "sms"}, ["NOBODY voucher"]),
        ([{}], {"market": "eticket"}, ["NOBODY voucher"]),
        ([{}], {"type": "hotel_trade"}, ["NOBODY service"]),
        ([{}], {"type": "o2o_offlinetrade"}, ["NOBODY point_of_sale"]),
        ([{}], {"nr_offline": "1"}, ["NOBODY point_of_sale"]),
        ([{}], {"shop_pick": "1"}, ["NOBODY pickup"]),
        ([{}], {"shop_pick": "0", "obs": "", "nr_offline": None}, ["MERCHANT"]),
        ([{}], {"o2o_delivery": "inshop"}, ["NOBODY pickup"]),
        ([{}], {"o2o_delivery": "online"}, ["MERCHANT"]),
        ([{}], {"rt_omni_send_type": "pickUp"}, ["NOBODY pickup"]),
        ([{}], {"gifting": "1", "receiver_name": "", "receiver_address": ""}, ["NOBODY gift_not_accepted"]),
        ([{}], {"gifting": "1"}, ["MERCHANT"]),  # accepted: there is somebody to send it to
    ],
)  # fmt: skip
def test_who_sends_it(lines: list[Doc], fields: Doc, senders: list[str]) -> None:
    order = sound("taobao", trade(*lines, **fields))
    found = [
        f"{line['sent_by']} {line['sender']}" if line["sent_by"] == "NOBODY" else line["sent_by"]
        for line in order.lines
    ]
    assert found == senders
    # What others send is never reserved, and all of it stands in the order.
    assert [to_send(line) for line in order.lines] == [2 if sender == "MERCHANT" else 0 for sender in senders]
    assert order.status == "PAID"


def test_two_lines_and_a_supplier_s_order_for_one_of_them_nobody_says_which() -> None:
    order = sound("taobao", trade({}, {}, is_daixiao=True))
    assert (order.status, order.hold_reason) == ("HOLD", "supplier_unclear")


@pytest.mark.parametrize("value", ["maybe", 7, [], {}, 1.5])
@pytest.mark.parametrize("name", ["is_daixiao", "is_sh_ship", "is_force_wlb", "gifting", "top_hold", "is_part_consign"])
def test_a_mark_that_is_none_is_reviewed(name: str, value: object) -> None:
    assert ("wrong_type", name) in codes("taobao", trade(**{name: value}))


@pytest.mark.parametrize("value", ["maybe", 7, []])
@pytest.mark.parametrize("name", ["is_daixiao", "is_sh_ship", "is_force_dc", "is_service_order"])
def test_so_is_a_line_s(name: str, value: object) -> None:
    assert codes("taobao", trade({name: value})) == [("wrong_type", f"orders.order[0].{name}")]


@pytest.mark.parametrize(
    ("lines", "fields", "not_before", "status", "hold"),
    [
        ([{}], {"est_con_time": "2026-02-10"}, "2026-02-08 00:00", "HOLD", "not_before"),
        ([{}], {"est_con_time": "1_2026-02-10"}, "2026-02-08 00:00", "HOLD", "not_before"),
        ([{}], {"est_con_time": "付款后5天内"}, "2026-01-04 10:00", "HOLD", "not_before"),
        ([{}], {"est_con_time": "2_5"}, "2026-01-04 10:00", "HOLD", "not_before"),
        ([{}], {"send_time": "2026-02-10 23:59:59"}, "2026-02-08 23:59:59", "HOLD", "not_before"),
        ([{}, {"estimate_con_time": "2026-02-10"}], {}, "2026-02-08 00:00", "HOLD", "not_before"),
        ([{}], {"os_date": "20260110", "shipping_type": "26"}, "2026-01-10 00:00", "HOLD", "not_before"),
        ([{}], {"tcps_start": "2026-01-03 09:00:00"}, "2026-01-03 09:00", "HOLD", "not_before"),
        # come already, or about to; nobody can tell when
        ([{}], {"send_time": "2026-01-03 10:00:00"}, None, "PAID", None),
        ([{}], {"send_time": "2025-12-30 00:00:00"}, None, "PAID", None),
        ([{}], {"est_con_time": "soon"}, None, "HOLD", "presale_without_date"),
        ([{}], {"new_presell": True}, None, "HOLD", "presale_without_date"),
        # deposits: the balance decides, and its date is a deadline
        ([{}], {"type": "step", "step_trade_status": "FRONT_PAID_FINAL_NOPAID"}, None, "HOLD", "deposit_only"),
        ([{}], {"step_trade_status": "FRONT_PAID_FRONT_FORFEITED"}, None, "HOLD", "deposit_only"),
        ([{}], {"step_trade_status": "FRONT_PAID_FINAL_PAID", "send_time": "2026-02-10 23:59:59"}, None, "PAID", None),
        ([{}], {"status": "WAIT_BUYER_PAY", "step_trade_status": "FRONT_PAID_FINAL_NOPAID"}, None, "UNPAID", None),
    ],
)
def test_not_before(lines: list[Doc], fields: Doc, not_before: str | None, status: str, hold: str | None) -> None:
    order = sound("taobao", trade(*lines, **fields))
    assert (order.status, order.hold_reason) == (status, hold)
    assert order.not_before_ms == (None if not_before is None else gmt8(not_before))


def gmt8(text: str) -> int:
    return int((datetime.fromisoformat(text) - datetime(1970, 1, 1) - timedelta(hours=8)).total_seconds() * 1000)


@pytest.mark.parametrize("date", ["2026-13-40", "tomorrow", 7.5, ["soon"], "1970-01-02"])
def test_a_day_that_is_none_is_reviewed(date: object) -> None:
    assert [field for _, field in codes("taobao", trade(os_date=date))][-1] == "os_date"


@pytest.mark.parametrize(
    ("fields", "collect"),
    [
        ({"type": "cod"}, 9900),
        ({"type": "cod", "pay_time": ...}, 9900),
        ({"type": "cod", "express_agency_fee": "104.00"}, 10400),
        ({"type": "cod", "express_agency_fee": "0.00"}, 9900),
        ({"type": "guarantee_trade", "express_agency_fee": "0.00"}, None),
    ],
)
def test_cash_on_delivery_is_shippable_and_says_what_to_collect(fields: Doc, collect: int | None) -> None:
    order = sound("taobao", trade(**fields))
    assert (order.status, order.collect_minor) == ("PAID", collect)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"receiver_town": "三墩镇"}, ("CN", "浙江省", "杭州市", "西湖区", "三墩镇")),
        ({"receiver_country": "中国"}, ("CN", "浙江省", "杭州市", "西湖区", "")),
        ({"receiver_state": "香港特别行政区", "receiver_city": "九龙", "receiver_district": "油尖旺区"},
         ("HK", "香港特别行政区", "九龙", "油尖旺区", "")),
        ({"receiver_state": "澳门特别行政区", "receiver_city": "", "receiver_district": "澳门半岛"},
         ("MO", "澳门特别行政区", "澳门半岛", "澳门半岛", "")),
        ({"receiver_state": "海外", "receiver_city": "", "receiver_district": "", "receiver_country": "加拿大"},
         ("CA", "海外", "", "", "")),
        ({"receiver_country": "Nowhere"}, ("", "浙江省", "杭州市", "西湖区", "")),
        ({"receiver_state": "海外"}, ("", "海外", "杭州市", "西湖区", "")),
        ({"receiver_state": "台湾省", "receiver_city": "台北市", "receiver_district": "大安区", "receiver_country": "中国"},
         ("TW", "台湾省", "台北市", "大安区", "")),
    ],
)  # fmt: skip
def test_where_to(fields: Doc, expected: tuple[str, ...]) -> None:
    receiver = sound("taobao", trade(**fields)).receiver
    assert (*(receiver[name] for name in ("country", "province", "city", "district", "town")),) == expected  # type: ignore[literal-required]
    assert receiver["address"] == "文三路***"


@pytest.mark.parametrize(
    ("mobile", "expected"),
    [
        ("13800000000", ("13800000000", "", None)),
        ("13800000000-1234", ("13800000000", "1234", "privacy")),
        ("13800000000转1234", ("13800000000", "1234", "privacy")),
        ("13800000000,1234", ("13800000000", "1234", "privacy")),
        ("138****0000", ("138****0000", "", "masked")),
        ("138****0000-1234", ("138****0000", "1234", "masked")),
        ("0571-88000000", ("0571-88000000", "", None)),
        ("0571-88000000-12", ("0571-88000000-12", "", None)),
        ("~cGhvbmU=~1~1~~", ("~cGhvbmU=~1~1~~", "", "cipher")),
        ("$13800000000$#1234#", ("13800000000", "1234", "privacy")),
    ],
)
def test_the_phone(mobile: str, expected: tuple[str, str, str | None]) -> None:
    receiver = sound("taobao", trade(receiver_mobile=mobile)).receiver
    assert (receiver["phone"], receiver["phone_extension"], receiver["forms"].get("phone")) == expected


@pytest.mark.parametrize(
    ("address", "town", "expected"),
    [
        ("浙江省杭州市西湖区文三路1号", "", "文三路1号"),
        ("浙江省杭州市西湖区三墩镇文三路1号", "三墩镇", "文三路1号"),
        ("三墩镇***", "三墩镇", "***"),
        ("文三路1号", "三墩镇", "文三路1号"),
        ("~5rWZ5rGf~1~1~~", "三墩镇", "~5rWZ5rGf~1~1~~"),
        ("***", "", "***"),
    ],
)
def test_the_region_stands_once(address: str, town: str, expected: str) -> None:
    receiver = sound("taobao", trade(receiver_address=address, receiver_town=town)).receiver
    assert (receiver["address"], receiver["town"]) == (expected, town)


def test_an_extension_may_stand_behind_the_name() -> None:
    receiver = sound("taobao", trade(receiver_name="张三[1234]", receiver_mobile="17000000000")).receiver
    assert (receiver["name"], receiver["phone"], receiver["phone_extension"]) == ("张三[1234]", "17000000000", "1234")
    assert receiver["forms"] == {"phone": "privacy", "address": "masked"}


def test_a_fixed_line_where_there_is_no_mobile() -> None:
    doc = trade(receiver_mobile="", receiver_phone="0571-88000000")
    assert sound("taobao", doc).receiver["phone"] == "0571-88000000"


def test_combined_goods_are_lines_of_their_parts() -> None:
    parts = [{"outer_sku_id": "SKU-B", "quantity": 3, "item_name": "杯"}, {"outer_iid": "SKU-C", "quantity": 1}]
    bundle = {"outer_sku_id": "", "outer_iid": "", "combine_item_info": {"combine_sub_item_do": parts}}
    order = sound("taobao", trade(bundle))
    assert [
        (line["line_no"], line["sku"], line["title"], line["quantity"], line["bundle_line_no"]) for line in order.lines
    ] == [
        ("2300000000000000002/SKU-B", "SKU-B", "杯", 6, "2300000000000000002"),
        ("2300000000000000002/SKU-C", "SKU-C", "测试商品", 2, "2300000000000000002"),
    ]
    closed = sound("taobao", trade({**bundle, **SENT}, {})).lines
    assert [(line["shipped_quantity"], to_send(line)) for line in closed] == [(6, 0), (2, 0), (0, 2)]
    assert codes("taobao", trade({"combine_item_info": [{"quantity": 0}]})) == [
        ("missing_field", "orders.order[0].combine_item_info[0].outer_sku_id or outer_iid"),
        ("out_of_range", "orders.order[0].combine_item_info[0].quantity"),
    ]


def test_a_bought_and_a_given_piece_of_one_sku_are_two_lines() -> None:
    order = sound("taobao", trade({}, {"outer_sku_id": "SKU-A", "price": "0.00", "is_free_gift": True}))
    assert [(line["line_no"], line["sku"]) for line in order.lines] == [
        ("2300000000000000002", "SKU-A"),
        ("7", "SKU-A"),
    ]


@pytest.mark.parametrize("line", [SENT, {"status": "TRADE_CLOSED"}, {"is_daixiao": True}, {"shipping_type": "virtual"}])
def test_a_line_without_a_sku_is_nothing_to_fuss_about_where_it_is_not_sent(line: Doc) -> None:
    order = sound("taobao", trade({}, {**line, "outer_sku_id": "", "outer_iid": ""}))
    assert [line["sku"] for line in order.lines] == ["SKU-A", ""]


def test_more_refunded_than_was_paid_is_reviewed() -> None:
    doc = trade({"refund_status": "SUCCESS", "refund_fee": "500.00", "payment": "99.00"})
    assert codes("taobao", doc) == [("contradiction", "orders.order[0].refund_fee")]


def test_what_was_paid_long_ago_is_read_as_it_was() -> None:
    assert sound("taobao", TAOBAO).paid_at_ms == TEN_O_CLOCK_MS
    assert codes("taobao", trade(created="1970-01-03 00:00:00")) == [("invalid_time", "created")]
