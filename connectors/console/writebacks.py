"""Dead writebacks in the tables: parcels whose number no platform has taken, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import asyncpg

from connectors.console.permissions import Shops
from connectors.console.shops import each_shop

#: Candidates of a page that has filters which no index knows.
_CANDIDATES = 2_000


class Filters(NamedTuple):
    """Empty: whatever."""

    channel: str = ""
    shop: str = ""
    outcome: str = ""


class Page(NamedTuple):
    """Rows, and by what the next page begins; None: that is all."""

    rows: Sequence[asyncpg.Record]
    behind: tuple[datetime, str] | None


_SHOPS = each_shop("writebacks", "t.phase = 'DEAD'")
#: $1 shops, $2 and $3 the mark, $4 how many of each shop, $5 channel, $6 outcome, $7 rows. Two parcels of an order stand side by side:
#: the mark names both by the order and the parcel, in one text.
_PAGE = """
WITH candidates AS MATERIALIZED (
    SELECT c.*, s.shop AS part FROM unnest($1::text[]) AS s(shop) CROSS JOIN LATERAL (
        SELECT w.ship_by AS at, w.order_id || chr(31) || w.shipment_id AS parcel, w.* FROM writebacks w
        WHERE w.shop = s.shop AND w.phase = 'DEAD' AND w.ship_by >= $2 AND (w.ship_by, w.order_id || chr(31) || w.shipment_id) > ($2, $3)
        ORDER BY w.ship_by, w.order_id || chr(31) || w.shipment_id LIMIT $4
    ) c
),
edge AS (
    SELECT at, parcel FROM (
        SELECT DISTINCT ON (part) at, parcel, count(*) OVER (PARTITION BY part) AS found FROM candidates ORDER BY part, at DESC, parcel DESC
    ) last WHERE found >= $4 ORDER BY at, parcel LIMIT 1
),
fitting AS (
    SELECT * FROM candidates c WHERE ($5 = '' OR c.channel = $5) AND ($6 = '' OR c.outcome = $6)
        AND NOT EXISTS (SELECT FROM edge WHERE (c.at, c.parcel) > (edge.at, edge.parcel))
    ORDER BY c.at, c.parcel LIMIT $7
)
SELECT f.*, (SELECT at FROM edge) AS edge_at, (SELECT parcel FROM edge) AS edge_parcel
FROM (SELECT 1) always LEFT JOIN fitting f ON true ORDER BY f.at, f.parcel
"""
_COUNTS = """
SELECT outcome, count(*) AS parcels, min(ship_by) AS most_urgent FROM writebacks
WHERE phase = 'DEAD' AND ($1 = '' OR shop = $1) AND ($2 = '' OR channel = $2) GROUP BY outcome ORDER BY 2 DESC, 1
"""
_PARCEL = "SELECT shop, phase FROM writebacks WHERE order_id = $1 AND shipment_id = $2"


async def page(
    connection: asyncpg.Connection, shops: Shops, filters: Filters, behind: tuple[datetime, str] | None, limit: int
) -> Page:
    """Dead parcels, the most urgent first, behind a mark."""
    if filters.shop:
        names = [filters.shop] if filters.shop in shops else []
    else:
        names = [name for (name,) in await connection.fetch(_SHOPS)] if shops.everywhere else sorted(shops.names)
    if not names:
        return Page((), None)
    each = max(limit + 1, _CANDIDATES // len(names) if filters.channel or filters.outcome else 0)
    at, parcel = behind or (datetime.min.replace(tzinfo=UTC), "")
    found = await connection.fetch(_PAGE, names, at, parcel, each, filters.channel, filters.outcome, limit + 1)
    rows = [row for row in found if row["order_id"] is not None]
    if len(rows) > limit:
        return Page(rows[:limit], (rows[limit - 1]["at"], rows[limit - 1]["parcel"]))
    edge = found[0]
    return Page(rows, None if edge["edge_at"] is None else (edge["edge_at"], edge["edge_parcel"]))


async def counts(connection: asyncpg.Connection, shop: str, channel: str) -> Sequence[asyncpg.Record]:
    """Dead parcels by what their platform answered last, with the nearest deadline."""
    return await connection.fetch(_COUNTS, shop, channel)  # type: ignore[no-any-return]


async def parcel(connection: asyncpg.Connection, order_id: str, shipment_id: str) -> asyncpg.Record | None:
    """Its shop and phase; None: there is none, or it is not to be seen."""
    return await connection.fetchrow(_PARCEL, order_id, shipment_id)
