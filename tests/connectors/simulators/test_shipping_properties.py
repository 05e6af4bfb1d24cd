"""However an order's pieces are divided and told, no piece ships twice, and what is shown adds up."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.generator.shapes import douyin as douyin_shape
from connectors.generator.shapes import shopify as shopify_shape
from connectors.simulators import douyin_shipping, shopify_shipping
from connectors.simulators.douyin_shipping import DouyinError
from connectors.simulators.orders import Shipment, ShippedLine
from tests.connectors.simulators.sales import sale

PIECES = st.lists(st.integers(1, 4), min_size=1, max_size=4)
#: Attempts to ship: (line's place, pieces), of which many ask for too much.
ATTEMPTS = st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=3), max_size=8)
Attempts = list[list[tuple[int, int]]]


@settings(max_examples=150)
@given(PIECES, ATTEMPTS)
def test_shopify_never_ships_more_than_was_ordered(pieces: list[int], attempts: Attempts) -> None:
    order = shopify_shape.snapshot(sale("shopify", pieces=pieces), "paid", 0)
    lines = order["line_items"]
    done: list[dict[str, Any]] = []
    for number, attempt in enumerate(attempts):
        left = [shopify_shipping.left(order, line) for line in lines]
        wanted = [(shopify_shipping.line_id(lines[place % len(lines)]), count) for place, count in attempt]
        asked = shopify_shipping.Asked(shopify_shipping.fulfillment_order_id(order), wanted)
        planned = shopify_shipping.plan(order, asked)
        total = [sum(count for place, count in attempt if place % len(lines) == line) for line in range(len(lines))]
        asked_for = {place % len(lines) for place, _ in attempt}
        possible = any(left) and all(1 <= total[line] <= left[line] for line in asked_for)
        assert isinstance(planned, list) == possible
        if isinstance(planned, list):
            tracking = shopify_shipping.Tracking("SF Express", [f"SF{number:013d}"], [])
            done.append(shopify_shipping.fulfillment(order, number, planned, tracking, "2026-01-01T10:00:00+08:00"))
            shopify_shipping.show(order, done)
            shown = json.dumps(order)
            shopify_shipping.show(order, done)
            assert json.dumps(order) == shown
    shipped = [sum(i["quantity"] for f in done for i in f["line_items"] if i["id"] == line["id"]) for line in lines]
    assert [s + shopify_shipping.left(order, line) for s, line in zip(shipped, lines, strict=True)] == pieces
    assert (shopify_shipping.status(order) == "CLOSED") == (shipped == pieces)
    assert order["fulfillment_status"] == (None if not done else "fulfilled" if shipped == pieces else "partial")


@settings(max_examples=150)
@given(PIECES, ATTEMPTS)
def test_douyin_never_ships_more_than_was_ordered(pieces: list[int], attempts: Attempts) -> None:
    order = douyin_shape.snapshot(sale("douyin", pieces=pieces), "paid", 0)
    ids = [line["order_id"] for line in order["sku_order_list"]]
    done: list[Shipment] = []
    for number, attempt in enumerate(attempts):
        left = douyin_shipping.left(order, done)
        pack = [ShippedLine(ids[place % len(ids)], count) for place, count in attempt]
        total = {one.line_no: sum(p.quantity for p in pack if p.line_no == one.line_no) for one in pack}
        possible = all(p.quantity for p in pack) and all(total[line] <= left[line] for line in total)
        try:
            douyin_shipping.check_order(order)
            douyin_shipping.check_lines(order, done, [pack])
        except DouyinError:
            assert not possible
            continue
        assert possible
        done.append(Shipment(f"SF{number:013d}", "shunfeng", pack, 1_767_232_800_000))
        douyin_shipping.show(order, "1", done)
        shown = json.dumps(order)
        douyin_shipping.show(order, "1", done)
        assert json.dumps(order) == shown
    shipped = [sum(p.quantity for s in done for p in s.lines if p.line_no == line) for line in ids]
    assert [s + left for s, left in zip(shipped, douyin_shipping.left(order, done).values(), strict=True)] == pieces
    assert order["order_status"] == (2 if not done else 3 if shipped == pieces else 101)
