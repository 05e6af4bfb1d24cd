"""Reading: every message of a channel is an order, or a review with all its reasons."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.codec import CODEC, CodecError
from streams.domain.channels.payload import MAX_PAYLOAD_BYTES
from streams.domain.intake.reading import NotAChannelEvent, read_event
from tests.domain.intake.messages import (
    CHANNELS,
    LINE,
    RECEIVED_MS,
    SKUS,
    at,
    codes,
    envelope,
    order_of,
    reading,
    review_of,
)
from tests.domain.raw_orders import ORDER_NO, SOUND, TAOBAO, changed


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_sound_event_becomes_its_order(channel: str) -> None:
    order = order_of(reading(channel, SOUND[channel], offset=7))
    assert order["order_id"] == f"{channel}:{ORDER_NO[channel]}"
    assert (order["channel"], order["shop"], order["order_no"]) == (channel, "shop-1", ORDER_NO[channel])
    assert (order["received_at_ms"], order["source"]) == (RECEIVED_MS, at(7))
    assert len(order["fingerprint"]) == 8


def test_a_review_keeps_the_whole_message() -> None:
    event = envelope("taobao", b"{")
    value = CODEC.encode("ChannelEvent", event)
    review = review_of(read_event(value, "taobao:2300000000000000001", at(3), SKUS))
    assert (review["event"], review["source"], review["received_at_ms"]) == (value, at(3), RECEIVED_MS)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b'{"tid": NaN}', "invalid_json"),
        (b'{"tid": -Infinity}', "invalid_json"),
        (b'{"tid": ' + b"9" * 5000 + b"}", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a":' * 100_000, "invalid_json"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
        (b'"order"', "wrong_type"),
        (b"1.5", "wrong_type"),
        ('{"title": "订单"}'.encode("gbk"), "wrong_encoding"),
        ('{"title": "订单"}'.encode("utf-16"), "wrong_encoding"),
        (b"\xef\xbb\xbf{}", "wrong_encoding"),
        (b'{"title": "\\ud83d"}', "wrong_encoding"),
        (b"{}" + b" " * MAX_PAYLOAD_BYTES, "payload_too_large"),
    ],
)
def test_what_is_no_json_object(payload: bytes, code: str) -> None:
    assert codes(reading("taobao", payload)) == [code]


def test_gbk_is_called_by_its_name() -> None:
    reasons = review_of(reading("taobao", '{"title": "订单"}'.encode("gbk")))["reasons"]
    assert "GBK" in reasons[0]["fix"]


def test_escaped_characters_beyond_the_basic_plane_are_fine() -> None:
    doc = changed(TAOBAO, buyer_message="好😀")
    assert order_of(reading("taobao", json.dumps(doc).encode()))["attributes"]["buyer_note"] == "好😀"


@pytest.mark.parametrize(
    ("fields", "key", "code"),
    [
        ({"channel": "kaola"}, "", "unknown_channel"),
        ({"kind": "refund"}, "", "unknown_kind"),
        ({"content_type": "text/xml"}, "", "unknown_content_type"),
        ({"shop": ""}, "", "missing_field"),
        ({"order_no": "2300000000000000009"}, "", "order_no_mismatch"),
        ({}, "taobao:5", "key_mismatch"),
        ({}, None, "key_mismatch"),
        ({}, b"\xff\xfe", "key_mismatch"),
    ],
)
def test_envelopes_that_disagree(fields: dict[str, Any], key: bytes | str | None, code: str) -> None:
    assert codes(reading("taobao", TAOBAO, key=key, **fields)) == [code]


def test_a_review_goes_by_the_messages_own_key() -> None:
    assert reading("taobao", TAOBAO, key=b"taobao:5").order_id == "taobao:5"
    assert reading("taobao", TAOBAO, key=None).order_id == "taobao:2300000000000000001"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "no_goods_lines"),
        ([LINE, LINE], "duplicate_line"),
        ([changed(LINE, outer_sku_id="SKU-X")], "unknown_sku"),
        ([changed(LINE, num=0)], "quantity_not_positive"),
        ([changed(LINE, num=-3)], "quantity_not_positive"),
        ([changed(LINE, num="-3")], "quantity_not_positive"),
        ([changed(LINE, num=1.5)], "wrong_type"),
        ([changed(LINE, num=True)], "wrong_type"),
        ([changed(LINE, num=2**31)], "out_of_range"),
        ([changed(LINE, num=10**30)], "out_of_range"),
        ([changed(LINE, num="1000000")], "out_of_range"),
        ([LINE] * 501, "too_many_lines"),
        (["SKU-A"], "wrong_type"),
    ],
)
def test_lines_that_cannot_be_shipped(lines: list[Any], code: str) -> None:
    assert codes(reading("taobao", changed(TAOBAO, orders={"order": lines}))) == [code]


def test_more_pieces_refunded_than_bought() -> None:
    doc = changed(
        SOUND["shopify"],
        fulfillment_status="fulfilled",
        refunds=[{"refund_line_items": [{"line_item_id": 830000000000001, "quantity": 3, "restock_type": "return"}]}],
    )
    assert codes(reading("shopify", doc)) == ["out_of_range"]


@pytest.mark.parametrize("field", ["receiver_name", "receiver_mobile", "receiver_address"])
def test_a_parcel_needs_its_label(field: str) -> None:
    assert codes(reading("taobao", changed(TAOBAO, oaid="", **{field: ""}))) == ["missing_field"]
    assert reading("taobao", changed(TAOBAO, status="WAIT_BUYER_PAY", **{field: ""})).order


@pytest.mark.parametrize(
    ("channel", "fields", "found"),
    [
        ("taobao", {"os_date": "2099-01-01"}, ("out_of_range", "not_before")),
        ("taobao", {"send_time": "2030-01-01 00:00:00"}, ("out_of_range", "not_before")),
        ("pdd", {"is_pre_sale": 1, "pre_sale_time": "2090-01-01 00:00:00"}, ("out_of_range", "not_before")),
        ("pdd", {"is_pre_sale": 1, "pre_sale_time": "1970-01-03 00:00:00"}, ("invalid_time", "pre_sale_time")),
        ("taobao", {"type": "cod", "express_agency_fee": "9900.00"}, ("contradiction", "collect")),
        ("taobao", {"type": "cod", "express_agency_fee": "-1"}, ("out_of_range", "express_agency_fee")),
        ("taobao", {"receiver_country": "Atlantis"}, ("missing_field", "receiver.country")),
        ("taobao", {"receiver_state": "海外"}, ("missing_field", "receiver.country")),
    ],
)
def test_what_is_absurd_or_contradicts_itself_is_reviewed(channel: str, fields: Any, found: tuple[str, str]) -> None:
    reasons = review_of(reading(channel, changed(SOUND[channel], **fields)))["reasons"]
    assert [(reason["code"], reason["field"]) for reason in reasons] == [found]
    assert all(reason["fix"] for reason in reasons)


def test_a_scheduled_day_two_years_ahead_at_the_most_is_kept() -> None:
    order = order_of(reading("taobao", changed(TAOBAO, os_date="2027-06-01")))
    assert (order["status"], order["hold_reason"]) == ("HOLD", "not_before")
    assert order["not_before_ms"] == 1_811_779_200_000


@pytest.mark.parametrize(
    "fields",
    [
        {"orders": {"order": [changed(LINE, outer_sku_id="SKU-X", is_daixiao=True)]}},
        {"orders": {"order": [changed(LINE, outer_sku_id="", outer_iid="", shipping_type="virtual")]}},
        {"shipping_type": "virtual", "receiver_name": "", "receiver_mobile": "", "receiver_address": ""},
        {"status": "WAIT_BUYER_CONFIRM_GOODS", "orders": {"order": [changed(LINE, outer_sku_id="SKU-X")]}},
    ],
)
def test_where_nothing_is_to_be_sent_neither_goods_nor_label_are_asked_for(fields: Any) -> None:
    assert order_of(reading("taobao", changed(TAOBAO, **fields)))


def test_a_label_that_the_platform_prints_from_its_token_needs_no_name() -> None:
    hidden = {"receiver_name": "", "receiver_address": ""}
    assert order_of(reading("pdd", changed(SOUND["pdd"], **hidden, open_address_id="addr-1")))["status"] == "PAID"
    assert codes(reading("pdd", changed(SOUND["pdd"], **hidden))) == ["missing_field"] * 2


def test_every_reason_is_reported() -> None:
    doc = changed(
        TAOBAO, modified="soon", oaid="", receiver_name="", orders={"order": [changed(LINE, num=0, outer_sku_id="X")]}
    )
    found = codes(reading("taobao", doc, shop="", key="taobao:5"))
    assert found == [
        *("missing_field", "key_mismatch"),
        *("invalid_time", "quantity_not_positive"),
        *("missing_field", "unknown_sku"),
    ]


def test_reasons_are_bounded() -> None:
    lines = [changed(LINE, oid=n + 1, num=0, price="x", outer_sku_id="X") for n in range(500)]
    found = codes(reading("taobao", changed(TAOBAO, orders={"order": lines})))
    assert len(found) == 101
    assert found[-1] == "more_reasons"


def test_a_cancelled_order_needs_no_known_goods() -> None:
    doc = changed(TAOBAO, status="TRADE_CLOSED", orders={"order": [changed(LINE, outer_sku_id="SKU-X")]})
    assert order_of(reading("taobao", doc))["status"] == "CANCELLED"


def test_what_is_no_channel_event_raises() -> None:
    with pytest.raises(NotAChannelEvent, match="tombstone"):
        read_event(None, "taobao:1", at(0), SKUS)
    other = CODEC.encode(
        "Seen", {"outcome": "REVIEW", "version": 0, "fingerprint": b"", "source": at(0), "rules": 0, "correction": None}
    )
    with pytest.raises(NotAChannelEvent, match="Seen"):
        read_event(other, "taobao:1", at(0), SKUS)
    with pytest.raises(CodecError):
        read_event(b"no avro", "taobao:1", at(0), SKUS)
