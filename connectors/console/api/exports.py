"""Lists as files, of the shops in which both the list and taking it away are allowed; on record before the first row leaves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from connectors.console import deliveries, exporting, listings, orders, reviews, tasks, writebacks
from connectors.console.api import deliveries as deliveries_api
from connectors.console.api import listings as listings_api
from connectors.console.api import tasks as tasks_api
from connectors.console.api.doing import done
from connectors.console.api.orders import Filtered, Text
from connectors.console.api.reviews import State
from connectors.console.asking import Asker, Used, Who, asks
from connectors.console.exporting import PAGE, ROWS_MAX, Read
from connectors.console.permissions import NOWHERE, Permission, Shops, within
from connectors.console.problems import Problem, Speaks
from connectors.console.services import Services
from schemas.texts import Language, said_in, word_in
from streams.ops import audit

router = APIRouter(tags=["exports"])

EXPORTS = asks(Permission.LISTS_EXPORT)
CSV: dict[str, Any] = {"response_class": StreamingResponse}

_ORDERS = ("order_id", "channel", "shop", "order_no", "status", "reason", "placed_at", "paid_at", "ship_by")
_ORDERS_MORE = ("currency", "total_minor", "country", "province", "city", "warehouses")
_REVIEWS = (
    "record",
    "order_id",
    "channel",
    "shop",
    "order_no",
    "codes",
    "received_at",
    "state",
    "state_at",
    "state_by",
)
_TASKS = (
    "task_id",
    "order_id",
    "channel",
    "shop",
    "kind",
    "state",
    "reason",
    "role",
    "opened_at",
    "due_at",
    "claimed_by",
)
_TASKS_MORE = ("answered_by", "because", "at")
_DEAD = ("order_id", "shipment_id", "channel", "shop", "warehouse", "carrier", "tracking_no", "outcome", "code")
_DELIVERIES = tuple(deliveries_api.DeliveryRow.model_fields)
_LISTINGS = tuple(listings_api.ListingRow.model_fields)
_DEAD_MORE = ("reason", "attempt", "requests", "ship_by", "shipped_at", "changed_at")


@router.get("/exports/orders", **EXPORTS, **CSV)
async def export_orders(
    used: Used,
    who: Who,
    speaks: Speaks,
    filters: Filtered,
) -> StreamingResponse:
    """The list of orders, as it is filtered; 100,000 rows at the most, and a last line that says so."""
    shops = _shops(who, Permission.ORDERS_READ)

    async def read(behind: Any) -> tuple[Any, Any]:
        async with used.store.reading(shops) as connection:
            found = await orders.page(connection, shops, filters, behind, PAGE)
        return found.rows, found.behind

    return await _file(used, who, speaks, "orders", (*_ORDERS, *_ORDERS_MORE), filters, read)


@router.get("/exports/reviews", **EXPORTS, **CSV)
async def export_reviews(
    used: Used,
    who: Who,
    speaks: Speaks,
    state: State = State.OPEN,
    channel: Text = "",
    shop: Text = "",
    reason: Text = "",
) -> StreamingResponse:
    """The review queue, as above."""
    shops = _shops(who, Permission.REVIEW_READ)
    filters = reviews.Filters(channel, shop, reason, state)

    async def read(behind: Any) -> tuple[Any, Any]:
        async with used.store.reading(shops) as connection:
            found = await reviews.page(connection, shops, filters, behind, PAGE)
        return found.rows, found.behind

    return await _file(used, who, speaks, "reviews", _REVIEWS, filters, read)


@router.get("/exports/writebacks", **EXPORTS, **CSV)
async def export_writebacks(
    used: Used, who: Who, speaks: Speaks, channel: Text = "", shop: Text = "", outcome: Text = ""
) -> StreamingResponse:
    """Dead writebacks, as above."""
    shops = _shops(who, Permission.WRITEBACKS_READ)
    filters = writebacks.Filters(channel, shop, outcome)

    async def read(behind: Any) -> tuple[Any, Any]:
        async with used.store.reading(shops) as connection:
            found = await writebacks.page(connection, shops, filters, behind, PAGE)
        return found.rows, found.behind

    return await _file(used, who, speaks, "writebacks", (*_DEAD, *_DEAD_MORE), filters, read)


@router.get("/exports/deliveries", **EXPORTS, **CSV)
async def export_deliveries(
    used: Used, who: Who, speaks: Speaks, filters: deliveries_api.Filtered
) -> StreamingResponse:
    """What warehouses' systems were told, as above."""
    shops = _shops(who, Permission.DELIVERIES_READ)

    async def read(behind: Any) -> tuple[Any, Any]:
        async with used.store.reading(shops) as connection:
            found = await deliveries.page(connection, shops, filters, behind, PAGE)
        return found.rows, found.behind

    return await _file(used, who, speaks, "deliveries", _DELIVERIES, filters, read)


@router.get("/exports/listings", **EXPORTS, **CSV)
async def export_listings(used: Used, who: Who, speaks: Speaks, filters: listings_api.Filtered) -> StreamingResponse:
    """What shops show of the stock, as above."""
    shops = _shops(who, Permission.LISTINGS_READ)

    async def read(behind: Any) -> tuple[Any, Any]:
        async with used.store.reading(shops) as connection:
            found = await listings.page(connection, shops, filters, behind, PAGE)
        return found.rows, found.behind

    return await _file(used, who, speaks, "listings", _LISTINGS, filters, read)


@router.get("/exports/tasks", **EXPORTS, **CSV)
async def export_tasks(
    used: Used,
    who: Who,
    speaks: Speaks,
    state: tasks_api.View = tasks_api.View.OPEN,
    channel: Text = "",
    shop: Text = "",
    kind: Text = "",
    role: Text = "",
    reason: Text = "",
) -> StreamingResponse:
    """What flows ask of persons, as above."""
    shops = _shops(who, Permission.TASKS_READ)
    filters, asker = tasks.Filters(state, channel, shop, kind, role, reason), tasks_api.person(used, who)

    async def read(behind: Any) -> tuple[Any, Any]:
        async with used.store.reading(shops) as connection:
            found = await tasks.page(connection, shops, filters, asker, behind, PAGE)
        return found.rows, found.behind

    return await _file(used, who, speaks, "tasks", (*_TASKS, *_TASKS_MORE), filters, read)


def _shops(who: Asker, listed: Permission) -> Shops:
    """Raises Problem."""
    shops = within(who.shops, who.may.get(listed, NOWHERE))
    if not shops:
        raise Problem("not_allowed")
    return shops


async def _file(
    used: Services, who: Asker, speaks: Language, name: str, columns: tuple[str, ...], filters: Any, read: Read
) -> StreamingResponse:
    """Raises Problem, as long as nothing has left."""
    first = await read(None)
    asked = {field: value for field, value in filters._asdict().items() if value}
    await done(used.deeds.note, audit.noted("list.exported", f"list:{name}", by=who.name, details=asked))
    heads = {column: word_in(speaks, column.replace("_", " ")) for column in columns}
    cut = said_in(speaks, f"the first {ROWS_MAX:,} rows: ask for fewer at a time, by days or shops")
    at = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    return StreamingResponse(
        exporting.streamed(heads, first, read, cut),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment;filename="{name}-{at}.csv"'},
    )
