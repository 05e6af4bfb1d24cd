"""Shopify's units: edits, parcels of others, refunds, exchanges; never more to send than any number allows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.channels.snapshot import to_send
from tests.domain.channels.test_shopify import LINE, with_line
from tests.domain.raw_orders import SHOPIFY, Doc, changed, codes, read, sound

NO = LINE["id"]
OF_WHAT = [{"status": "success"}]
NONE_OPEN, ONE_OPEN = ({"fulfillable_quantity": units, "current_quantity": 1} for units in (0, 1))


def refund(quantity: int, restock_type: str | None, line: int = NO) -> list[Doc]:
    item: Doc = {"line_item_id": line, "quantity": quantity}
    return [{"refund_line_items": [{**item, "restock_type": restock_type} if restock_type else item]}]


def fulfilled(quantity: int, status: str = "success", line: int = NO) -> list[Doc]:
    return [{"status": status, "line_items": [{"id": line, "quantity": quantity}]}]


@pytest.mark.parametrize(
    ("line", "fields", "status", "ordered", "shipped", "cancelled", "returned", "left"),
    [
        # Edits, with and without a record of it
        ({"quantity": 3, "current_quantity": 2, "fulfillable_quantity": 2}, {}, "PAID", 2, 0, 0, 0, 2),
        ({"current_quantity": 0, "fulfillable_quantity": 0}, {}, "CANCELLED", 0, 0, 0, 0, 0),
        ({"current_quantity": 0}, {}, "CANCELLED", 0, 0, 0, 0, 0),
        ({"current_quantity": 1, "fulfillable_quantity": 2}, {}, "PAID", 1, 0, 0, 0, 1),
        ({"quantity": 3, "fulfillable_quantity": 2}, {}, "PAID", 2, 0, 0, 0, 2),
        ({"quantity": 3, "current_quantity": 2, "fulfillable_quantity": 2}, {"refunds": refund(1, "cancel")}, "PAID", 3, 0, 1, 0, 2),
        # Sent by others, by hand, in part
        ({"fulfillable_quantity": 0, "fulfillment_status": "fulfilled"}, {"fulfillment_status": "partial"}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillable_quantity": 1, "fulfillment_status": "partial"}, {"fulfillment_status": "partial"}, "PAID", 2, 1, 0, 0, 1),
        ({"fulfillable_quantity": 1}, {"fulfillment_status": "partial"}, "PAID", 2, 1, 0, 0, 1),
        ({"fulfillable_quantity": 1}, {"fulfillment_status": "partial", "fulfillments": fulfilled(1)}, "PAID", 2, 1, 0, 0, 1),
        ({"fulfillable_quantity": 0}, {"fulfillment_status": "partial", "fulfillments": fulfilled(2)}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillable_quantity": 0}, {"fulfillments": fulfilled(2, "open")}, "SHIPPED", 2, 2, 0, 0, 0),
        ({}, {"fulfillment_status": "fulfilled"}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillable_quantity": ...}, {"fulfillment_status": "fulfilled"}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillable_quantity": 0}, {"fulfillments": fulfilled(5)}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillable_quantity": 0, "fulfillment_status": "fulfilled"}, {"fulfillments": fulfilled(1)}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillable_quantity": 0, "fulfillment_status": "fulfilled"}, {"fulfillments": OF_WHAT}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillable_quantity": 0}, {"fulfillment_status": "fulfilled", "fulfillments": OF_WHAT}, "SHIPPED", 2, 2, 0, 0, 0),
        ({"fulfillment_status": "fulfilled"}, {"fulfillment_status": "partial"}, "SHIPPED", 2, 2, 0, 0, 0),
        # A parcel that was undone is to be sent again
        ({"fulfillment_status": "fulfilled"}, {"fulfillments": fulfilled(2, "cancelled")}, "PAID", 2, 0, 0, 0, 2),
        ({}, {"fulfillments": fulfilled(2, "cancelled")}, "PAID", 2, 0, 0, 0, 2),
        ({}, {"fulfillments": fulfilled(2, "error")}, "PAID", 2, 0, 0, 0, 2),
        ({"fulfillable_quantity": 1}, {"fulfillments": [*fulfilled(1, "cancelled"), *fulfilled(1)]}, "PAID", 2, 1, 0, 0, 1),
        # Refunds before sending
        ({}, {"refunds": refund(1, "cancel")}, "PAID", 2, 0, 1, 0, 1),
        ({}, {"refunds": refund(1, "no_restock")}, "PAID", 2, 0, 1, 0, 1),
        ({}, {"refunds": refund(1, None)}, "PAID", 2, 0, 1, 0, 1),
        ({}, {"refunds": refund(1, "return")}, "PAID", 2, 0, 1, 0, 1),
        ({}, {"refunds": refund(2, "cancel")}, "CANCELLED", 2, 0, 2, 0, 0),
        ({"current_quantity": 1, "fulfillable_quantity": 1}, {"refunds": refund(1, "no_restock")}, "PAID", 2, 0, 1, 0, 1),
        # A refund of money alone moves nothing
        ({}, {"financial_status": "partially_refunded", "refunds": [{"refund_line_items": []}]}, "PAID", 2, 0, 0, 0, 2),
        ({}, {"financial_status": "partially_refunded", "refunds": [{}]}, "PAID", 2, 0, 0, 0, 2),
        ({}, {"financial_status": "refunded", "refunds": [{"refund_line_items": []}]}, "CANCELLED", 2, 0, 2, 0, 0),
        ({"fulfillable_quantity": 1}, {"financial_status": "refunded", "fulfillments": fulfilled(1)}, "SHIPPED", 2, 1, 1, 0, 0),
        ({}, {"cancelled_at": "2026-01-01T11:00:00Z", "fulfillments": fulfilled(1)}, "SHIPPED", 2, 1, 1, 0, 0),
        # Refunds after sending
        ({}, {"fulfillment_status": "fulfilled", "refunds": refund(1, "return")}, "SHIPPED", 2, 2, 0, 1, 0),
        ({}, {"fulfillment_status": "fulfilled", "refunds": refund(1, "legacy_restock")}, "SHIPPED", 2, 2, 0, 1, 0),
        ({}, {"fulfillment_status": "fulfilled", "refunds": refund(1, "no_restock")}, "SHIPPED", 2, 2, 0, 0, 0),
        ({}, {"fulfillment_status": "fulfilled", "refunds": [*refund(1, "return"), *refund(1, "return")]}, "SHIPPED", 2, 2, 0, 2, 0),
        (NONE_OPEN, {"fulfillments": fulfilled(1), "refunds": refund(1, "cancel")}, "SHIPPED", 2, 1, 1, 0, 0),
        (ONE_OPEN, {"fulfillments": fulfilled(1), "refunds": refund(1, "no_restock")}, "PAID", 2, 1, 0, 0, 1),
        (NONE_OPEN, {"fulfillments": fulfilled(1), "refunds": refund(1, "no_restock")}, "SHIPPED", 2, 1, 1, 0, 0),
    ],
)  # fmt: skip
def test_units_of_a_line(
    line: Doc, fields: Doc, status: str, ordered: int, shipped: int, cancelled: int, returned: int, left: int
) -> None:
    order = sound("shopify", with_line(fields, **line))
    found = order.lines[0]
    assert (found["quantity"], found["shipped_quantity"], found["cancelled_quantity"], found["returned_quantity"]) == (
        ordered,
        shipped,
        cancelled,
        returned,
    )
    assert (order.status, to_send(found)) == (status, left)


@pytest.mark.parametrize("order_status", ["partial", "fulfilled"])
@pytest.mark.parametrize("new", [{}, {"fulfillment_status": None}, {"current_quantity": 1}])
def test_an_exchange_opens_a_sent_order_again(order_status: str, new: Doc) -> None:
    back = changed(LINE, fulfillable_quantity=0, current_quantity=0, fulfillment_status="fulfilled")
    other = changed(LINE, id=5, sku="SKU-B", quantity=1, fulfillable_quantity=1, **new)
    doc = changed(SHOPIFY, fulfillment_status=order_status, line_items=[back, other], refunds=refund(2, "return"))
    order = sound("shopify", doc)
    assert (order.status, [to_send(line) for line in order.lines]) == ("PAID", [0, 1])
    assert (order.lines[0]["shipped_quantity"], order.lines[0]["returned_quantity"]) == (2, 2)


def test_a_line_that_is_added_is_sent_once_it_is_paid() -> None:
    back = changed(LINE, fulfillable_quantity=0, fulfillment_status="fulfilled")
    new = changed(LINE, id=5, sku="SKU-B")
    doc = changed(SHOPIFY, fulfillment_status="partial", financial_status="partially_paid", line_items=[back, new])
    waits = sound("shopify", doc)
    assert (waits.status, waits.hold_reason) == ("HOLD", "deposit_only")
    assert sound("shopify", changed(doc, financial_status="paid")).status == "PAID"


@pytest.mark.parametrize(
    ("line", "fields", "hold"),
    [
        ({"fulfillable_quantity": ..., "fulfillment_status": "partial"}, {}, "sent_unclear"),
        (
            {"fulfillable_quantity": ..., "fulfillment_status": "fulfilled"},
            {"fulfillments": fulfilled(2, "cancelled")},
            "sent_contradicts",
        ),
        (
            {"fulfillable_quantity": ...},
            {"fulfillments": fulfilled(1), "refunds": refund(1, "no_restock")},
            "refund_amount_unknown",
        ),
    ],
)
def test_numbers_that_do_not_tell_hold(line: Doc, fields: Doc, hold: str) -> None:
    order = sound("shopify", with_line(fields, **line))
    assert (order.status, order.hold_reason) == ("HOLD", hold)


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        (with_line({"refunds": refund(3, "cancel")}), ("out_of_range", "line_items[0].quantity")),
        (with_line({"refunds": [*refund(2, "return"), *refund(1, "cancel")]}), ("out_of_range", "line_items[0].quantity")),
        (with_line({"refunds": refund(-1, "cancel")}), ("out_of_range", "refunds[0].refund_line_items[0].quantity")),
        (with_line({"refunds": [{"refund_line_items": "all"}]}), ("wrong_type", "refunds[0].refund_line_items")),
        (with_line({"fulfillments": "sent"}), ("wrong_type", "fulfillments")),
        (with_line({"fulfillments": fulfilled(-1)}), ("out_of_range", "fulfillments[0].line_items[0].quantity")),
        (with_line({"fulfillments": [{"line_items": [{}]}]}), ("missing_field", "fulfillments[0].line_items[0].id")),
        (with_line({"fulfillment_status": "sent"}), ("unknown_status", "fulfillment_status")),
        (with_line(fulfillment_status="sent"), ("unknown_status", "line_items[0].fulfillment_status")),
        (with_line(quantity=-1), ("quantity_not_positive", "line_items[0].quantity")),
        (with_line(quantity=10**6), ("out_of_range", "line_items[0].quantity")),
        (with_line(current_quantity=3), ("out_of_range", "line_items[0].current_quantity")),
        (with_line(current_quantity="many"), ("wrong_type", "line_items[0].current_quantity")),
        (with_line(fulfillable_quantity=-1), ("out_of_range", "line_items[0].fulfillable_quantity")),
        (with_line(fulfillable_quantity=3), ("out_of_range", "line_items[0].fulfillable_quantity")),
    ],
)  # fmt: skip
def test_numbers_that_are_wrong(doc: Doc, expected: tuple[str, str]) -> None:
    assert expected in codes("shopify", doc)


COUNT = st.integers(0, 4)
KINDS = st.sampled_from(["cancel", "return", "legacy_restock", "no_restock", None])
STATES = st.sampled_from(["success", "open", "pending", "cancelled", "error", "failure"])


@st.composite
def orders(draw: st.DrawFn) -> Doc:
    maybe: Any = st.just(...) | COUNT
    line = {
        "fulfillable_quantity": draw(maybe),
        "current_quantity": draw(maybe),
        "fulfillment_status": draw(st.sampled_from([..., None, "partial", "fulfilled"])),
    }
    return with_line(
        {
            "fulfillment_status": draw(st.sampled_from([None, "partial", "fulfilled"])),
            "financial_status": draw(st.sampled_from(["paid", "partially_refunded", "refunded", "pending"])),
            "refunds": [one for row in draw(st.lists(st.tuples(COUNT, KINDS), max_size=3)) for one in refund(*row)],
            "fulfillments": [
                one for row in draw(st.lists(st.tuples(COUNT, STATES), max_size=3)) for one in fulfilled(*row)
            ],
        },
        quantity=draw(st.integers(1, 4)),
        **{name: value for name, value in line.items() if value is not ... or name in LINE},
    )


@given(orders())
def test_never_more_to_send_than_any_number_allows(doc: Doc) -> None:
    snapshot, reasons = read("shopify", doc)
    if reasons:
        return
    line, raw = snapshot.lines[0], doc["line_items"][0]
    left = to_send(line)
    for name in ("quantity", "current_quantity", "fulfillable_quantity"):
        assert left <= raw.get(name, 4)
    sent = sum(
        one["line_items"][0]["quantity"]
        for one in doc["fulfillments"]
        if one["status"] in ("success", "open", "pending")
    )
    void = sum(
        item["quantity"]
        for one in doc["refunds"]
        for item in one["refund_line_items"]
        if item.get("restock_type") == "cancel"
    )
    assert left <= max(0, raw["quantity"] - sent - void)
    assert 0 <= line["returned_quantity"] <= line["shipped_quantity"]
    assert line["shipped_quantity"] + line["cancelled_quantity"] <= line["quantity"] <= raw["quantity"]
    if doc["financial_status"] == "refunded":
        assert left == 0
    assert (snapshot.status in ("PAID", "HOLD")) == (left > 0 and doc["financial_status"] != "pending")
