"""What shops show of the stock, beside what they should; and having it told anew."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from connectors.console import cursor, listings, paging
from connectors.console.api.causes import CauseCounts, cause_counts
from connectors.console.api.doing import Accepted, Because, Key, done
from connectors.console.api.orders import Text
from connectors.console.api.writebacks import Name
from connectors.console.asking import Used, Who, asks
from connectors.console.deeds import undertaking
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission
from connectors.console.problems import Problem, Speaks
from schemas.texts import said_in
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["listings"])


class ListingView(StrEnum):
    """Which entries: ``dead`` are given up; ``different`` show, as far as is known, something else than they should."""

    DEAD = "dead"
    DIFFERENT = "different"
    ALL = "all"


class ListingRow(BaseModel):
    """An entry of a shop that shows a SKU. ``wanted``: units it should show, ``told``: is known to show, null: not known.

    ``seen``: units it showed when it was last asked, ``differs`` beyond those it was told. ``open``: closed, it shows 0.
    """

    sku: str
    place: str
    channel: str
    shop: str
    item: str
    variant: str
    location: str
    phase: str
    open: bool
    wanted: int | None
    told: int | None
    seen: int | None
    differs: int
    attempt: int
    outcome: str | None
    code: str
    reason: str
    changed_at: datetime
    told_at: datetime | None
    seen_at: datetime | None
    next_at: datetime | None


class ListingPage(BaseModel):
    """What is wrong for longest first, of all the newest; fewer than asked for does not mean the last: ``next`` is null then."""

    rows: list[ListingRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


class ListingRedrive(BaseModel):
    """An entry whose quantity is to be told anew."""

    sku: Name
    place: Name
    because: Because


def _filters(
    state: ListingView = ListingView.DEAD,
    channel: Text = "",
    shop: Text = "",
    phase: Text = "",
    cause: Text = "",
    q: Text = "",
) -> listings.Filters:
    return listings.Filters(state.value, channel, shop, phase, cause, q.strip())


Filtered = Annotated[listings.Filters, Depends(_filters)]


@router.get("/listings", **asks(Permission.LISTINGS_READ))
async def list_listings(
    used: Used,
    who: Who,
    speaks: Speaks,
    filters: Filtered,
    after: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ListingPage:
    """Entries of shops. ``q`` is a SKU; ``cause`` as the counts name it."""
    async with used.store.reading(who.shops) as connection:
        found = await listings.page(connection, who.shops, filters, cursor.behind(after) if after else None, limit)
        fresh = await freshness(connection, used.hub)
    rows = [ListingRow.model_validate({**row, "reason": said_in(speaks, row["reason"])}) for row in found.rows]
    following = cursor.marked(*found.behind) if found.behind else None
    return ListingPage(rows=rows, next=following, as_of=fresh, behind_s=await used.lagging.tables_behind_s())


@router.get("/listings/counts", **asks(Permission.LISTINGS_READ))
async def count_listings(used: Used, who: Who, shop: Text = "", channel: Text = "") -> CauseCounts:
    """Those that were given up, by what their platform answered last."""
    async with used.store.reading(who.shops) as connection:
        found = await paging.causes(connection, listings.DEAD, shop, channel)
        fresh = await freshness(connection, used.hub)
    return cause_counts(found, fresh, await used.lagging.tables_behind_s())


@router.post("/listings/redrive", **asks(Permission.LISTINGS_REDRIVE), status_code=202)
async def redrive_listing(used: Used, who: Who, body: ListingRedrive, key: Key = None) -> Accepted:
    """Tells the platform anew what it should show by now: command and audit in one transaction."""
    async with used.store.reading(who.shops) as connection:
        shop = await listings.shop_of(connection, body.sku, body.place)
    if shop is None or shop not in who.shops:
        raise Problem("not_found")
    deed = (body.sku, body.place, body.because, undertaking(who.name, key), Actor(who.name, {Right.STOCK}))
    return Accepted.of(await done(used.deeds.redriving.listing, *deed))
