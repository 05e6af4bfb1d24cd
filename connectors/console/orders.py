"""The list of orders: what a page's questions are in SQL, by what the filters say, and what bounds them.

Three ways into the tables, each by an index, newest first:
- a number, a SKU or a waybill (``q``): what it names, whatever it is;
- a status: ``order_status`` by shop and phase, by when it came to stand there;
- else ``orders`` by shop, by when they were placed.

Shops are looked into one by one, each from its index (``LATERAL``), so that a shop with few orders costs no look at everybody's. What
no index knows (a warehouse, several of them, a channel, days beside a status) is asked of candidates, so many a page: a page may have
fewer rows than asked for, and another behind it. None takes longer because few fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from connectors.console.permissions import Shops
from connectors.console.shops import each_shop

#: Candidates of a page that has filters which no index knows.
_CANDIDATES = 2_000
#: Orders that a SKU or number may name at the most; the newest of a shop's could be missed beyond it, so it is said.
NAMED_MAX = 50_000


class Filters(NamedTuple):
    """What is looked for; empty or None: whatever."""

    q: str = ""
    channel: str = ""
    shop: str = ""
    status: str = ""
    warehouse: str = ""
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    #: Sent from several warehouses.
    split: bool = False


class Page(NamedTuple):
    """Rows, newest first, and by what the next page begins; None: that is all."""

    rows: Sequence[asyncpg.Record]
    behind: tuple[datetime, str] | None


_SHOPS = each_shop("orders")

#: $1 shops, $2 and $3 the mark, $4 how many of each shop, $5 q, $6 status.
_BY_PLACED = """
SELECT c.order_id, c.at, s.shop AS part FROM unnest($1::text[]) AS s(shop) CROSS JOIN LATERAL (
    SELECT o.order_id, o.placed_at AS at FROM orders o
    WHERE o.shop = s.shop AND o.placed_at <= $2 AND (o.placed_at, o.order_id) < ($2, $3)
        AND o.placed_at >= $9 AND o.placed_at < $10 AND $5 = '' AND $6 = ''
    ORDER BY o.placed_at DESC, o.order_id DESC LIMIT $4
) c
"""
_BY_STATUS = """
SELECT c.order_id, c.at, s.shop AS part FROM unnest($1::text[]) AS s(shop) CROSS JOIN LATERAL (
    SELECT t.order_id, t.changed_at AS at FROM order_status t
    WHERE t.shop = s.shop AND t.phase = $6 AND t.changed_at <= $2 AND (t.changed_at, t.order_id) < ($2, $3) AND $5 = ''
    ORDER BY t.changed_at DESC, t.order_id DESC LIMIT $4
) c
"""
_BY_NAME = f"""
SELECT o.order_id, o.placed_at AS at, '' AS part FROM (
    SELECT order_id FROM orders WHERE order_id = $5
    UNION SELECT order_id FROM orders WHERE order_no = $5
    UNION (SELECT order_id FROM order_lines WHERE sku = $5 LIMIT {NAMED_MAX})
    UNION SELECT order_id FROM shipments WHERE tracking_no = $5
    UNION SELECT order_id FROM writebacks WHERE tracking_no = $5
) named JOIN orders o USING (order_id)
WHERE o.shop = ANY($1) AND (o.placed_at, o.order_id) < ($2, $3)
    AND ($6 = '' OR EXISTS (SELECT FROM order_status t WHERE t.order_id = o.order_id AND t.phase = $6))
ORDER BY o.placed_at DESC, o.order_id DESC LIMIT $4
"""
#: $7 channel, $8 warehouse, $9 and $10 days, $11 rows, $12 several warehouses. ``edge`` is where the candidates end, those of the shop
#: that ends first: of what is older some may be missing.
_PAGE = """
WITH candidates AS MATERIALIZED ({candidates}),
edge AS (
    SELECT at, order_id FROM (
        SELECT DISTINCT ON (part) at, order_id, count(*) OVER (PARTITION BY part) AS found FROM candidates ORDER BY part, at, order_id
    ) oldest WHERE found >= $4 ORDER BY at DESC, order_id DESC LIMIT 1
),
fitting AS (
    SELECT c.at, o.order_id, o.channel, o.shop, o.order_no, t.phase AS status, t.reason, t.changed_at, o.platform_status, o.currency,
        o.total_minor, o.placed_at, o.paid_at, o.ship_by, o.country, o.province, o.city
    FROM candidates c JOIN orders o ON o.order_id = c.order_id LEFT JOIN order_status t ON t.order_id = c.order_id
    WHERE ($7 = '' OR o.channel = $7) AND o.placed_at >= $9 AND o.placed_at < $10
        AND ($8 = '' OR EXISTS (
            SELECT FROM allocation_parts p WHERE p.order_id = o.order_id AND p.warehouse = $8
                AND p.attempt = (SELECT max(a.attempt) FROM allocations a WHERE a.order_id = o.order_id)))
        AND (NOT $12 OR 1 < (
            SELECT count(DISTINCT p.warehouse) FROM allocation_parts p WHERE p.order_id = o.order_id
                AND p.attempt = (SELECT max(a.attempt) FROM allocations a WHERE a.order_id = o.order_id)))
        AND NOT EXISTS (SELECT FROM edge WHERE (c.at, c.order_id) < (edge.at, edge.order_id))
    ORDER BY c.at DESC, c.order_id DESC LIMIT $11
)
SELECT f.*, ARRAY(
    SELECT DISTINCT p.warehouse FROM allocation_parts p WHERE p.order_id = f.order_id
        AND p.attempt = (SELECT max(a.attempt) FROM allocations a WHERE a.order_id = f.order_id) ORDER BY 1
) AS warehouses, (SELECT at FROM edge) AS edge_at, (SELECT order_id FROM edge) AS edge_id
FROM (SELECT 1) always LEFT JOIN fitting f ON true ORDER BY f.at DESC NULLS LAST, f.order_id DESC
"""
_WAYS = {way: _PAGE.format(candidates=way) for way in (_BY_PLACED, _BY_STATUS, _BY_NAME)}

_EARLIEST, _LATEST = datetime.fromisoformat("0001-01-01T00:00Z"), datetime.fromisoformat("9999-12-31T00:00Z")
#: Behind every order id.
_LAST = "\U0010ffff"


async def page(
    connection: asyncpg.Connection, shops: Shops, filters: Filters, behind: tuple[datetime, str] | None, limit: int
) -> Page:
    """The orders of these shops that fit, newest first, behind a mark."""
    names = await _names(connection, shops, filters)
    if not names:
        return Page((), None)
    if filters.q:
        way, each = _BY_NAME, _CANDIDATES
    else:
        way = _BY_STATUS if filters.status else _BY_PLACED
        sifts = (
            filters.channel
            or filters.warehouse
            or filters.split
            or (filters.status and (filters.placed_from or filters.placed_to))
        )
        each = max(limit + 1, _CANDIDATES // len(names) if sifts else 0)
    at, order_id = behind or (_LATEST, _LAST)
    found = await connection.fetch(
        *(_WAYS[way], names, at, order_id, each, filters.q, filters.status, filters.channel, filters.warehouse),
        *(filters.placed_from or _EARLIEST, filters.placed_to or _LATEST, limit + 1, filters.split),
    )
    rows = [row for row in found if row["order_id"] is not None]
    if len(rows) > limit:
        last = rows[limit - 1]
        return Page(rows[:limit], (last["at"], last["order_id"]))
    edge = found[0]
    return Page(rows, None if edge["edge_at"] is None else (edge["edge_at"], edge["edge_id"]))


async def _names(connection: asyncpg.Connection, shops: Shops, filters: Filters) -> list[str]:
    """Of the shops that are looked into."""
    if filters.shop:
        return [filters.shop] if filters.shop in shops else []
    return [name for (name,) in await connection.fetch(_SHOPS)] if shops.everywhere else sorted(shops.names)
