"""An order as the channel shows it beside what the hub knows: when they differ, and when sending the snapshot in helps."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from connectors.channels.reconcile.compare import Drift, Known, Shown, check, drift, envelope, sale_shown, shown
from connectors.channels.reconcile.contents import content
from connectors.generator.draw import CHANNELS, Draw
from connectors.generator.stream import catalogue, raw_event
from connectors.platforms import base
from streams.domain.channels.snapshot import Snapshot, goods_line
from tests.connectors.logistics.test_waybills import RECEIVER
from tests.domain.aftersales.raw import TAOBAO

PAID = Shown(version=2_000, status="PAID", paid=True)


@pytest.mark.parametrize(
    ("known", "hub_status", "heals"),
    [
        (None, "UNKNOWN", True),
        (Known(1_000, "UNPAID", "UNPAID", 0), "UNPAID", True),
        (Known(1_000, "UNPAID", "", 1_500), "UNPAID", True),
        (Known(0, "", "", 1_500), "UNKNOWN", True),
        # In review already: it would only be judged the same way again.
        (Known(0, "", "", 2_000), "UNKNOWN", False),
        (Known(1_000, "UNPAID", "", 2_000), "UNPAID", False),
        # Two changes within a second: intake takes what was fetched later, under a version of its own.
        (Known(2_000, "UNPAID", "", 0), "UNPAID", True),
        (Known(2_001, "UNPAID", "", 0), "UNPAID", True),
    ],
)
def test_a_difference_is_found_and_it_is_known_whether_the_snapshot_heals_it(
    known: Known | None, hub_status: str, heals: bool
) -> None:
    found = drift(known, PAID)
    assert found is not None
    assert (found.hub_status, found.heals) == (hub_status, heals)
    assert found.reason


@pytest.mark.parametrize("known", [Known(2_000, "PAID", "ALLOCATED", 0), Known(3_000, "CANCELLED", "", 0)])
def test_the_same_or_a_newer_version_in_the_hub_is_agreement(known: Known) -> None:
    assert drift(known, PAID) is None


def the_order(**changes: Any) -> dict[str, Any]:
    """What a mapper makes of an order of two lines."""
    receiver = {**RECEIVER, **changes.pop("receiver", {})}
    lines = changes.pop("lines", [goods_line("1", "MUG", "a mug", 2, 990), goods_line("2", "CUP", "a cup", 1, 500)])
    attributes = {"buyer_message": "soon"}
    snapshot = Snapshot(
        *("1", 2_000, "PAID", None, "CNY", 2_480, 1_000, 1_500, None, receiver, lines, attributes)  # type: ignore[arg-type]
    )
    return {**snapshot._asdict(), **changes}


def known_of(order: dict[str, Any], version: int = 2_000, status: str = "PAID") -> Known:
    return Known(version, status, "", 0, content(order, "taobao:1").digest)


def shown_of(order: dict[str, Any], version: int = 2_000) -> Shown:
    return Shown(version, order["status"], True, content(order, "taobao:1"))


MUG, CUP = goods_line("1", "MUG", "a mug", 2, 990), goods_line("2", "CUP", "a cup", 1, 500)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"status": "HOLD", "hold_reason": "refund_open"}, "status, hold_reason"),
        ({"receiver": {"address": "9 New Street"}}, "receiver.address"),
        ({"receiver": {"phone": "13900000000", "name": "李小红"}}, "receiver.name, receiver.phone"),
        ({"receiver": {"town": "三墩镇"}}, "receiver.town"),
        ({"total_minor": 2_481}, "total_minor"),
        ({"collect_minor": 2_480}, "collect_minor"),
        ({"attributes": {"buyer_message": "later"}}, "attributes"),
        ({"lines": [{**MUG, "quantity": 3}, CUP]}, "lines[1].quantity"),
        ({"lines": [MUG, {**CUP, "cancelled_quantity": 1}]}, "lines[2]"),
        ({"lines": [MUG, {**CUP, "sent_by": "SUPPLIER"}]}, "lines[2]"),
        ({"lines": [MUG]}, "1 lines that the channel does not show"),
        ({"lines": [MUG, CUP, goods_line("3", "HAT", "a hat", 1, 1)]}, "lines[3]"),
    ],
)
def test_other_content_of_the_same_second_is_named_field_by_field_and_healed(
    changes: dict[str, Any], named: str
) -> None:
    before, now = the_order(), the_order(**changes)
    found = drift(known_of(before), shown_of(now))
    assert found == Drift("PAID", f"the channel shows other content of the same second: {named}", True)
    # What stands there is nobody's who reads a check or a log.
    personal = [
        value for value in (*before["receiver"].values(), *now["receiver"].values()) if value and len(value) > 2
    ]
    assert personal and not any(str(value) in found.reason for value in personal)
    # The hub took it in under a version of its own: agreement.
    assert drift(known_of(now, 2_001, now["status"]), shown_of(now)) is None
    # An older version of the hub's says what is newer, too; a newer one is its own affair.
    older = drift(known_of(before, 1_000), shown_of(now))
    assert older is not None and older.reason.endswith(f"it differs in {named}")
    assert drift(known_of(before, 9_000), shown_of(now)) is None


@pytest.mark.parametrize("form", ["cipher", "masked"])
def test_what_only_the_platform_can_read_is_not_compared(form: str) -> None:
    written = {"phone": "$$a*b$1$$", "forms": {"phone": form}}
    again = {"phone": "$$c*d$1$$", "forms": {"phone": form}}
    for other in (again, {}):
        assert drift(known_of(the_order(receiver=written)), shown_of(the_order(receiver=other))) is None
    moved = drift(known_of(the_order(receiver=written)), shown_of(the_order(receiver={**again, "city": "宁波市"})))
    assert moved is not None and moved.reason.endswith(": receiver.city")


def test_the_same_content_is_the_same_whatever_the_order_of_its_lines() -> None:
    assert drift(known_of(the_order()), shown_of(the_order(lines=[CUP, MUG]))) is None
    # Another order's phone is other bytes: what is kept tells nobody who is the same person.
    assert content(the_order(), "taobao:1").digest[2:5] != content(the_order(), "taobao:2").digest[2:5]
    parts = [content(the_order(), f"taobao:{n}").digest for n in range(2)]
    assert len(parts[0]) == len(parts[1]) < 120


def test_what_the_merchant_s_table_made_of_a_line_is_no_difference_and_what_the_payload_names_is() -> None:
    parts = [
        goods_line("1.1", "SET-A", "a", 2, 500, bundle_line_no="1"),
        goods_line("1.2", "SET-B", "b", 2, 490, bundle_line_no="1"),
    ]
    opened = the_order(lines=[*parts, CUP])
    assert drift(known_of(opened), shown_of(the_order())) is None
    assert drift(known_of(opened), shown_of(opened)) is None
    fewer = drift(known_of(opened), shown_of(the_order(lines=[parts[0], {**parts[1], "quantity": 1}, CUP])))
    assert fewer is not None and "lines[1].quantity" in fewer.reason
    other = drift(known_of(opened), shown_of(the_order(lines=[MUG, {**CUP, "quantity": 2}])))
    assert other is not None and "lines[2].quantity" in other.reason


def test_what_another_release_kept_is_compared_by_its_status_alone() -> None:
    strange = known_of(the_order())._replace(content=b"xx" + known_of(the_order()).content[2:])
    assert drift(strange, shown_of(the_order(receiver={"address": "9 New Street"}))) is None
    found = drift(strange, shown_of(the_order(status="HOLD")))
    assert found is not None and found.reason.endswith("status")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_snapshot_of_each_platform_is_read_in_canonical_terms(channel: str) -> None:
    draw = Draw(Random(3), catalogue(20, 3))
    sale = next(s for s in (draw.sale(n, 1_700_000_000_000) for n in range(1_000)) if s.channel == channel)
    for stage, status in (("unpaid", "UNPAID"), ("paid", "PAID"), ("shipped", "SHIPPED"), ("cancelled", "CANCELLED")):
        if channel == "jd" and stage == "unpaid":
            continue  # JD shows no unpaid orders
        event = raw_event(sale, stage, sale.placed_at_ms + 60_000, 0, "new").event
        it = shown(channel, event["payload"], 7)
        assert (it.version, it.status) == (sale.placed_at_ms + 60_000, status)
        if stage != "cancelled":
            assert it.paid == (stage != "unpaid")


def test_what_no_mapper_understands_goes_by_its_envelope_and_is_sent_in() -> None:
    it = shown("taobao", b"{}", 5_000)
    assert (it.version, it.status) == (5_000, "UNKNOWN")
    found = drift(Known(1_000, "PAID", "", 0), it)
    assert found is not None and found.heals


def test_a_check_has_one_id_for_one_order_subject_and_version() -> None:
    event = envelope("jd", "jd-pop", base.Snapshot("77", 2_000, b"{}"), 9_000)
    difference = Drift("UNPAID", "the hub's version is older", True)
    one = check(event, "DRIFT", PAID, difference, "UNPAID", 9_000)
    again = check(event, "DRIFT", PAID, difference, "UNPAID", 12_000)
    assert one["check_id"] == again["check_id"] == "jd:77/DRIFT/2000"
    assert (one["agrees"], one["healed"], one["hub_status"], one["platform_status"]) == (False, True, "UNPAID", "PAID")
    agreed = check(event, "PAYMENT", PAID, None, "PAID", 9_000)
    assert (agreed["agrees"], agreed["healed"], agreed["reason"]) == (True, False, "")
    # An after-sale's is its own, and says whose it is.
    sale = envelope("jd", "jd-pop", base.Snapshot("77", 2_000, b"{}", "service/1"), 9_000)
    of_sale = check(sale, "DRIFT", PAID, difference, "UNPAID", 9_000, "service/1")
    assert (sale["kind"], of_sale["check_id"]) == ("aftersale.fetched", "jd:77/aftersale/service/1/DRIFT/2000")
    assert of_sale["reason"] == "after-sale service/1: the hub's version is older"


def test_an_after_sale_is_held_by_its_own_state() -> None:
    doc = json.dumps(TAOBAO).encode()
    it = sale_shown("taobao", doc, 0)
    assert it == Shown(1_767_328_341_000, "OPEN WAIT_SELLER_AGREE", False)
    assert drift(Known(it.version, it.status, "", 0), it) is None
    # Two states of the platform's are one of the hub's: of one second the other is a drift.
    found = drift(Known(it.version, "OPEN WAIT_BUYER_RETURN_GOODS", "", 0), it)
    assert found is not None and found.heals
    assert sale_shown("taobao", b"{}", 5_000) == Shown(5_000, "UNKNOWN", False)
