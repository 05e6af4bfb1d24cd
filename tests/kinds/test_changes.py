"""Orders that change after their decision, and parcels that carry less than the order, on all platforms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.payloads import (
    CHANNELS,
    LINE,
    at,
    closed,
    lines,
    pieces,
    sent,
    sound,
    to_guangzhou,
    unpaid,
    with_line,
)
from tests.kinds.trials import decision, line, returned, shipped, tried, units

HZ2, HZ1 = {"SKU-A@HZ1": 2}, {"SKU-A@HZ1": 1}

every = pytest.mark.parametrize("channel", CHANNELS)


@every
def test_an_order_is_reserved_sent_and_done(channel: str) -> None:
    first, last = tried(channel, sound(channel), shipped())
    assert (first.outcome, first.status, first.phase, first.reserved) == ("accepted", "PAID", "ALLOCATED", HZ2)
    assert line(first, LINE[channel])["to_ship"] == 2
    assert (last.phase, last.committed, last.reserved) == ("SHIPPED", HZ2, {})
    assert (line(last, LINE[channel])["shipped"], line(last, LINE[channel])["to_ship"]) == (2, 0)


@every
def test_the_same_again_changes_nothing(channel: str) -> None:
    _, again, newer, older = tried(
        channel,
        sound(channel),
        sound(channel),
        at(channel, sound(channel), 60),
        at(channel, pieces(channel, sound(channel), 1), 30),
    )
    assert [again.outcome, newer.outcome, older.outcome] == ["duplicate", "duplicate", "stale"]
    assert again.reserved == newer.reserved == older.reserved == HZ2


@every
def test_a_sku_twice_is_two_lines(channel: str) -> None:
    (step,) = tried(channel, with_line(channel, sound(channel), "SKU-A", 1))
    assert (step.outcome, step.phase, step.reserved) == ("accepted", "ALLOCATED", {"SKU-A@HZ1": 3})
    assert sorted(each["ordered"] for each in step.lines) == [1, 2]


@pytest.mark.parametrize("channel", ["jd", "pdd"])
def test_the_same_line_twice_without_an_id_of_its_own(channel: str) -> None:
    """JD without skuUuid and PDD: the line number falls to sku and ordinal, and the first keeps the number it had."""
    doc = sound(channel)
    lines(channel, doc).append(dict(lines(channel, doc)[0]))
    before, step = tried(channel, sound(channel), at(channel, doc, 60))
    assert (step.outcome, step.phase, step.reserved) == ("accepted", "ALLOCATED", {"SKU-A@HZ1": 4})
    assert [each["line_no"] for each in before.lines] == [LINE[channel]]
    assert step.lines[0]["line_no"] == LINE[channel] != step.lines[1]["line_no"]


@every
def test_a_line_more_is_planned_while_nothing_has_left(channel: str) -> None:
    _, step = tried(channel, sound(channel), at(channel, with_line(channel, sound(channel), "SKU-B", 1), 60))
    assert (step.phase, step.reserved) == ("ALLOCATED", {"SKU-A@HZ1": 2, "SKU-B@HZ1": 1})


@every
def test_fewer_pieces_than_have_left_are_told(channel: str) -> None:
    """They can't be called back from here; that more is on its way than is ordered must not pass in silence."""
    fewer = at(channel, pieces(channel, sound(channel), 1), 60)
    without = with_line(channel, sound(channel), "SKU-B", 1)
    lines(channel, without).pop(0)
    for change, over in ((fewer, "1 x SKU-A"), (at(channel, without, 60), "2 x SKU-A")):
        _, _, step = tried(channel, sound(channel), shipped(), change)
        assert (step.outcome, step.restocked, units(step, "shipped")) == ("accepted", {}, {"SKU-A": 2})
        assert any(over in note and "ordered" in note for note in step.notes), step.notes
    *_, done = tried(channel, sound(channel), shipped(lines={LINE[channel]: 1}), fewer)
    assert (done.phase, done.released) == ("SHIPPED", HZ1)
    assert not any("ordered" in note for note in done.notes), "one was sent, one is ordered"


def shown_in_part(channel: str, **order: Any) -> dict[str, Any]:
    """The platform says that some of it has left, and not how much: as it does once a part parcel was written back to it."""
    doc = at(channel, sound(channel), 60)
    doc.update(order)
    match channel:
        case "taobao" if not order:
            lines(channel, doc)[0]["status"] = doc["status"] = "SELLER_CONSIGNED_PART"
        case "douyin":
            doc.update(order_status=101, main_status=101)
            lines(channel, doc)[0].update(order_status="101")
        case "pdd":
            doc.update(shipping_time="2026-01-01 10:30:00")
        case "shopify":
            doc.update(fulfillment_status="partial")
            lines(channel, doc)[0].update(fulfillment_status="partial")
            lines(channel, doc)[0].pop("fulfillable_quantity")
    return doc


@pytest.mark.parametrize(
    "doc",
    [
        pytest.param((channel, shown_in_part(channel, **order)), id=" ".join((channel, *order)))
        for channel, order in (
            ("taobao", {}),
            ("taobao", {"status": "SELLER_CONSIGNED_PART"}),
            ("taobao", {"is_part_consign": True}),
            ("taobao", {"consign_time": "2026-01-01 10:30:00"}),
            ("douyin", {}),
            ("pdd", {}),
            ("shopify", {}),
        )
    ],
)
def test_a_part_that_has_left_is_the_own_parcel_where_there_is_one(doc: tuple[str, dict[str, Any]]) -> None:
    """Held, the rest of every split order would lose its goods while the warehouse packs them. With no parcel known it waits."""
    channel, shown = doc
    one = {"lines": {LINE[channel]: 1}}
    _, _, step, done = tried(channel, sound(channel), shipped(**one), shown, shipped(**one))
    assert (step.phase, step.hold_reason, step.reserved, step.released) == ("ALLOCATED", None, HZ1, {})
    assert (done.phase, done.committed, done.reserved) == ("SHIPPED", HZ1, {})
    _, unknown, late = tried(channel, sound(channel), shown, shipped(**one))
    assert (unknown.phase, unknown.hold_reason) == ("HELD", "sent_unclear")
    assert (late.phase, late.reserved) == ("ALLOCATED", HZ1), "the warehouse's word explains it"


@pytest.mark.parametrize("channel", ["taobao", "shopify"])
def test_what_a_platform_contradicts_itself_in_no_parcel_explains(channel: str) -> None:
    doc = at(channel, with_line(channel, sound(channel), "SKU-B", 1), 60)
    one, two = lines(channel, doc)
    if channel == "taobao":
        doc["status"] = one["status"] = "WAIT_BUYER_CONFIRM_GOODS"
    else:
        one.update(fulfillment_status="fulfilled", fulfillable_quantity=0)
        two.update(fulfillment_status="fulfilled")
        two.pop("fulfillable_quantity")
        doc["fulfillments"] = [{"status": "success", "line_items": [{"id": int(LINE[channel]), "quantity": 2}]}]
    _, _, step = tried(channel, with_line(channel, sound(channel), "SKU-B", 1), shipped(lines={LINE[channel]: 2}), doc)
    assert (step.phase, step.hold_reason) == ("HELD", "sent_contradicts")


@every
def test_more_pieces_are_planned_after_a_parcel_left(channel: str) -> None:
    """Also when the platform had said that all was sent: the order opens again."""
    _, _, step = tried(channel, sound(channel), shipped(), at(channel, pieces(channel, sound(channel), 3), 60))
    assert (step.phase, step.reserved, step.released) == ("ALLOCATED", HZ1, {})
    assert (line(step, LINE[channel])["to_ship"], line(step, LINE[channel])["shipped"]) == (1, 2)


@every
def test_a_shipped_order_opens_again_for_a_new_line(channel: str) -> None:
    done = sent(channel, sound(channel))
    more = with_line(channel, done, "SKU-B", 1)
    if channel == "taobao":
        more["status"] = "SELLER_CONSIGNED_PART"
    elif channel == "pdd":
        # One status for the whole order: a line that came later is not to be told apart from one that was sent.
        more["order_status"] = 1
        del more["shipping_time"]
    elif channel == "jd":
        more["orderState"] = "WAIT_SELLER_STOCK_OUT"
    elif channel == "douyin":
        more.update(order_status=101, main_status=101)
    else:
        more["fulfillment_status"] = "partial"
    _, _, closed_, opened, left = tried(
        channel,
        sound(channel),
        shipped(),
        at(channel, done, 30),
        at(channel, more, 60),
        shipped(),
    )
    assert closed_.phase == "SHIPPED"
    assert (opened.phase, opened.reserved) == ("ALLOCATED", {"SKU-B@HZ1": 1})
    assert (left.phase, left.committed, left.reserved) == ("SHIPPED", {"SKU-B@HZ1": 1}, {})


@every
def test_the_platform_says_sent_and_no_warehouse_has_said_so(channel: str) -> None:
    """Nothing goes back to sale; the warehouse's word, or the end of the order, decides."""
    _, step, left = tried(channel, sound(channel), at(channel, sent(channel, sound(channel)), 60), shipped())
    assert (step.status, step.reserved, step.released, step.committed) == ("SHIPPED", HZ2, {}, {})
    assert (left.phase, left.committed, left.reserved) == ("SHIPPED", HZ2, {})


@every
def test_first_seen_when_it_was_sent_already(channel: str) -> None:
    (step,) = tried(channel, sent(channel, sound(channel)))
    assert (step.outcome, step.status, step.phase, step.reserved) == ("accepted", "SHIPPED", "SHIPPED", {})
    assert (units(step, "shipped"), units(step, "to_ship")) == ({"SKU-A": 2}, {})


@every
def test_closed_before_it_was_sent(channel: str) -> None:
    _, step = tried(channel, sound(channel), at(channel, closed(channel, sound(channel)), 60))
    assert (step.status, step.phase, step.released, step.reserved) == ("CANCELLED", "CANCELLED", HZ2, {})
    assert units(step, "to_ship") == {}


@every
def test_closed_and_paid_after_all(channel: str) -> None:
    *_, step = tried(
        channel, sound(channel), at(channel, closed(channel, sound(channel)), 30), at(channel, sound(channel), 60)
    )
    assert (step.status, step.phase, step.reserved) == ("PAID", "ALLOCATED", HZ2)


@every
def test_what_an_operator_cancelled_stays_cancelled_and_is_told(channel: str) -> None:
    _, cancelled, more = tried(
        channel, sound(channel), decision("CANCEL"), at(channel, with_line(channel, sound(channel), "SKU-B", 1), 60)
    )
    assert (cancelled.phase, cancelled.released) == ("CANCELLED", HZ2)
    assert more.reserved == {} and more.notes
    assert more.phase == "CANCELLED"


# JD shows no order before it is paid.
@pytest.mark.parametrize("channel", [each for each in CHANNELS if each != "jd"])
def test_a_late_payment_is_reserved(channel: str) -> None:
    before, after = tried(channel, unpaid(channel, sound(channel)), at(channel, sound(channel), 60))
    assert (before.status, before.phase, before.reserved) == ("UNPAID", "UNPAID", {})
    assert (after.phase, after.reserved) == ("ALLOCATED", HZ2)


@every
def test_another_receiver_before_anything_left(channel: str) -> None:
    _, step = tried(channel, sound(channel), at(channel, to_guangzhou(channel, sound(channel)), 60))
    assert (step.phase, step.released, step.reserved) == ("ALLOCATED", HZ2, {"SKU-A@GZ1": 2})
    assert any("receiver_changed" in note for note in step.notes)


@every
def test_another_receiver_after_a_parcel_left(channel: str) -> None:
    _, _, step = tried(channel, sound(channel), shipped(), at(channel, to_guangzhou(channel, sound(channel)), 60))
    assert (step.phase, step.released, step.reserved) == ("SHIPPED", {}, {})
    assert step.notes, "it is told"


@every
def test_a_parcel_commits_what_it_carries(channel: str) -> None:
    line_no = LINE[channel]
    _, first, second = tried(
        channel, sound(channel), shipped(lines={line_no: 1}), shipped(lines={line_no: 1}, shipment_id="another")
    )
    assert (first.phase, first.committed, first.reserved, first.released) == ("ALLOCATED", HZ1, HZ1, {})
    assert (line(first, line_no)["to_ship"], line(first, line_no)["shipped"]) == (1, 1)
    assert (second.phase, second.committed, second.reserved) == ("SHIPPED", HZ1, {})


@every
def test_the_same_parcel_told_twice(channel: str) -> None:
    line_no = LINE[channel]
    _, _, again = tried(channel, sound(channel), *[shipped(lines={line_no: 1}, shipment_id="P1") for _ in range(2)])
    assert (again.outcome, again.committed, again.reserved) == ("duplicate", {}, HZ1)


@every
def test_a_partial_parcel_then_the_rest_is_cancelled(channel: str) -> None:
    _, _, step = tried(
        channel, sound(channel), shipped(lines={LINE[channel]: 1}), at(channel, closed(channel, sound(channel)), 60)
    )
    assert (step.released, step.committed, step.restocked, step.reserved) == (HZ1, {}, {}, {})
    assert (units(step, "shipped"), units(step, "cancelled"), units(step, "to_ship")) == (
        {"SKU-A": 1},
        {"SKU-A": 1},
        {},
    )
    assert step.phase == "SHIPPED", "one piece has left"
    assert any("cancelled" in note for note in step.notes) or channel == "shopify"


def test_what_the_platform_shows_as_sent_is_told_only_where_no_parcel_of_ours_explains_it() -> None:
    doc = {**sound("douyin"), "order_status": 101, "main_status": 101}
    doc["logistics_info"] = [
        {"tracking_no": "SF1", "product_info": [{"sku_order_id": LINE["douyin"], "product_count": 1}]}
    ]
    lines("douyin", doc)[0]["order_status"] = "101"
    part_sent = at("douyin", doc, 60)
    _, _, ours = tried("douyin", sound("douyin"), shipped(lines={LINE["douyin"]: 1}), part_sent)
    assert (ours.reserved, ours.notes) == (HZ1, [])
    _, unknown = tried("douyin", sound("douyin"), part_sent)
    assert unknown.reserved == HZ2
    assert any("shows 1 x SKU-A as sent" in note for note in unknown.notes)


@every
@pytest.mark.parametrize(
    "parcel",
    [
        pytest.param({"lines": {"no-such-line": 1}}, id="unknown line"),
        pytest.param({"warehouse": "GZ1"}, id="wrong warehouse"),
    ],
)
def test_a_parcel_that_fits_nothing_is_told_and_commits_nothing(channel: str, parcel: dict[str, object]) -> None:
    before, step = tried(channel, sound(channel), shipped(**parcel))
    assert (step.committed, step.released, step.reserved) == ({}, {}, before.reserved)
    assert any("HZ1" in note or "GZ1" in note or "no-such-line" in note for note in step.notes), step.notes


@every
def test_a_parcel_with_too_many_pieces_commits_what_was_reserved_at_most(channel: str) -> None:
    _, step = tried(channel, sound(channel), shipped(lines={LINE[channel]: 5}))
    assert step.committed in ({}, HZ2)
    assert step.released == {}
    assert step.notes
    assert units(step, "shipped").get("SKU-A", 0) <= 5


@every
def test_a_parcel_after_the_order_was_cancelled_takes_its_units_off_the_shelf(channel: str) -> None:
    """They did leave: were they still sellable, the next buyer's would be missing."""
    stock = {"HZ1": {"SKU-A": 2}}
    _, cancelled, left = tried(channel, sound(channel), decision("CANCEL"), shipped(), stock=stock)
    assert cancelled.released == HZ2
    assert any("-2" in note or "shipped" in note for note in left.notes), left.notes
    assert left.reserved == {}


@every
def test_what_came_back_is_sold_again_once_it_was_received(channel: str) -> None:
    _, _, one, defective, again, too_many = tried(
        channel,
        sound(channel),
        shipped(),
        returned({"SKU-A": 1}, return_id="R1"),
        returned({LINE[channel]: 1}, return_id="R2", grade="DEFECTIVE"),
        returned({"SKU-A": 1}, return_id="R1"),
        returned({"SKU-A": 1}, return_id="R3"),
    )
    assert (one.restocked, line(one, LINE[channel])["returned"]) == (HZ1, 1)
    assert defective.restocked == {}
    assert (again.outcome, again.restocked) == ("duplicate", {})
    assert too_many.restocked == {}
    assert too_many.notes, "more than was sent is told"


@every
def test_goods_that_come_back_elsewhere_are_sold_there(channel: str) -> None:
    *_, step = tried(channel, sound(channel), shipped(), returned({"SKU-A": 2}, warehouse="GZ1"))
    assert step.restocked == {"SKU-A@GZ1": 2}


@every
def test_an_unknown_sku_comes_back(channel: str) -> None:
    *_, step = tried(channel, sound(channel), shipped(), returned({"SKU-Z": 1}))
    assert step.restocked == {}
    assert step.notes
