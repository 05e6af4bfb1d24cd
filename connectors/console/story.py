"""Everything that the tables tell of one order, as the transaction's role sees it: a question a table, each by its index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

#: Newest of an order's events that are shown; more than any order has that is well.
EVENTS_MAX = 1_000

_ORDER = """
SELECT o.*, t.phase AS status, t.reason, t.changed_at FROM orders o LEFT JOIN order_status t USING (order_id) WHERE o.order_id = $1
"""
#: Each happening once, with the record that tells of it. What a parcel's steps say in words is personal, and not asked for.
_EVENTS = f"""
SELECT * FROM (
    SELECT at, kind, status, reason, about, done_by, log_topic AS topic, log_partition AS partition, log_offset AS "offset"
    FROM order_events WHERE order_id = $1
    UNION ALL SELECT at, kind, status, concat_ws(': ', nullif(code, ''), reason), shipment_id, done_by, log_topic, log_partition, log_offset
    FROM writeback_events WHERE order_id = $1
    UNION ALL SELECT at, kind, status, concat_ws(': ', nullif(code, ''), reason), delivery_id, done_by, log_topic, log_partition, log_offset
    FROM delivery_events WHERE order_id = $1
    UNION ALL SELECT received_at, 'Duplicate', kind, NULL, concat(source_topic, '/', source_partition, '@', source_offset), NULL,
        'orders.duplicates', log_partition, log_offset FROM duplicates WHERE order_id = $1
    UNION ALL SELECT changed_at, 'Reservation', state, NULL, reservation_id, NULL, 'inventory.results', log_partition, log_offset
    FROM reservations WHERE order_id = $1
    UNION ALL SELECT received_at, 'Review', state, array_to_string(codes, ', '), record, state_by, 'orders.review', log_partition,
        log_offset FROM review_queue WHERE order_id = $1 AND received_at IS NOT NULL
    UNION ALL SELECT received_at, 'AfterSale', state, kind, aftersale_id, NULL, 'aftersales', log_partition, log_offset
    FROM aftersales WHERE order_id = $1
    UNION ALL SELECT received_at, 'ReturnReceived', grade, sku, return_id, NULL, 'returns', log_partition, log_offset
    FROM returned_goods WHERE order_id = $1
    UNION ALL SELECT checked_at, 'ChannelCheck', about, reason, check_id, NULL, 'channel.checks', log_partition, log_offset
    FROM channel_checks WHERE order_id = $1
    UNION ALL SELECT occurred_at, 'LogisticsTrace', state, NULL, tracking_no, NULL, 'logistics.traces', log_partition, log_offset
    FROM logistics_traces WHERE order_id = $1
    UNION ALL SELECT at, 'Task', state, nullif(concat_ws(': ', nullif(reason, ''), nullif(role, ''), nullif(because, '')), ''), task_id,
        nullif(answered_by, ''), 'tasks', log_partition, log_offset FROM tasks WHERE order_id = $1
    UNION ALL SELECT at, action, outcome, reason, entry_id, done_by, 'audit', log_partition, log_offset FROM audit WHERE subject = $1
) told ORDER BY at DESC, topic DESC, partition DESC, "offset" DESC LIMIT {EVENTS_MAX + 1}
"""
_LINES = "SELECT * FROM order_lines WHERE order_id = $1 ORDER BY position"
_DECISIONS = """
SELECT a.*, r.reason AS released_because, r.decided_at AS released_at
FROM allocations a LEFT JOIN allocation_releases r USING (order_id, attempt) WHERE a.order_id = $1 ORDER BY a.attempt
"""
_PARTS = "SELECT * FROM allocation_parts WHERE order_id = $1 ORDER BY attempt, reservation_id"
_MISSING = "SELECT attempt, sku, shortfall FROM backorders WHERE order_id = $1 ORDER BY attempt, sku"
_SHIPMENTS = "SELECT * FROM shipments WHERE order_id = $1 ORDER BY shipped_at, shipment_id"
_WRITEBACKS = "SELECT * FROM writebacks WHERE order_id = $1 ORDER BY shipped_at, shipment_id"
_RECEIVER = """
SELECT o.shop, r.name, r.phone, o.country, o.province, o.city, r.district, r.town, r.address, r.postal_code, r.company,
    r.phone_extension, r.oaid, r.forms, r.attributes
FROM order_receivers r JOIN orders o USING (order_id) WHERE r.order_id = $1
"""

_Rows = Sequence[asyncpg.Record]


class Story(NamedTuple):
    """Rows as the tables have them; events newest first, one more than ``EVENTS_MAX`` where there are more."""

    order: asyncpg.Record
    lines: _Rows
    decisions: _Rows
    parts: _Rows
    missing: _Rows
    shipments: _Rows
    writebacks: _Rows
    events: _Rows


async def story(connection: asyncpg.Connection, order_id: str) -> Story | None:
    """None: there is no such order, or it is not to be seen."""
    order = await connection.fetchrow(_ORDER, order_id)
    if order is None:
        return None
    questions = (_LINES, _DECISIONS, _PARTS, _MISSING, _SHIPMENTS, _WRITEBACKS, _EVENTS)
    return Story(order, *[await connection.fetch(question, order_id) for question in questions])


async def shop_of(connection: asyncpg.Connection, order_id: str) -> str | None:
    """None: there is no such order, or it is not to be seen."""
    return await connection.fetchval("SELECT shop FROM orders WHERE order_id = $1", order_id)  # type: ignore[no-any-return]


async def receiver(connection: asyncpg.Connection, order_id: str) -> asyncpg.Record | None:
    """Whom it goes to, unmasked, with the order's shop; for the role that may see it."""
    return await connection.fetchrow(_RECEIVER, order_id)
