"""The list of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from connectors.console import cursor, orders
from connectors.console.asking import Used, Who, asks
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission
from connectors.console.problems import Speaks
from schemas.texts import Language, said_in

router = APIRouter(tags=["orders"])

#: No column holds it, and nobody types it.
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


class OrderRow(BaseModel):
    """An order as last told of. ``status``: where it stands in the hub, null until the hub has said something."""

    order_id: str
    channel: str
    shop: str
    order_no: str
    status: str | None
    reason: str | None
    changed_at: datetime | None
    platform_status: str
    currency: str
    #: In the currency's minor units: fen, cents.
    total_minor: int
    placed_at: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    country: str
    province: str
    city: str
    #: Of the last decision.
    warehouses: list[str]


class OrderPage(BaseModel):
    """Rows, newest first; fewer than asked for does not mean the last: ``next`` is null then.

    ``as_of``: when the tables were last written to; ``behind_s``: how far they are behind Kafka, null where nobody knows.
    """

    rows: list[OrderRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


def _filters(
    q: Text = "",
    channel: Text = "",
    shop: Text = "",
    status: Text = "",
    warehouse: Text = "",
    placed_from: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    placed_to: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    split: bool = False,
) -> orders.Filters:
    return orders.Filters(q.strip(), channel, shop, status, warehouse, placed_from, placed_to, split)


#: Which orders are asked for: as a list, or as a file.
Filtered = Annotated[orders.Filters, Depends(_filters)]


@router.get("/orders", **asks(Permission.ORDERS_READ))
async def list_orders(
    used: Used,
    who: Who,
    speaks: Speaks,
    filters: Filtered,
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OrderPage:
    """Orders that fit all of the filters. ``q`` is a whole order id, order number, SKU or waybill number; ``to`` is exclusive;
    ``split``: those alone that several warehouses send.

    By when they were placed; with ``status`` and without ``q`` by when they came to stand there.
    """
    behind = cursor.behind(after) if after else None
    async with used.store.reading(who.shops) as connection:
        found = await orders.page(connection, who.shops, filters, behind, limit)
        fresh = await freshness(connection, used.hub)
    return OrderPage(
        rows=[_row(row, speaks) for row in found.rows],
        next=cursor.marked(*found.behind) if found.behind else None,
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
    )


def _row(row: Any, speaks: Language) -> OrderRow:
    told = {name: row[name] for name in OrderRow.model_fields}
    return OrderRow.model_validate(
        {**told, "reason": said_in(speaks, row["reason"]) if row["reason"] else row["reason"]}
    )
