"""What flows ask of persons, in the tables: a page of it, how much of what there is, one task. As of what the sink has written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, cast

import asyncpg

from connectors.console.permissions import Shops
from connectors.console.shops import each_shop
from schemas.records import Task

#: Candidates of a page that has filters which no index knows.
_CANDIDATES = 2_000
#: Behind whatever has a time.
_NEVER = datetime.fromisoformat("9999-12-31T00:00Z")


class Person(NamedTuple):
    """Who looks, and the roles that the settings give them."""

    account: str
    roles: Sequence[str]


class Filters(NamedTuple):
    """Empty: whatever. ``state``: open; mine, of those what waits for an answer that this person may give; or ended."""

    state: str = "open"
    channel: str = ""
    shop: str = ""
    kind: str = ""
    role: str = ""
    reason: str = ""


class Page(NamedTuple):
    """Rows, and by what the next page begins; None: that is all."""

    rows: Sequence[asyncpg.Record]
    behind: tuple[datetime, str] | None


class Counts(NamedTuple):
    """Open tasks: by what is asked, and of whom or why (kind, role, reason, tasks); in all; of these the person's own."""

    causes: Sequence[tuple[str, str, str, int]]
    total: int
    mine: int


#: $9 the person, $10 their roles. As ``streams.aside.tasks.why_not`` judges an approval of one who may answer at all.
_MINE = """
(t.kind = 'HOLD' OR t.role = ANY($10::text[])) AND t.not_by <> $9 AND $9 <> ALL(t.votes) AND t.claimed_by IN ('', $9)
"""
#: $1 shops, $2 and $3 the mark, $4 how many of each shop, $5 channel, $6 kind, $7 role, $8 reason, $11 mine alone, $12 rows. As in
#: ``reviews.py``: behind ``edge`` some of a shop's may be missing.
_PAGE = """
WITH candidates AS MATERIALIZED (
    SELECT c.*, s.shop AS part FROM unnest($1::text[]) AS s(shop) CROSS JOIN LATERAL (
        SELECT t.task_id, {sorts} AS mark FROM tasks t
        WHERE t.shop = s.shop AND t.{condition} AND {sorts} {from_} $2 AND ({sorts}, t.task_id) {behind} ($2, $3)
        ORDER BY {sorts} {order}, t.task_id {order} LIMIT $4
    ) c
),
edge AS (
    SELECT mark, task_id FROM (
        SELECT DISTINCT ON (part) mark, task_id, count(*) OVER (PARTITION BY part) AS found FROM candidates
        ORDER BY part, mark {backwards}, task_id {backwards}
    ) last WHERE found >= $4 ORDER BY mark {order}, task_id {order} LIMIT 1
),
fitting AS (
    SELECT c.mark, t.* FROM candidates c JOIN tasks t ON t.task_id = c.task_id
    WHERE ($5 = '' OR t.channel = $5) AND ($6 = '' OR t.kind = $6) AND ($7 = '' OR t.role = $7) AND ($8 = '' OR t.reason = $8)
        AND (NOT $11 OR ({mine}))
        AND NOT EXISTS (SELECT FROM edge WHERE (c.mark, c.task_id) {behind} (edge.mark, edge.task_id))
    ORDER BY c.mark {order}, c.task_id {order} LIMIT $12
)
SELECT f.*, (SELECT mark FROM edge) AS edge_mark, (SELECT task_id FROM edge) AS edge_task
FROM (SELECT 1) always LEFT JOIN fitting f ON true ORDER BY f.mark {order}, f.task_id {order}
"""
_OPEN = {
    "condition": "state = 'OPEN'",
    "sorts": "coalesce(t.due_at,'9999-12-31T00:00Z')",
    "from_": ">=",
    "behind": ">",
    "order": "ASC",
    "backwards": "DESC",
}
_ENDED = {
    "condition": "state <> 'OPEN'",
    "sorts": "t.at",
    "from_": "<=",
    "behind": "<",
    "order": "DESC",
    "backwards": "ASC",
}
_OPEN_PAGE, _ENDED_PAGE = (_PAGE.format(**way, mine=_MINE) for way in (_OPEN, _ENDED))
#: The most urgent first, and what has ended the newest first.
_BEGIN_OPEN, _BEGIN_ENDED = (datetime.min.replace(tzinfo=UTC), ""), (_NEVER, "\U0010ffff")

_COUNTS = f"""
SELECT t.kind, t.role, t.reason, count(*) AS tasks, count(*) FILTER (WHERE {_MINE.replace("$10", "$4").replace("$9", "$3")}) AS mine
FROM tasks t WHERE t.state = 'OPEN' AND ($1 = '' OR t.shop = $1) AND ($2 = '' OR t.channel = $2)
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
"""
_TASK = "SELECT * FROM tasks WHERE task_id = $1"
_OF_ORDER = "SELECT * FROM tasks WHERE order_id = $1 ORDER BY opened_at, task_id LIMIT 200"
_ORDER = """
SELECT o.order_no, t.phase AS status, t.reason, o.currency, o.total_minor, o.placed_at, o.ship_by, o.country, o.province, o.city
FROM orders o LEFT JOIN order_status t USING (order_id) WHERE o.order_id = $1
"""
_LINES = "SELECT sku, title, quantity FROM order_lines WHERE order_id = $1 ORDER BY position LIMIT 100"
_TRAIL = """
SELECT at, entry_id, done_by, action, reason, outcome FROM audit WHERE subject = $1 AND details->>'task' = $2
ORDER BY at, entry_id LIMIT 200
"""


async def page(
    connection: asyncpg.Connection,
    shops: Shops,
    filters: Filters,
    person: Person,
    behind: tuple[datetime, str] | None,
    limit: int,
) -> Page:
    """Open tasks the most urgent first, or ended ones newest first, behind a mark."""
    is_open = filters.state != "ended"
    names = await _names(connection, shops, filters, _OPEN if is_open else _ENDED)
    if not names:
        return Page((), None)
    mine = filters.state == "mine"
    sifts = filters.channel or filters.kind or filters.role or filters.reason or mine
    each = max(limit + 1, _CANDIDATES // len(names) if sifts else 0)
    mark, task_id = behind or (_BEGIN_OPEN if is_open else _BEGIN_ENDED)
    found = await connection.fetch(
        *(_OPEN_PAGE if is_open else _ENDED_PAGE, names, mark, task_id, each),
        *(filters.channel, filters.kind, filters.role, filters.reason),
        *(person.account, list(person.roles), mine, limit + 1),
    )
    rows = [row for row in found if row["task_id"] is not None]
    if len(rows) > limit:
        return Page(rows[:limit], (rows[limit - 1]["mark"], rows[limit - 1]["task_id"]))
    edge = found[0]
    return Page(rows, None if edge["edge_mark"] is None else (edge["edge_mark"], edge["edge_task"]))


async def counts(connection: asyncpg.Connection, shop: str, channel: str, person: Person) -> Counts:
    """Of what the transaction sees."""
    found = await connection.fetch(_COUNTS, shop, channel, person.account, list(person.roles))
    causes = [(row["kind"], row["role"], row["reason"], row["tasks"]) for row in found]
    return Counts(causes, sum(each[3] for each in causes), sum(row["mine"] for row in found))


async def task(connection: asyncpg.Connection, task_id: str) -> asyncpg.Record | None:
    """None: there is no such task, or it is not to be seen."""
    return await connection.fetchrow(_TASK, task_id)


async def of_order(connection: asyncpg.Connection, order_id: str) -> Sequence[asyncpg.Record]:
    """All that was asked about an order, oldest first."""
    return await connection.fetch(_OF_ORDER, order_id)  # type: ignore[no-any-return]


async def order(
    connection: asyncpg.Connection, order_id: str
) -> tuple[asyncpg.Record | None, Sequence[asyncpg.Record]]:
    """What a person decides about, and its lines; of whom nothing personal. None: it is not there, or not to be seen."""
    return await connection.fetchrow(_ORDER, order_id), await connection.fetch(_LINES, order_id)


async def trail(connection: asyncpg.Connection, order_id: str, task_id: str) -> Sequence[asyncpg.Record]:
    """Who answered it, took it on, or tried to, oldest first."""
    return await connection.fetch(_TRAIL, order_id, task_id)  # type: ignore[no-any-return]


def record(row: asyncpg.Record) -> Task:
    """As the topic has it."""
    times = {f"{name}_ms": row[name] and int(row[name].timestamp() * 1000) for name in ("opened_at", "due_at", "at")}
    named = {name: row[name] for name in Task.__annotations__ if name in row}
    return cast(Task, {**named, **times, "version": row["flow_version"], "by": row["told_by"]})


async def _names(connection: asyncpg.Connection, shops: Shops, filters: Filters, way: dict[str, str]) -> list[str]:
    if filters.shop:
        return [filters.shop] if filters.shop in shops else []
    if not shops.everywhere:
        return sorted(shops.names)
    return [name for (name,) in await connection.fetch(each_shop("tasks", f"t.{way['condition']}"))]
