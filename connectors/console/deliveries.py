"""What warehouses' systems were told, in the tables: delivery orders that want a person, that are open, or all; and each one's steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from connectors.console import paging
from connectors.console.paging import CAUSE, Page, Way
from connectors.console.permissions import Shops

#: Steps of an order's delivery orders that are shown at the most, the newest of them.
STEPS_MAX = 500

_NAME = "t.order_id || chr(31) || t.delivery_id"
#: Given up, or to be taken back and gone already: a person has to see to it.
DEAD = Way("deliveries", "ship_by", _NAME, "t.phase IN ('DEAD', 'TOO_LATE')")
#: By the state that is asked for: the most urgent first, of all the newest.
_WAYS = {
    "dead": DEAD,
    "open": DEAD._replace(condition="t.phase NOT IN ('SHIPPED', 'CANCELLED', 'ELSEWHERE', 'ABANDONED')"),
    "all": Way("deliveries", "changed_at", _NAME, newest_first=True),
}
_DELIVERY = "SELECT shop FROM deliveries WHERE order_id = $1 AND delivery_id = $2"
_OF_ORDER = "SELECT * FROM deliveries WHERE order_id = $1 ORDER BY changed_at, delivery_id"
_STEPS = f"""
SELECT at, delivery_id, kind, status, request_id, attempt, code, reason, done_by, log_topic, log_partition, log_offset FROM delivery_events
WHERE order_id = $1 ORDER BY logged_at DESC, log_topic DESC, log_offset DESC LIMIT {STEPS_MAX}
"""


class Filters(NamedTuple):
    """Empty: whatever. ``cause``: outcome and code of the last answer, as ``paging.causes`` names it; ``q``: an order's id."""

    state: str = "dead"
    channel: str = ""
    shop: str = ""
    warehouse: str = ""
    phase: str = ""
    cause: str = ""
    q: str = ""


async def page(
    connection: asyncpg.Connection, shops: Shops, filters: Filters, behind: tuple[datetime, str] | None, limit: int
) -> Page:
    """Delivery orders behind a mark."""
    sifts = {
        **{f"c.{name}": getattr(filters, name) for name in ("channel", "warehouse", "phase")},
        CAUSE: filters.cause,
    }
    named = {"order_id": filters.q}
    way = _WAYS[filters.state]
    return await paging.page(connection, way, shops, filters.shop, behind, limit, named=named, sifts=sifts)


async def shop_of(connection: asyncpg.Connection, order_id: str, delivery_id: str) -> str | None:
    """None: there is no such delivery order, or it is not to be seen."""
    return await connection.fetchval(_DELIVERY, order_id, delivery_id)  # type: ignore[no-any-return]


async def of_order(
    connection: asyncpg.Connection, order_id: str
) -> tuple[Sequence[asyncpg.Record], Sequence[asyncpg.Record]]:
    """An order's delivery orders, and their steps, the newest first."""
    return await connection.fetch(_OF_ORDER, order_id), await connection.fetch(_STEPS, order_id)
