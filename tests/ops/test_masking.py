"""How a personal value is shown: its first character at most; everything shown is JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streams.ops.masking import readable, shown_bytes, shown_value, without_phones
from tests.domain.make import order


@pytest.mark.parametrize(
    ("value", "shown"),
    [("王小明", "王**"), ("王", "*"), ("13800000000", "1********"), ("", "")],
)
def test_a_personal_field_shows_its_first_character_at_most(value: str, shown: str) -> None:
    receiver = {**order()["receiver"], "name": value, "oaid": None}
    assert (readable("Receiver", receiver)["name"], readable("Receiver", receiver)["oaid"]) == (shown, None)


@pytest.mark.parametrize("field", ["country", "province", "city"])
def test_where_a_parcel_goes_stays_readable(field: str) -> None:
    receiver = order()["receiver"]
    assert readable("Receiver", receiver)[field] == receiver[field]  # type: ignore[literal-required]


@pytest.mark.parametrize(
    ("value", "masked", "unmasked"),
    [
        (None, None, None),
        (b"", "", ""),
        (b'{"mobile": "13800000000"}', "<25 bytes>", '{"mobile": "13800000000"}'),
        ("收货人：王小明先生".encode(), "<27 bytes>", "收货人：王小明先生"),
        ("王小明".encode(), "<9 bytes>", "王小明"),
        (b"\xff" * 17, "<17 bytes>", "\\xff" * 17),
    ],
)
def test_bytes_that_may_hold_anything(value: bytes | None, masked: str | None, unmasked: str | None) -> None:
    assert shown_bytes(value) == masked
    assert shown_bytes(value, unmask=True) == unmasked


def test_unmasked_shows_a_receiver_whole() -> None:
    receiver = order()["receiver"]
    assert readable("Receiver", receiver, unmask=True) == receiver


def test_an_order_can_be_written_as_json_and_is_left_as_it_was() -> None:
    it = order()
    before = {**it, "receiver": dict(it["receiver"]), "attributes": dict(it["attributes"])}
    shown = json.loads(json.dumps(readable("Order", it)))
    assert (shown["order_id"], shown["fingerprint"]) == (it["order_id"], it["fingerprint"].hex())
    assert it == before


def test_remarks_of_buyer_and_seller_are_masked_and_their_names_stay() -> None:
    it = {**order(), "attributes": {"buyer_note": "ring 13800000000", "seller_note": "王小明, a friend"}}
    assert readable("Order", it)["attributes"] == {"buyer_note": "r********", "seller_note": "王********"}


def reason(value: str, code: str = "wrong_type", field: str = "lines[1].num") -> dict[str, Any]:
    return {"code": code, "field": field, "value": value, "fix": "send text"}


@pytest.mark.parametrize("field", ["trade.receiver_mobile", "note", "lines[1].num", "anything_new"])
def test_a_reason_quotes_no_person_whatever_its_field(field: str) -> None:
    assert readable("Reason", reason("13800000000", field=field))["value"] == "1********"
    assert readable("Reason", reason("'call me'", field=field))["value"] == "'********"
    assert readable("Reason", reason("13800000000", field=field), unmask=True)["value"] == "13800000000"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        *(("wrong_type", v) for v in ("-2", "'1.50'", "99.00", "True", "an object of 3 fields", "a list of 0", "")),
        *(("contradiction", "2 shipped and 1 cancelled of 2"), ("wrong_encoding", "byte 0xff at 3")),
        *(("unknown_sku", "红茶-01"), ("unknown_status", "'WAIT_FOR_GODOT'")),
    ],
)
def test_a_reason_quotes_what_tells_of_nobody(code: str, value: str) -> None:
    assert shown_value(reason(value, code)) == value


@pytest.mark.parametrize(
    "number",
    [
        *(
            "13800138000",
            "+8613800138000",
            "+86 138-0013-8000",
            "0086 13800138000",
            "86-138 0013 8000",
            "138 0013 8000",
        ),
        *("0571-88776655", "(010) 8877 6655", "010-8877-6655", "021 88776655", "+86 571 8877 6655", "400-820-8820"),
        *("13800138000转1234", "0571-88776655-12", "010-88776655 ext. 8", "13800138000,1234", "１３８００１３８０００"),
        "+1 (415) 555-2671",
    ],
)
def test_a_phone_number_is_cut_however_it_is_written(number: str) -> None:
    assert without_phones(f"收货人{number}，请改") == f"收货人{number[:3]}*****，请改"
    assert without_phones(f"call {number} now") == f"call {number[:3]}***** now"


@pytest.mark.parametrize(
    "text",
    [
        "2300000000000000001",
        "SF1234567890123",
        "2026-11-29 05:03:40",
        "1767232800000",
        "HTTP 503, 12 bytes",
        "isv.x:B60",
    ],
)
def test_what_is_no_phone_number_stays(text: str) -> None:
    assert without_phones(text) == text
