"""Reading the tables that the sink keeps: all of one moment, and only where they are of this program's version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from connectors.postgres.schema import version_of


class NotKept(Exception):
    """The database has not the tables of this version; the message says what to do."""


@asynccontextmanager
async def reading(url: str, timeout_s: float) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose queries all see the same rows, and can change none. Raises NotKept, asyncpg's and OS errors."""
    connection = await asyncpg.connect(url, timeout=timeout_s, command_timeout=timeout_s)
    try:
        version = await version_of(connection)
        if not version.fits:
            raise NotKept(version.advice())
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    finally:
        await connection.close()
