"""Pages of the tables, by key: each shop looked into by itself, from an index on shop and time, however many there are.

What no index knows is asked of candidates, so many a page: a page may have fewer rows than asked for, and another behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import asyncpg

from connectors.console.permissions import Shops
from connectors.console.shops import each_shop

#: Candidates of a page that has filters which no index knows.
CANDIDATES = 2_000


class Way(NamedTuple):
    """A list: rows of a table that fulfil a condition, by a time and then by what names a row, both of ``t``."""

    table: str
    at: str
    name: str
    condition: str = "true"
    newest_first: bool = False


class Page(NamedTuple):
    """Rows, and by what the next page begins; None: that is all."""

    rows: Sequence[asyncpg.Record]
    behind: tuple[datetime, str] | None


#: $1 shops, $2 and $3 the mark, $4 how many of each shop, $5 rows. Behind ``edge`` some of a shop's rows may be missing.
_PAGE = """
WITH candidates AS MATERIALIZED (
    SELECT c.*, s.shop AS part FROM unnest($1::text[]) AS s(shop) CROSS JOIN LATERAL (
        SELECT t.{at} AS mark, {name} AS mark_name, t.* FROM {table} t
        WHERE t.shop = s.shop AND {condition} AND t.{at} {from_} $2 AND (t.{at}, {name}) {behind} ($2, $3){named}
        ORDER BY t.{at} {order}, {name} {order} LIMIT $4
    ) c
),
edge AS (
    SELECT mark, mark_name FROM (
        SELECT DISTINCT ON (part) mark, mark_name, count(*) OVER (PARTITION BY part) AS found FROM candidates
        ORDER BY part, mark {backwards}, mark_name {backwards}
    ) last WHERE found >= $4 ORDER BY mark {order}, mark_name {order} LIMIT 1
),
fitting AS (
    SELECT * FROM candidates c WHERE NOT EXISTS (
        SELECT FROM edge WHERE (c.mark, c.mark_name) {behind} (edge.mark, edge.mark_name)
    ){sifts}
    ORDER BY c.mark {order}, c.mark_name {order} LIMIT $5
)
SELECT f.*, (SELECT mark FROM edge) AS edge_mark, (SELECT mark_name FROM edge) AS edge_name
FROM (SELECT 1) always LEFT JOIN fitting f ON true ORDER BY f.mark {order}, f.mark_name {order}
"""
_CAUSES = """
SELECT concat(t.outcome, '/', t.code) AS cause, t.outcome, t.code, count(*) AS items, min(t.{at}) AS first_at FROM {table} t
WHERE {condition} AND ($1 = '' OR t.shop = $1) AND ($2 = '' OR t.channel = $2) GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1
"""
#: By which rows of a cause are asked for, as ``causes`` names it.
CAUSE = "concat(c.outcome, '/', c.code)"
_FIRST, _LAST = (datetime.min.replace(tzinfo=UTC), ""), (datetime.fromisoformat("9999-12-31T00:00Z"), "\U0010ffff")


async def page(
    connection: asyncpg.Connection,
    way: Way,
    shops: Shops,
    shop: str,
    behind: tuple[datetime, str] | None,
    limit: int,
    *,
    named: Mapping[str, str] | None = None,
    sifts: Mapping[str, str] | None = None,
) -> Page:
    """A page of the rows of these shops, or of the one named, behind a mark.

    ``named``: columns that an index finds rows by, and their values; ``sifts``: expressions of ``c`` that are asked of candidates. An
    empty value is whatever.
    """
    if shop:
        names = [shop] if shop in shops else []
    elif shops.everywhere:
        names = [name for (name,) in await connection.fetch(each_shop(way.table, way.condition))]
    else:
        names = sorted(shops.names)
    if not names:
        return Page((), None)
    by_index = {column: value for column, value in (named or {}).items() if value}
    sifted = {expression: value for expression, value in (sifts or {}).items() if value}
    each = max(limit + 1, CANDIDATES // len(names) if sifted else 0)
    at, name = behind or (_LAST if way.newest_first else _FIRST)
    values = (*by_index.values(), *sifted.values())
    found = await connection.fetch(_sql(way, [*by_index], [*sifted]), names, at, name, each, limit + 1, *values)
    rows = [row for row in found if row["mark"] is not None]
    if len(rows) > limit:
        return Page(rows[:limit], (rows[limit - 1]["mark"], rows[limit - 1]["mark_name"]))
    edge = found[0]
    return Page(rows, None if edge["edge_mark"] is None else (edge["edge_mark"], edge["edge_name"]))


async def causes(connection: asyncpg.Connection, way: Way, shop: str, channel: str) -> Sequence[asyncpg.Record]:
    """How many rows of a list there are by the last answer: its outcome and its code, with the first of their times."""
    return await connection.fetch(_CAUSES.format(**way._asdict()), shop, channel)  # type: ignore[no-any-return]


def _sql(way: Way, named: Sequence[str], sifts: Sequence[str]) -> str:
    directions = ("<=", "<", "DESC", "ASC") if way.newest_first else (">=", ">", "ASC", "DESC")
    by_index = "".join(f" AND t.{column} = ${6 + n}" for n, column in enumerate(named))
    sifted = "".join(f" AND {expression} = ${6 + len(named) + n}" for n, expression in enumerate(sifts))
    turned = dict(zip(("from_", "behind", "order", "backwards"), directions, strict=True))
    parts = {"table": way.table, "at": way.at, "name": way.name, "condition": way.condition}
    return _PAGE.format(**parts, **turned, named=by_index, sifts=sifted)
