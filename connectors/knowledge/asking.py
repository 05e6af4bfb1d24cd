"""Failures, what became of them, and what people say of cases, from the tables that the sink keeps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.knowledge.cases import Said
from connectors.knowledge.failures import Deed, Failure
from connectors.postgres.reading import reading

_TIMEOUT_S = 60
#: Actions in the audit by which people speak of a case; its subject is the case.
ADVISED, RATED = "case.advised", "case.rated"

#: Columns: kind, platform, operation, code, words, shop, subject, at; then action, by, because, at, worked of what was done about it first.
_REVIEWS = """
SELECT 'review', coalesce(q.channel, ''), 'intake', coalesce(q.codes[1], ''),
       coalesce(q.reasons->0->>'field', '') || ': ' || coalesce(q.reasons->0->>'fix', ''),
       coalesce(q.shop, ''), coalesce(q.order_id, q.record), q.received_at,
       CASE q.state WHEN 'open' THEN NULL ELSE q.state END, q.state_by, q.state_reason, q.state_at,
       CASE q.state WHEN 'discarded' THEN true ELSE
           CASE WHEN EXISTS (SELECT FROM order_events e
                             WHERE e.order_id = q.order_id AND e.kind = 'Order' AND e.logged_at >= q.state_at) THEN true
                WHEN EXISTS (SELECT FROM review_queue r WHERE r.order_id = q.order_id AND r.record <> q.record
                             AND (r.log_partition, r.log_offset) > (q.log_partition, q.log_offset)) THEN false END END
FROM review_queue q WHERE q.received_at >= $1 AND ($2::text[] = '{}' OR q.shop = ANY($2))
"""
# What is told of a parcel again while it is dead is no other death.
_WRITEBACKS = """
WITH steps AS (
    SELECT e.*, lag(status) OVER parcel AS before FROM writeback_events e
    WHERE kind = 'WritebackChanged' AND logged_at >= $1
    WINDOW parcel AS (PARTITION BY order_id, shipment_id ORDER BY logged_at, log_partition, log_offset)),
turns AS (
    SELECT s.*, lead(status) OVER parcel AS after, lead(logged_at) OVER parcel AS after_at FROM steps s
    WHERE status IN ('WRITTEN', 'DEAD') AND before IS DISTINCT FROM status
    WINDOW parcel AS (PARTITION BY order_id, shipment_id ORDER BY logged_at, log_partition, log_offset))
SELECT 'writeback', d.channel, 'writeback', concat_ws(' ', r.status, nullif(d.code, '')), coalesce(d.reason, ''),
       coalesce(d.shop, ''), d.order_id, d.logged_at,
       CASE c.status WHEN 'REDRIVE' THEN 'redriven' WHEN 'ABANDON' THEN 'abandoned' END, c.done_by, c.reason, c.logged_at,
       CASE WHEN c.status = 'ABANDON' THEN true WHEN d.after_at >= c.logged_at THEN d.after = 'WRITTEN' END
FROM turns d
LEFT JOIN LATERAL (
    SELECT status FROM writeback_events r
    WHERE r.order_id = d.order_id AND r.shipment_id = d.shipment_id AND r.kind = 'WritebackResult' AND r.logged_at <= d.logged_at
    ORDER BY logged_at DESC, log_offset DESC LIMIT 1) r ON true
LEFT JOIN LATERAL (
    SELECT status, done_by, reason, logged_at FROM writeback_events c
    WHERE c.order_id = d.order_id AND c.shipment_id = d.shipment_id AND c.kind = 'WritebackCommand' AND c.logged_at >= d.logged_at
    ORDER BY logged_at, log_offset LIMIT 1) c ON true
WHERE d.status = 'DEAD' AND ($2::text[] = '{}' OR d.shop = ANY($2))
"""
_HOLDS = """
SELECT 'held', h.channel, 'allocation', coalesce(h.reason, ''), '', coalesce(h.shop, ''), h.order_id, h.logged_at,
       CASE d.status WHEN 'RELEASE' THEN 'released' WHEN 'CANCEL' THEN 'cancelled' END, d.done_by, d.reason, d.logged_at,
       n.status <> 'HELD'
FROM order_events h
LEFT JOIN LATERAL (
    SELECT status, done_by, reason, logged_at FROM order_events d
    WHERE d.order_id = h.order_id AND d.kind = 'OperatorDecision' AND d.status IN ('RELEASE', 'CANCEL') AND d.logged_at >= h.logged_at
    ORDER BY logged_at, log_offset LIMIT 1) d ON true
LEFT JOIN LATERAL (
    SELECT status FROM order_events n
    WHERE n.order_id = h.order_id AND n.kind = 'OrderStatusChanged' AND n.logged_at >= d.logged_at
    ORDER BY logged_at, log_offset LIMIT 1) n ON true
WHERE h.kind = 'OrderStatusChanged' AND h.status = 'HELD' AND h.logged_at >= $1 AND ($2::text[] = '{}' OR h.shop = ANY($2))
"""
_SHORT = """
SELECT 'no stock', channel, 'allocation', coalesce(reason, ''), '', shop, order_id, decided_at,
       NULL::text, NULL::text, NULL::text, NULL::timestamptz, NULL::boolean
FROM allocations WHERE decision = 'BACKORDERED' AND attempt = 1 AND decided_at >= $1 AND ($2::text[] = '{}' OR shop = ANY($2))
"""
_REFUSED = """
SELECT 'refused row', '', topic, coalesce(sqlstate, ''), error, '', topic || '/' || partition || '@' || log_offset, refused_at,
       NULL::text, NULL::text, NULL::text, NULL::timestamptz, NULL::boolean
FROM refused_rows WHERE refused_at >= $1 AND $2::text[] = '{}'
"""
_SAID = "SELECT subject, action, done_by, reason, details FROM audit WHERE action IN ($1, $2) AND outcome = 'done' ORDER BY at, log_offset"


async def asked(url: str, since: datetime, shops: Sequence[str]) -> tuple[list[Failure], dict[str, Said]]:
    """Failures since then, in no order, and what is said of cases.

    Args:
        shops: only what they may see; all when empty.

    Raises NotKept, asyncpg's and OS errors.
    """
    async with reading(url, _TIMEOUT_S) as connection:
        found: list[Failure] = []
        for query in (_REVIEWS, _WRITEBACKS, _HOLDS, _SHORT, _REFUSED):
            found += [_failure(row) for row in await connection.fetch(query, since, list(shops))]
        return found, _said(await connection.fetch(_SAID, ADVISED, RATED))


def _failure(row: Any) -> Failure:
    *about, action, by, because, at, worked = row
    deed = None if action is None else Deed(action, by or "", because or "", at, worked)
    kind, platform, operation, code, words, shop, subject, logged = about
    return Failure(kind, platform, operation, code, words, shop, subject, logged, deed)


def _said(rows: Sequence[Any]) -> dict[str, Said]:
    """The last advice counts, and of each person's marks the last."""
    advice: dict[str, tuple[str, str]] = {}
    marks: dict[str, dict[str, bool]] = {}
    for row in rows:
        case = row["subject"]
        if row["action"] == ADVISED:
            advice[case] = row["reason"], row["done_by"]
        else:
            marks.setdefault(case, {})[row["done_by"]] = json.loads(row["details"]).get("helpful") == "True"
    found = {}
    for case in {*advice, *marks}:
        helpful = list(marks.get(case, {}).values())
        text, by = advice.get(case, ("", ""))
        found[case] = Said(text, by, helpful.count(True), helpful.count(False))
    return found
