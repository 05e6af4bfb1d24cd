"""Shopify: queries with variables, orders in the webhooks' form, parcels over fulfillment orders and locations."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from graphql import build_schema, parse, validate

import connectors.simulators
from connectors.endings import Held, Throttled, Unavailable, Unsure
from connectors.platforms import shopify_order, shopify_parcel
from connectors.platforms.base import Refused
from connectors.platforms.calling import HttpPlatform
from schemas.records import ParcelLine, Reason
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import read_object
from tests.connectors.platforms.rig import Asked, call, parcel

ID = "820000000000001"
START_MS = 1_767_196_800_000
run = partial(call, "shopify")
QUERIES = {
    name: text
    for module in (shopify_order, shopify_parcel)
    for name, text in vars(module).items()
    if name.isupper() and isinstance(text, str) and not name.startswith("_")
}


def asked_query(asked: Asked) -> tuple[str, dict[str, Any]]:
    """The name and the variables of a query."""
    body = json.loads(asked.body)
    return body["query"].split("(")[0].split()[-1], body["variables"]


def line(number: int, quantity: int = 2, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": f"SKU-{number}",
        "title": "Demo",
        "variantTitle": None,
        "quantity": quantity,
        "currentQuantity": quantity,
        "unfulfilledQuantity": quantity,
        "requiresShipping": True,
        "isGiftCard": False,
        "originalUnitPriceSet": {"shopMoney": {"amount": "49.5"}},
    } | changes


def page(nodes: list[Any], after: str | None = None) -> dict[str, Any]:
    return {"nodes": nodes, "pageInfo": {"hasNextPage": after is not None, "endCursor": after}}


def order(lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    of = {
        "id": f"gid://shopify/Order/{ID}",
        "name": "#1001",
        "note": None,
        "tags": ["b2c", "vip"],
        "test": False,
        "createdAt": "2026-01-01T02:00:00Z",
        "updatedAt": "2026-01-01T02:00:05Z",
        "processedAt": "2026-01-01T02:00:01Z",
        "cancelledAt": None,
        "cancelReason": None,
        "currencyCode": "CNY",
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "displayFulfillmentStatus": "PARTIALLY_FULFILLED",
        "totalPriceSet": {"shopMoney": {"amount": "99.0"}},
        "totalOutstandingSet": {"shopMoney": {"amount": "0.0"}},
        "presentmentCurrencyCode": "CNY",
        "paymentGatewayNames": [],
        "shippingLines": {"nodes": []},
        "shippingAddress": {"name": "Test", "phone": None, "countryCodeV2": "CN", "city": "Hangzhou", "zip": "310000"},
        "refunds": [],
        "lineItems": lines,
    }
    return {"data": {"order": of | changes}}


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_is_one_of_the_platforms_schema(name: str) -> None:
    schema = Path(connectors.simulators.__file__).with_name("shopify.graphql").read_text("utf-8")
    assert validate(build_schema(schema), parse(QUERIES[name])) == []


def test_an_order_is_put_into_the_webhooks_form_page_by_page() -> None:
    refunds = [
        {
            "id": "gid://shopify/Refund/5",
            "createdAt": "2026-01-01T02:00:03Z",
            "refundLineItems": page(
                [{"quantity": 1, "restockType": "CANCEL", "lineItem": {"id": "gid://shopify/LineItem/2"}}]
            ),
        }
    ]

    def answer(asked: Asked) -> Any:
        name, variables = asked_query(asked)
        if name == "Refunds":
            return {"data": {"order": {"refunds": refunds}}}
        some = page([line(1)], "c1") if variables["after"] is None else page([line(2, 3)])
        return order(some, refunds=[{"id": "gid://shopify/Refund/5"}])

    snapshot, asked = run(answer, lambda platform: platform.order(ID))
    assert (snapshot.order_no, snapshot.modified_ms) == (ID, 1_767_232_805_000)
    reasons: list[Reason] = []
    doc = read_object(snapshot.payload, reasons)
    assert doc is not None
    read = MAPPERS["shopify"](doc, reasons)
    assert not reasons
    assert (read.status, read.total_minor, read.attributes["tags"]) == ("PAID", 9900, "b2c, vip")
    assert [
        (one["line_no"], one["quantity"], one["cancelled_quantity"], one["unit_price_minor"]) for one in read.lines
    ] == [("1", 2, 0, 4950), ("2", 3, 1, 4950)]
    assert read.receiver["country"] == "CN"
    assert [asked_query(one) for one in asked] == [
        ("Order", {"id": f"gid://shopify/Order/{ID}", "after": None}),
        ("Order", {"id": f"gid://shopify/Order/{ID}", "after": "c1"}),
        ("Refunds", {"id": f"gid://shopify/Order/{ID}"}),
    ]
    assert asked[0].headers["X-Shopify-Access-Token"] == "test-token"
    assert asked[0].headers["Content-Type"].startswith("application/json")


def test_an_order_that_changes_between_its_pages_is_read_again_later() -> None:
    def answer(asked: Asked) -> Any:
        first = asked_query(asked)[1]["after"] is None
        return order(page([line(1)], "c1")) if first else order(page([line(2)]), updatedAt="2026-01-01T02:00:06Z")

    problem, _ = run(answer, lambda platform: platform.order(ID))
    assert type(problem) is Unavailable


def test_a_pull_goes_upwards_with_cursors() -> None:
    def answer(asked: Asked) -> Any:
        after = asked_query(asked)[1]["after"]
        rows = [{"id": f"gid://shopify/Order/{1 if after is None else 2}", "updatedAt": "2026-01-01T02:00:05Z"}]
        return {"data": {"orders": page(rows, "c1" if after is None else None)}}

    async def pulled(platform: HttpPlatform) -> Any:
        return [page async for page in platform.changed(START_MS, START_MS + 3_600_000)]

    pages, asked = run(answer, pulled)
    assert pages == [[("1", 1_767_232_805_000, None, "")], [("2", 1_767_232_805_000, None, "")]]
    query = "updated_at:>='2025-12-31T16:00:00Z' AND updated_at:<='2025-12-31T17:00:00Z'"
    assert [asked_query(one)[1] for one in asked] == [
        {"first": 250, "after": None, "query": query},
        {"first": 250, "after": "c1", "query": query},
    ]


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"orders": None},
        {"orders": {"nodes": []}},
        {"orders": {"nodes": [], "pageInfo": {}}},
        {"orders": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}},
        {"orders": page([{"id": "gid://shopify/Order/x", "updatedAt": "2026-01-01T02:00:05Z"}])},
        {"orders": page([{"id": "gid://shopify/Order/1", "updatedAt": None}])},
    ],
)
def test_a_page_that_lacks_something_is_an_error(data: Any) -> None:
    async def pulled(platform: HttpPlatform) -> Any:
        return [row.order_no async for page in platform.changed(START_MS, START_MS + 60_000) for row in page]

    problem, _ = run(lambda _: {"data": data} if data is not None else {}, pulled)
    assert type(problem) is Unavailable


def open_lines(*lines: tuple[int, int]) -> dict[str, Any]:
    return page(
        [
            {
                "id": f"gid://shopify/FulfillmentOrderLineItem/{number + 700}",
                "remainingQuantity": left,
                "lineItem": {"id": f"gid://shopify/LineItem/{number}"},
            }
            for number, left in lines
        ]
    )


def to_send(number: int, location: int, *lines: tuple[int, int], status: str = "OPEN", **more: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/FulfillmentOrder/{number}",
        "status": status,
        "supportedActions": [{"action": "CREATE_FULFILLMENT"}] if status in ("OPEN", "IN_PROGRESS") else [],
        "assignedLocation": {"location": {"id": f"gid://shopify/Location/{location}"}},
        "lineItems": open_lines(*lines),
        **more,
    }


def fulfillment(number: str, pieces: int, status: str = "SUCCESS", **more: Any) -> dict[str, Any]:
    return {"id": "f", "status": status, "totalQuantity": pieces, "trackingInfo": [{"number": number}], **more}


def shop(
    orders: list[dict[str, Any]],
    fulfillments: list[dict[str, Any]] | None = None,
    created: Callable[[dict[str, Any]], Any] | None = None,
    **standing: Any,
) -> Callable[[Asked], Any]:
    """A shop with one order: what is to be sent of it, and what was."""

    def answer(asked: Asked) -> Any:
        name, variables = asked_query(asked)
        if name == "Ship":
            if created is not None:
                return created(variables["fulfillment"])
            done = {"fulfillment": {"id": "gid://shopify/Fulfillment/1", "status": "SUCCESS"}, "userErrors": []}
            return {"data": {"fulfillmentCreate": done}}
        if name == "Open":
            return {"data": {"order": {"fulfillmentOrders": page(orders)}}}
        state = {"id": "o", "cancelledAt": None, "displayFulfillmentStatus": "UNFULFILLED"} | standing
        return {"data": {"order": state | {"fulfillments": fulfillments or []}}}

    return answer


def lines(*pieces: tuple[int, int]) -> list[ParcelLine]:
    return [{"line_no": str(number), "sku": f"SKU-{number}", "quantity": count} for number, count in pieces]


def calls(asked: list[Asked]) -> list[list[tuple[str, list[tuple[str, int]]]]]:
    """Of each fulfillmentCreate: fulfillment orders, and lines and pieces of each, by their numbers."""
    return [
        [
            (
                order["fulfillmentOrderId"].rpartition("/")[2],
                [(one["id"].rpartition("/")[2], one["quantity"]) for one in order["fulfillmentOrderLineItems"]],
            )
            for order in asked_query(one)[1]["fulfillment"]["lineItemsByFulfillmentOrder"]
        ]
        for one in asked
        if asked_query(one)[0] == "Ship"
    ]


def test_a_whole_order_is_one_call_with_all_that_is_open() -> None:
    whole = parcel(ID, carrier="YTO", lines=lines((1, 2), (2, 1)))
    answer = shop([to_send(10, 1, (1, 2)), to_send(11, 1, (2, 1)), to_send(9, 1, (1, 0), status="CLOSED")])
    told, asked = run(answer, lambda platform: platform.ship(whole))
    assert told.outcome == "SHIPPED"
    assert calls(asked) == [[("10", [("701", 2)]), ("11", [("702", 1)])]]
    assert asked_query(asked[-1])[1]["fulfillment"]["trackingInfo"] == {"company": "YTO", "number": "YT0000000000001"}
    _, asked = run(answer, lambda platform: platform.ship(whole._replace(tracking_url="https://x/YT0000000000001")))
    info = {"company": "YTO", "number": "YT0000000000001", "url": "https://x/YT0000000000001"}
    assert asked_query(asked[-1])[1]["fulfillment"]["trackingInfo"] == info


def test_a_part_takes_its_pieces_from_where_they_are_open_a_call_a_location() -> None:
    part = parcel(ID, whole_order=False, lines=lines((1, 3), (2, 1)))
    answer = shop([to_send(10, 1, (1, 2), (2, 5)), to_send(11, 2, (1, 2))])
    told, asked = run(answer, lambda platform: platform.ship(part))
    assert told.outcome == "SHIPPED"
    assert calls(asked) == [[("10", [("701", 2), ("702", 1)])], [("11", [("701", 1)])]]


def test_a_parcel_that_is_there_is_not_told_again() -> None:
    whole = parcel(ID, lines=lines((1, 2)))
    answer = shop([to_send(10, 1, (1, 2))], [fulfillment("YT0000000000001", 2)])
    told, asked = run(answer, lambda platform: platform.ship(whole))
    assert (told.outcome, len(asked)) == ("ALREADY_SHIPPED", 1)


def test_a_cancelled_fulfillment_does_not_count() -> None:
    whole = parcel(ID, lines=lines((1, 2)))
    answer = shop([to_send(10, 1, (1, 2))], [fulfillment("YT0000000000001", 2, "CANCELLED")])
    told, asked = run(answer, lambda platform: platform.ship(whole))
    assert (told.outcome, calls(asked)) == ("SHIPPED", [[("10", [("701", 2)])]])


def test_a_parcel_told_in_part_is_completed() -> None:
    whole = parcel(ID, lines=lines((1, 2), (2, 1)))
    shipped = {"quantity": 2, "lineItem": {"id": "gid://shopify/LineItem/1"}}
    done = fulfillment("YT0000000000001", 2, fulfillmentLineItems=page([shipped]))
    answer = shop([to_send(10, 1, (1, 0)), to_send(11, 2, (2, 1))], [done])
    told, asked = run(answer, lambda platform: platform.ship(whole))
    assert (told.outcome, calls(asked)) == ("SHIPPED", [[("11", [("702", 1)])]])


class TwoLocations:
    """Two pieces of a line at each of two locations. Creating a fulfillment ends as ``ends`` has it: told, answered, or both."""

    def __init__(self, *ends: tuple[bool, bool]) -> None:
        self.ends = iter(ends)
        self.told: list[tuple[str, int]] = []

    def __call__(self, asked: Asked) -> Any:
        name, variables = asked_query(asked)
        if name != "Ship":
            left = {number: 2 - dict(self.told).get(number, 0) for number in ("10", "11")}
            done = [
                fulfillment("YT0000000000001", pieces, fulfillmentLineItems=page([self.line(pieces)]))
                for _, pieces in self.told
            ]
            orders = [to_send(10, 1, (1, left["10"])), to_send(11, 2, (1, left["11"]))]
            return shop(orders, done)(asked)
        carried_out, answered = next(self.ends, (True, True))
        if carried_out:
            (order,) = variables["fulfillment"]["lineItemsByFulfillmentOrder"]
            pieces = order["fulfillmentOrderLineItems"][0]["quantity"]
            self.told.append((order["fulfillmentOrderId"].rpartition("/")[2], pieces))
        return shop([])(asked) if answered else {}

    @staticmethod
    def line(pieces: int) -> dict[str, Any]:
        return {"quantity": pieces, "lineItem": {"id": "gid://shopify/LineItem/1"}}


@pytest.mark.parametrize("carried_out", [True, False])
def test_half_a_parcel_is_not_left_behind_when_a_later_location_does_not_answer(carried_out: bool) -> None:
    market = TwoLocations((True, True), (carried_out, False), (carried_out, False))
    part = parcel(ID, whole_order=False, lines=lines((1, 3)))
    told, _ = run(market, lambda platform: platform.ship(part))
    assert told.outcome == "SHIPPED"
    assert market.told == [("10", 2), ("11", 1)]


def test_a_first_location_that_does_not_answer_is_unsure_and_is_not_sent_again() -> None:
    market = TwoLocations((True, False))
    problem, asked = run(market, lambda platform: platform.ship(parcel(ID, whole_order=False, lines=lines((1, 3)))))
    assert (type(problem), len(calls(asked))) == (Unsure, 1)


def test_a_location_that_never_answers_ends_the_parcel_as_not_told() -> None:
    market = TwoLocations((True, True), *[(False, False)] * 20)
    problem, _ = run(market, lambda platform: platform.ship(parcel(ID, whole_order=False, lines=lines((1, 3)))))
    assert type(problem) is Unavailable


def test_an_id_without_a_number_is_no_answer() -> None:
    orders = [to_send(10, 1, (1, 2))]
    orders[0]["lineItems"]["nodes"][0]["lineItem"]["id"] = "gid://shopify/LineItem/x"
    problem, _ = run(shop(orders), lambda platform: platform.ship(parcel(ID, lines=lines((1, 2)))))
    assert type(problem) is Unavailable


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (shop([to_send(10, 1, (1, 2))], cancelledAt="2026-01-01T02:00:00Z"), "ORDER_FORBIDS"),
        (shop([to_send(10, 1, (1, 0), status="CLOSED")]), "ORDER_FORBIDS"),
        (
            shop([to_send(10, 1, (1, 0), status="CLOSED")], [fulfillment("OTHER", 2)], None),
            "ORDER_FORBIDS",
        ),
        (shop([to_send(10, 1, (1, 1))]), "ORDER_FORBIDS"),
    ],
)
def test_what_is_not_open_is_not_shipped(answer: Callable[[Asked], Any], outcome: str) -> None:
    part = parcel(ID, whole_order=False, lines=lines((1, 2)))
    problem, asked = run(answer, lambda platform: platform.ship(part))
    assert isinstance(problem, Refused), problem
    assert (problem.outcome, calls(asked)) == (outcome, [])


@pytest.mark.parametrize(
    ("held", "code", "why"),
    [
        (
            {"status": "ON_HOLD", "fulfillmentHolds": [{"reason": "HIGH_RISK_OF_FRAUD"}]},
            "ON_HOLD",
            "HIGH_RISK_OF_FRAUD",
        ),
        ({"status": "SCHEDULED", "fulfillAt": "2026-02-01T00:00:00Z"}, "SCHEDULED", "until 2026-02-01T00:00:00Z"),
        ({"status": "IN_PROGRESS", "requestStatus": "CANCELLATION_REQUESTED"}, "CANCELLATION_REQUESTED", "CANCELL"),
        # What was asked for before and turned down holds nothing.
        ({"requestStatus": "CANCELLATION_REJECTED"}, "", ""),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_what_waits_at_the_platform_is_held_and_says_why(
    held: dict[str, Any], code: str, why: str, whole: bool
) -> None:
    # The line is at two locations: half a parcel is not told for a whole one.
    answer = shop([to_send(10, 1, (1, 1)), to_send(11, 2, (1, 1), **held)])
    part = parcel(ID, whole_order=whole, lines=lines((1, 2)))
    result, asked = run(answer, lambda platform: platform.ship(part))
    if not code:
        assert (result.outcome, len(calls(asked))) == ("SHIPPED", 2)
        return
    assert isinstance(result, Held), result
    assert (result.code, calls(asked)) == (code, [])
    assert why in str(result)


def test_a_hold_elsewhere_does_not_keep_a_parcel_back() -> None:
    answer = shop([to_send(10, 1, (1, 2)), to_send(11, 2, (2, 1), status="ON_HOLD")])
    part = parcel(ID, whole_order=False, lines=lines((1, 2)))
    assert run(answer, lambda platform: platform.ship(part))[0].outcome == "SHIPPED"


def test_a_hold_that_comes_between_looking_and_telling_is_one_too() -> None:
    def created(_: dict[str, Any]) -> Any:
        message = "Fulfillment order 10 has an unfulfillable status= on_hold."
        errors = [{"field": ["fulfillment"], "message": message}]
        return {"data": {"fulfillmentCreate": {"fulfillment": None, "userErrors": errors}}}

    answer = shop([to_send(10, 1, (1, 2))], created=created)
    problem, _ = run(answer, lambda platform: platform.ship(parcel(ID, lines=lines((1, 2)))))
    assert isinstance(problem, Held)


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("Invalid fulfillment order line item quantity requested.", "ORDER_FORBIDS"),
        ("Fulfillment order 10 has an unfulfillable status= closed.", "ORDER_FORBIDS"),
        ("Tracking number is too long", "REQUEST_WRONG"),
    ],
)
def test_user_errors_are_refusals(message: str, outcome: str) -> None:
    def created(_: dict[str, Any]) -> Any:
        errors = [{"field": ["fulfillment"], "message": message}]
        return {"data": {"fulfillmentCreate": {"fulfillment": None, "userErrors": errors}}}

    whole = parcel(ID, lines=lines((1, 2)))
    problem, _ = run(shop([to_send(10, 1, (1, 2))], created=created), lambda platform: platform.ship(whole))
    assert isinstance(problem, Refused)
    assert problem.outcome == outcome


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": None},
        {"data": {"fulfillmentCreate": None}},
        {"data": {"fulfillmentCreate": {"fulfillment": None, "userErrors": []}}},
        {"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
        {"errors": []},
        {"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}], "data": None},
        b"<html>502</html>",
        b"",
    ],
)
def test_a_shipment_without_a_result_is_unsure(answer: Any) -> None:
    whole = parcel(ID, lines=lines((1, 2)))
    problem, _ = run(shop([to_send(10, 1, (1, 2))], created=lambda _: answer), lambda platform: platform.ship(whole))
    assert type(problem) is Unsure


@pytest.mark.parametrize(
    ("extensions", "wait_s"),
    [
        (
            {
                "cost": {
                    "requestedQueryCost": 300,
                    "actualQueryCost": None,
                    "throttleStatus": {"maximumAvailable": 1000.0, "currentlyAvailable": 100, "restoreRate": 50.0},
                }
            },
            4.0,
        ),
        (None, 1.0),
        ({"cost": {"requestedQueryCost": 1, "throttleStatus": {"currentlyAvailable": 5, "restoreRate": 0}}}, 1.0),
    ],
)
def test_throttling_lasts_until_the_bucket_has_what_the_query_costs(extensions: Any, wait_s: float) -> None:
    answer = {"errors": [{"message": "Throttled"}]} | ({"extensions": extensions} if extensions else {})
    problem, _ = run(lambda _: answer, lambda platform: platform.order(ID))
    assert isinstance(problem, Throttled)
    assert problem.wait_s == wait_s


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_an_account_in_trouble_is_no_orders_fault(status: int) -> None:
    answer = web.json_response({"errors": "[API] Invalid API key or access token"}, status=status)
    whole = parcel(ID, lines=lines((1, 2)))
    problem, _ = run(lambda _: web.Response(body=answer.body, status=status), lambda platform: platform.ship(whole))
    assert (type(problem), problem.code) == (Unavailable, str(status))


def test_an_order_it_does_not_have_is_refused() -> None:
    problem, _ = run(lambda _: {"data": {"order": None}}, lambda platform: platform.order(ID))
    assert isinstance(problem, Refused)
    assert problem.outcome == "REQUEST_WRONG"
