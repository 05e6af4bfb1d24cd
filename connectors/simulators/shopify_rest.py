"""The few REST calls of Shopify that its own Python library asks for: the shop, orders, fulfillments and fulfillment orders."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from connectors.shops import Shop
from connectors.simulators import shopify_shipping as shipping
from connectors.simulators.orders import Order, OrderStore
from connectors.simulators.shopify_views import LOCATION
from connectors.simulators.simulator import json_answer

_LIMIT, _LIMIT_MAX = 50, 250
_EVER_MS = 1 << 53


class Platform(Protocol):
    """What the calls need of the simulator."""

    orders: OrderStore

    def authorized(self, request: web.Request) -> Shop | None:
        """The shop whose token this is."""


def unauthorized() -> web.Response:
    """The answer to a token that no shop has."""
    why = "[API] Invalid API key or access token (unrecognized login or wrong password)"
    return json_answer({"errors": why}, 401)


class Rest:
    """Handlers; each answers for the shop whose token was given."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def routes(self, api: str) -> Sequence[web.RouteDef]:
        """``api`` is the path of a version."""
        return [
            web.get(f"{api}/shop.json", self._for_shop(self._shop)),
            web.get(f"{api}/orders.json", self._for_shop(self._orders)),
            web.get(f"{api}/orders/count.json", self._for_shop(self._count)),
            web.get(f"{api}/orders/{{order}}.json", self._for_order(lambda doc: {"order": doc})),
            web.get(f"{api}/orders/{{order}}/fulfillments.json", self._for_order(_fulfillments)),
            web.get(f"{api}/orders/{{order}}/fulfillment_orders.json", self._for_order(_fulfillment_orders)),
        ]

    def _for_shop(self, handler: Callable[[web.Request, Shop], web.Response]) -> Any:
        async def call(request: web.Request) -> web.Response:
            shop = self._platform.authorized(request)
            if shop is None:
                return unauthorized()
            answer = handler(request, shop)
            answer.headers["X-Shopify-Shop-Api-Call-Limit"] = "1/40"
            return answer

        return call

    def _for_order(self, show: Callable[[Mapping[str, Any]], Any]) -> Any:
        def handler(request: web.Request, shop: Shop) -> web.Response:
            order = self._platform.orders.get(request.match_info["order"])
            if order is None or order.shop != shop.shop:
                return json_answer({"errors": "Not Found"}, 404)
            return json_answer(show(order.doc))

        return self._for_shop(handler)

    def _shop(self, request: web.Request, shop: Shop) -> web.Response:
        name = shop.seller.partition(".")[0]
        return json_answer({"shop": {"id": 1, "name": name, "myshopify_domain": shop.seller, "currency": "CNY"}})

    def _count(self, request: web.Request, shop: Shop) -> web.Response:
        return json_answer({"count": len(self._changed(request, shop))})

    def _orders(self, request: web.Request, shop: Shop) -> web.Response:
        """By id, page by page: the next page's address stands in the Link header."""
        try:
            limit = min(int(request.query.get("limit", str(_LIMIT))), _LIMIT_MAX)
            page = base64.b64decode(request.query.get("page_info", ""), validate=True).decode()
            after = int(page or request.query.get("since_id", "0"))
        except ValueError:
            return json_answer({"errors": {"page_info": "Invalid value."}}, 400)
        rows = sorted((int(o.order_no), o.doc) for o in self._changed(request, shop) if int(o.order_no) > after)
        answer = json_answer({"orders": [doc for _, doc in rows[:limit]]})
        if len(rows) > limit:
            info = base64.b64encode(str(rows[limit - 1][0]).encode()).decode()
            query = {**request.query, "limit": str(limit), "page_info": info}
            answer.headers["Link"] = f'<{request.url.with_query(query)}>; rel="next"'
        return answer

    def _changed(self, request: web.Request, shop: Shop) -> list[Order]:
        def at_ms(name: str, default: int) -> int:
            text = request.query.get(name)
            return default if text is None else int(datetime.fromisoformat(text).timestamp() * 1000)

        changes = self._platform.orders.changed(
            shop.shop, at_ms("updated_at_min", 0), at_ms("updated_at_max", _EVER_MS)
        )
        orders: Iterable[Order] = changes.page(1, len(changes), descending=False)
        if request.query.get("status", "open") != "any":
            orders = (order for order in orders if not order.doc.get("cancelled_at"))
        return list(orders)


def _fulfillments(order: Mapping[str, Any]) -> dict[str, Any]:
    return {"fulfillments": order.get("fulfillments", [])}


def _fulfillment_orders(order: Mapping[str, Any]) -> dict[str, Any]:
    lines = shipping.shippable_lines(order)
    number = shipping.fulfillment_order_id(order)
    items = [
        {
            "id": shipping.line_id(line),
            "fulfillment_order_id": number,
            "line_item_id": line["id"],
            "quantity": line["quantity"],
            "fulfillable_quantity": shipping.left(order, line),
        }
        for line in lines
    ]
    one = {
        "id": number,
        "order_id": order["id"],
        "assigned_location_id": LOCATION,
        "status": shipping.status(order).lower(),
        "supported_actions": ["create_fulfillment"] if shipping.can_ship(order) else [],
        "line_items": items,
    }
    return {"fulfillment_orders": [one] if lines else []}
