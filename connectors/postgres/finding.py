"""Orders found in the tables that the sink keeps."""

from __future__ import annotations

from connectors.postgres.reading import reading
from streams.ops.finding import Found, Wanted

_TIMEOUT_S = 20

#: order_id, channel, shop, phase, when it was last told of (ms), reason, and how many there are in all.
_QUERY = """
SELECT s.order_id, s.channel, s.shop, s.phase, (extract(epoch FROM s.changed_at) * 1000)::bigint AS since_ms, s.reason,
       count(*) OVER () AS of_all
FROM order_status s
WHERE ($1 = '' OR s.channel = $1) AND ($2 = '' OR s.shop = $2) AND s.phase = ANY($3::text[])
  AND ($4 = '' OR strpos(substr(s.order_id, strpos(s.order_id, ':') + 1), $4) > 0)
  AND ($5 = '' OR EXISTS (SELECT FROM order_lines l WHERE l.order_id = s.order_id AND l.sku = $5))
  AND ($6 = '' OR s.order_id IN (
        SELECT p.order_id FROM shipments p WHERE p.tracking_no = $6
        UNION SELECT w.order_id FROM writebacks w WHERE w.tracking_no = $6))
  AND ($7::bigint IS NULL OR s.changed_at < to_timestamp($7 / 1000.0))
ORDER BY s.changed_at, s.order_id
LIMIT $8
"""


async def orders(url: str, wanted: Wanted, limit: int) -> tuple[list[Found], int]:
    """The first that fit, what was told of longest ago first, and how many there are. Raises NotKept, asyncpg's and OS errors."""
    async with reading(url, _TIMEOUT_S) as connection:
        rows = await connection.fetch(
            *(_QUERY, wanted.channel, wanted.shop, sorted(wanted.phases), wanted.number, wanted.sku),
            *(wanted.tracking_no, wanted.before_ms, limit),
        )
    return [Found(*tuple(row)[:6]) for row in rows], rows[0]["of_all"] if rows else 0
