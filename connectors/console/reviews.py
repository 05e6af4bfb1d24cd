"""The review queue in the tables: a page of it, how much of what is there, one item. As of what the sink has written."""

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
    """Empty: whatever. ``state``: open, or settled: what was sent again or discarded."""

    channel: str = ""
    shop: str = ""
    reason: str = ""
    state: str = "open"


class Page(NamedTuple):
    """Rows, and by what the next page begins; None: that is all."""

    rows: Sequence[asyncpg.Record]
    behind: tuple[datetime, str] | None


class Counts(NamedTuple):
    """Open items: by reason, in all, and since when the oldest waits."""

    by_code: Sequence[tuple[str, int]]
    total: int
    oldest: datetime | None


#: $1 shops, $2 and $3 the mark, $4 how many of each shop, $5 channel, $6 reason, $7 rows. As in ``orders.py``: behind ``edge`` some of a
#: shop's may be missing.
_PAGE = """
WITH candidates AS MATERIALIZED (
    SELECT c.*, s.shop AS part FROM unnest($1::text[]) AS s(shop) CROSS JOIN LATERAL (
        SELECT r.record, r.{by} AS at FROM review_queue r
        WHERE r.shop = s.shop AND r.{condition} AND r.{by} {from_} $2 AND (r.{by}, r.record) {behind} ($2, $3)
        ORDER BY r.{by} {order}, r.record {order} LIMIT $4
    ) c
),
edge AS (
    SELECT at, record FROM (
        SELECT DISTINCT ON (part) at, record, count(*) OVER (PARTITION BY part) AS found FROM candidates
        ORDER BY part, at {backwards}, record {backwards}
    ) last WHERE found >= $4 ORDER BY at {order}, record {order} LIMIT 1
),
fitting AS (
    SELECT c.at, r.record, r.order_id, r.channel, r.shop, r.order_no, r.codes, r.received_at, r.state, r.state_at, r.state_by,
        r.state_reason
    FROM candidates c JOIN review_queue r ON r.record = c.record
    WHERE ($5 = '' OR r.channel = $5) AND ($6 = '' OR $6 = ANY(r.codes))
        AND NOT EXISTS (SELECT FROM edge WHERE (c.at, c.record) {behind} (edge.at, edge.record))
    ORDER BY c.at {order}, c.record {order} LIMIT $7
)
SELECT f.*, (SELECT at FROM edge) AS edge_at, (SELECT record FROM edge) AS edge_record
FROM (SELECT 1) always LEFT JOIN fitting f ON true ORDER BY f.at {order}, f.record {order}
"""
_OPEN = {
    "condition": "state = 'open'",
    "by": "received_at",
    "from_": ">=",
    "behind": ">",
    "order": "ASC",
    "backwards": "DESC",
}
_SETTLED = {
    "condition": "state <> 'open'",
    "by": "state_at",
    "from_": "<=",
    "behind": "<",
    "order": "DESC",
    "backwards": "ASC",
}
#: Oldest first, and what was settled newest first.
_WAYS = {"open": _OPEN, "settled": _SETTLED}
_BEGIN = {
    "open": (datetime.min.replace(tzinfo=UTC), ""),
    "settled": (datetime.fromisoformat("9999-12-31T00:00Z"), "\U0010ffff"),
}

_COUNTS = """
SELECT code, count(*) AS items, NULL::timestamptz AS oldest FROM review_queue, unnest(codes) AS code
WHERE state = 'open' AND ($1 = '' OR shop = $1) AND ($2 = '' OR channel = $2) GROUP BY code
UNION ALL SELECT NULL, count(*), min(received_at) FROM review_queue
WHERE state = 'open' AND received_at IS NOT NULL AND ($1 = '' OR shop = $1) AND ($2 = '' OR channel = $2)
ORDER BY 2 DESC, 1
"""
_ITEM = "SELECT * FROM review_queue WHERE record = $1 AND received_at IS NOT NULL"
_ORIGINAL = "SELECT event, shop FROM review_originals WHERE record = $1"
_TRAIL = """
SELECT at, entry_id, done_by, action, reason, outcome FROM audit WHERE subject = $1 AND details->>'record' = $2
ORDER BY at, entry_id LIMIT 200
"""


async def page(
    connection: asyncpg.Connection, shops: Shops, filters: Filters, behind: tuple[datetime, str] | None, limit: int
) -> Page:
    """Open items oldest first, or settled ones newest first, behind a mark."""
    way = _WAYS[filters.state]
    names = await _names(connection, shops, filters)
    if not names:
        return Page((), None)
    each = max(limit + 1, _CANDIDATES // len(names) if filters.channel or filters.reason else 0)
    at, record = behind or _BEGIN[filters.state]
    found = await connection.fetch(
        _PAGE.format(**way), names, at, record, each, filters.channel, filters.reason, limit + 1
    )
    rows = [row for row in found if row["record"] is not None]
    if len(rows) > limit:
        return Page(rows[:limit], (rows[limit - 1]["at"], rows[limit - 1]["record"]))
    edge = found[0]
    return Page(rows, None if edge["edge_at"] is None else (edge["edge_at"], edge["edge_record"]))


async def counts(connection: asyncpg.Connection, shop: str, channel: str) -> Counts:
    """Of what the transaction sees; an item counts for each of its reasons, and once in all."""
    by_code, total, oldest = [], 0, None
    for code, items, since in await connection.fetch(_COUNTS, shop, channel):
        if code is None:
            total, oldest = items, since
        else:
            by_code.append((code, items))
    return Counts(by_code, total, oldest)


async def item(connection: asyncpg.Connection, record: str) -> asyncpg.Record | None:
    """One, with its reasons: for the role that may see persons."""
    return await connection.fetchrow(_ITEM, record)


async def original(connection: asyncpg.Connection, record: str) -> bytes | None:
    """The event as it came, for the role that may see persons; None when it was emptied, or never was."""
    row = await connection.fetchrow(_ORIGINAL, record)
    return row["event"] if row is not None else None


async def trail(connection: asyncpg.Connection, order_id: str, record: str) -> Sequence[asyncpg.Record]:
    """What was done to it, oldest first."""
    return await connection.fetch(_TRAIL, order_id, record)  # type: ignore[no-any-return]


async def _names(connection: asyncpg.Connection, shops: Shops, filters: Filters) -> list[str]:
    if filters.shop:
        return [filters.shop] if filters.shop in shops else []
    if not shops.everywhere:
        return sorted(shops.names)
    condition = _WAYS[filters.state]["condition"]
    return [name for (name,) in await connection.fetch(each_shop("review_queue", f"t.{condition}"))]
