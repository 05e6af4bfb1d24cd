"""The figures of a week, read from the tables that the sink keeps. Each KPI is defined here, once.

What is measured when: a record counts on the day that its record was written to the log, as the monitor's metrics have it; a review by
when its event came in, a parcel by when it left its warehouse.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from connectors.postgres.reading import reading
from connectors.report.figures import Dimension, Exceptions, Figures, Measured, Open, outages
from connectors.report.weeks import Week

#: How long each question may take.
TIMEOUT_S = 60
#: An outage that began earlier than this before the week is not looked for.
_OUTAGES_SINCE = timedelta(days=28)
_OPEN_MAX = 10

#: KPI -> its records as (channel, shop, part, weight), of a week from $1 to $2: the KPI is what the parts come to of the weights.
_KPIS = {
    # Accepted versions of orders that came in within 5 s of their change on the platform.
    "sync timeliness": """
        SELECT channel, shop, (extract(epoch FROM at) * 1000 - order_version <= 5000)::int AS part, 1 AS weight
        FROM order_events WHERE kind = 'Order' AND logged_at >= $1 AND logged_at < $2""",
    # Of parcels whose writeback ended, those that the platform took; one that was dead and redriven ended twice.
    "writeback success": """
        SELECT channel, coalesce(shop, '') AS shop, (status = 'WRITTEN')::int AS part, 1 AS weight
        FROM writeback_events
        WHERE kind = 'WritebackChanged' AND status IN ('WRITTEN', 'DEAD') AND logged_at >= $1 AND logged_at < $2""",
    # From a connector's receipt of an order to its first decision in the log.
    "mean processing": """
        SELECT a.channel, a.shop, greatest(0, extract(epoch FROM e.logged_at - a.received_at)) AS part, 1 AS weight
        FROM order_events e JOIN allocations a
          ON a.order_id = e.order_id AND a.log_partition = e.log_partition AND a.log_offset = e.log_offset
        WHERE e.log_topic = 'allocations' AND e.kind IN ('OrderAllocated', 'OrderBackordered') AND a.attempt = 1
          AND e.logged_at >= $1 AND e.logged_at < $2""",
    # Of pieces that were allocated, those that another warehouse sends than the first choice, which lacked them.
    "cross-warehouse": """
        SELECT channel, shop, CASE WHEN warehouse = first_choice THEN 0 ELSE quantity END AS part, quantity AS weight
        FROM sent_pieces WHERE first_choice IS NOT NULL AND decided_at >= $1 AND decided_at < $2""",
    # Of orders that left in the week, those of which the buyer has said by now that the way was at fault.
    "logistics after-sales": """
        SELECT o.channel, o.shop, (EXISTS (
            SELECT FROM aftersales a WHERE a.order_id = o.order_id
              AND a.reason_class IN ('NOT_RECEIVED', 'LATE', 'LOST', 'DAMAGED', 'WRONG_PARCEL')))::int AS part, 1 AS weight
        FROM orders o
        WHERE o.order_id IN (SELECT order_id FROM shipments WHERE shipped_at >= $1 AND shipped_at < $2)""",
}
#: A view has its owner's rights, who sees every shop: its definition is read in its place, with the rights of who asks.
_PIECES = "SELECT pg_get_viewdef('sent_pieces'::regclass)"
_BY = """
WITH sent_pieces AS ({pieces})
SELECT CASE GROUPING(channel, shop) WHEN 3 THEN 'all' WHEN 1 THEN 'channel' ELSE 'shop' END AS dimension,
       coalesce(channel, shop, '') AS value, sum(part)::float8 AS total, sum(weight)::bigint AS of
FROM ({records}) AS records
WHERE $3::text[] = '{{}}' OR shop = ANY($3)
GROUP BY GROUPING SETS ((), (channel), (shop))
HAVING count(*) > 0
"""
_ORDERS = """
SELECT width_bucket(first_at, $4::timestamptz[]) AS day, count(*) AS count FROM (
    SELECT order_id, min(logged_at) AS first_at FROM order_events
    WHERE kind = 'Order' AND logged_at >= $1 AND logged_at < $2 AND ($3::text[] = '{}' OR shop = ANY($3))
    GROUP BY order_id) AS firsts
GROUP BY 1
"""
_EXCEPTIONS = """
SELECT width_bucket(at, $4::timestamptz[]) AS day, kind, code, channel, shop, count(*) AS count FROM (
    SELECT received_at AS at, 'review' AS kind, coalesce(codes[1], '') AS code, coalesce(channel, '') AS channel,
           coalesce(shop, '') AS shop
    FROM review_queue WHERE received_at >= $1 AND received_at < $2
    UNION ALL
    SELECT died_at, 'writeback', CASE code WHEN '' THEN outcome ELSE code END, channel, shop
    FROM dead_writebacks WHERE died_at >= $1 AND died_at < $2
    UNION ALL
    SELECT decided_at, 'no stock', '', channel, shop
    FROM allocations WHERE decision = 'BACKORDERED' AND attempt = 1 AND decided_at >= $1 AND decided_at < $2
    UNION ALL
    SELECT min(logged_at), 'held', '', channel, coalesce(shop, '') FROM order_events
    WHERE kind = 'OrderStatusChanged' AND status = 'HELD' AND logged_at >= $1 AND logged_at < $2
    GROUP BY order_id, channel, shop
    UNION ALL
    SELECT refused_at, 'refused row', coalesce(sqlstate, ''), '', ''
    FROM refused_rows WHERE refused_at >= $1 AND refused_at < $2
) AS exceptions
WHERE $3::text[] = '{}' OR shop = ANY($3)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
_HEALTH = """
SELECT interface, checked_at, healthy, error FROM health_checks
WHERE changed AND checked_at >= $1 AND checked_at < $2 ORDER BY checked_at, interface
"""
#: What stands open now, whenever it began.
_OPEN = """
SELECT order_id, shop, kind, reason, since FROM (
    SELECT order_id, shop, 'writeback' AS kind, reason, changed_at AS since FROM writebacks WHERE phase = 'DEAD'
    UNION ALL
    SELECT order_id, shop, CASE phase WHEN 'HELD' THEN 'held' ELSE 'no stock' END, reason, changed_at
    FROM order_status WHERE phase IN ('HELD', 'BACKORDERED')
    UNION ALL
    SELECT order_id, coalesce(shop, ''), 'review', coalesce(codes[1], ''), received_at
    FROM review_queue WHERE state = 'open' AND order_id IS NOT NULL
) AS open
WHERE $1::text[] = '{}' OR shop = ANY($1)
ORDER BY since, order_id LIMIT $2
"""
_WRITTEN = "SELECT max(moved_at) FROM sink_positions"


async def asked(url: str, weeks: Sequence[Week], shops: Sequence[str], zone: tzinfo | None) -> list[Figures]:
    """Each week's figures, all of one moment.

    Args:
        shops: only what they may see; all when empty.

    Raises NotKept, asyncpg's and OS errors.
    """
    async with reading(url, TIMEOUT_S) as connection:
        return await asked_on(connection, weeks, shops, zone)


async def asked_on(connection: Any, weeks: Sequence[Week], shops: Sequence[str], zone: tzinfo | None) -> list[Figures]:
    """The same of what a transaction sees."""
    return [await _of(connection, week, list(shops), zone) for week in weeks]


async def _of(connection: Any, week: Week, shops: list[str], zone: tzinfo | None) -> Figures:
    midnights = week.midnights(zone)
    begins, ends = midnights[0], midnights[-1]
    kpis: dict[tuple[str, Dimension, str], Measured] = {}
    pieces = (await connection.fetchval(_PIECES)).rstrip().removesuffix(";")
    for name, records in _KPIS.items():
        question = _BY.format(records=records, pieces=pieces)
        for row in await connection.fetch(question, begins, ends, shops, timeout=TIMEOUT_S):
            kpis[name, row["dimension"], row["value"]] = Measured(row["total"], row["of"])
    orders = await connection.fetch(_ORDERS, begins, ends, shops, midnights, timeout=TIMEOUT_S)
    found = await connection.fetch(_EXCEPTIONS, begins, ends, shops, midnights, timeout=TIMEOUT_S)
    health = await connection.fetch(_HEALTH, begins - _OUTAGES_SINCE, ends, timeout=TIMEOUT_S)
    still_open = await connection.fetch(_OPEN, shops, _OPEN_MAX, timeout=TIMEOUT_S)
    written: datetime | None = await connection.fetchval(_WRITTEN)
    return Figures(
        week,
        kpis,
        {week.days[day - 1]: count for day, count in orders},
        [Exceptions(week.days[day - 1], *rest) for day, *rest in found],
        outages([tuple(row) for row in health], begins, ends),
        [Open(*row) for row in still_open],
        written,
    )
