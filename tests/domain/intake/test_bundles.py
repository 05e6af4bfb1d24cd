"""Combined goods of the merchant's table are sent as their parts; what the platform showed stays what it was."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.intake.bundles import opened
from streams.domain.intake.dedup import dedup
from tests.domain.intake.messages import LINE, codes, first_seen, order_of, outcome, reading
from tests.domain.raw_orders import PDD, TAOBAO, changed

SET: dict[str, Any] = {
    "sku": "SET",
    "parts": [{"sku": "SKU-A", "quantity": 1}, {"sku": "SKU-B", "quantity": 4}],
    "version": 1,
}
BUNDLES: dict[str, Any] = {"SET": SET}


def sold(**fields: Any) -> Any:
    return changed(TAOBAO, orders={"order": [changed(LINE, outer_sku_id="SET", **fields)]})


def test_a_bundle_is_its_parts_and_its_own_sku_needs_no_stock() -> None:
    order = order_of(reading("taobao", sold(), bundles=BUNDLES))
    assert [
        (line["line_no"], line["sku"], line["quantity"], line["unit_price_minor"], line["bundle_line_no"])
        for line in order["lines"]
    ] == [
        ("2300000000000000002/SKU-A", "SKU-A", 2, 0, "2300000000000000002"),
        ("2300000000000000002/SKU-B", "SKU-B", 8, 0, "2300000000000000002"),
    ]
    assert order["total_minor"] == 9900


@pytest.mark.parametrize("bundles", [{}, {"SET": {**SET, "parts": []}}, {"OTHER": SET}])
def test_what_is_no_bundle_is_a_sku_like_any_other(bundles: dict[str, Any]) -> None:
    assert codes(reading("taobao", sold(), bundles=bundles)) == ["unknown_sku"]


def test_a_part_that_nobody_knows_is_reviewed() -> None:
    unknown = {"SET": {**SET, "parts": [{"sku": "SKU-A", "quantity": 1}, {"sku": "SKU-X", "quantity": 1}]}}
    assert codes(reading("taobao", sold(), bundles=unknown)) == ["unknown_sku"]


def test_so_is_a_bundle_of_more_pieces_than_anybody_sends() -> None:
    many = {"SET": {**SET, "parts": [{"sku": "SKU-A", "quantity": 1_000}]}}
    assert codes(reading("taobao", sold(num=500), bundles=many)) == ["out_of_range"]


def test_the_pieces_that_have_left_are_those_of_the_parts() -> None:
    sent = sold(status="WAIT_BUYER_CONFIRM_GOODS", consign_time="2026-01-02 10:00:00")
    lines = order_of(reading("taobao", changed(sent, status="WAIT_BUYER_CONFIRM_GOODS"), bundles=BUNDLES))["lines"]
    assert [line["shipped_quantity"] for line in lines] == [2, 8]


def test_what_others_send_or_the_platform_opened_itself_stays_as_it_is() -> None:
    theirs = order_of(reading("taobao", sold(is_daixiao=True), bundles=BUNDLES))["lines"]
    assert [(line["sku"], line["bundle_line_no"]) for line in theirs] == [("SET", "")]
    part = {"line_no": "1/SET", "sku": "SET", "bundle_line_no": "1", "sent_by": "MERCHANT"}
    assert opened([part], BUNDLES) == [part]  # type: ignore[list-item]


def test_every_platform_s_bundles_are_opened() -> None:
    doc = changed(PDD, item_list=[changed(PDD["item_list"][0], outer_id="SET")])
    assert [line["sku"] for line in order_of(reading("pdd", doc, bundles=BUNDLES))["lines"]] == ["SKU-A", "SKU-B"]


def test_a_table_that_changes_makes_no_other_content() -> None:
    """The event comes again after the merchant has named the parts: the platform contradicts itself in nothing."""
    other = {"SET": {**SET, "parts": [{"sku": "SKU-B", "quantity": 1}]}}
    before = reading("taobao", sold(), bundles=BUNDLES)
    assert outcome(dedup(reading("taobao", sold(), bundles=other, offset=1), first_seen(before))) == "Duplicate EXACT"
