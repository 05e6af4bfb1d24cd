"""What a Pinduoduo order says of its lines: how many are still to be sent, by whom, where to, when, and what came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from streams.domain.channels import MAPPERS
from streams.domain.channels.settings import DEFAULT
from streams.domain.channels.snapshot import Snapshot, to_send
from tests.domain.raw_orders import PDD, Doc, changed, codes, sound

LINE: Doc = PDD["item_list"][0]


def order(*lines: dict[str, Any], **fields: Any) -> Doc:
    return changed(PDD, item_list=[changed(LINE, **line) for line in lines] or [LINE], **fields)


def counts(found: Snapshot) -> list[tuple[int, int, int, int]]:
    """Per line: still to be sent, shipped, cancelled, asked back."""
    return [
        (to_send(line), line["shipped_quantity"], line["cancelled_quantity"], line["asked_back_quantity"])
        for line in found.lines
    ]


@pytest.mark.parametrize(
    ("fields", "expected", "status"),
    [
        ({}, (2, 0, 0, 0), "PAID"),
        ({"order_status": 2}, (0, 2, 0, 0), "SHIPPED"),
        ({"confirm_status": 2}, (0, 0, 2, 0), "CANCELLED"),
        ({"group_status": 2}, (0, 0, 2, 0), "CANCELLED"),
        # before sending: part of the money or nobody knows how much, then the refund is withdrawn
        ({"refund_status": 4, "after_sales_status": 10}, (2, 0, 0, 0), "HOLD"),
        ({"refund_status": 2, "after_sales_status": 2}, (2, 0, 0, 2), "HOLD"),
        ({"refund_status": 1, "after_sales_status": 11}, (2, 0, 0, 0), "PAID"),
        ({"refund_status": 4, "after_sales_status": 10, "confirm_status": 2}, (0, 0, 2, 0), "CANCELLED"),
        # after sending nothing moves
        ({"order_status": 2, "refund_status": 4, "after_sales_status": 10}, (0, 2, 0, 0), "SHIPPED"),
        ({"order_status": 3, "refund_status": 2, "after_sales_status": 7}, (0, 2, 0, 2), "SHIPPED"),
        ({"order_status": 3, "after_sales_status": 21}, (0, 2, 0, 0), "SHIPPED"),
    ],
)
def test_how_many_are_still_to_be_sent(fields: Doc, expected: tuple[int, int, int, int], status: str) -> None:
    found = sound("pdd", order(**fields))
    assert (counts(found), found.status) == ([expected], status)
    assert found.lines[0]["returned_quantity"] == 0


@pytest.mark.parametrize(
    ("fields", "sender"),
    [
        ({"self_contained": 1}, ("NOBODY", "pickup")),
        ({"order_tag_list": [{"name": "self_contained", "value": 1}]}, ("NOBODY", "pickup")),
        ({"self_contained": 0}, ("MERCHANT", "")),
        ({"card_info_list": [{"card_no": "1", "mask_password": "*"}]}, ("NOBODY", "voucher")),
        ({"card_info_list": []}, ("MERCHANT", "")),
        ({"order_tag_list": [{"name": "ship_additional_order", "value": 1}]}, ("NOBODY", "service")),
        ({"bonded_warehouse": "郑州保税仓"}, ("SERVICE", "郑州保税仓")),
        ({"bonded_warehouse": ""}, ("MERCHANT", "")),
        ({"order_depot_info": {"depot_type": 2, "depot_code": "DEPOT-9"}}, ("SERVICE", "DEPOT-9")),
        ({"order_depot_info": {"depot_type": 2}}, ("SERVICE", "")),
        ({"order_depot_info": {"depot_type": 1, "depot_code": "OWN"}}, ("MERCHANT", "")),
        ({"order_depot_info": {"depot_type": None}}, ("MERCHANT", "")),
        ({"order_depot_info": None}, ("MERCHANT", "")),
        # Sent by the merchant, to the platform's warehouse or straight abroad.
        ({"order_tag_list": [{"name": "conso_order", "value": 1}]}, ("MERCHANT", "")),
        ({"order_tag_list": [{"name": "direct_mail_activity", "value": 1}]}, ("MERCHANT", "")),
    ],
)
def test_who_sends_it(fields: Doc, sender: tuple[str, str]) -> None:
    found = sound("pdd", order({}, {"outer_id": "SKU-B", "sku_id": 7}, **fields))
    assert {(line["sent_by"], line["sender"]) for line in found.lines} == {sender}
    assert [to_send(line) for line in found.lines] == [2 if sender[0] == "MERCHANT" else 0] * 2
    assert found.status == "PAID"


def test_a_depot_may_be_one_s_own() -> None:
    doc = order(order_depot_info={"depot_type": 2, "depot_code": "DEPOT-9"})
    found = MAPPERS["pdd"](doc, [], DEFAULT._replace(own_services=("DEPOT-9",)))
    assert found.lines[0]["sent_by"] == "MERCHANT"


@pytest.mark.parametrize(
    ("fields", "not_before", "status", "hold"),
    [
        ({"is_pre_sale": 1, "pre_sale_time": "2026-02-10 23:59:59"}, "2026-02-08 23:59:59", "HOLD", "not_before"),
        ({"is_pre_sale": "1", "pre_sale_time": 1770739199}, "2026-02-08 23:59:59", "HOLD", "not_before"),
        ({"is_pre_sale": 1, "pre_sale_time": "2025-12-31 23:59:59"}, None, "PAID", None),
        ({"is_pre_sale": 1, "pre_sale_time": ""}, None, "HOLD", "presale_without_date"),
        ({"is_pre_sale": 1}, None, "HOLD", "presale_without_date"),
        ({"is_pre_sale": 1, "pre_sale_time": "1970-01-01 08:00:00"}, None, "HOLD", "presale_without_date"),
        ({"is_pre_sale": 0, "pre_sale_time": "2026-02-10 23:59:59"}, None, "PAID", None),
        ({"shipping_type": 1, "yyps_date": "2026-01-10", "yyps_time": "09:00-12:00"}, "2026-01-10 00:00", "HOLD", "not_before"),
        ({"shipping_type": 3, "yyps_date": "20260110"}, "2026-01-10 00:00", "HOLD", "not_before"),
        ({"trade_type": 1, "step_order_info": {"step_trade_status": 1}}, None, "HOLD", "deposit_only"),
        ({"trade_type": 1, "step_order_info": {"step_trade_status": 2}, "is_pre_sale": 1}, None, "PAID", None),
    ],
)  # fmt: skip
def test_not_before(fields: Doc, not_before: str | None, status: str, hold: str | None) -> None:
    found = sound("pdd", order(**fields))
    assert (found.status, found.hold_reason) == (status, hold)
    assert found.not_before_ms == (None if not_before is None else gmt8(not_before))


def gmt8(text: str) -> int:
    return int((datetime.fromisoformat(text) - datetime(1970, 1, 1) - timedelta(hours=8)).total_seconds() * 1000)


def test_cash_on_delivery_is_shippable_and_says_what_to_collect() -> None:
    found = sound("pdd", order(pay_type="COD", pay_time=""))
    assert (found.status, found.collect_minor) == ("PAID", 9950)
    assert sound("pdd", order(pay_type="WEIXIN")).collect_minor is None


def test_one_sku_twice_is_two_lines_and_the_first_keeps_its_number() -> None:
    found = sound("pdd", order({}, {"goods_count": 1, "goods_price": 0}, {}, gift_list=[LINE, LINE]))
    assert [line["line_no"] for line in found.lines] == [
        *("1500000000001", "1500000000001#2", "1500000000001#3"),
        *("gift:1500000000001", "gift:1500000000001#2"),
    ]
    assert [line["quantity"] for line in found.lines] == [2, 1, 2, 2, 2]


COMBINED = {
    "ware_type": 1,
    "ware_sn": "SET",
    "ware_sub_info_list": [
        {"ware_sn": "SKU-A", "ware_name": "壶", "ware_quantity": 1},
        {"ware_sn": "SKU-B", "ware_name": "杯", "ware_quantity": "4"},
    ],
}


def test_a_combined_ware_is_lines_of_its_parts() -> None:
    found = sound("pdd", order({"outer_id": "", "outer_goods_id": ""}, order_depot_info=COMBINED))
    assert [(line["line_no"], line["sku"], line["title"], line["quantity"]) for line in found.lines] == [
        ("1500000000001/SKU-A", "SKU-A", "壶", 2),
        ("1500000000001/SKU-B", "SKU-B", "杯", 8),
    ]
    sent = sound("pdd", order(order_status=2, order_depot_info=COMBINED))
    assert counts(sent) == [(0, 2, 0, 0), (0, 8, 0, 0)]


def test_of_two_lines_nobody_says_which_one_is_combined() -> None:
    found = sound("pdd", order({}, {"sku_id": 7, "outer_id": "SKU-B"}, order_depot_info=COMBINED))
    assert (found.status, found.hold_reason) == ("HOLD", "bundle_unclear")
    assert [line["sku"] for line in found.lines] == ["SKU-A", "SKU-B"]


def test_a_plain_ware_has_no_parts() -> None:
    assert [line["sku"] for line in sound("pdd", order(order_depot_info={**COMBINED, "ware_type": 0})).lines] == [
        "SKU-A"
    ]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"order_depot_info": "HZ"}, [("wrong_type", "order_depot_info")]),
        ({"self_contained": "perhaps"}, [("wrong_type", "self_contained")]),
        ({"is_pre_sale": "perhaps"}, [("wrong_type", "is_pre_sale")]),
        ({"is_pre_sale": 1, "pre_sale_time": "soon"}, [("invalid_time", "pre_sale_time")]),
        ({"is_pre_sale": 1, "pre_sale_time": 5}, [("invalid_time", "pre_sale_time")]),
        ({"yyps_date": "next week"}, [("invalid_time", "yyps_date")]),
        ({"after_sales_status": "open"}, [("wrong_type", "after_sales_status")]),
        ({"after_sales_status": -1}, [("out_of_range", "after_sales_status")]),
        ({"order_tag_list": {"name": "ship_hold"}}, [("wrong_type", "order_tag_list")]),
        ({"order_tag_list": [{"name": "ship_hold", "value": "yes"}]}, [("wrong_type", "order_tag_list[0].value")]),
        ({"shipping_time": "gone"}, [("invalid_time", "shipping_time")]),
        (
            {"order_depot_info": {"ware_type": 1, "ware_sub_info_list": [{"ware_sn": "A", "ware_quantity": 0}]}},
            [("out_of_range", "order_depot_info.ware_sub_info_list[0].ware_quantity")],
        ),
    ],
)
def test_what_cannot_be_read_is_named(fields: Doc, found: list[tuple[str, str]]) -> None:
    assert codes("pdd", order(**fields)) == found


@pytest.mark.parametrize(
    ("fields", "country"),
    [
        ({}, "CN"),
        ({"country": "中国"}, "CN"),
        ({"province": "香港特别行政区", "city": "香港岛", "town": "中西区"}, "HK"),
        ({"country": "中国", "province": "澳门特别行政区"}, "MO"),
        ({"country": "中国", "province": "台湾省"}, "TW"),
        ({"country": "日本", "province": "东京都"}, "JP"),
        ({"country": "Nowhere"}, ""),
    ],
)
def test_the_country_is_the_real_one(fields: Doc, country: str) -> None:
    assert sound("pdd", order(**fields)).receiver["country"] == country


@pytest.mark.parametrize(
    ("fields", "phone", "extension", "form"),
    [
        ({}, "$1$cGhvbmU=$1$", "", "cipher"),
        ({"receiver_phone": "$13800000000$#1234#"}, "13800000000", "1234", "privacy"),
        ({"receiver_phone": "$9500000$#12345678#"}, "9500000", "12345678", "privacy"),
        ({"receiver_phone": "", "contact_mobile": "13800000000"}, "13800000000", "", None),
        ({"receiver_phone": "", "receiver_phone_mask": "138****0000"}, "138****0000", "", "masked"),
    ],
)
def test_the_phone(fields: Doc, phone: str, extension: str, form: str | None) -> None:
    receiver = sound("pdd", order(**fields)).receiver
    assert (receiver["phone"], receiver["phone_extension"], receiver["forms"].get("phone")) == (phone, extension, form)
    assert (receiver["forms"]["name"], receiver["forms"]["address"]) == ("cipher", "cipher")
    assert receiver["address"] == "~YWRkcmVzcw==~1~1~~"


def test_what_the_platform_hides_it_prints_from_its_token() -> None:
    hidden = {"receiver_name": "", "receiver_address": "", "receiver_phone": "", "contact_mobile": "13800000000"}
    receiver = sound("pdd", order(**hidden, open_address_id="addr-1")).receiver
    assert (receiver["name"], receiver["address"], receiver["oaid"]) == ("", "", "addr-1")
    assert receiver["forms"] == {"name": "cipher", "address": "cipher"}
    assert sound("pdd", order(**hidden)).receiver["forms"] == {}
