"""Shopify, through its GraphQL Admin API. Source: the platform's reference.

The shop's URL is the API's of one version: ``https://SHOP/admin/api/VERSION/graphql.json``. Requests carry a token and no signature.

A pull goes upwards by the time of the last change, with cursors: what changes while it is read moves to the end and is met again. An order
is read by its id and written down in the form of the webhooks. A parcel becomes one ``fulfillmentCreate`` a location, after reading
what is open: so a parcel that is there already is answered without a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from connectors.endings import Throttled, Unavailable, Unsure
from schemas.json_text import compact

from . import shopify_answers as answers
from . import shopify_codes
from . import shopify_order as orders
from . import shopify_parcel as parcels
from . import shopify_sales as sales
from .base import Changed, Parcel, Refused, Snapshot, Standing, Template, Told
from .calling import JSON, HttpPlatform, Reply
from .times import windows

_T = TypeVar("_T")
#: How often a parcel of several locations is gone on with, and how long throttling is waited for in between.
_PARTS_MAX, _PATIENCE_S = 5, 10.0


class Shopify(HttpPlatform):
    """One Shopify shop."""

    channel = "shopify"
    # A name, not a code; with a link where it makes none of the name itself.
    template = Template("fulfillmentCreate", "shopify", "tracking company", links=True)
    # Orders older than 60 days need a permission of their own.
    window_max_ms = 60 * 24 * 3_600_000
    page_max = 250

    async def order(self, order_no: str) -> Snapshot:
        variables: dict[str, Any] = {"id": _gid(order_no), "after": None}
        reply, answer = await self._ask("order", orders.ORDER, variables, answers.ORDER)
        order = self._found(order_no, answer.order)
        lines, page = list(order.lineItems.nodes), order.lineItems.pageInfo
        while page.hasNextPage:
            reply, answer = await self._ask(
                "order", orders.ORDER, {**variables, "after": page.endCursor}, answers.ORDER
            )
            more = self._found(order_no, answer.order)
            if more.updatedAt != order.updatedAt:
                raise Unavailable(f"shopify: order {order_no} changed while it was read")
            lines += more.lineItems.nodes
            page = more.lineItems.pageInfo
        refunds = await self._refunds(order_no) if order.refunds else []
        try:
            payload = compact(orders.webhook(order, lines, refunds))
            found = str(orders.number(order.id))
        except ValueError as exc:
            raise self._unreadable(reply, "an id without a number") from exc
        return Snapshot(found, self._time_ms(reply, "updatedAt", order.updatedAt), payload)

    async def standing(self, order_no: str) -> Standing:
        return _standing(await self._shipping(order_no))

    async def changed(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        async for reply, rows in self._orders_changed(start_ms, end_ms, self.page_max, orders.CHANGED, answers.ORDERS):
            if rows:
                yield [self._changed(reply, row) for row in rows]

    async def aftersale(self, order_no: str, aftersale_id: str) -> Snapshot:
        read = self._return if aftersale_id.startswith("Return/") else self._refund
        try:
            reply, snapshot = await read(sales.gid(aftersale_id), aftersale_id)
        except ValueError as exc:
            raise Unavailable(f"shopify: an id of {aftersale_id} has no number: {exc}") from exc
        self._same_order(reply, snapshot.order_no, order_no)
        self._same_sale(reply, snapshot.aftersale_id, aftersale_id)
        return snapshot

    async def aftersales(self, start_ms: int, end_ms: int) -> AsyncIterator[Sequence[Changed]]:
        """By orders: a refund or a return changes its order, and has no list of its own that is sorted by change."""
        async for reply, found in self._orders_changed(
            start_ms, end_ms, sales.ORDERS, sales.CHANGED, sales.ORDERS_CHANGED
        ):
            rows = [row for order in found for row in self._sales(reply, order)]
            if rows:
                yield rows

    async def _orders_changed(
        self, start_ms: int, end_ms: int, first: int, document: str, decoder: msgspec.json.Decoder[Any]
    ) -> AsyncIterator[tuple[Reply, Sequence[Any]]]:
        """Orders by when they changed, page by page: what is asked of each is the document's, read by the decoder."""
        for start_s, end_s in windows(start_ms, end_ms, self.window_max_ms):
            after: str | None = None
            more = True
            while more:
                query = f"updated_at:>='{_utc(start_s)}' AND updated_at:<='{_utc(end_s)}'"
                variables = {"first": first, "after": after, "query": query}
                reply, answer = await self._ask("orders", document, variables, decoder)
                yield reply, answer.orders.nodes
                more, after = answer.orders.pageInfo.hasNextPage, answer.orders.pageInfo.endCursor
                if more and not after:
                    raise self._unreadable(reply, "a next page without a cursor")

    async def _ship(self, parcel: Parcel) -> Told:
        created: list[str] = []
        for _ in range(_PARTS_MAX):
            try:
                return await self._complete(parcel, created)
            except (Unavailable, Unsure, Throttled) as exc:
                if not created:
                    raise
                # One location is told, another is not: half a parcel must not be left for a whole one.
                problem = exc
                await asyncio.sleep(min(exc.wait_s, _PATIENCE_S) if isinstance(exc, Throttled) else self._pause_s)
            except ValueError as exc:
                raise Unavailable(f"shopify: an id of order {parcel.order_no} has no number: {exc}") from exc
        raise Unavailable(f"{problem}; {len(created)} locations are told", problem.code, problem.said)

    async def _held(self, order_no: str) -> str:
        # What holds it stands in its fulfillment orders, which have been read: the order itself says nothing of it.
        return ""

    async def _complete(self, parcel: Parcel, created: list[str]) -> Told:
        # 1. What the platform has of it already.
        known = await self._read_again(self._shipping, parcel.order_no)
        told = await self._read_again(self._told_lines, parcel, known)
        if told is None:
            done = f"a fulfillment has the number; {known.displayFulfillmentStatus}"
            return Told("SHIPPED" if created else "ALREADY_SHIPPED", "", done)
        if known.cancelledAt is not None:
            raise Refused("ORDER_FORBIDS", "shopify: the order is cancelled", "CANCELLED")
        # 2. What is open of it: one call a location.
        for call in parcels.calls(parcel, await self._read_again(self._open, parcel.order_no), told):
            created.append(await self._create(parcel, call))
        return Told("SHIPPED", "", said=self._words(*created))

    async def _create(self, parcel: Parcel, call: parcels.Call) -> str:
        tracking = {"company": parcel.carrier, "number": parcel.tracking_no}
        if parcel.tracking_url:
            tracking["url"] = parcel.tracking_url
        fulfillment = {"lineItemsByFulfillmentOrder": call, "trackingInfo": tracking}
        variables = {"fulfillment": fulfillment}
        reply, answer = await self._ask("fulfillmentCreate", parcels.CREATE, variables, answers.CREATE, effect=True)
        result = answer.fulfillmentCreate
        for problem in result.userErrors:
            where = ".".join(problem.field or ())
            raise self._refused(reply, shopify_codes.user_rule(problem.message), "", where, problem.message)
        if result.fulfillment is None:
            raise self._unreadable(reply, "neither a fulfillment nor userErrors")
        return result.fulfillment.id

    async def _told_lines(self, parcel: Parcel, known: answers.Shipping) -> dict[str, int] | None:
        """Pieces by line that are shipped under this number; None when that is all of the parcel."""
        told = [one for one in _valid(known) if parcel.tracking_no in _numbers(one)]
        if not told:
            return {}
        pieces = sum(line["quantity"] for line in parcel.lines)
        if sum(one.totalQuantity for one in told) >= pieces:
            return None
        variables = {"id": _gid(parcel.order_no)}
        _, answer = await self._ask("order", parcels.SHIPPED_LINES, variables, answers.SHIPPING)
        lines: dict[str, int] = {}
        for one in _valid(self._found(parcel.order_no, answer.order)):
            if parcel.tracking_no in _numbers(one) and one.fulfillmentLineItems is not None:
                for line in one.fulfillmentLineItems.nodes:
                    line_no = str(orders.number(line.lineItem.id))
                    lines[line_no] = lines.get(line_no, 0) + line.quantity
        return lines

    async def _open(self, order_no: str) -> list[parcels.FulfillmentOrder]:
        found: list[parcels.FulfillmentOrder] = []
        after: str | None = None
        more = True
        while more:
            variables = {"id": _gid(order_no), "after": after}
            _, answer = await self._ask("order", parcels.OPEN, variables, answers.OPEN)
            page = self._found(order_no, answer.order).fulfillmentOrders
            found += page.nodes
            more, after = page.pageInfo.hasNextPage, page.pageInfo.endCursor
        for order in found:
            rest = order.lineItems.pageInfo
            while rest.hasNextPage:
                variables = {"id": order.id, "after": rest.endCursor}
                _, lines = await self._ask("fulfillmentOrder", parcels.MORE_LINES, variables, answers.MORE_LINES)
                more_lines = self._found(order_no, lines.fulfillmentOrder).lineItems
                order.lineItems.nodes += more_lines.nodes
                rest = more_lines.pageInfo
        return found

    async def _shipping(self, order_no: str) -> answers.Shipping:
        _, answer = await self._ask("order", parcels.STANDING, {"id": _gid(order_no)}, answers.SHIPPING)
        return self._found(order_no, answer.order)

    async def _refunds(self, order_no: str) -> list[orders.Refund]:
        _, answer = await self._ask("refunds", orders.REFUNDS_OF, {"id": _gid(order_no)}, answers.REFUNDS)
        refunds = self._found(order_no, answer.order).refunds
        if len(refunds) >= orders.REFUNDS or any(one.refundLineItems.pageInfo.hasNextPage for one in refunds):
            most = f"{orders.REFUNDS} refunds of {orders.REFUND_LINES} lines"
            raise Refused("REQUEST_WRONG", f"shopify: order {order_no} has more than {most}: more than is read")
        return refunds

    def _sales(self, reply: Reply, order: sales.ChangedOrder) -> list[Changed]:
        try:
            order_no, changed_ms = str(orders.number(order.id)), self._time_ms(reply, "updatedAt", order.updatedAt)
            # A refund is dated when it is made, and its money comes later: the order's change may be that.
            ids = [it.id for it in (*order.refunds, *order.returns.nodes)]
            return [Changed(order_no, changed_ms, None, sales.called(one)) for one in ids]
        except ValueError as exc:
            raise self._unreadable(reply, "an id without a number") from exc

    async def _refund(self, gid: str, aftersale_id: str) -> tuple[Reply, Snapshot]:
        reply, answer = await self._ask("refund", sales.REFUND, {"id": gid}, sales.REFUNDS)
        refund = answer.refund
        if refund is None:
            raise Refused("REQUEST_WRONG", f"shopify has no {aftersale_id}, or the token may not see it", "NOT_FOUND")
        if refund.refundLineItems.pageInfo.hasNextPage:
            raise Refused("REQUEST_WRONG", f"shopify: {aftersale_id} has more than {sales.LINES} lines")
        created_ms = self._time_ms(reply, "createdAt", refund.createdAt)
        order_no, payload = str(orders.number(refund.order.id)), compact(sales.webhook(refund))
        return reply, Snapshot(order_no, created_ms, payload, sales.called(refund.id))

    async def _return(self, gid: str, aftersale_id: str) -> tuple[Reply, Snapshot]:
        reply, answer = await self._ask("return", sales.RETURN, {"id": gid}, sales.RETURNS)
        head = self._read(reply, answer.found, sales.RETURN_HEAD, "the return's ids")
        if head is None:
            raise Refused("REQUEST_WRONG", f"shopify has no {aftersale_id}, or the token may not see it", "NOT_FOUND")
        if head.returnLineItems.pageInfo.hasNextPage:
            raise Refused("REQUEST_WRONG", f"shopify: {aftersale_id} has more than {sales.LINES} lines")
        changed_ms = self._time_ms(reply, "updatedAt", head.order.updatedAt)
        order_no = str(orders.number(head.order.id))
        return reply, Snapshot(order_no, changed_ms, bytes(answer.found), sales.called(head.id))

    def _changed(self, reply: Reply, row: answers.Row) -> Changed:
        try:
            return Changed(str(orders.number(row.id)), self._time_ms(reply, "updatedAt", row.updatedAt), None)
        except ValueError as exc:
            raise self._unreadable(reply, "an id without a number") from exc

    def _found(self, order_no: str, order: _T | None) -> _T:
        if order is None:
            raise Refused("REQUEST_WRONG", f"shopify has no order {order_no}, or the token may not see it", "NOT_FOUND")
        return order

    async def _ask(
        self,
        name: str,
        query: str,
        variables: dict[str, Any],
        decoder: msgspec.json.Decoder[_T],
        *,
        effect: bool = False,
    ) -> tuple[Reply, _T]:
        headers = {"Content-Type": JSON, "X-Shopify-Access-Token": self.shop.token}
        body = compact({"query": query, "variables": variables})
        reply = await self._post(name, self.shop.url, body, headers, effect=effect)
        parts = self._parts_of(reply)
        if "errors" in parts:
            raise self._errors(reply, parts["errors"], parts.get("extensions"))
        return reply, self._read(reply, parts.get("data"), decoder, f"data of {name}")

    def _errors(self, reply: Reply, errors: msgspec.Raw, extensions: msgspec.Raw | None) -> Exception:
        """What an answer with ``errors`` means: a list of GraphQL's, or, with an HTTP status, a text."""
        status = str(reply.status)
        if status in shopify_codes.STATUSES:
            return self._refused(
                reply, shopify_codes.STATUSES[status], status, bytes(errors).decode("utf-8", "replace")
            )
        try:
            first = answers.ERRORS.decode(errors)[0]
        except (msgspec.MsgspecError, IndexError):
            return self._unreadable(reply, "errors of another form")
        named = first.extensions.code if first.extensions is not None else ""
        rule = shopify_codes.graphql_rule(named, first.message)
        return self._refused(reply, rule, named, first.message, wait_s=answers.wait_s(extensions))


def _standing(known: answers.Shipping) -> Standing:
    shipped = known.displayFulfillmentStatus == "FULFILLED"
    numbers = tuple(dict.fromkeys(number for one in _valid(known) for number in _numbers(one)))
    return Standing(
        status="CANCELLED" if known.cancelledAt is not None else known.displayFulfillmentStatus,
        shipped=shipped,
        closed=known.cancelledAt is not None or known.displayFulfillmentStatus == "RESTOCKED",
        tracking_nos=numbers,
        # A page of fulfillments that is full may not be all of them.
        numbers_known=len(known.fulfillments) < parcels.FULFILLMENTS and (bool(numbers) or not shipped),
    )


def _valid(known: answers.Shipping) -> list[answers.Fulfillment]:
    return [one for one in known.fulfillments if one.status not in parcels.VOID]


def _numbers(fulfillment: answers.Fulfillment) -> list[str]:
    return [one.number for one in fulfillment.trackingInfo if one.number]


def _gid(order_no: str) -> str:
    return f"gid://shopify/Order/{order_no}"


def _utc(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
