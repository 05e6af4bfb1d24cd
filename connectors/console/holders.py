"""Everybody who may use the console, as who manages access sees them: with what each was granted, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from connectors.console.permissions import ROLES, Grant, Kind, Permission
from connectors.console.shops import each_shop

_USERS = """
SELECT u.name, u.made_at, u.made_by, (SELECT max(s.seen_at) FROM console_sessions s WHERE s.name = u.name) AS seen_at
FROM console_users u ORDER BY u.name
"""
_GRANTS = "SELECT name, role, kind, place, made_at, made_by FROM console_grants ORDER BY name, role, kind, place"
_DEPARTMENTS = """
SELECT department, array_agg(shop ORDER BY shop) AS shops FROM console_departments GROUP BY department ORDER BY department
"""


class Held(NamedTuple):
    """What was granted, when and by whom."""

    grant: Grant
    made_at: datetime
    made_by: str


class Holder(NamedTuple):
    """A user; ``seen_at``: of a session that has not ended."""

    name: str
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    grants: Sequence[Held]


class Reason(NamedTuple):
    """What a permission comes from: a grant, and the shops that are its place; None: all."""

    grant: Grant
    shops: Sequence[str] | None


async def everybody(connection: asyncpg.Connection) -> tuple[list[Holder], dict[str, list[str]]]:
    """All users, and the shops of each department; of the role that keeps access."""
    grants: dict[str, list[Held]] = {}
    for name, role, kind, place, made_at, made_by in await connection.fetch(_GRANTS):
        grants.setdefault(name, []).append(Held(Grant(role, Kind(kind), place), made_at, made_by))
    users = [Holder(**row, grants=grants.get(row["name"], ())) for row in await connection.fetch(_USERS)]
    return users, {name: list(shops) for name, shops in await connection.fetch(_DEPARTMENTS)}


async def shops(connection: asyncpg.Connection) -> list[str]:
    """Those that orders have come from, of what the transaction sees."""
    return [name for (name,) in await connection.fetch(each_shop("orders"))]


def together(them: Iterable[Reason]) -> list[str] | None:
    """The shops of all of them; None: all there are."""
    found: set[str] = set()
    for each in them:
        if each.shops is None:
            return None
        found.update(each.shops)
    return sorted(found)


def reasons(grants: Iterable[Grant], departments: Mapping[str, Sequence[str]]) -> dict[Permission, list[Reason]]:
    """Of each permission that is held, every grant that it comes from; one whose place has no shop gives none."""
    found: dict[Permission, list[Reason]] = {}
    for grant in grants:
        match grant.kind:
            case Kind.ALL:
                its: Sequence[str] | None = None
            case Kind.DEPARTMENT:
                its = departments.get(grant.place, ())
            case Kind.SHOP:
                its = (grant.place,)
        for permission in Permission:
            if permission in ROLES.get(grant.role, ()) and (its is None or its):
                found.setdefault(permission, []).append(Reason(grant, its))
    return {permission: found[permission] for permission in Permission if permission in found}
