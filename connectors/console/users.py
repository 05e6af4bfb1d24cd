"""Users and what they are granted, in the database; the caller's transaction has the role for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from connectors.console.permissions import Grant, Kind, Permission, Shops, allowed

_GRANTS = "SELECT role, kind, place FROM console_grants WHERE name = $1 ORDER BY role, kind, place"
_DEPARTMENTS = """
SELECT department, shop FROM console_departments
WHERE department IN (SELECT place FROM console_grants WHERE name = $1 AND kind = 'department')
"""
_PUT = """
INSERT INTO console_users (name, password, made_by) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET password = excluded.password, made_by = excluded.made_by, made_at = now()
RETURNING xmax = 0
"""
_GIVE = """
INSERT INTO console_grants (name, role, kind, place, made_by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
_ALL = """
SELECT u.name, u.made_at, coalesce(array_agg(g.role || ':' || g.kind || ':' || g.place ORDER BY g.role, g.kind, g.place)
    FILTER (WHERE g.name IS NOT NULL), '{}') AS grants
FROM console_users u LEFT JOIN console_grants g USING (name) GROUP BY u.name, u.made_at ORDER BY u.name
"""


class User(NamedTuple):
    """As listed; ``grants`` as ``role:kind:place``."""

    name: str
    made_at: datetime
    grants: list[str]


async def put(connection: asyncpg.Connection, name: str, password_hash: str, by: str) -> bool:
    """Adds a user, or gives one another password and ends their sessions; whether they are new."""
    is_new: bool = await connection.fetchval(_PUT, name, password_hash, by)
    await connection.execute("DELETE FROM console_sessions WHERE name = $1", name)
    return is_new


async def remove(connection: asyncpg.Connection, name: str) -> bool:
    """With grants and sessions; whether there was one."""
    return bool(await connection.fetchval("DELETE FROM console_users WHERE name = $1 RETURNING true", name))


async def give(connection: asyncpg.Connection, name: str, grant: Grant, by: str) -> bool:
    """Whether there is such a user; a grant that they have stays."""
    if not await connection.fetchval("SELECT true FROM console_users WHERE name = $1", name):
        return False
    await connection.execute(_GIVE, name, *grant, by)
    return True


async def take(connection: asyncpg.Connection, name: str, grant: Grant) -> bool:
    """Whether they had it."""
    return bool(
        await connection.fetchval(
            "DELETE FROM console_grants WHERE (name, role, kind, place) = ($1, $2, $3, $4) RETURNING true", name, *grant
        )
    )


async def set_department(connection: asyncpg.Connection, department: str, shops: Sequence[str]) -> None:
    """Its shops, in place of those it had."""
    await connection.execute("DELETE FROM console_departments WHERE department = $1", department)
    await connection.execute(
        "INSERT INTO console_departments (department, shop) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING",
        *(department, list(shops)),
    )


async def everybody(connection: asyncpg.Connection) -> list[User]:
    """All of them."""
    return [User(*row) for row in await connection.fetch(_ALL)]


async def password_of(connection: asyncpg.Connection, name: str) -> str | None:
    """As kept; None: nobody is called so."""
    return await connection.fetchval("SELECT password FROM console_users WHERE name = $1", name)  # type: ignore[no-any-return]


async def may(connection: asyncpg.Connection, name: str) -> dict[Permission, Shops]:
    """What they may do, and where."""
    grants = [Grant(role, Kind(kind), place) for role, kind, place in await connection.fetch(_GRANTS, name)]
    departments: defaultdict[str, set[str]] = defaultdict(set)
    for department, shop in await connection.fetch(_DEPARTMENTS, name):
        departments[department].add(shop)
    return allowed(grants, departments)
