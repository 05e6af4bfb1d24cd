"""An order as the channel shows it beside what the hub knows: when they differ, and when sending the snapshot in helps."""

from __future__ import annotations

from random import Random

import pytest

from connectors.channels.reconcile.compare import Drift, Known, Shown, check, drift, envelope, shown
from connectors.generator.draw import CHANNELS, Draw
from connectors.generator.stream import catalogue, raw_event

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
    event = envelope("jd", "jd-pop", "77", 2_000, b"{}", 9_000)
    difference = Drift("UNPAID", "the hub's version is older", True)
    one = check(event, "DRIFT", PAID, difference, "UNPAID", 9_000)
    again = check(event, "DRIFT", PAID, difference, "UNPAID", 12_000)
    assert one["check_id"] == again["check_id"] == "jd:77/DRIFT/2000"
    assert (one["agrees"], one["healed"], one["hub_status"], one["platform_status"]) == (False, True, "UNPAID", "PAID")
    agreed = check(event, "PAYMENT", PAID, None, "PAID", 9_000)
    assert (agreed["agrees"], agreed["healed"], agreed["reason"]) == (True, False, "")
