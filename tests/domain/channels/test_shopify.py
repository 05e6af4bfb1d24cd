"""Shopify webhooks: money by currency, refunds piece by piece, lines that need no shipping."""

from __future__ import annotations

import pytest

from tests.domain.raw_orders import SHOPIFY, TEN_O_CLOCK_MS, Doc, changed, codes, sound

LINE: Doc = SHOPIFY["line_items"][0]


def refund(quantity: int, restock_type: str | None, line: int = 830000000000001) -> list[Doc]:
    item: Doc = {"line_item_id": line, "quantity": quantity}
    return [{"refund_line_items": [{**item, "restock_type": restock_type} if restock_type else item]}]


def test_the_platforms_own_example() -> None:
    order = sound("shopify", SHOPIFY)
    assert (order.order_no, order.status, order.currency, order.total_minor) == ("820000000000001", "PAID", "CNY", 9900)
    assert (order.placed_at_ms, order.version) == (TEN_O_CLOCK_MS, TEN_O_CLOCK_MS + 5_000)
    assert order.receiver == {
        "name": "Test Buyer",
        "phone": "13800000000",
        "country": "CN",
        "province": "Zhejiang",
        "city": "Hangzhou",
        "district": "",
        "address": "1 Demo Road",
        "postal_code": "310000",
        "oaid": None,
    }
    assert order.lines == [
        {
            "line_no": "830000000000001",
            "sku": "SKU-A",
            "title": "Demo",
            "quantity": 2,
            "unit_price_minor": 4950,
            "returned_quantity": 0,
        }
    ]


@pytest.mark.parametrize(
    ("fields", "expected", "hold"),
    [
        ({"financial_status": "pending"}, "UNPAID", None),
        ({"financial_status": "authorized"}, "UNPAID", None),
        ({"financial_status": "partially_paid"}, "UNPAID", None),
        ({"financial_status": "partially_refunded"}, "PAID", None),
        ({"financial_status": "voided"}, "CANCELLED", None),
        ({"financial_status": "refunded"}, "CANCELLED", None),
        ({"financial_status": "refunded", "fulfillment_status": "fulfilled"}, "SHIPPED", None),
        ({"fulfillment_status": "partial"}, "PAID", None),
        ({"fulfillment_status": "fulfilled"}, "SHIPPED", None),
        ({"cancelled_at": "2026-01-01T11:00:00+08:00"}, "CANCELLED", None),
        ({"financial_status": "pending", "cancelled_at": "2026-01-01T11:00:00Z"}, "CANCELLED", None),
        ({"test": True}, "HOLD", "test_order"),
    ],
)
def test_every_status(fields: Doc, expected: str, hold: str | None) -> None:
    order = sound("shopify", changed(SHOPIFY, **fields))
    assert (order.status, order.hold_reason) == (expected, hold)


@pytest.mark.parametrize(
    ("fulfilled", "restock_type", "quantity", "came_back"),
    [
        ("fulfilled", "return", 2, 1),
        ("fulfilled", "legacy_restock", 2, 1),
        ("fulfilled", None, 2, 1),
        ("fulfilled", "no_restock", 2, 0),
        (None, "cancel", 1, 0),
        (None, "no_restock", 1, 0),
        (None, None, 1, 0),
    ],
)
def test_refunded_pieces(fulfilled: str | None, restock_type: str | None, quantity: int, came_back: int) -> None:
    doc = changed(SHOPIFY, fulfillment_status=fulfilled, refunds=refund(1, restock_type))
    line = sound("shopify", doc).lines[0]
    assert (line["quantity"], line["returned_quantity"]) == (quantity, came_back)


def test_refunds_of_a_line_add_up() -> None:
    doc = changed(SHOPIFY, fulfillment_status="fulfilled", refunds=[*refund(1, "return"), *refund(1, "return")])
    assert sound("shopify", doc).lines[0]["returned_quantity"] == 2


def test_a_line_cancelled_whole_is_left_out() -> None:
    doc = changed(SHOPIFY, line_items=[LINE, changed(LINE, id=5, sku="SKU-B")], refunds=refund(2, "cancel", line=5))
    assert [line["sku"] for line in sound("shopify", doc).lines] == ["SKU-A"]


def test_more_cancelled_than_bought() -> None:
    assert codes("shopify", changed(SHOPIFY, refunds=refund(3, "cancel"))) == [
        ("out_of_range", "line_items[0].quantity")
    ]


def test_a_gift_card_is_not_shipped_and_needs_no_sku() -> None:
    card = changed(LINE, id=5, sku="", requires_shipping=False)
    assert len(sound("shopify", changed(SHOPIFY, line_items=[LINE, card])).lines) == 1


@pytest.mark.parametrize("sku", ["", None, "   "])
def test_goods_without_a_sku(sku: str | None) -> None:
    assert codes("shopify", changed(SHOPIFY, line_items=[changed(LINE, sku=sku)])) == [
        ("missing_field", "line_items[0].sku")
    ]


def test_a_deleted_product_still_ships() -> None:
    assert sound("shopify", changed(SHOPIFY, line_items=[changed(LINE, product_id=None, product_exists=False)])).lines


@pytest.mark.parametrize(
    ("currency", "price", "minor"),
    [("GBP", "2.55", 255), ("JPY", "1200", 1200), ("JPY", "1200.00", 1200), ("KWD", "1.234", 1234)],
)
def test_minor_units_follow_the_currency(currency: str, price: str, minor: int) -> None:
    line = changed(LINE, price="0")
    assert (
        sound("shopify", changed(SHOPIFY, currency=currency, total_price=price, line_items=[line])).total_minor == minor
    )


def test_a_currency_that_is_none() -> None:
    assert codes("shopify", changed(SHOPIFY, currency="yuan")) == [("invalid_money", "currency")]


def test_no_address_is_no_crash() -> None:
    assert sound("shopify", changed(SHOPIFY, shipping_address=None)).receiver["name"] == ""
    assert codes("shopify", changed(SHOPIFY, shipping_address="at home")) == [("wrong_type", "shipping_address")]
