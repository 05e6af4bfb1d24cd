"""Combined goods are shipped as their parts: from the payload where it names them, else from the merchant's table."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.payloads import CHANNELS, LINE, lines, sound
from tests.kinds.trials import shipped, tried, units

Doc = dict[str, Any]
TWO_SETS = {"MUG@HZ1": 2, "PEN@HZ1": 4}
PARTS = {"MUG": 1, "PEN": 2}


def with_parts(channel: str) -> Doc:
    """2 sets of a mug and two pens, as the payload names them."""
    doc = sound(channel)
    match channel:
        case "taobao":
            parts = [{"outer_sku_id": sku, "quantity": each, "item_name": sku} for sku, each in PARTS.items()]
            lines(channel, doc)[0]["combine_item_info"] = {"combine_sub_item_do": parts}
        case "pdd":
            parts = [{"ware_sn": sku, "ware_quantity": each, "ware_name": sku} for sku, each in PARTS.items()]
            doc["order_depot_info"] = {"ware_type": 1, "ware_sub_info_list": parts}
        case "douyin":
            parts = [{"code": sku, "item_num": each, "product_name": sku} for sku, each in PARTS.items()]
            lines(channel, doc)[0]["bundle_sku_info"] = parts
    return doc


@pytest.mark.parametrize("channel", ["taobao", "pdd", "douyin"])
def test_the_payload_names_the_parts(channel: str) -> None:
    first, last = tried(channel, with_parts(channel), shipped())
    assert (first.outcome, first.phase, first.reserved) == ("accepted", "ALLOCATED", TWO_SETS), first.reasons
    assert sorted(each["line_no"] for each in first.lines) == [f"{LINE[channel]}/MUG", f"{LINE[channel]}/PEN"]
    assert (last.phase, last.committed) == ("SHIPPED", TWO_SETS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_merchants_table_names_them(channel: str) -> None:
    first, last = tried(
        channel, sound(channel), shipped(), bundles={"SKU-A": PARTS}, stock={"HZ1": {"MUG": 9, "PEN": 9}}
    )
    assert (first.outcome, first.phase, first.reserved) == ("accepted", "ALLOCATED", TWO_SETS), first.reasons
    assert units(first, "to_ship") == {"MUG": 2, "PEN": 4}
    assert (last.phase, last.committed) == ("SHIPPED", TWO_SETS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_bundle_sells_as_many_as_its_scarcest_part(channel: str) -> None:
    (step,) = tried(channel, sound(channel), bundles={"SKU-A": PARTS}, stock={"HZ1": {"MUG": 9, "PEN": 3}})
    assert (step.phase, step.reserved) == ("BACKORDERED", {})
    assert any("1 x PEN" in note for note in step.notes)
