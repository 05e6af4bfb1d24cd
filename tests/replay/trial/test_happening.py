"""What a person may say happened, and that the clock is one of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from streams.replay.trial.happening import Decided, NoHappening, Parcel, Received, message, parse

LINES = [{"line_no": "1", "sku": "MUG"}, {"line_no": "2", "sku": "POT"}, {"line_no": "3", "sku": "POT"}]


def told(text: str) -> Any:
    happened = parse(text)
    assert isinstance(happened, Parcel | Received | Decided)
    return message(happened, "taobao:1", LINES, 4, 1_000)


def test_a_parcel_names_lines_or_a_sku() -> None:
    found = told('{"shipped": {"warehouse": "HZ1", "lines": {"2": 1, "MUG": 3, "POT": 1, "x": 1}}}')
    assert (found.topic, found.name, found.record["shipment_id"]) == ("shipments", "Shipped", "taobao:1/trial/4")
    assert [tuple(line.values()) for line in found.record["lines"]] == [
        *(("2", "POT", 1), ("1", "MUG", 3)),
        # Of two lines the hub takes what is there, as of a warehouse that knows no lines; what is on none is told as it was said.
        *(("", "POT", 1), ("x", "x", 1)),
    ]
    assert told('{"shipped": {"warehouse": "HZ1"}}').record["lines"] == []


def test_goods_that_came_back_may_be_told_by_sku_alone() -> None:
    found = told('{"returned": {"warehouse": "HZ1", "lines": {"POT": 2, "1": 1}, "grade": "DEFECTIVE"}}')
    assert (found.topic, found.name) == ("returns", "ReturnReceived")
    assert [(line["line_no"], line["sku"], line["quantity"]) for line in found.record["lines"]] == [
        *(("", "POT", 2), ("1", "MUG", 1))
    ]
    assert {line["grade"] for line in found.record["lines"]} == {"DEFECTIVE"}


def test_a_decision_an_after_sale_and_the_time() -> None:
    assert told('{"decision": {"action": "CANCEL", "reason": "no address"}}').record["reason"] == "no address"
    assert parse('{"aftersale": {"tid": 2300000000000000001}}') == b'{"tid": 2300000000000000001}'
    assert parse('{"time": "2026-01-20T00:00:00+08:00"}') == datetime(2026, 1, 19, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "truncated"),
        ("[]", "Expected `object`"),
        ('{"time": "2026-01-20T00:00:00"}', "timezone"),
        ('{"time": "tomorrow"}', "Invalid RFC3339"),
        ('{"shipped": {"warehouse": "HZ1"}, "time": "2026-01-20T00:00:00Z"}', "it says 2 things"),
        ('{"shipped": {"warehouse": ""}}', "length >= 1"),
        ('{"shipped": {"warehouse": "HZ1", "lines": {"1": 1.5}}}', "Expected `int`"),
        ('{"shipped": {"warehouse": "HZ1", "lines": {"1": 3000000000}}}', "<= 2147483647"),
        ('{"returned": {"warehouse": "HZ1", "lines": {}}}', "length >= 1"),
        ('{"returned": {"warehouse": "HZ1", "lines": {"1": 1}, "grade": "GOOD"}}', "Invalid enum value 'GOOD'"),
        ('{"decision": {"action": "CANCEL", "why": "x"}}', "unknown field `why`"),
        ("[" * 100_000, "Expected `object`"),
    ],
)
def test_what_is_wrong_is_named_with_what_may_be_said(text: str, says: str) -> None:
    with pytest.raises(NoHappening) as caught:
        parse(text)
    assert says.lower() in str(caught.value).lower()
    assert "give one of" in str(caught.value)
