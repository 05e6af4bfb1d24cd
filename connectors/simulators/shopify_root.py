"""Shopify's Query and Mutation fields, for one shop: orders by id or by a search, and fulfillments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from graphql import GraphQLError, GraphQLResolveInfo

from connectors.simulators import shopify_sales as sales
from connectors.simulators import shopify_shipping as shipping
from connectors.simulators import shopify_stock as stock
from connectors.simulators.orders import Order
from connectors.simulators.shelf import Shelf
from connectors.simulators.shopify_paging import View, connection, gid, in_place, number
from connectors.simulators.shopify_views import fulfillment_order_view, fulfillment_view, order_view

_TERM = re.compile(r"""(?:^|\s)(?:AND\s+)?(\w+):(>=|<=|>|<)?\s*("[^"]*"|'[^']*'|\S+)""")
_EVER_MS = 1 << 53
Info = GraphQLResolveInfo[Any]


class ShopData(Protocol):
    """What a shop's fields are resolved with."""

    domain: str

    def order(self, order: int) -> Order | None:
        """One order of this shop."""

    def aftersale(self, ident: str) -> Order | None:
        """One refund or return of this shop."""

    def aftersales(self) -> Iterable[Order]:
        """All of them."""

    def changed(self, start_ms: int, end_ms: int) -> Iterable[Order]:
        """Orders last changed in a window, the oldest change first."""

    def fulfil(
        self, order: Order, lines: list[tuple[int, int]], tracking: shipping.Tracking, request: str
    ) -> shipping.Document:
        """Ships, and gives the fulfillment."""

    def retrack(
        self, fulfillment: int, tracking: shipping.Tracking
    ) -> tuple[shipping.Document, shipping.Document] | None:
        """Corrects a fulfillment's numbers: it and its order; None when there is no such fulfillment."""

    def ship_call(self, order: Order) -> None:
        """Counts a call that wants to ship."""

    #: What is shown of its stock, and the shop's name there.
    shelf: Shelf
    shop: str


class Search(NamedTuple):
    """What ``orders(query: ...)`` asks for."""

    start_ms: int
    end_ms: int
    tests: tuple[Callable[[shipping.Document], bool], ...]


class Root:
    """The root value of a query: GraphQL calls the method that a field is named after."""

    def __init__(self, data: ShopData) -> None:
        self._data = data

    def shop(self, _info: Info) -> View:
        domain = self._data.domain
        name = domain.partition(".")[0]
        return {"id": gid("Shop", 1), "name": name, "myshopifyDomain": domain, "currencyCode": "CNY"}

    def order(self, _info: Info, id: str) -> View | None:
        found = self._data.order(number("Order", id))
        return None if found is None else self._order(found)

    def orders(
        self,
        _info: Info,
        sortKey: str,
        reverse: bool,
        first: int | None = None,
        after: str | None = None,
        query: str | None = None,
    ) -> View:
        search = parse_search(query or "")
        found = [
            order
            for order in self._data.changed(search.start_ms, search.end_ms)
            if all(test(order.doc) for test in search.tests)
        ]
        rows = [(_sort_key(order, sortKey, reverse), order) for order in found]
        rows.sort(key=lambda row: row[0])
        return connection(rows, self._order, first, after)

    def refund(self, _info: Info, id: str) -> View | None:
        return self._sale(f"Refund/{number('Refund', id)}", sales.refund_view)

    # GraphQL's name is a keyword here: it is set below.
    def _return(self, _info: Info, id: str) -> View | None:
        return self._sale(f"Return/{number('Return', id)}", sales.return_view)

    def _sale(self, ident: str, view: Callable[[Any, View, Any], View]) -> View | None:
        sale = self._data.aftersale(ident)
        order = self._data.order(int(sales.order_no(sale.doc))) if sale is not None else None
        return None if sale is None or order is None else view(sale.doc, self._order(order), order.doc)

    def _order(self, order: Order) -> View:
        """The order with its returns, which its own document does not have."""
        doc, view = order.doc, order_view(order)
        returns = [
            sale.doc
            for sale in self._data.aftersales()
            if sales.is_return(sale.doc) and sales.order_no(sale.doc) == order.order_no
        ]
        view["returns"] = lambda _info, first=None, after=None: connection(
            in_place(returns), lambda it: sales.return_view(it, view, doc), first, after
        )
        return view

    def fulfillmentOrder(self, _info: Info, id: str) -> View | None:
        found = self._data.order(shipping.order_id(number("FulfillmentOrder", id)))
        return None if found is None else fulfillment_order_view(found)

    def inventoryItem(self, _info: Info, id: str) -> View:
        return stock.item_view(self._data.shelf, self._data.shop, number("InventoryItem", id))

    def inventorySetQuantities(self, info: Info, input: dict[str, Any]) -> View:
        return stock.set_quantities(self._data.shelf, self._data.shop, info, input)

    def fulfillmentCreate(self, _info: Info, fulfillment: dict[str, Any], message: str | None = None) -> View:
        groups = fulfillment["lineItemsByFulfillmentOrder"]
        if len(groups) != 1:
            # Each order has one fulfillment order here; those of several orders don't share a fulfillment.
            return _no(("fulfillment",), "All fulfillment orders must belong to the same order.")
        asked = _asked(groups[0])
        order = self._data.order(shipping.order_id(asked.fulfillment_order))
        if order is None:
            return _no(("fulfillment",), "Fulfillment order does not exist.")
        self._data.ship_call(order)
        tracking = _tracking(fulfillment.get("trackingInfo") or {})
        if isinstance(tracking, shipping.UserError):
            return _no(*tracking)
        planned = shipping.plan(order.doc, asked)
        if isinstance(planned, shipping.UserError):
            return _no(*planned)
        done = self._data.fulfil(order, planned, tracking, message or "")
        return {"fulfillment": fulfillment_view(done, order.doc), "userErrors": []}

    def fulfillmentTrackingInfoUpdate(
        self,
        _info: Info,
        fulfillmentId: str,
        trackingInfoInput: dict[str, Any],
        notifyCustomer: bool = False,
    ) -> View:
        tracking = _tracking(trackingInfoInput)
        if isinstance(tracking, shipping.UserError):
            return _no(*tracking)
        found = self._data.retrack(number("Fulfillment", fulfillmentId), tracking)
        if found is None:
            return _no(("fulfillmentId",), "Fulfillment does not exist.")
        return {"fulfillment": fulfillment_view(*found), "userErrors": []}


setattr(Root, "return", Root._return)


def _no(field: tuple[str, ...], message: str) -> View:
    return {"fulfillment": None, "userErrors": [{"field": list(field), "message": message}]}


def _asked(group: dict[str, Any]) -> shipping.Asked:
    lines = group.get("fulfillmentOrderLineItems")
    return shipping.Asked(
        number("FulfillmentOrder", group["fulfillmentOrderId"]),
        # Both left out and empty mean all that is left.
        [(number("FulfillmentOrderLineItem", line["id"]), line["quantity"]) for line in lines] if lines else None,
    )


def _tracking(given: dict[str, Any]) -> shipping.Tracking | shipping.UserError:
    one, many = given.get("number"), given.get("numbers")
    url, urls = given.get("url"), given.get("urls")
    if (one or url) and (many or urls):
        return shipping.UserError(
            ("fulfillment", "trackingInfo"), "Singular and plural tracking fields exclude each other."
        )
    numbers = [one] if one else list(many or ())
    links = [url] if url else list(urls or ())
    if links and not numbers:
        return shipping.UserError(("fulfillment", "trackingInfo"), "A tracking URL needs a tracking number.")
    return shipping.Tracking(given.get("company"), numbers, links)


def _sort_key(order: Order, by: str, reverse: bool) -> list[Any]:
    """Sortable, and writable into a cursor."""
    if by == "UPDATED_AT":
        key = [order.changed_at_ms, order.change_no]
    elif by == "CREATED_AT":
        key = [_ms(order.doc["created_at"]), int(order.order_no)]
    else:
        key = [int(order.order_no)]
    return [-part for part in key] if reverse else key


def parse_search(text: str) -> Search:
    """``updated_at:>='2026-01-01T00:00:00Z' AND status:any`` and the like.

    Raises:
        GraphQLError: a filter that the simulator doesn't know (the platform ignores it: here it must not go unnoticed).
    """
    start_ms, end_ms, tests = 0, _EVER_MS, []
    rest = _TERM.sub("", text).strip()
    if rest:
        raise GraphQLError(f"Invalid search: {rest!r}")
    for name, comparison, quoted in _TERM.findall(text):
        value = quoted.strip("\"'")
        if name == "updated_at":
            at_ms = _ms(value)
            # The platform's times are of whole seconds: what is at or before a second is so until its end.
            if comparison in (">=", ""):
                start_ms = max(start_ms, at_ms)
            if comparison in ("<=", ""):
                end_ms = min(end_ms, at_ms + 999)
            if comparison == ">":
                start_ms = max(start_ms, at_ms + 1000)
            if comparison == "<":
                end_ms = min(end_ms, at_ms - 1)
        else:
            tests.append(_test(name, comparison, value))
    return Search(start_ms, end_ms, tuple(tests))


def _test(name: str, comparison: str, value: str) -> Callable[[shipping.Document], bool]:
    if name == "created_at" and comparison == ">=":
        return lambda doc: _ms(doc["created_at"]) >= _ms(value)
    if name == "created_at" and comparison in ("<", "<="):
        return lambda doc: _ms(doc["created_at"]) <= _ms(value) - (comparison == "<")
    if name == "status" and value == "any":
        return lambda doc: True
    if name == "status" and value in ("open", "cancelled"):
        return lambda doc: bool(doc.get("cancelled_at")) == (value == "cancelled")
    if name == "id" and not comparison:
        return lambda doc: str(doc["id"]) == value
    if name in ("name", "financial_status") and not comparison:
        return lambda doc: bool(doc.get(name) == value)
    raise GraphQLError(f"The simulator has no filter {name}:{comparison}{value}")


def _ms(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError as exc:
        raise GraphQLError(f"Invalid timestamp for query filter: {text!r}") from exc
