"""Who may do what with the tables: a role for each kind of process, to be granted to logins of one's own.

``make`` makes the roles and gives the tables to the one that migrates; after that, and after every migration, ``rights.sql`` says
what each may, and ``scopes.py`` which rows the console's see. Roles are the whole server's, their rights are of one database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
from sqlalchemy import Connection, text

from connectors.postgres import scopes
from connectors.postgres.migrations import run_on
from connectors.postgres.tables import TABLES

MIGRATIONS = "penstock_migrations"
SINK = "penstock_sink"
MONITOR = "penstock_monitor"
CONSOLE = "penstock_console"
REVEAL = "penstock_reveal"
ACCESS = "penstock_access"
PERSONAL = "penstock_personal"

#: What each is for, in the order they are shown.
PURPOSES = {
    MIGRATIONS: "owns the tables: penstock db migrate",
    SINK: "writes the tables: penstock sink postgres",
    MONITOR: "reads version, positions, how long rows are kept and how many were refused: penstock db status, penstock monitor",
    CONSOLE: "reads all but what is personal, of the shops that a transaction names: penstock console",
    REVEAL: "reads receivers and what is in review, of the shops that a transaction names: penstock console",
    ACCESS: "keeps the console's users, what they may do, and their sessions: penstock console",
    PERSONAL: "reads everything",
}
#: Who may use the console, and who does.
ACCESS_RELATIONS = frozenset(f"console_{name}" for name in ("users", "grants", "departments", "sessions", "tries"))
#: All else that the migrations make, but the partitions.
RELATIONS = frozenset(
    {table.target for table in TABLES.values()}
    | {"alembic_version", "sink_positions", "refused_rows", "personal_retention"}
    | {"orders_now", "sent_pieces", "cross_warehouse_days"}
)

_TIMEOUT_S = 20.0
_STANDING = """
SELECT r.rolname, array(SELECT pg_get_userbyid(m.member) FROM pg_auth_members m WHERE m.roleid = r.oid ORDER BY 1) AS members
FROM pg_roles r WHERE r.rolname = ANY($1::text[])
"""
_OWNED = """
SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, $2::text) FROM pg_class c
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND pg_get_userbyid(c.relowner) <> $2
    AND (c.relname = ANY($1::text[]) OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent::regclass::text = ANY($1::text[])))
UNION ALL
SELECT format('ALTER FUNCTION %s OWNER TO %I', p.oid::regprocedure, $2::text) FROM pg_proc p
WHERE p.pronamespace = quote_ident(current_schema())::regnamespace AND p.proname = 'make_month_partitions'
"""


class Role(NamedTuple):
    """A role; ``members`` are the logins and roles that have its rights, None when it was not made."""

    name: str
    purpose: str
    members: Sequence[str] | None


async def standing(url: str) -> list[Role]:
    """Which roles there are, and who has them. Raises asyncpg's and OS errors."""
    connection = await asyncpg.connect(url, timeout=_TIMEOUT_S, command_timeout=_TIMEOUT_S)
    try:
        found = {row["rolname"]: row["members"] for row in await connection.fetch(_STANDING, list(PURPOSES))}
    finally:
        await connection.close()
    return [Role(name, purpose, found.get(name)) for name, purpose in PURPOSES.items()]


async def make(url: str) -> None:
    """Makes the roles that are missing, and puts the rights of all right; does nothing that is done already.

    Needs a login that may make roles and owns the database (or a superuser). Raises asyncpg's and OS errors.
    """
    connection = await asyncpg.connect(url, timeout=_TIMEOUT_S, command_timeout=_TIMEOUT_S)
    try:
        async with connection.transaction():
            there = {row["rolname"] for row in await connection.fetch(_STANDING, list(PURPOSES))}
            for name in PURPOSES.keys() - there:
                await connection.execute(f"CREATE ROLE {name} NOLOGIN")
            schema, database = await connection.fetchrow(
                "SELECT quote_ident(current_schema()), quote_ident(current_database())"
            )
            everyone = ", ".join(PURPOSES)
            # Who owns the tables today hands them over, and can still see to them.
            await connection.execute(
                f"GRANT {MIGRATIONS} TO CURRENT_USER; GRANT USAGE ON SCHEMA {schema} TO {everyone}; "
                f"GRANT CREATE ON SCHEMA {schema} TO {MIGRATIONS}; GRANT TEMPORARY ON DATABASE {database} TO {SINK}"
            )
            for (command,) in await connection.fetch(_OWNED, [*RELATIONS, *ACCESS_RELATIONS], MIGRATIONS):
                await connection.execute(command)
    finally:
        await connection.close()


def act_as_owner(connection: Connection) -> bool:
    """Who migrates as a member of the role does so as the role, for the rest of the transaction: what it makes is the role's.

    Whether so: False where the roles were never made for this database.
    """
    owns = connection.execute(
        text(
            "SELECT rolname FROM pg_roles WHERE rolname = :role AND pg_has_role(oid, 'MEMBER') "
            "AND has_schema_privilege(oid, current_schema(), 'CREATE')"
        ),
        {"role": MIGRATIONS},
    ).scalar()
    if owns:
        connection.execute(text(f"SET LOCAL ROLE {MIGRATIONS}"))
    return bool(owns)


def put_right(connection: Connection) -> None:
    """The rights of every role on every relation that there is, and the rows that they see."""
    for setting, names in (
        ("relations", RELATIONS),
        ("access_relations", ACCESS_RELATIONS),
        ("closed", scopes.CLOSED),
    ):
        value = {"setting": f"penstock.{setting}", "names": ",".join(sorted(names))}
        connection.execute(text("SELECT set_config(:setting, :names, true)"), value)
    run_on(connection, "rights.sql")
    scoped = connection.execute(
        text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names) ORDER BY 1"), {"names": [CONSOLE, REVEAL]}
    )
    for statement in scopes.statements(list(scoped.scalars())):
        connection.exec_driver_sql(statement)
