"""Nobody gets more of the database than his role gives: the tables' own function is no way in, each role can do what it is for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from random import Random
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from connectors.postgres import roles, scopes
from connectors.postgres.schema import migrate, status
from streams.ops.sinks import Partition
from tests.connectors.postgres.conftest import named, rows, run
from tests.connectors.postgres.records import batches, of_history, spans_of
from tests.connectors.postgres.test_sink import SEEDS, opened, take

Login = Callable[[str], str]


def refused(url: str, command: str) -> str:
    with pytest.raises(asyncpg.InsufficientPrivilegeError) as said:
        asyncio.run(run(url, command))
    return str(said.value)


@pytest.fixture
def login(postgres: str, hub: str) -> Iterator[Login]:
    """Makes a login that is a member of a role (none: ""); returns its URL of the test's database."""
    made: list[str] = []

    def make(role: str) -> str:
        name = f"login_{uuid4().hex}"
        asyncio.run(run(postgres, f"CREATE ROLE {name} LOGIN PASSWORD 'own' {f'IN ROLE {role}' if role else ''}"))
        made.append(name)
        parts = urlsplit(hub)
        return urlunsplit(parts._replace(netloc=f"{name}:own@{parts.hostname}:{parts.port}"))

    yield make
    for name in made:
        asyncio.run(run(hub, f"DROP OWNED BY {name}"))
        asyncio.run(run(postgres, f"DROP ROLE {name}"))


#: What the function asks the catalogue for, in the caller's own words: a list with one "table", and a function to be run by who reads it.
_TRAP = """
CREATE FUNCTION pg_temp.spring() RETURNS oid LANGUAGE plpgsql AS $$
BEGIN INSERT INTO sprung VALUES (current_user); RETURN 0; END $$;
CREATE TEMP VIEW pg_partitioned_table AS SELECT pg_temp.spring() AS partrelid, '1'::int2vector AS partattrs;
SELECT make_month_partitions(current_date, current_date);
"""


def test_nobody_becomes_the_owner_by_objects_of_his_own(hub: str, login: Login) -> None:
    asyncio.run(run(hub, "CREATE TABLE sprung (who text); GRANT INSERT ON sprung TO PUBLIC"))
    stranger, writer = login(""), login("")
    assert "make_month_partitions" in refused(stranger, _TRAP)
    # Nor who may call it.
    name = urlsplit(writer).username
    asyncio.run(run(hub, f"GRANT EXECUTE ON FUNCTION make_month_partitions(date, date) TO {name}"))
    asyncio.run(run(writer, _TRAP))
    assert asyncio.run(rows(hub, "SELECT who FROM sprung")) == []


def test_no_function_with_its_owners_rights_trusts_its_caller(untouched: str) -> None:
    found = asyncio.run(
        rows(
            untouched,
            "SELECT proname, prosecdef, proconfig, EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) "
            "WHERE grantee = 0) AS anybody FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        )
    )
    assert [row["proname"] for row in found] == ["make_month_partitions"]
    assert [row["proname"] for row in found if row["anybody"]] == []
    paths = [row["proconfig"] for row in found if row["prosecdef"]]
    assert all(path == ["search_path=pg_catalog, pg_temp"] for path in paths), paths
    everybodys = (
        "SELECT relname FROM pg_class, aclexplode(relacl) WHERE grantee = 0 AND relnamespace = 'public'::regnamespace"
    )
    assert asyncio.run(rows(untouched, everybodys)) == []


def test_a_month_is_made_by_who_writes_the_rows(hub: str, login: Login) -> None:
    """A login that wrote the tables before there were roles still does: its right is kept by the migration."""
    asyncio.run(roles.make(hub))
    asyncio.run(migrate(hub))
    (made,) = asyncio.run(rows(login(roles.SINK), "SELECT make_month_partitions('2031-01-01', '2031-02-01') AS months"))
    assert made["months"] == 2 * len(asyncio.run(rows(hub, "SELECT FROM pg_partitioned_table")))


def test_the_list_of_relations_is_what_the_migrations_make(untouched: str) -> None:
    relations = (
        "SELECT relname FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition"
    )
    assert {
        row["relname"] for row in asyncio.run(rows(untouched, relations))
    } == roles.RELATIONS | roles.ACCESS_RELATIONS


def test_each_role_can_do_what_it_is_for_and_nothing_else(hub: str, login: Login) -> None:
    asyncio.run(roles.make(hub))
    asyncio.run(migrate(hub))
    asyncio.run(roles.make(hub))  # again: nothing to do
    sink, monitor, console, personal = (login(r) for r in (roles.SINK, roles.MONITOR, roles.CONSOLE, roles.PERSONAL))

    records = of_history(SEEDS[0])

    async def a_history() -> None:
        async with opened(sink) as writer:
            positions: dict[Partition, int] = {}
            for batch in batches(records, Random(1)):
                assert await take(writer, batch, spans_of(batch, positions)) == []

    asyncio.run(a_history())
    assert asyncio.run(rows(hub, "SELECT FROM orders")) != []
    for command in ("UPDATE alembic_version SET version_num = '1'", "CREATE TABLE mine (a int)", "DROP TABLE orders"):
        refused(sink, command)

    assert asyncio.run(status(monitor)).version.fits
    for table in ("orders", "order_receivers", "audit"):
        refused(monitor, f"SELECT * FROM {table}")
    refused(monitor, "SELECT value FROM refused_rows")

    asyncio.run(run(console, "SELECT * FROM orders; SELECT * FROM stock; SELECT order_id, forms FROM order_receivers"))
    for question in (
        "SELECT phone FROM order_receivers",
        "SELECT event FROM review_originals",
        "SELECT text FROM logistics_traces",
        "SELECT reason FROM aftersale_reasons",
        "SELECT topic FROM refused_rows",
        # A view has the rights of its owner, who sees every shop.
        "SELECT * FROM orders_now",
        "SELECT password FROM console_users",
        "DELETE FROM orders",
        "SELECT make_month_partitions(current_date, current_date)",
    ):
        refused(console, question)

    asyncio.run(run(personal, "SELECT phone FROM order_receivers; SELECT event FROM review_originals"))
    refused(personal, "DELETE FROM order_receivers")


def test_no_view_or_column_shows_the_console_what_a_comment_calls_personal(hub: str, login: Login) -> None:
    asyncio.run(roles.make(hub))
    asyncio.run(migrate(hub))
    console = login(roles.CONSOLE)
    columns = asyncio.run(
        rows(
            console,
            "SELECT attrelid::regclass::text AS relation, attname AS name, col_description(attrelid, attnum) LIKE 'Personal%' AS personal, "
            "has_column_privilege(attrelid, attnum, 'SELECT') AS open FROM pg_attribute JOIN pg_class c ON c.oid = attrelid "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition "
            "AND attnum > 0 AND NOT attisdropped",
        )
    )
    assert sum(row["personal"] for row in columns) > 15
    closed = scopes.CLOSED | roles.ACCESS_RELATIONS
    shut = {
        (row["relation"], row["name"]): row["personal"] or row["relation"] in closed
        for row in columns
        if (row["relation"], row["name"]) not in scopes.COUNTED
    }
    shut |= dict.fromkeys(scopes.COUNTED, False)
    assert [tuple(row) for row in columns if row["open"] is shut[row["relation"], row["name"]]] == []


def test_who_migrates_by_the_role_needs_no_more_than_it(postgres: str, login: Login) -> None:
    """A database that begins with the roles: its tables, and the partitions made for a sink, are the role's."""
    database = named(postgres, f"roles_{uuid4().hex}")
    name = urlsplit(database).path[1:]
    asyncio.run(run(postgres, f"CREATE DATABASE {name}"))
    try:
        asyncio.run(roles.make(database))
        url = named(login(roles.MIGRATIONS), name)
        asyncio.run(migrate(url))
        asyncio.run(run(named(login(roles.SINK), name), "SELECT make_month_partitions('2031-01-01', '2031-01-01')"))
        owners = asyncio.run(
            rows(
                database,
                "SELECT DISTINCT pg_get_userbyid(relowner) AS o FROM pg_class WHERE relnamespace = 'public'::regnamespace",
            )
        )
        assert [row["o"] for row in owners] == [roles.MIGRATIONS]
        refused(url, "COPY (SELECT 1) TO PROGRAM 'true'")
    finally:
        asyncio.run(run(postgres, f"DROP DATABASE {name} WITH (FORCE)"))
