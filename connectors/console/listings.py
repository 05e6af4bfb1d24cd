"""What shops show of the stock, in the tables: what was given up, what is not as it should be, or all."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import asyncpg

from connectors.console import paging
from connectors.console.paging import CAUSE, Page, Way
from connectors.console.permissions import Shops

_NAME = "t.sku || chr(31) || t.place"
#: The platform has said no: a person has to see to it.
DEAD = Way("listings", "changed_at", _NAME, "t.phase = 'DEAD'")
#: By the state that is asked for: what has been wrong for longest first, of all the newest.
_WAYS = {
    "dead": DEAD,
    "different": DEAD._replace(condition="(t.phase <> 'SHOWN' OR t.wanted IS DISTINCT FROM t.told OR t.differs <> 0)"),
    "all": Way("listings", "changed_at", _NAME, newest_first=True),
}
_PLACE = "SELECT shop FROM listings WHERE sku = $1 AND place = $2"


class Filters(NamedTuple):
    """Empty: whatever. ``cause``: outcome and code of the last answer, as ``paging.causes`` names it; ``q``: a SKU."""

    state: str = "dead"
    channel: str = ""
    shop: str = ""
    phase: str = ""
    cause: str = ""
    q: str = ""


async def page(
    connection: asyncpg.Connection, shops: Shops, filters: Filters, behind: tuple[datetime, str] | None, limit: int
) -> Page:
    """Entries of shops behind a mark."""
    sifts = {"c.channel": filters.channel, "c.phase": filters.phase, CAUSE: filters.cause}
    named = {"sku": filters.q}
    way = _WAYS[filters.state]
    return await paging.page(connection, way, shops, filters.shop, behind, limit, named=named, sifts=sifts)


async def shop_of(connection: asyncpg.Connection, sku: str, place: str) -> str | None:
    """None: there is no such entry, or it is not to be seen."""
    return await connection.fetchval(_PLACE, sku, place)  # type: ignore[no-any-return]
