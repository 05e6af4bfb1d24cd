"""Dead writebacks, and submitting one anew."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from connectors.console import cursor, writebacks
from connectors.console.api.doing import Accepted, Because, Key, done
from connectors.console.api.orders import Text
from connectors.console.asking import Used, Who, asks
from connectors.console.deeds import undertaking
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission
from connectors.console.problems import Problem, Speaks
from schemas.texts import said_in, word_in
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["writebacks"])

Name = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]
#: As ``penstock writeback redrive`` takes it; empty: as it is.
Corrected = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]


class DeadRow(BaseModel):
    """A parcel whose number its platform has not taken. ``attempt``: since the last redrive; ``requests``: in all."""

    order_id: str
    shipment_id: str
    channel: str
    shop: str
    warehouse: str
    carrier: str
    tracking_no: str
    attempt: int
    requests: int
    outcome: str | None
    code: str
    reason: str
    ship_by: datetime
    shipped_at: datetime
    changed_at: datetime


class DeadPage(BaseModel):
    """The most urgent first; fewer than asked for does not mean the last: ``next`` is null then."""

    rows: list[DeadRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


class OutcomeCount(BaseModel):
    """``title``: the outcome in words; ``most_urgent``: the nearest deadline."""

    outcome: str | None
    title: str
    parcels: int
    most_urgent: datetime


class DeadCounts(BaseModel):
    """Dead parcels by what their platform answered last."""

    outcomes: list[OutcomeCount]
    total: int
    as_of: datetime | None
    behind_s: float | None


class Redrive(BaseModel):
    """A parcel to be submitted anew, with another carrier or number where those were wrong."""

    order_id: Name
    shipment_id: Name
    because: Because
    carrier: Corrected = ""
    tracking_no: Corrected = ""


@router.get("/writebacks/dead", **asks(Permission.WRITEBACKS_READ))
async def list_dead(
    used: Used,
    who: Who,
    speaks: Speaks,
    channel: Text = "",
    shop: Text = "",
    outcome: Text = "",
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeadPage:
    """Parcels whose writeback was given up."""
    filters = writebacks.Filters(channel, shop, outcome)
    async with used.store.reading(who.shops) as connection:
        found = await writebacks.page(connection, who.shops, filters, cursor.behind(after) if after else None, limit)
        fresh = await freshness(connection, used.hub)
    rows = [
        DeadRow.model_validate(
            {name: row[name] for name in DeadRow.model_fields} | {"reason": said_in(speaks, row["reason"])}
        )
        for row in found.rows
    ]
    following = cursor.marked(*found.behind) if found.behind else None
    return DeadPage(rows=rows, next=following, as_of=fresh, behind_s=await used.lagging.tables_behind_s())


@router.get("/writebacks/dead/counts", **asks(Permission.WRITEBACKS_READ))
async def count_dead(used: Used, who: Who, speaks: Speaks, shop: Text = "", channel: Text = "") -> DeadCounts:
    """How many there are, by outcome."""
    async with used.store.reading(who.shops) as connection:
        found = await writebacks.counts(connection, shop, channel)
        fresh = await freshness(connection, used.hub)
    counted = [
        OutcomeCount(outcome=outcome, title=word_in(speaks, outcome or ""), parcels=parcels, most_urgent=at)
        for outcome, parcels, at in found
    ]
    total = sum(each.parcels for each in counted)
    return DeadCounts(outcomes=counted, total=total, as_of=fresh, behind_s=await used.lagging.tables_behind_s())


@router.post("/writebacks/redrive", **asks(Permission.WRITEBACKS_REDRIVE), status_code=202)
async def redrive(used: Used, who: Who, body: Redrive, key: Key = None) -> Accepted:
    """Submits a parcel anew, three attempts again: command and audit in one transaction."""
    async with used.store.reading(who.shops) as connection:
        parcel = await writebacks.parcel(connection, body.order_id, body.shipment_id)
    if parcel is None or parcel["shop"] not in who.shops:
        raise Problem("not_found")
    by = Actor(who.name, {Right.WRITEBACK})
    corrected = (body.carrier.strip(), body.tracking_no.strip())
    deed = (body.order_id, body.shipment_id, *corrected, body.because, undertaking(who.name, key), by)
    return Accepted.of(await done(used.deeds.redriving.writeback, *deed))
