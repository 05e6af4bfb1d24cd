"""Personal data stays out of what is shown, and everything shown is JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streams.ops.masking import PERSONAL, readable
from tests.domain.make import order

RECEIVER = {
    "name": "王小明",
    "phone": "13800000000",
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "address": "文三路 1 号",
    "postal_code": "310000",
    "oaid": None,
}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("王小明", "王**"),
        ("王", "*"),
        ("13800000000", "1********"),
        ("", ""),
        (None, None),
    ],
)
def test_a_personal_field_shows_its_first_character_at_most(value: str | None, shown: str | None) -> None:
    assert readable({"receiver": {"name": value}}) == {"receiver": {"name": shown}}


@pytest.mark.parametrize("field", sorted(PERSONAL - {"oaid"}))
def test_every_personal_field_of_a_receiver_is_masked(field: str) -> None:
    shown = readable({"receiver": RECEIVER})["receiver"][field]
    assert shown != RECEIVER[field]
    assert str(RECEIVER[field])[1:] not in shown


@pytest.mark.parametrize("field", ["country", "province", "city"])
def test_where_a_parcel_goes_stays_readable(field: str) -> None:
    assert readable({"receiver": RECEIVER})["receiver"][field] == RECEIVER[field]


@pytest.mark.parametrize(
    ("value", "masked", "unmasked"),
    [
        (b"", "", ""),
        (bytes(8), "00" * 8, "00" * 8),
        (bytes(range(16)), bytes(range(16)).hex(), bytes(range(16)).hex()),
        (b'{"mobile": "13800000000"}', "<25 bytes>", '{"mobile": "13800000000"}'),
        ("收货人：王小明先生".encode(), "<27 bytes>", "收货人：王小明先生"),
        (b"\xff" * 17, "<17 bytes>", "\\xff" * 17),
        ("a", "a", "a"),
        (7, 7, 7),
        (2**53 + 1, 2**53 + 1, 2**53 + 1),
        (1.5, 1.5, 1.5),
        (True, True, True),
        (None, None, None),
        ([b"\x01", ["x"]], ["01", ["x"]], ["01", ["x"]]),
        ((1, 2), [1, 2], [1, 2]),
        ({"name": "hz1", "address": "x"}, {"name": "hz1", "address": "x"}, {"name": "hz1", "address": "x"}),
    ],
)
def test_values(value: Any, masked: Any, unmasked: Any) -> None:
    assert readable({"field": value}) == {"field": masked}
    assert readable({"field": value}, unmask=True) == {"field": unmasked}


def test_a_receiver_is_masked_wherever_it_stands() -> None:
    shown = json.dumps(readable({"a": [{"b": {"receiver": RECEIVER}}]}), ensure_ascii=False)
    assert "小明" not in shown
    assert "3800000000" not in shown
    assert "浙江省" in shown


def test_unmasked_shows_a_receiver_whole() -> None:
    assert readable({"receiver": RECEIVER}, unmask=True) == {"receiver": RECEIVER}


def test_an_order_can_be_written_as_json_and_is_left_as_it_was() -> None:
    it = order()
    before = {**it, "receiver": dict(it["receiver"])}
    assert json.loads(json.dumps(readable(it)))["order_id"] == it["order_id"]
    assert it == before


def test_a_reason_quotes_no_person_but_quotes_the_rest() -> None:
    def reason(field: str, value: str) -> dict[str, str]:
        return {"code": "wrong_type", "field": field, "value": value, "fix": "send text"}

    assert readable(reason("trade.receiver_mobile", "13800000000"))["value"] == "1********"
    assert readable(reason("trade.receiver_mobile", "13800000000"), unmask=True)["value"] == "13800000000"
    assert readable(reason("lines[1].num", "-2"))["value"] == "-2"
