"""What warehouses' systems were told: lists, one order's with every step, and telling one anew."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from connectors.console import cursor, deliveries, paging
from connectors.console.api.causes import CauseCounts, cause_counts
from connectors.console.api.doing import Accepted, Because, Key, done
from connectors.console.api.order import OrderId
from connectors.console.api.orders import Text
from connectors.console.api.writebacks import Name
from connectors.console.asking import Used, Who, asks
from connectors.console.deeds import undertaking
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission
from connectors.console.problems import Problem, Speaks
from connectors.console.story import shop_of
from schemas.texts import said_in
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["deliveries"])


class DeliveryView(StrEnum):
    """Which delivery orders: ``dead`` are those that want a person, ``open`` those that nothing has ended."""

    DEAD = "dead"
    OPEN = "open"
    ALL = "all"


class DeliveryRow(BaseModel):
    """A delivery order. ``progress``: what its system last said of it, in its own word; ``attempt``: at what is being asked now."""

    order_id: str
    delivery_id: str
    channel: str
    shop: str
    warehouse: str
    phase: str
    progress: str
    attempt: int
    outcome: str | None
    code: str
    reason: str
    ship_by: datetime
    next_at: datetime | None
    changed_at: datetime


class DeliveryPage(BaseModel):
    """The most urgent first, of all the newest; fewer than asked for does not mean the last: ``next`` is null then."""

    rows: list[DeliveryRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


class DeliveryStep(BaseModel):
    """A request, an answer, a report, a decision; ``status``: what was asked, answered, reported or decided. From which record."""

    at: datetime
    kind: str
    status: str | None
    request_id: str | None
    attempt: int | None
    code: str | None
    reason: str | None
    done_by: str | None
    topic: str
    partition: int
    offset: int


class DeliveryItem(DeliveryRow):
    """With its steps, the newest first."""

    steps: list[DeliveryStep]


class OrderDeliveries(BaseModel):
    """An order's, in the order in which they came to stand where they do; ``more_steps``: older ones are not shown."""

    rows: list[DeliveryItem]
    more_steps: bool
    as_of: datetime | None
    behind_s: float | None


class DeliveryRedrive(BaseModel):
    """A delivery order to be told to its system anew."""

    order_id: Name
    delivery_id: Name
    because: Because


def _filters(
    state: DeliveryView = DeliveryView.DEAD,
    channel: Text = "",
    shop: Text = "",
    warehouse: Text = "",
    phase: Text = "",
    cause: Text = "",
    q: Text = "",
) -> deliveries.Filters:
    return deliveries.Filters(state.value, channel, shop, warehouse, phase, cause, q.strip())


Filtered = Annotated[deliveries.Filters, Depends(_filters)]


@router.get("/deliveries", **asks(Permission.DELIVERIES_READ))
async def list_deliveries(
    used: Used,
    who: Who,
    speaks: Speaks,
    filters: Filtered,
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeliveryPage:
    """Delivery orders. ``q`` is an order's id; ``cause`` as the counts name it."""
    async with used.store.reading(who.shops) as connection:
        found = await deliveries.page(connection, who.shops, filters, cursor.behind(after) if after else None, limit)
        fresh = await freshness(connection, used.hub)
    rows = [DeliveryRow.model_validate({**row, "reason": said_in(speaks, row["reason"])}) for row in found.rows]
    following = cursor.marked(*found.behind) if found.behind else None
    return DeliveryPage(rows=rows, next=following, as_of=fresh, behind_s=await used.lagging.tables_behind_s())


@router.get("/deliveries/counts", **asks(Permission.DELIVERIES_READ))
async def count_deliveries(used: Used, who: Who, shop: Text = "", channel: Text = "") -> CauseCounts:
    """Those that want a person, by what their system answered last."""
    async with used.store.reading(who.shops) as connection:
        found = await paging.causes(connection, deliveries.DEAD, shop, channel)
        fresh = await freshness(connection, used.hub)
    return cause_counts(found, fresh, await used.lagging.tables_behind_s())


@router.get("/orders/{order_id:path}/deliveries", **asks(Permission.DELIVERIES_READ))
async def show_deliveries(used: Used, who: Who, speaks: Speaks, order_id: OrderId) -> OrderDeliveries:
    """One order's delivery orders, each with every request, answer, report and decision."""
    async with used.store.reading(who.shops) as connection:
        found, steps = await deliveries.of_order(connection, order_id)
        rows = [row for row in found if row["shop"] in who.shops]
        # What a system was told may be in the tables before the order itself is.
        if not rows and ((shop := await shop_of(connection, order_id)) is None or shop not in who.shops):
            raise Problem("not_found")
        fresh = await freshness(connection, used.hub)
    told = [
        (
            step["delivery_id"],
            DeliveryStep.model_validate(
                {
                    **step,
                    "reason": step["reason"] and said_in(speaks, step["reason"]),
                    **{name: step[f"log_{name}"] for name in ("topic", "partition", "offset")},
                }
            ),
        )
        for step in steps
    ]
    items = [
        DeliveryItem.model_validate(
            {
                **row,
                "reason": said_in(speaks, row["reason"]),
                "steps": [step for delivery_id, step in told if delivery_id == row["delivery_id"]],
            }
        )
        for row in rows
    ]
    more, behind_s = len(steps) == deliveries.STEPS_MAX, await used.lagging.tables_behind_s()
    return OrderDeliveries(rows=items, more_steps=more, as_of=fresh, behind_s=behind_s)


@router.post("/deliveries/redrive", **asks(Permission.DELIVERIES_REDRIVE), status_code=202)
async def redrive_delivery(used: Used, who: Who, body: DeliveryRedrive, key: Key = None) -> Accepted:
    """Tells its system anew, all attempts again: command and audit in one transaction."""
    async with used.store.reading(who.shops) as connection:
        shop = await deliveries.shop_of(connection, body.order_id, body.delivery_id)
    if shop is None or shop not in who.shops:
        raise Problem("not_found")
    deed = (body.order_id, body.delivery_id, body.because, undertaking(who.name, key), Actor(who.name, {Right.ORDERS}))
    return Accepted.of(await done(used.deeds.redriving.delivery, *deed))
