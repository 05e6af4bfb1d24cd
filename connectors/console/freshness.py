"""How old what the tables show is: when the sink last wrote. How far that is behind Kafka is ``lagging.py``'s to say."""

from __future__ import annotations

from datetime import datetime

import asyncpg

_MOVED = "SELECT max(moved_at) FROM sink_positions WHERE hub = $1"


async def freshness(connection: asyncpg.Connection, hub: str) -> datetime | None:
    """Of one hub's tables; None before its sink has ever written."""
    return await connection.fetchval(_MOVED, hub)  # type: ignore[no-any-return]
