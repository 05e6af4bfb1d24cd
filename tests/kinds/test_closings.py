"""Closed after it was sent: goods that have left are not for sale again because their order, or their line, is closed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.payloads import CHANNELS, LINE, at, closed, lines, sent, sound, with_line
from tests.kinds.trials import decision, line, returned, shipped, tried, units

Doc = dict[str, Any]
HZ2, HZ1 = {"SKU-A@HZ1": 2}, {"SKU-A@HZ1": 1}

every = pytest.mark.parametrize("channel", CHANNELS)


@every
def test_closed_after_its_platform_had_shown_it_as_sent(channel: str) -> None:
    """The closed order need not say any more that it was sent: what is reserved waits for the warehouse's word all the same."""
    gone = at(channel, sent(channel, sound(channel)), 10)
    _, _, over, left, back = tried(
        channel,
        sound(channel),
        gone,
        at(channel, closed(channel, sound(channel)), 20),
        shipped(),
        returned({"SKU-A": 1}),
    )
    assert (over.status, over.reserved, over.released, over.restocked) == ("SHIPPED", HZ2, {}, {})
    assert any("cancelled after its platform had shown it as sent" in note for note in over.notes)
    assert (units(over, "shipped"), units(over, "cancelled")) == ({"SKU-A": 2}, {})
    assert (left.phase, left.committed) == ("SHIPPED", HZ2)
    assert back.restocked == HZ1


@every
def test_an_operator_gives_back_what_never_left(channel: str) -> None:
    """The way out of waiting for a parcel that nobody sent."""
    gone = at(channel, sent(channel, sound(channel)), 10)
    *_, step = tried(
        channel, sound(channel), gone, at(channel, closed(channel, sound(channel)), 20), decision("CANCEL")
    )
    assert (step.phase, step.released, step.reserved) == ("CANCELLED", HZ2, {})


@every
def test_sent_by_others_and_closed(channel: str) -> None:
    first, over = tried(channel, sent(channel, sound(channel)), at(channel, closed(channel, sound(channel)), 20))
    assert (first.phase, over.phase, over.status) == ("SHIPPED", "SHIPPED", "SHIPPED")
    assert units(over, "shipped") == {"SKU-A": 2}
    assert over.notes, "it is told"


@pytest.mark.parametrize("channel", ["taobao", "douyin"])
def test_a_line_closed_after_it_was_shown_as_sent(channel: str) -> None:
    two = with_line(channel, sound(channel), "SKU-B", 1)
    gone = sent(channel, two)
    over = at(channel, gone, 20)
    word: Doc = {
        "taobao": {"status": "TRADE_CLOSED", "refund_status": "SUCCESS", "consign_time": None},
        "douyin": {"order_status": "4"},
    }[channel]
    lines(channel, over)[1].update(word)
    _, _, step, left = tried(channel, two, at(channel, gone, 10), over, shipped())
    assert (step.reserved, step.released) == ({"SKU-A@HZ1": 2, "SKU-B@HZ1": 1}, {})
    assert any("closed 1 x SKU-B that it had shown as sent" in note for note in step.notes)
    assert left.committed == {"SKU-A@HZ1": 2, "SKU-B@HZ1": 1}


@pytest.mark.parametrize(
    "fields",
    [
        {"main_status": 22},
        {"main_status": 39},
        {"main_status": 22, "ship_time": 1767319200},
        {"main_status": 4, "ship_time": 1767319200},
    ],
    ids=lambda fields: " ".join(f"{name}={value}" for name, value in fields.items()),
)
def test_douyins_lines_that_are_silent_went_with_their_order(fields: Doc) -> None:
    doc = {**closed("douyin", sound("douyin")), **fields}
    _, step = tried("douyin", sound("douyin"), at("douyin", doc, 60))
    assert (step.status, step.reserved, step.released) == ("SHIPPED", HZ2, {})
    two = {**closed("douyin", with_line("douyin", sound("douyin"), "SKU-B", 1)), **fields}
    lines("douyin", two)[1]["main_status"] = 21
    (apart,) = tried("douyin", two)
    assert (units(apart, "shipped"), units(apart, "cancelled")) == ({"SKU-A": 2}, {"SKU-B": 1})


def test_douyins_lines_that_tell_of_their_parcels_tell_of_those_that_had_none() -> None:
    two = sent("douyin", with_line("douyin", sound("douyin"), "SKU-B", 1))
    lines("douyin", two)[1]["order_status"] = "4"
    (step,) = tried("douyin", {**two, "ship_time": 1767319200})
    assert (units(step, "shipped"), units(step, "cancelled")) == ({"SKU-A": 2}, {"SKU-B": 1})


@every
def test_a_parcel_of_ours_that_was_shown_and_closed_is_told_once(channel: str) -> None:
    gone = at(channel, sent(channel, sound(channel)), 10)
    *_, step = tried(channel, sound(channel), shipped(), gone, at(channel, closed(channel, sound(channel)), 20))
    assert (step.phase, step.released, line(step, LINE[channel])["shipped"]) == ("SHIPPED", {}, 2)
    assert [note for note in step.notes if "cancelled" in note] == ["SHIPPED: cancelled after it was shipped"]


@every
def test_shown_as_sent_after_an_operator_cancelled_it(channel: str) -> None:
    """Its units are for sale again: that they may have left must not pass in silence."""
    _, _, step = tried(channel, sound(channel), decision("CANCEL"), at(channel, sent(channel, sound(channel)), 60))
    assert (step.phase, step.reserved) == ("CANCELLED", {})
    assert any("shows it as sent after an operator cancelled it" in note for note in step.notes), step.notes
