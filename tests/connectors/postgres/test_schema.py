"""The tables themselves: commented, as the sink's list says, migrated once however many try, and told about on the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors.postgres.schema import migrate, versions
from connectors.postgres.tables import BIG, TABLES
from tests.connectors.postgres.conftest import rows
from tests.integration.conftest import penstock, penstock_alone

#: Tables and views of the hub; partitions are commented through their parents.
_RELATIONS = """
SELECT c.oid, c.relname, obj_description(c.oid) AS comment FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
"""


def test_every_table_and_column_has_a_comment(hub: str) -> None:
    relations = asyncio.run(rows(hub, _RELATIONS))
    assert len(relations) > 20
    assert [row["relname"] for row in relations if not row["comment"]] == []
    columns = asyncio.run(
        rows(
            hub,
            f"SELECT r.relname, a.attname, col_description(r.oid, a.attnum) AS comment FROM ({_RELATIONS}) r "
            "JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped",
        )
    )
    assert [(row["relname"], row["attname"]) for row in columns if not row["comment"]] == []


def test_the_sinks_list_is_what_the_tables_are(hub: str) -> None:
    found = asyncio.run(
        rows(
            hub,
            "SELECT table_name, column_name, data_type, is_generated FROM information_schema.columns "
            "WHERE table_schema = 'public'",
        )
    )
    types = {
        (row["table_name"], row["column_name"]): row["data_type"] for row in found if row["is_generated"] != "ALWAYS"
    }
    written: dict[str, set[str]] = {}
    for table in TABLES.values():
        written.setdefault(table.target, set()).update(table.columns)
        for column in table.columns:
            if types[table.target, column] in ("integer", "bigint"):
                assert (types[table.target, column] == "bigint") == (column in BIG), (table.name, column)
    assert written == {table: {column for owner, column in types if owner == table} for table in written}
    keys = asyncio.run(
        rows(
            hub,
            "SELECT i.indrelid::regclass::text AS name, array_agg(a.attname::text ORDER BY k.n) AS columns FROM pg_index i "
            "CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, n) "
            "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE i.indisprimary GROUP BY 1",
        )
    )
    primary = {row["name"]: tuple(row["columns"]) for row in keys}
    assert {table.name: table.key for table in TABLES.values()} == {t.name: primary[t.target] for t in TABLES.values()}


def test_what_grows_without_end_is_partitioned_with_a_default_and_months_ahead(hub: str) -> None:
    found = asyncio.run(
        rows(
            hub,
            "SELECT inhparent::regclass::text AS p, inhrelid::regclass::text AS c FROM pg_inherits "
            "WHERE inhparent IN (SELECT partrelid FROM pg_partitioned_table)",
        )
    )
    monthly = {table.target for table in TABLES.values() if table.month}
    assert {row["p"] for row in found} == monthly
    (ahead,) = asyncio.run(rows(hub, "SELECT to_char(now() + interval '2 months', 'YYYY_MM')"))
    for table in monthly:
        assert {f"{table}_default", f"{table}_{ahead[0]}"} <= {row["c"] for row in found}


def test_two_that_migrate_at_once_migrate_once(database: str) -> None:
    async def both() -> list[tuple[str | None, str]]:
        return list(await asyncio.gather(migrate(database), migrate(database)))

    last = versions()[-1]
    assert sorted(asyncio.run(both()), key=str) == sorted([(None, last), (last, last)], key=str)


def test_the_command_line_migrates_and_says_what_is_wrong(database: str) -> None:
    env = {"PENSTOCK_DATABASE_URL": database}
    before = penstock("db", "status", **env)
    assert (before.returncode, before.stderr.count("\n")) == (2, 1)
    assert "run penstock db migrate" in before.stderr
    done = penstock("db", "migrate", **env)
    assert done.returncode == 0 and f"at version {versions()[-1]} now" in done.stdout
    again = penstock("db", "migrate", **env)
    assert again.returncode == 0 and "nothing to do" in again.stdout
    assert '"refused": 0' in penstock("db", "status", "--json", **env).stdout


def test_a_shell_of_the_database_opens_where_the_hub_writes(database: str) -> None:
    env = {"PENSTOCK_DATABASE_URL": database}
    assert penstock("db", "url", **env).stdout == f"{database}\n"
    done = penstock_alone("db", "shell", "--", "--tuples-only", "--command", "SELECT current_database()", **env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == urlsplit(database).path.removeprefix("/")


def test_who_lists_processes_does_not_see_the_databases_password(tmp_path: Path) -> None:
    psql = tmp_path / "psql"
    psql.write_text('#!/bin/sh\necho "$@"\necho "$PGPASSWORD"\n')
    psql.chmod(0o700)
    env = {"PENSTOCK_DATABASE_URL": "postgresql://me:a%20secret@127.0.0.1:1/hub?sslmode=require", "PATH": str(tmp_path)}
    shown, secret = penstock_alone("db", "shell", **env).stdout.splitlines()
    assert (shown, secret) == ("--dbname postgresql://me@127.0.0.1:1/hub?sslmode=require", "a secret")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://hub:secret@127.0.0.1:1/hub", "Connect call failed"),
        ("mysql://hub:secret@127.0.0.1/hub", "scheme is expected to be"),
        ("", "no database: run penstock up"),
    ],
)
@pytest.mark.parametrize("command", ["migrate", "status"])
def test_a_database_that_is_not_there_is_one_line_and_exit_code_2(
    url: str, said: str, command: str, tmp_path: object
) -> None:
    done = penstock("db", command, PENSTOCK_DATABASE_URL=url, PENSTOCK_DATA=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert said in done.stderr and "secret" not in done.stderr
