"""The console's database: one transaction a request, as the role and in the shops of who is asking.

``reading`` sees what is not personal, ``revealing`` receivers and what is in review, both of these shops alone: the database holds that
(``connectors/postgres/scopes.py``), whatever a query forgets. ``keeping`` is of users and sessions. None of them is the login's own
role, which may be an owner's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from connectors.console.permissions import Shops
from connectors.console.problems import Problem
from connectors.postgres import roles, scopes
from connectors.postgres.faults import Fault, fault_of, reason_of
from connectors.postgres.schema import version_of

_TIMEOUT_S = 10.0
_ROLES = (roles.CONSOLE, roles.REVEAL, roles.ACCESS)
_POLICIES = "SELECT bool_and(row_security_active(name)) FROM unnest($1::text[]) AS name"


class Store:
    """``url``: empty where there is no database. Connects when it is first asked, and again after it was away."""

    def __init__(self, url: str, *, connections: int = 8) -> None:
        self._url = url
        self._connections = connections
        self._pool: asyncpg.Pool | None = None
        #: What kept it from answering when it was last asked; empty when it did. For the log, not for a browser.
        self.trouble = ""

    @asynccontextmanager
    async def reading(self, shops: Shops, *, for_s: float | None = None) -> AsyncIterator[asyncpg.Connection]:
        """Raises Problem.

        Args:
            for_s: how long all of it may take that is to be of one moment; None: each question for itself, and quickly.
        """
        async with self._transaction(roles.CONSOLE, shops, for_s) as connection:
            yield connection

    @asynccontextmanager
    async def revealing(self, shops: Shops) -> AsyncIterator[asyncpg.Connection]:
        """Raises Problem."""
        async with self._transaction(roles.REVEAL, shops) as connection:
            yield connection

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[asyncpg.Connection]:
        """Raises Problem."""
        async with self._transaction(roles.ACCESS, None) as connection:
            yield connection

    async def close(self) -> None:
        """Lets go of it."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    @asynccontextmanager
    async def _transaction(
        self, role: str, shops: Shops | None, for_s: float | None = None
    ) -> AsyncIterator[asyncpg.Connection]:
        try:
            pool = await self._connected()
            async with pool.acquire(timeout=_TIMEOUT_S) as connection:
                isolation = None if for_s is None else "repeatable_read"
                async with connection.transaction(readonly=shops is not None, isolation=isolation):
                    if for_s is not None:
                        await connection.execute(f"SET LOCAL statement_timeout = {int(for_s * 1000)}")
                    await connection.execute(f"SET LOCAL ROLE {role}")
                    if shops is not None:
                        everywhere = "on" if shops.everywhere else "off"
                        names = scopes.SEPARATOR.join(sorted(shops.names))
                        await connection.execute(
                            "SELECT set_config('penstock.shops', $1, true), set_config('penstock.all_shops', $2, true)",
                            *(names, everywhere),
                        )
                    yield connection
        except Problem:
            raise
        except Exception as error:
            if (fault := fault_of(error)) is not None:
                self.trouble = reason_of(error)
            if fault is Fault.UNAVAILABLE:
                raise Problem("database_away") from error
            raise
        self.trouble = ""

    async def _connected(self) -> asyncpg.Pool:
        if not self._url:
            raise Problem("database_away")
        if self._pool is None:
            pool = asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self._connections,
                init=_checked,
                timeout=_TIMEOUT_S,
                command_timeout=_TIMEOUT_S,
                server_settings={
                    "application_name": "penstock console",
                    "statement_timeout": str(int(_TIMEOUT_S * 1000)),
                    "timezone": "UTC",
                    "jit": "off",
                },
            )
            self._pool = await pool
        return self._pool


async def _checked(connection: asyncpg.Connection) -> None:
    """Of a new connection: tables of this version, roles to take on, and policies that hold for them. Raises Problem."""
    if not (await version_of(connection)).fits:
        raise Problem("database_unfit")
    for role in _ROLES:
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL ROLE {role}")
                holds = role == roles.ACCESS or await connection.fetchval(_POLICIES, sorted(scopes.SCOPES))
        except (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError, asyncpg.UndefinedObjectError):
            holds = False
        # Made before there were policies, perhaps: without them a session would see every shop.
        if not holds:
            raise Problem("roles_missing")
