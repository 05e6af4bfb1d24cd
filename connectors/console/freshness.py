"""How old what the tables show is."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import asyncpg

_MOVED = "SELECT max(moved_at) FROM sink_positions WHERE hub = $1"


class Freshness(NamedTuple):
    """``as_of``: when the sink last wrote, null before it ever has."""

    as_of: datetime | None


async def freshness(connection: asyncpg.Connection, hub: str) -> Freshness:
    """Of one hub's tables."""
    return Freshness(await connection.fetchval(_MOVED, hub))
