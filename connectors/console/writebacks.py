"""Dead writebacks in the tables: parcels whose number no platform has taken, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from connectors.console import paging
from connectors.console.paging import Page, Way
from connectors.console.permissions import Shops


class Filters(NamedTuple):
    """Empty: whatever."""

    channel: str = ""
    shop: str = ""
    outcome: str = ""


#: Two parcels of an order stand side by side: the mark names both by the order and the parcel, in one text.
_DEAD = Way("writebacks", "ship_by", "t.order_id || chr(31) || t.shipment_id", "t.phase = 'DEAD'")
_COUNTS = """
SELECT outcome, count(*) AS parcels, min(ship_by) AS most_urgent FROM writebacks
WHERE phase = 'DEAD' AND ($1 = '' OR shop = $1) AND ($2 = '' OR channel = $2) GROUP BY outcome ORDER BY 2 DESC, 1
"""
_PARCEL = "SELECT shop, phase FROM writebacks WHERE order_id = $1 AND shipment_id = $2"


async def page(
    connection: asyncpg.Connection, shops: Shops, filters: Filters, behind: tuple[datetime, str] | None, limit: int
) -> Page:
    """Dead parcels, the most urgent first, behind a mark."""
    sifts = {"c.channel": filters.channel, "c.outcome": filters.outcome}
    return await paging.page(connection, _DEAD, shops, filters.shop, behind, limit, sifts=sifts)


async def counts(connection: asyncpg.Connection, shop: str, channel: str) -> Sequence[asyncpg.Record]:
    """Dead parcels by what their platform answered last, with the nearest deadline."""
    return await connection.fetch(_COUNTS, shop, channel)  # type: ignore[no-any-return]


async def parcel(connection: asyncpg.Connection, order_id: str, shipment_id: str) -> asyncpg.Record | None:
    """Its shop and phase; None: there is none, or it is not to be seen."""
    return await connection.fetchrow(_PARCEL, order_id, shipment_id)
