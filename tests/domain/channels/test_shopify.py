"""Shopify webhooks: money by currency, cash on delivery, who sends a line, where the receiver's facts stand."""

from __future__ import annotations

import pytest

from schemas.records import OrderLine, Receiver
from streams.domain.channels import MAPPERS
from streams.domain.channels.settings import ChannelSettings
from streams.domain.channels.snapshot import to_send
from tests.domain.raw_orders import SHOPIFY, TEN_O_CLOCK_MS, Doc, changed, codes, sound

LINE: Doc = SHOPIFY["line_items"][0]
ADDRESS: Doc = SHOPIFY["shipping_address"]
LATER, LATER_MS = "2026-01-08T10:00:00+08:00", TEN_O_CLOCK_MS + 7 * 86_400_000


def with_line(fields: Doc | None = None, **line: object) -> Doc:
    return changed(SHOPIFY, line_items=[changed(LINE, **line)], **(fields or {}))


def to(address: Doc, **fields: object) -> Doc:
    return changed(SHOPIFY, shipping_address=changed(ADDRESS, **address), **fields)


def test_the_platforms_own_example() -> None:
    order = sound("shopify", SHOPIFY)
    assert (order.order_no, order.status, order.currency, order.total_minor) == ("820000000000001", "PAID", "CNY", 9900)
    assert (order.placed_at_ms, order.version) == (TEN_O_CLOCK_MS, TEN_O_CLOCK_MS + 5_000)
    assert (order.collect_minor, order.not_before_ms) == (None, None)
    receiver: Receiver = {
        "name": "Test Buyer",
        "phone": "13800000000",
        "country": "CN",
        "province": "Zhejiang",
        "city": "Hangzhou",
        "district": "",
        "town": "",
        "address": "1 Demo Road",
        "postal_code": "310000",
        "oaid": None,
        "company": "",
        "phone_extension": "",
        "forms": {},
    }
    assert order.receiver == receiver
    line: OrderLine = {
        "line_no": "830000000000001",
        "sku": "SKU-A",
        "title": "Demo",
        "quantity": 2,
        "unit_price_minor": 4950,
        "returned_quantity": 0,
        "shipped_quantity": 0,
        "cancelled_quantity": 0,
        "asked_back_quantity": 0,
        "sent_by": "MERCHANT",
        "sender": "",
        "bundle_line_no": "",
    }
    assert order.lines == [line]


@pytest.mark.parametrize(
    ("fields", "expected", "hold"),
    [
        ({"financial_status": "pending"}, "UNPAID", None),
        ({"financial_status": "authorized"}, "UNPAID", None),
        ({"financial_status": "partially_paid"}, "HOLD", "deposit_only"),
        ({"financial_status": "partially_refunded"}, "PAID", None),
        ({"financial_status": "voided"}, "CANCELLED", None),
        ({"financial_status": "refunded"}, "CANCELLED", None),
        ({"financial_status": "refunded", "fulfillment_status": "fulfilled"}, "SHIPPED", None),
        ({"financial_status": "pending", "fulfillment_status": "fulfilled"}, "SHIPPED", None),
        ({"fulfillment_status": "partial"}, "PAID", None),
        ({"fulfillment_status": "fulfilled"}, "SHIPPED", None),
        ({"cancelled_at": "2026-01-01T11:00:00+08:00"}, "CANCELLED", None),
        ({"cancelled_at": "2026-01-01T11:00:00+08:00", "fulfillment_status": "fulfilled"}, "SHIPPED", None),
        ({"financial_status": "pending", "cancelled_at": "2026-01-01T11:00:00Z"}, "CANCELLED", None),
        ({"test": True}, "HOLD", "test_order"),
    ],
)
def test_every_status(fields: Doc, expected: str, hold: str | None) -> None:
    order = sound("shopify", changed(SHOPIFY, **fields))
    assert (order.status, order.hold_reason) == (expected, hold)


# Who sends it

CARD = {"gift_card": True, "requires_shipping": False, "sku": ""}


@pytest.mark.parametrize(
    ("fields", "line", "sent_by", "sender"),
    [
        ({}, {"fulfillment_service": "manual"}, "MERCHANT", ""),
        ({}, {"fulfillment_service": "Manual"}, "MERCHANT", ""),
        ({}, {"fulfillment_service": None}, "MERCHANT", ""),
        ({}, {"fulfillment_service": "printful"}, "SERVICE", "printful"),
        ({}, {"fulfillment_service": "amazon_marketplace_web", "sku": ""}, "SERVICE", "amazon_marketplace_web"),
        ({}, CARD, "NOBODY", "virtual"),
        ({}, {"gift_card": True}, "NOBODY", "virtual"),
        ({}, {"fulfillment_service": "gift_card"}, "NOBODY", "virtual"),
        ({}, {"requires_shipping": False, "fulfillment_service": "printful"}, "NOBODY", "virtual"),
        ({"source_name": "pos", "shipping_address": None}, {}, "NOBODY", "point_of_sale"),
        ({"source_name": "pos", "shipping_lines": []}, {}, "NOBODY", "point_of_sale"),
        ({"source_name": "pos", "shipping_lines": [{"code": "Standard"}]}, {}, "MERCHANT", ""),
        ({"source_name": "web", "shipping_lines": []}, {}, "MERCHANT", ""),
        ({"shipping_lines": [{"delivery_category": "local_pickup"}]}, {}, "NOBODY", "pickup"),
        ({"shipping_lines": [{"delivery_category": "local-delivery"}]}, {}, "NOBODY", "pickup"),
        ({"shipping_lines": [{"code": "Local Pickup", "title": "Shop 1"}]}, {}, "NOBODY", "pickup"),
        ({"shipping_lines": [{"title": "到店自提"}], "shipping_address": None}, {}, "NOBODY", "pickup"),
        ({"shipping_lines": [{"title": "UPS Pickup Point", "delivery_category": None}]}, {}, "MERCHANT", ""),
    ],
)
def test_who_sends_it(fields: Doc, line: Doc, sent_by: str, sender: str) -> None:
    order = sound("shopify", with_line(fields, **line))
    assert (order.status, order.hold_reason) == ("PAID", None)
    assert [(one["sent_by"], one["sender"]) for one in order.lines] == [(sent_by, sender)]
    assert sum(map(to_send, order.lines)) == (2 if sent_by == "MERCHANT" else 0)


def test_a_sale_over_a_counter_to_a_known_address_without_a_way_of_shipping_is_held() -> None:
    order = sound("shopify", changed(SHOPIFY, source_name="pos"))
    assert (order.status, order.hold_reason) == ("HOLD", "point_of_sale_unclear")


def test_which_services_and_pick_ups_are_which_is_a_setting() -> None:
    settings = ChannelSettings(own_services=("manual", "our wms"), pickup_methods=("shop 1",))
    own = MAPPERS["shopify"](with_line(fulfillment_service="Our WMS"), [], settings)
    assert own.lines[0]["sent_by"] == "MERCHANT"
    fetched = MAPPERS["shopify"](changed(SHOPIFY, shipping_lines=[{"title": "Shop 1"}]), [], settings)
    assert fetched.lines[0]["sender"] == "pickup"


def test_only_ones_own_line_is_to_be_sent() -> None:
    other = changed(LINE, id=5, sku="SKU-B", quantity=1, fulfillable_quantity=1, fulfillment_service="printful")
    order = sound("shopify", changed(SHOPIFY, line_items=[LINE, other]))
    assert (order.status, [to_send(line) for line in order.lines]) == ("PAID", [2, 0])
    sent = changed(LINE, fulfillable_quantity=0, fulfillment_status="fulfilled")
    order = sound("shopify", changed(SHOPIFY, fulfillment_status="partial", line_items=[sent, other]))
    assert order.status == "SHIPPED"


def test_a_gift_card_beside_goods_needs_no_sku() -> None:
    order = sound("shopify", changed(SHOPIFY, line_items=[LINE, changed(LINE, id=5, **CARD)]))
    assert [to_send(line) for line in order.lines] == [2, 0]


@pytest.mark.parametrize("sku", ["", None, "   "])
def test_goods_without_a_sku(sku: str | None) -> None:
    assert codes("shopify", with_line(sku=sku)) == [("missing_field", "line_items[0].sku")]
    assert sound("shopify", with_line({"fulfillment_status": "fulfilled"}, sku=sku)).status == "SHIPPED"


def test_a_deleted_product_still_ships() -> None:
    assert sound("shopify", with_line(product_id=None, product_exists=False)).lines


# Cash on delivery

COD = {"financial_status": "pending", "payment_gateway_names": ["Cash on Delivery (COD)"]}


@pytest.mark.parametrize(
    ("fields", "status", "collect"),
    [
        (COD, "PAID", 9900),
        ({"financial_status": "pending", "payment_gateway_names": ["cash_on_delivery", "货到付款"]}, "PAID", 9900),
        ({"financial_status": "pending", "gateway": "COD"}, "PAID", 9900),
        ({**COD, "total_outstanding": "80.00"}, "PAID", 8000),
        ({**COD, "current_total_price": "49.50"}, "PAID", 4950),
        ({**COD, "financial_status": "partially_paid", "total_outstanding": "10.00"}, "PAID", 1000),
        ({**COD, "financial_status": "paid"}, "PAID", None),
        ({**COD, "financial_status": "authorized"}, "UNPAID", None),
        ({**COD, "cancelled_at": "2026-01-01T11:00:00Z"}, "CANCELLED", 9900),
        ({**COD, "fulfillment_status": "fulfilled"}, "SHIPPED", 9900),
        ({"financial_status": "pending", "payment_gateway_names": ["Bank Deposit"]}, "UNPAID", None),
        ({"financial_status": "pending", "payment_gateway_names": ["Codepay", "Barcode"]}, "UNPAID", None),
        ({"financial_status": "pending", "payment_gateway_names": []}, "UNPAID", None),
    ],
)
def test_cash_on_delivery(fields: Doc, status: str, collect: int | None) -> None:
    order = sound("shopify", changed(SHOPIFY, **fields))
    assert (order.status, order.collect_minor, order.paid_at_ms) == (status, collect, None)


@pytest.mark.parametrize(
    ("fields", "hold"),
    [
        ({**COD, "presentment_currency": "HKD"}, "collect_currency_unknown"),
        ({**COD, "financial_status": "partially_paid"}, "collect_amount_unknown"),
    ],
)
def test_what_is_to_be_collected_is_in_doubt(fields: Doc, hold: str) -> None:
    order = sound("shopify", changed(SHOPIFY, **fields))
    assert (order.status, order.hold_reason) == ("HOLD", hold)


def test_which_gateways_are_cash_is_a_setting() -> None:
    doc = changed(SHOPIFY, financial_status="pending", payment_gateway_names=["Zahlung per Nachnahme"])
    order = MAPPERS["shopify"](doc, [], ChannelSettings(cod_gateways=("nachnahme",)))
    assert (order.status, order.collect_minor) == ("PAID", 9900)


# Not before


@pytest.mark.parametrize(
    ("fields", "line", "hold", "not_before"),
    [
        ({"fulfill_at": LATER}, {}, "not_before", LATER_MS),
        ({}, {"fulfill_at": LATER}, "not_before", LATER_MS),
        ({"fulfillment_orders": [{"status": "scheduled", "fulfill_at": LATER}]}, {}, "not_before", LATER_MS),
        ({"fulfillment_orders": [{"status": "closed", "fulfill_at": LATER}]}, {}, None, None),
        ({"fulfillment_orders": [{"status": "ON_HOLD"}]}, {}, "platform_hold", None),
        ({"fulfill_at": "2026-01-01T09:00:00+08:00"}, {}, None, None),
        ({"fulfill_at": None}, {"fulfill_at": None}, None, None),
        ({}, {"selling_plan": {"name": "P", "category": "PRE_ORDER"}}, "presale_without_date", None),
        (
            {},
            {"selling_plan_allocation": {"selling_plan": {"name": "Pre-order, ships in May"}}},
            "presale_without_date",
            None,
        ),
        ({}, {"selling_plan": {"category": "PRE_ORDER"}, "fulfill_at": LATER}, "not_before", LATER_MS),
        ({}, {"selling_plan_allocation": {"selling_plan": {"name": "Deliver every month"}}}, None, None),
        ({}, {"selling_plan_allocation": None}, None, None),
    ],
)
def test_presales_and_scheduled_days(fields: Doc, line: Doc, hold: str | None, not_before: int | None) -> None:
    order = sound("shopify", with_line(fields, **line))
    assert (order.hold_reason, order.not_before_ms) == (hold, not_before)


# Money


@pytest.mark.parametrize(
    ("currency", "price", "minor"),
    [
        ("GBP", "2.55", 255),
        ("JPY", "1200", 1200),
        ("JPY", "1200.00", 1200),
        ("KWD", "1.234", 1234),
        ("UGX", "1200", 1200),
        ("CLF", "1.2345", 12345),
    ],
)
def test_minor_units_follow_the_currency(currency: str, price: str, minor: int) -> None:
    doc = with_line({"currency": currency, "total_price": price}, price="0")
    assert sound("shopify", doc).total_minor == minor


def test_amounts_are_the_shops_whatever_the_buyer_saw() -> None:
    order = sound("shopify", changed(SHOPIFY, presentment_currency="HKD", current_total_duties_set={"shop_money": {}}))
    assert (order.currency, order.total_minor) == ("CNY", 9900)


@pytest.mark.parametrize("currency", ["yuan", "cny", "XXQ", "XAU", "X"])
def test_a_currency_that_is_none(currency: str) -> None:
    assert codes("shopify", changed(SHOPIFY, currency=currency)) == [("invalid_money", "currency")]


# Receiver


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": "+14155550100"},
        {"customer": {"phone": "+14155550100"}},
        {"customer": {"default_address": {"phone": "+14155550100"}}},
        {"billing_address": {"phone": "+14155550100"}},
        {"phone": "", "customer": None, "billing_address": {"phone": "+14155550100"}},
    ],
)
def test_the_phone_from_wherever_it_stands(fields: Doc) -> None:
    assert sound("shopify", to({"phone": None}, **fields)).receiver["phone"] == "+14155550100"


def test_the_phone_of_the_address_comes_first() -> None:
    assert sound("shopify", changed(SHOPIFY, phone="+14155550100")).receiver["phone"] == "13800000000"


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ({"name": "Ann Lee"}, {}),
        ({"name": None, "first_name": "Ann", "last_name": "Lee"}, {}),
        ({"name": ""}, {"customer": {"first_name": "Ann", "last_name": "Lee"}}),
        ({"name": ""}, {"billing_address": {"name": "Ann Lee"}}),
        ({"name": None, "last_name": "Ann Lee"}, {"billing_address": {"name": "Bill"}}),
    ],
)
def test_the_name_from_wherever_it_stands(address: Doc, fields: Doc) -> None:
    assert sound("shopify", to(address, **fields)).receiver["name"] == "Ann Lee"


def test_a_company_without_a_person_is_the_receiver() -> None:
    assert sound("shopify", to({"name": "", "company": "Example GmbH"})).receiver["name"] == "Example GmbH"


def test_the_region_stands_once() -> None:
    receiver = sound(
        "shopify", to({"province": "浙江", "city": "杭州市", "address1": "浙江省杭州市文三路1号"})
    ).receiver
    assert receiver["address"] == "文三路1号"


def test_the_company_and_both_lines_of_the_address() -> None:
    receiver = sound("shopify", to({"company": "Example GmbH, Dept 4", "address2": "Floor 2"})).receiver
    assert (receiver["company"], receiver["address"]) == ("Example GmbH, Dept 4", "1 Demo Road Floor 2")


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ({"country_code": "HK", "province": None, "city": "Kowloon"}, "HK"),
        ({"country_code": "MO"}, "MO"),
        ({"country_code": "TW"}, "TW"),
        ({"country_code": None, "country": "Canada"}, "CA"),
        ({"country_code": "", "country": "Hong Kong SAR"}, "HK"),
        ({"country_code": "us"}, "US"),
        ({"country_code": None}, ""),
    ],
)
def test_the_country_is_the_real_one(address: Doc, country: str) -> None:
    assert sound("shopify", to(address)).receiver["country"] == country


def test_no_address_is_no_crash() -> None:
    assert sound("shopify", changed(SHOPIFY, shipping_address=None)).receiver["name"] == ""
    assert codes("shopify", changed(SHOPIFY, shipping_address="at home")) == [("wrong_type", "shipping_address")]


# Bad input


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        (to({"country_code": "Atlantis"}), ("out_of_range", "shipping_address.country_code")),
        (to({"country_code": "XX"}), ("out_of_range", "shipping_address.country_code")),
        (to({"country_code": "ZZ"}), ("out_of_range", "shipping_address.country_code")),
        (to({"country_code": 86.5}), ("out_of_range", "shipping_address.country_code")),
        (to({"company": []}), ("wrong_type", "shipping_address.company")),
        (to({"phone": None}, phone={}), ("wrong_type", "phone")),
        (to({"phone": None}, customer="Ann"), ("wrong_type", "customer")),
        (changed(SHOPIFY, **COD, total_outstanding="much"), ("invalid_money", "total_outstanding")),
        (changed(SHOPIFY, **COD, total_outstanding="-1"), ("out_of_range", "total_outstanding")),
        (changed(SHOPIFY, fulfill_at="soon"), ("invalid_time", "fulfill_at")),
        (changed(SHOPIFY, shipping_lines="post"), ("wrong_type", "shipping_lines")),
        (changed(SHOPIFY, shipping_lines=[{"code": {}}]), ("wrong_type", "shipping_lines[0].code")),
        (changed(SHOPIFY, fulfillment_orders=7), ("wrong_type", "fulfillment_orders")),
        (with_line(fulfillment_service={}), ("wrong_type", "line_items[0].fulfillment_service")),
        (with_line(requires_shipping="perhaps"), ("wrong_type", "line_items[0].requires_shipping")),
        (with_line(gift_card=7), ("wrong_type", "line_items[0].gift_card")),
        (with_line(selling_plan={"name": []}), ("wrong_type", "line_items[0].selling_plan.name")),
    ],
)
def test_fields_that_decide_and_are_wrong(doc: Doc, expected: tuple[str, str]) -> None:
    assert expected in codes("shopify", doc)
