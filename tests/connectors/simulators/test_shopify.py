"""Shopify's simulator, asked by the platform's own Python library, and its webhooks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import aiohttp
import pytest
import shopify
from pyactiveresource.connection import ResourceNotFound, UnauthorizedAccess

from connectors.generator.shapes import shopify as shape
from connectors.simulators.registry import simulator
from connectors.simulators.shopify import GAPS_S, ShopifySimulator
from connectors.simulators.shopify_cost import Bucket
from connectors.simulators.shopify_graphql import answer
from connectors.simulators.simulator import Options
from tests.connectors.simulators.receiver import Receiver
from tests.connectors.simulators.sales import sale

SHOP = "shopify-cn"
ORDER = """query($id: ID!) { order(id: $id) { id name displayFulfillmentStatus
  lineItems(first: 50) { nodes { id sku quantity unfulfilledQuantity } }
  fulfillments(first: 10) { id status trackingInfo(first: 10) { company number } }
  fulfillmentOrders(first: 10) { nodes { id status supportedActions { action }
    lineItems(first: 50) { nodes { id remainingQuantity lineItem { id } } } } } } }"""
SHIP = """mutation($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id status } userErrors { field message } } }"""


def options(**more: Any) -> Options:
    return Options(**more)


class Library:
    """The public library, pointed at the simulator; its session belongs to a thread, so all calls run in one of its own.

    It makes a shop's host from a name and a domain: here 127 and 0.0.1.
    """

    def __init__(self, sim: ShopifySimulator, token: str) -> None:
        self._thread = ThreadPoolExecutor(1, initializer=self._activate, initargs=(sim.url.rpartition(":")[2], token))

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.submit(shopify.ShopifyResource.clear_session).result()
        self._thread.shutdown()

    async def call(self, function: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(function, *args, **more))

    async def graphql(self, query: str, **variables: Any) -> Any:
        return json.loads(await self.call(lambda: shopify.GraphQL().execute(query, variables)))

    @staticmethod
    def _activate(port: str, token: str) -> None:
        shopify.Session.setup(protocol="http", myshopify_domain="0.0.1", port=port)
        shopify.ShopifyResource.activate_session(shopify.Session("127.0.0.1", "2024-10", token))


def shipment(order: Any, number: str, **lines: int) -> dict[str, Any]:
    """A FulfillmentInput: ``lines`` are pieces by the place of their line."""
    one = order["fulfillmentOrders"]["nodes"][0]
    nodes = one["lineItems"]["nodes"]
    group: dict[str, Any] = {"fulfillmentOrderId": one["id"]}
    if lines:
        group["fulfillmentOrderLineItems"] = [
            {"id": nodes[int(place[1:])]["id"], "quantity": pieces} for place, pieces in lines.items()
        ]
    return {"lineItemsByFulfillmentOrder": [group], "trackingInfo": {"company": "SF Express", "number": number}}


def test_the_platforms_own_library_reads_an_order_and_ships_it() -> None:
    async def run() -> None:
        async with simulator("shopify", options()) as sim:
            assert isinstance(sim, ShopifySimulator)
            sold = sale("shopify", pieces=(2, 3))
            order = sim.place(SHOP, shape.snapshot(sold, "paid", sold.paid_at_ms))
            with Library(sim, sim.shops[SHOP].token) as library:
                read = await library.call(shopify.Order.find, int(order.order_no))
                assert (read.name, [line.sku for line in read.line_items]) == (
                    order.doc["name"],
                    [line.sku for line in sold.lines],
                )
                gid = f"gid://shopify/Order/{order.order_no}"
                shown = (await library.graphql(ORDER, id=gid))["data"]["order"]
                assert shown["fulfillmentOrders"]["nodes"][0]["status"] == "OPEN"
                assert [line["unfulfilledQuantity"] for line in shown["lineItems"]["nodes"]] == [2, 3]

                part = await library.graphql(SHIP, fulfillment=shipment(shown, "SF0000000000001", _0=2, _1=1))
                assert part["data"]["fulfillmentCreate"]["userErrors"] == []
                shown = (await library.graphql(ORDER, id=gid))["data"]["order"]
                assert shown["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
                assert [line["unfulfilledQuantity"] for line in shown["lineItems"]["nodes"]] == [0, 2]

                rest = await library.graphql(SHIP, fulfillment=shipment(shown, "SF0000000000002"))
                assert rest["data"]["fulfillmentCreate"]["fulfillment"]["status"] == "SUCCESS"
                read = await library.call(shopify.Order.find, int(order.order_no))
                assert read.fulfillment_status == "fulfilled"
                assert [f.tracking_number for f in read.fulfillments] == ["SF0000000000001", "SF0000000000002"]

                again = await library.graphql(SHIP, fulfillment=shipment(shown, "SF0000000000002"))
                errors = again["data"]["fulfillmentCreate"]["userErrors"]
                assert "unfulfillable status= closed" in errors[0]["message"]
            assert (order.ship_calls, order.ship_effects, len(order.shipments)) == (3, 2, 2)
            assert [(line.line_no, line.quantity) for line in order.shipments[1].lines] == [(shape.line_no(sold, 2), 2)]

    asyncio.run(run())


def test_the_library_pages_through_rest_orders() -> None:
    async def run() -> None:
        async with simulator("shopify", options()) as sim:
            assert isinstance(sim, ShopifySimulator)
            numbers = [
                sim.place(SHOP, shape.snapshot(sale("shopify", serial), "paid", 0)).order_no for serial in range(1, 6)
            ]
            with Library(sim, sim.shops[SHOP].token) as library:
                page = await library.call(shopify.Order.find, limit=2)
                seen = [str(order.id) for order in page]
                while page.has_next_page():
                    page = await library.call(page.next_page)
                    seen += [str(order.id) for order in page]
                assert seen == numbers

    asyncio.run(run())


def test_the_library_sees_shop_counts_fulfillment_orders_and_a_wrong_token_refused() -> None:
    async def run() -> None:
        async with simulator("shopify", options()) as sim:
            assert isinstance(sim, ShopifySimulator)
            order = sim.place(SHOP, shape.snapshot(sale("shopify", 1, pieces=(2, 3)), "paid", 0))
            sim.place(SHOP, shape.snapshot(sale("shopify", 2), "cancelled", 0))
            number = int(order.order_no)
            with Library(sim, sim.shops[SHOP].token) as library:
                assert (await library.call(shopify.Shop.current)).myshopify_domain == sim.shops[SHOP].seller
                assert await library.call(shopify.Order.count) == 1
                assert await library.call(shopify.Order.count, status="any") == 2
                assert await library.call(shopify.Order.count, updated_at_min="2100-01-01T00:00:00Z") == 0
                (one,) = await library.call(shopify.FulfillmentOrders.find, order_id=number)
                assert (one.status, [line.fulfillable_quantity for line in one.line_items]) == ("open", [2, 3])
                assert await library.call(shopify.Fulfillment.find, order_id=number) == []
                with pytest.raises(ResourceNotFound):
                    await library.call(shopify.Order.find, 1)
            with Library(sim, "forged") as library, pytest.raises(UnauthorizedAccess):
                await library.call(shopify.Order.find, number)
            assert sim.counts.bad_signatures == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("stage", "status", "said"),
    [("unpaid", "ON_HOLD", "on_hold"), ("held", "ON_HOLD", "on_hold"), ("cancelled", "CLOSED", "closed")],
)
def test_what_must_not_be_shipped_is_refused(stage: Any, status: str, said: str) -> None:
    async def run() -> None:
        async with simulator("shopify", options()) as sim:
            assert isinstance(sim, ShopifySimulator)
            order = sim.place(SHOP, shape.snapshot(sale("shopify"), stage, 0))
            with Library(sim, sim.shops[SHOP].token) as library:
                shown = (await library.graphql(ORDER, id=f"gid://shopify/Order/{order.order_no}"))["data"]["order"]
                one = shown["fulfillmentOrders"]["nodes"][0]
                assert one["status"] == status
                assert {"action": "CREATE_FULFILLMENT"} not in one["supportedActions"]
                refused = await library.graphql(SHIP, fulfillment=shipment(shown, "SF0000000000001"))
            assert f"status= {said}" in refused["data"]["fulfillmentCreate"]["userErrors"][0]["message"]
            assert (order.ship_calls, order.ship_effects) == (1, 0)

    asyncio.run(run())


def test_orders_are_paged_by_cursor_and_one_that_moves_meanwhile_loses_none() -> None:
    query = """query($q: String, $after: String) { orders(first: 2, after: $after, query: $q, sortKey: UPDATED_AT) {
      nodes { legacyResourceId } pageInfo { hasNextPage endCursor } } }"""

    async def run() -> None:
        async with simulator("shopify", options()) as sim:
            assert isinstance(sim, ShopifySimulator)
            docs = [shape.snapshot(sale("shopify", serial), "paid", 0) for serial in range(1, 6)]
            numbers = [sim.place(SHOP, doc).order_no for doc in docs]
            with Library(sim, sim.shops[SHOP].token) as library:
                seen, after = [], None
                while True:
                    got = (await library.graphql(query, q="updated_at:>='2026-01-01T00:00:00Z'", after=after))["data"][
                        "orders"
                    ]
                    seen += [node["legacyResourceId"] for node in got["nodes"]]
                    if after is None:
                        sim.place(SHOP, docs[0])
                    after = got["pageInfo"]["endCursor"]
                    if not got["pageInfo"]["hasNextPage"]:
                        break
                assert seen == [*numbers, numbers[0]]
                none = await library.graphql(query, q="updated_at:<'2026-01-01T00:00:00Z'")
                assert none["data"]["orders"]["nodes"] == []

    asyncio.run(run())


def test_a_token_of_no_shop_is_refused_and_counted() -> None:
    async def run() -> None:
        async with simulator("shopify", options()) as sim, aiohttp.ClientSession() as session:
            url = f"{sim.url}/admin/api/2026-01/graphql.json"
            headers = {"X-Shopify-Access-Token": "forged"}
            async with session.post(url, json={"query": "{ shop { name } }"}, headers=headers) as refused:
                assert refused.status == 401
            assert sim.counts.bad_signatures == 1

    asyncio.run(run())


def test_pieces_refunded_before_they_were_sent_are_not_sent_and_a_refunded_order_is_closed() -> None:
    async def run() -> None:
        async with simulator("shopify", options()) as sim:
            assert isinstance(sim, ShopifySimulator)
            sold = sale("shopify", pieces=(2, 3))
            order = sim.place(SHOP, shape.snapshot(sold, "paid", 0))
            with Library(sim, sim.shops[SHOP].token) as library:
                gid = f"gid://shopify/Order/{order.order_no}"
                shown = (await library.graphql(ORDER, id=gid))["data"]["order"]
                await library.graphql(SHIP, fulfillment=shipment(shown, "SF0000000000001", _0=2))
                changed = shape.snapshot(sold, "paid", 0)
                cancelled = {"line_item_id": int(shape.line_no(sold, 2)), "quantity": 1, "restock_type": "cancel"}
                changed["refunds"] = [{"id": 1, "created_at": changed["created_at"], "refund_line_items": [cancelled]}]
                sim.place(SHOP, changed)
                shown = (await library.graphql(ORDER, id=gid))["data"]["order"]
                assert [line["unfulfilledQuantity"] for line in shown["lineItems"]["nodes"]] == [0, 2]
                sim.place(SHOP, {**changed, "financial_status": "refunded"})
                shown = (await library.graphql(ORDER, id=gid))["data"]["order"]
                assert shown["fulfillmentOrders"]["nodes"][0]["status"] == "CLOSED"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "No query string"),
        ({"query": "{ orders("}, "Syntax Error"),
        ({"query": "{ nothing }"}, "Cannot query field 'nothing'"),
        ({"query": "{ orders { nodes { id } } }"}, "one of first or last"),
        ({"query": "{ orders(first: 251) { nodes { id } } }"}, "between 0 and 250"),
        ({"query": "{ orders(first: -1) { nodes { id } } }"}, "between 0 and 250"),
        ({"query": '{ orders(first: 1, after: "x") { nodes { id } } }'}, "Invalid cursor"),
        ({"query": '{ orders(first: 1, query: "colour:red") { nodes { id } } }'}, "no filter colour"),
        ({"query": '{ orders(first: 1, query: "updated_at:>never") { nodes { id } } }'}, "Invalid timestamp"),
        ({"query": '{ order(id: "7") { id } }'}, "Invalid global id"),
        ({"query": "query($n: Int) { orders(first: $n) { nodes { id } } }", "variables": {"n": "x"}}, "Int cannot"),
        ({"query": "{ shop { name } }", "variables": [1]}, "Variables are no object"),
        ({"query": "query A { shop { name } } query B { shop { name } }"}, "operation name"),
        ({"query": SHIP, "variables": {"fulfillment": {}}}, "lineItemsByFulfillmentOrder"),
    ],
)
def test_what_makes_no_sense_is_answered_with_errors(body: Any, said: str) -> None:
    async def run() -> None:
        async with simulator("shopify", options()) as sim, aiohttp.ClientSession() as session:
            assert isinstance(sim, ShopifySimulator)
            sim.place(SHOP, shape.snapshot(sale("shopify"), "paid", 0))
            (shop,) = sim.shop_entries()
            async with session.post(shop.url, json=body, headers={"X-Shopify-Access-Token": shop.token}) as answer:
                assert answer.status == 200
                assert said in json.dumps((await answer.json())["errors"])

    asyncio.run(run())


def test_a_query_is_paid_from_the_bucket_and_what_it_did_not_use_comes_back() -> None:
    class Nothing:
        def orders(self, *_: Any, **__: Any) -> dict[str, Any]:
            return {"nodes": [], "edges": [], "pageInfo": {"hasNextPage": False}}

    now_s = [0.0]
    bucket = Bucket(40, 10, lambda: now_s[0])
    body = {"query": "{ orders(first: 100) { nodes { id shippingAddress { city } } } }"}
    # 2 for the connection and 10 x 2 for a hundred nodes of two objects.
    given, outcome = answer(body, Nothing(), bucket)
    assert (outcome, given["extensions"]["cost"]["requestedQueryCost"]) == ("ok", 22)
    assert given["extensions"]["cost"]["actualQueryCost"] == 2
    assert given["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 38
    assert bucket.take(38)
    given, outcome = answer(body, Nothing(), bucket)
    assert (outcome, given["errors"][0]["message"], "data" in given) == ("throttled", "Throttled", False)
    now_s[0] = 2.2
    assert answer(body, Nothing(), bucket)[1] == "ok"
    dear = {
        "query": "{ orders(first: 250) { nodes { fulfillmentOrders(first: 250) { nodes { lineItems(first: 250) "
        "{ nodes { lineItem { product { id } } } } } } } } }"
    }
    assert answer(dear, Nothing(), Bucket(5_000, 10, lambda: 0))[1] == "max_cost"


def test_a_webhook_is_signed_as_the_library_verifies_it_and_comes_again_until_it_is_taken() -> None:
    async def run() -> None:
        async with Receiver([503, 503, 200]) as receiver:
            async with simulator("shopify", options(gateway=receiver.url, retry_scale=0.0001)) as sim:
                assert isinstance(sim, ShopifySimulator)
                sim.place(SHOP, shape.snapshot(sale("shopify"), "paid", 0))
                first, second, third = [await receiver.got() for _ in range(3)]
                assert first.path == f"/push/shopify/{SHOP}"
                assert first.body == second.body == third.body
                assert first.headers["X-Shopify-Topic"] == "orders/create"
                for name in ("X-Shopify-Event-Id", "X-Shopify-Webhook-Id", "X-Shopify-Triggered-At"):
                    assert first.headers[name] == third.headers[name]
                assert first.headers["X-Shopify-Shop-Domain"] == sim.shops[SHOP].seller
                assert verified(sim.shops[SHOP].secret, third.body, third.headers["X-Shopify-Hmac-Sha256"])
                assert not verified(sim.shops[SHOP].secret, third.body + b" ", third.headers["X-Shopify-Hmac-Sha256"])
                assert (sim.counts.pushes_acked, sim.pushes_pending()) in ((0, 1), (1, 0))

                cancelled = shape.snapshot(sale("shopify"), "cancelled", 0)
                sim.place(SHOP, cancelled)
                last = await receiver.got()
                assert last.headers["X-Shopify-Topic"] == "orders/cancelled"
                assert last.headers["X-Shopify-Event-Id"] != first.headers["X-Shopify-Event-Id"]

    asyncio.run(run())


def test_a_webhook_comes_eight_times_again_within_four_hours_with_growing_gaps() -> None:
    assert len(GAPS_S) == 8 and sum(GAPS_S) <= 4 * 3600
    assert list(GAPS_S) == sorted(set(GAPS_S))


def verified(secret: str, body: bytes, signature: str) -> bool:
    """As Shopify's guides for its library verify a webhook."""
    digest = base64.b64encode(hmac.new(secret.encode("utf-8"), body, hashlib.sha256).digest())
    return hmac.compare_digest(digest, signature.encode("utf-8"))
