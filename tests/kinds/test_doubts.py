"""What may have left is neither sent again nor sold again: held, with its reason, and still reserved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.payloads import CHANNELS, LINE, at, closed, lines, pieces, sent, sound, with_line
from tests.kinds.test_aftersales import asked
from tests.kinds.test_bundles import PARTS, with_parts
from tests.kinds.test_changes import shown_in_part
from tests.kinds.test_refunds import GIFTS, RELEASE
from tests.kinds.trials import aftersale, decision, shipped, tried, units

Doc = dict[str, Any]
HZ2, HZ1 = {"SKU-A@HZ1": 2}, {"SKU-A@HZ1": 1}
SHELF = {"HZ1": {"SKU-A": 9, "SKU-X": 9, "MUG": 9, "PEN": 9}}

every = pytest.mark.parametrize("channel", CHANNELS)
# JD's order is sent whole, or not at all.
in_part = pytest.mark.parametrize("channel", [each for each in CHANNELS if each != "jd"])


def with_sku(channel: str, sku: str) -> Doc:
    """The same line, its seller SKU corrected."""
    doc = sound(channel)
    name = {"taobao": "outer_sku_id", "jd": "outerSkuId", "pdd": "outer_id", "douyin": "code", "shopify": "sku"}[
        channel
    ]
    lines(channel, doc)[0][name] = sku
    return doc


@every
def test_a_line_whose_goods_have_left_under_another_sku_is_not_sent_again(channel: str) -> None:
    """The platform has not heard of the parcel yet; the listing's SKU was corrected."""
    _, _, held, released = tried(
        channel, sound(channel), shipped(), at(channel, with_sku(channel, "SKU-X"), 60), RELEASE, stock=SHELF
    )
    assert (held.status, held.hold_reason, held.reserved) == ("HOLD", "goods_changed_after_parcel", {})
    assert released.reserved == {"SKU-X@HZ1": 2}, "the operator knows"
    _, part = tried(channel, sound(channel), at(channel, with_sku(channel, "SKU-X"), 60), stock=SHELF)
    assert part.reserved == {"SKU-X@HZ1": 2}, "nothing has left: planned again"


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin"])
@pytest.mark.parametrize("parcel", [{}, {"lines": {"MUG": 2}}], ids=["all of it", "the mugs"])
def test_a_bundle_that_has_left_is_not_sent_again_as_a_whole(channel: str, parcel: Doc) -> None:
    """The next word of the platform does not name the parts."""
    *_, held = tried(channel, with_parts(channel), shipped(**parcel), at(channel, sound(channel), 60), stock=SHELF)
    assert (held.status, held.hold_reason, held.reserved) == ("HOLD", "goods_changed_after_parcel", {})


@every
def test_a_part_parcel_of_a_bundle_is_no_change_of_it(channel: str) -> None:
    bundles = {"SKU-A": PARTS}
    first = tried(
        channel,
        sound(channel),
        shipped(lines={"MUG": 2}),
        at(channel, pieces(channel, sound(channel), 3), 60),
        bundles=bundles,
    )
    assert first[-1].reserved == {"MUG@HZ1": 1, "PEN@HZ1": 6}


@in_part
def test_what_has_left_in_part_stays_reserved(channel: str) -> None:
    _, held, one = tried(channel, sound(channel), shown_in_part(channel), shipped(lines={LINE[channel]: 1}))
    assert (held.status, held.hold_reason, held.reserved, held.released) == ("HOLD", "sent_unclear", HZ2, {})
    assert (one.phase, one.committed, one.reserved) == ("ALLOCATED", HZ1, HZ1)
    *_, all_of_it = tried(channel, sound(channel), shown_in_part(channel), shipped())
    assert (all_of_it.phase, all_of_it.committed, all_of_it.reserved) == ("SHIPPED", HZ2, {})
    *_, released = tried(channel, sound(channel), shown_in_part(channel), RELEASE)
    assert (released.phase, released.reserved) == ("ALLOCATED", HZ2)
    assert released.notes == ["ALLOCATED: reserved since before it was held"]
    for count in (1, 4):
        now = at(channel, pieces(channel, sound(channel), count), 120)
        *_, changed = tried(channel, sound(channel), shown_in_part(channel), now)
        assert (changed.phase, changed.reserved) == ("ALLOCATED", {"SKU-A@HZ1": count}), (
            "no more than is wanted by then"
        )
    *_, cancelled = tried(channel, sound(channel), shown_in_part(channel), decision("CANCEL"))
    assert (cancelled.phase, cancelled.released, cancelled.reserved) == ("CANCELLED", HZ2, {})


@in_part
def test_closed_after_it_was_shown_as_sent_in_part_is_not_cancelled_for_good(channel: str) -> None:
    over = at(channel, closed(channel, sound(channel)), 120)
    steps = tried(channel, sound(channel), shown_in_part(channel), over, shipped(lines={LINE[channel]: 1}))
    assert (steps[2].status, steps[2].reserved, steps[2].released) == ("HOLD", HZ2, {})
    assert any("how many is not said" in note for note in steps[2].notes)
    assert (steps[3].phase, steps[3].committed, steps[3].released, steps[3].reserved) == ("SHIPPED", HZ1, HZ1, {})
    *_, released = tried(channel, sound(channel), shown_in_part(channel), over, RELEASE)
    assert (released.phase, released.released) == ("CANCELLED", HZ2)


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        *((channel, kind) for channel in CHANNELS for kind in ("return", "exchange")),
        *((channel, "refund") for channel in CHANNELS if channel != "shopify"),
    ],
)
@pytest.mark.parametrize("state", ["open", "done"])
def test_goods_asked_back_that_are_not_known_to_have_left(channel: str, kind: str, state: str) -> None:
    """The buyer has them: by whose parcel nobody has told us yet."""
    after = aftersale(asked(channel, state, kind, sent=True))
    _, held, left = tried(channel, sound(channel), after, shipped())
    reason = "refund_open" if (channel, kind, state) == ("douyin", "return", "open") else "sent_contradicts"
    assert (held.status, held.hold_reason) == ("HOLD", reason)
    assert units(held, "cancelled") == {}
    if reason == "sent_contradicts":
        assert (held.reserved, held.released) == (HZ2, {})
        assert (left.phase, left.committed) == ("SHIPPED", HZ2)
    *_, shown = tried(channel, sound(channel), at(channel, sent(channel, sound(channel)), 60), after)
    assert (shown.phase, shown.reserved) == ("ALLOCATED", HZ2), "its platform has shown it as sent"


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin", "shopify"])
def test_a_gift_whose_goods_an_after_sale_cancelled_is_not_sent_alone(channel: str) -> None:
    doc = with_line(channel, sound(channel), "GIFT", 1)
    if channel == "pdd":
        doc["gift_list"] = [{**lines(channel, doc).pop(), "goods_price": 0}]
    else:
        lines(channel, doc)[1].update(GIFTS[channel])
    done = aftersale(asked(channel, "done"))
    _, held, sent_alone, again = tried(channel, doc, done, RELEASE, at(channel, {**doc, "seller_memo": "x"}, 9999))
    assert (held.status, held.hold_reason, held.reserved) == ("HOLD", "gift_alone", {})
    assert sent_alone.reserved == again.reserved == {"GIFT@HZ1": 1}
    *_, after = tried(channel, doc, shipped(lines={LINE[channel]: 2}), done, shipped())
    assert after.phase == "SHIPPED", "the goods have left: so may their gift"


@pytest.mark.parametrize("channel", ["taobao", "douyin"])
def test_a_bundles_parts_are_bought_though_they_have_no_price(channel: str) -> None:
    doc = with_line(channel, with_parts(channel), "SKU-B", 1)
    second = lines(channel, doc)[1]
    second.pop("combine_item_info", None)
    second.pop("bundle_sku_info", None)
    second.update(
        {"taobao": {"status": "TRADE_CLOSED", "refund_status": "SUCCESS"}, "douyin": {"order_status": "4"}}[channel]
    )
    (step,) = tried(channel, doc, stock=SHELF)
    assert (step.phase, step.reserved) == ("ALLOCATED", {"MUG@HZ1": 2, "PEN@HZ1": 4})


@pytest.mark.parametrize(
    ("channel", "fields"),
    [
        ("taobao", {"is_daixiao": True}),
        ("douyin", {"inventory_list": [{"warehouse_type": 2, "count": 2}]}),
        ("shopify", {"fulfillment_service": "printful"}),
        ("shopify", {"requires_shipping": False}),
    ],
)
def test_what_has_left_and_is_others_to_send_now_is_told(channel: str, fields: Doc) -> None:
    """Both may have sent it."""
    theirs = sound(channel)
    lines(channel, theirs)[0].update(fields)
    *_, step = tried(channel, sound(channel), shipped(), at(channel, theirs, 60))
    assert (step.phase, step.reserved) == ("SHIPPED", {})
    assert any("2 x SKU-A more have left than are ordered from here" in note for note in step.notes), step.notes


def presale(**fields: Any) -> Doc:
    doc = sound("douyin")
    del doc["exp_ship_time"]
    lines("douyin", doc)[0].update(fields)
    return doc


@pytest.mark.parametrize(
    ("channel", "doc", "reason"),
    [
        ("douyin", presale(pre_sale_type=1), "presale_without_date"),
        ("douyin", presale(pre_sale_type=2), "presale_without_date"),
        ("shopify", {**sound("shopify"), "fulfillment_orders": [{"status": "scheduled"}]}, "presale_without_date"),
        (
            "douyin",
            {**sound("douyin"), "order_phase_list": [{"total_phase": 2, "current_phase": 1, "pay_success": True}]},
            "deposit_only",
        ),
        ("jd", {**sound("jd"), "orderType": "-1"}, "order_type_unknown"),
    ],
)
def test_what_is_not_said_is_no_leave_to_send(channel: str, doc: Doc, reason: str) -> None:
    (step,) = tried(channel, doc)
    assert (step.status, step.hold_reason, step.reserved) == ("HOLD", reason, {})


@every
@pytest.mark.parametrize("by_line", [True, False], ids=["by line", "all of it"])
def test_a_parcel_of_an_order_that_was_cancelled_with_nothing_reserved_is_not_forgotten(
    channel: str, by_line: bool
) -> None:
    """Opened again, its goods have left already."""
    parcel = shipped(lines={LINE[channel]: 2}) if by_line else shipped()
    over, anew = at(channel, closed(channel, sound(channel)), 30), at(channel, sound(channel), 60)
    for first in ([sound(channel), over], [over]):
        short = {"HZ1": {"SKU-A": 0}, "GZ1": {"SKU-A": 2}} if len(first) == 1 else {"HZ1": {"SKU-A": 1}}
        *_, told, held, later, released = tried(
            channel,
            *first,
            parcel,
            anew,
            at(channel, {**sound(channel), "buyer_message": "x"}, 90),
            RELEASE,
            stock=short,
        )
        assert told.phase == "CANCELLED" and told.notes
        assert (held.status, held.hold_reason, held.reserved) == ("HOLD", "sent_while_cancelled", {})
        assert (later.phase, later.reserved) == ("HELD", {})
        assert released.phase == ("ALLOCATED" if len(first) == 1 else "BACKORDERED"), "the operator knows"
    *_, known = tried(channel, sound(channel), over, parcel, anew)
    assert known.phase == "SHIPPED", "what had been reserved is known to have left"
