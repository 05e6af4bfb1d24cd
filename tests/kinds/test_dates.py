"""Dates that can't be: reviewed with field, value and fix, and what comes after them is no older for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.payloads import CHANNELS, at, pieces, sound
from tests.kinds.test_aftersales import asked
from tests.kinds.trials import aftersale, tried

Doc = dict[str, Any]

#: When it was changed, placed, paid; when it is due.
FIELDS: dict[str, dict[str, str]] = {
    "taobao": {
        "modified": "payload modified time",
        "created": "placed",
        "pay_time": "paid",
        "delivery_time": "ship_by",
    },
    "jd": {"modified": "payload modified time", "orderStartTime": "placed", "paymentConfirmTime": "paid"},
    "pdd": {
        "updated_at": "payload modified time",
        "created_time": "placed",
        "pay_time": "paid",
        "last_ship_time": "ship_by",
    },
    "douyin": {
        "update_time": "payload modified time",
        "create_time": "placed",
        "pay_time": "paid",
        "exp_ship_time": "ship_by",
    },
    "shopify": {"updated_at": "payload modified time", "created_at": "placed", "processed_at": "paid"},
}
EVERY_DATE = pytest.mark.parametrize(("channel", "field"), [(each, field) for each in FIELDS for field in FIELDS[each]])
#: The same moment as a text, with an offset, in seconds.
ABSURD = {
    "1970": ("1970-06-01 00:00:00", "1970-06-01T00:00:00+08:00", 13_017_600),
    "2099": ("2099-06-01 00:00:00", "2099-06-01T00:00:00+08:00", 4_083_926_400),
}


def dated(channel: str, doc: Doc, field: str, year: str) -> Doc:
    local, iso, seconds = ABSURD[year]
    return {**doc, field: {"douyin": seconds, "shopify": iso}.get(channel, local)}


@EVERY_DATE
@pytest.mark.parametrize("year", list(ABSURD))
def test_an_order_of_an_absurd_date_is_reviewed_and_the_next_word_counts(channel: str, field: str, year: str) -> None:
    fewer = at(channel, pieces(channel, sound(channel), 1), 60)
    bad, good = tried(channel, dated(channel, sound(channel), field, year), fewer)
    assert (bad.outcome, bad.reserved) == ("review", {})
    named = field if year == "1970" else FIELDS[channel][field]
    assert named in [reason["field"] for reason in bad.reasons]
    assert all(reason["value"] and reason["fix"] for reason in bad.reasons)
    assert (good.outcome, good.reserved) == ("accepted", {"SKU-A@HZ1": 1})


@pytest.mark.parametrize("channel", CHANNELS)
def test_all_dates_of_a_broken_clock(channel: str) -> None:
    """None contradicts another: that it is not 2099 yet the hub's own clock knows."""
    doc = sound(channel)
    for field in FIELDS[channel]:
        doc = dated(channel, doc, field, "2099")
    _, bad, good = tried(channel, sound(channel), doc, at(channel, pieces(channel, sound(channel), 1), 60))
    assert [reason["field"] for reason in bad.reasons] == ["payload modified time"]
    assert (good.outcome, good.reserved) == ("accepted", {"SKU-A@HZ1": 1})


@pytest.mark.parametrize("channel", [each for each in CHANNELS if each != "shopify"])
def test_an_after_sale_of_a_broken_clock(channel: str) -> None:
    doc = asked(channel)
    field = {"taobao": "modified", "jd": "checkTime", "pdd": "updated_time"}.get(channel)
    late = ABSURD["2099"][2] if channel in ("pdd", "douyin") else ABSURD["2099"][0]
    (doc if field else doc["process_info"]["after_sale_info"])[field or "update_time"] = late
    _, bad, held = tried(channel, sound(channel), aftersale(doc), aftersale(asked(channel)))
    assert (bad.outcome, bad.phase) == ("review", "ALLOCATED")
    assert (held.outcome, held.hold_reason) == ("accepted", "refund_open")


@pytest.mark.parametrize("value", ["", False, "soon", 5, "1970-06-01T00:00:00+08:00", "2199-01-01T00:00:00Z"])
def test_shopifys_order_is_cancelled_at_a_time_and_by_nothing_else(value: Any) -> None:
    _, step = tried("shopify", sound("shopify"), at("shopify", {**sound("shopify"), "cancelled_at": value}, 60))
    assert (step.phase, step.reserved, step.released) == ("ALLOCATED", {"SKU-A@HZ1": 2}, {})
    assert step.outcome == ("duplicate" if value in ("", False) else "review")
