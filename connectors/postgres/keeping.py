"""The tables' rows out of one database, all of one snapshot, and into an empty one.

By COPY as text, whatever versions of Postgres are on both sides: pg_dump refuses a server newer than itself, and what it adds, the tables
themselves, the migrations make. Monthly partitions are made as they were; columns that Postgres computes are left to it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

import asyncpg

from connectors.postgres.reading import reading
from connectors.postgres.schema import migrate, version_of
from streams.ops.sinks import SinkMisfit

_ASK_S = 60.0
#: Of a table that may be large: without an end.
_COPY_S = 24 * 3600.0
#: The connection to a sink's position is one of the tables; how far the migrations are is told apart.
_LEFT_OUT = "alembic_version"
_TABLES = """
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> $1
GROUP BY c.relname ORDER BY c.relname
"""
_PARTITIONS = """
SELECT c.relname AS name, p.relname AS parent, pg_get_expr(c.relpartbound, c.oid) AS bounds
FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relispartition AND c.relkind = 'r' ORDER BY c.relname
"""
#: (table, the one it refers to).
_REFERENCES = """
SELECT conrelid::regclass::text AS name, confrelid::regclass::text AS to
FROM pg_constraint WHERE contype = 'f' AND connamespace = quote_ident(current_schema())::regnamespace AND conrelid <> confrelid
"""

#: Takes a table's rows, piece by piece.
Put = Callable[[bytes], None]


class Rows(NamedTuple):
    """One table's, as they were kept."""

    table: str
    columns: tuple[str, ...]
    rows: int


class Kept(NamedTuple):
    """``partitions``: name -> (the table it is of, its bounds as DDL says them)."""

    version: str
    tables: list[Rows]
    partitions: dict[str, tuple[str, str]]


async def keep(url: str, opened: Callable[[str], AbstractContextManager[Put]]) -> Kept:
    """Reads all of it. ``opened``: table -> what takes its rows.

    Raises NotKept (``reading``), asyncpg's and OS errors.
    """
    async with reading(url, _ASK_S) as connection:
        version = await version_of(connection)
        partitions = {r["name"]: (r["parent"], r["bounds"]) for r in await connection.fetch(_PARTITIONS)}
        found = []
        for table, columns in await connection.fetch(_TABLES, _LEFT_OUT):
            with opened(table) as put:

                async def taken(raw: bytes, put: Put = put) -> None:
                    put(raw)

                query = f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(table)}"
                told = await connection.copy_from_query(query, output=taken, timeout=_COPY_S)
            found.append(Rows(table, tuple(columns), _count(told)))
    return Kept(version.needed, found, partitions)


async def refuse_unless_empty(url: str) -> None:
    """Raises SinkMisfit: there are tables; asyncpg's and OS errors."""
    connection = await asyncpg.connect(url, timeout=_ASK_S, command_timeout=_ASK_S)
    try:
        version = await version_of(connection)
    finally:
        await connection.close()
    if version.found is not None:
        raise SinkMisfit(
            f"the database has a hub's tables already (version {version.found}): a backup is restored into an empty one only; make another "
            "(createdb), and name it in PENSTOCK_DATABASE_URL"
        )


async def bring(
    url: str, version: str, partitions: Mapping[str, tuple[str, str]], tables: Iterable[tuple[Rows, Iterator[bytes]]]
) -> int:
    """Fills an empty database, all or nothing, and brings it to this program's version; returns how many rows.

    Raises SinkMisfit: the tables are newer than this program, or rows are missing; asyncpg's and OS errors.
    """
    await migrate(url, version)
    connection = await asyncpg.connect(url, timeout=_ASK_S, command_timeout=_ASK_S)
    count = 0
    try:
        async with connection.transaction():
            there = {row["name"] for row in await connection.fetch(_PARTITIONS)}
            for name, (parent, bounds) in partitions.items():
                if name not in there:
                    await connection.execute(f"CREATE TABLE {_quoted(name)} PARTITION OF {_quoted(parent)} {bounds}")
            given = {rows.table: (rows, source) for rows, source in tables}
            await connection.execute(f"TRUNCATE {', '.join(map(_quoted, given))}")
            for table in _referred_first(given, await connection.fetch(_REFERENCES)):
                rows, source = given[table]
                told = await connection.copy_to_table(
                    table, source=_each(source), columns=rows.columns, timeout=_COPY_S
                )
                if _count(told) != rows.rows:
                    raise SinkMisfit(f"table {table} has {_count(told):,} rows now, and {rows.rows:,} were kept")
                count += rows.rows
    finally:
        await connection.close()
    await migrate(url)
    return count


def _referred_first(tables: Iterable[str], references: Iterable[Mapping[str, str]]) -> list[str]:
    """Tables, those that others refer to before them."""
    left, to, ordered = list(tables), [(r["name"], r["to"]) for r in references], list[str]()
    while left:
        free = [t for t in left if all(other not in left for name, other in to if name == t)]
        ordered += free
        left = [t for t in left if t not in free]
    return ordered


async def _each(source: Iterator[bytes]) -> AsyncIterator[bytes]:
    for raw in source:
        yield raw


def _count(told: str) -> int:
    """Of ``COPY 42``."""
    return int(told.rpartition(" ")[2])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
