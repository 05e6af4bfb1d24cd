"""Rows into their tables within a transaction, and out of them again those of records that are at fault.

Halving: when the database refuses a batch because of some record, its halves are tried, and theirs, down to the records at fault.
Each try stands behind a savepoint, so that what is in stays in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from connectors.postgres import statements
from connectors.postgres.batch import Batch, rows_of_record
from connectors.postgres.faults import Fault, fault_of, reason_of
from connectors.postgres.rows import Row, Unfit, out_of_range, place_of
from connectors.postgres.tables import TABLES, Table
from streams.ops.sinks import Record, Refused, SinkMisfit

_Rows = Mapping[Table, Sequence[Row]]

#: What rows there are values for: a column that was added has none.
_FILLED = frozenset(column for table in TABLES.values() for column in table.columns)

#: A record that the database refused, and its five characters if it has seen it.
Fallen = tuple[Refused, str | None]


class _OtherType(Exception):
    """The table, and the rows that were to be copied."""


async def bring_in(
    connection: asyncpg.Connection,
    records: Sequence[Record],
    rows: Mapping[Table, Sequence[Row]],
    *,
    straight: bool,
    halve: bool,
) -> list[Fallen]:
    """Brings the records' rows in, all but those of records at fault, which it answers. ``straight``: what is new by COPY.

    Raises asyncpg's errors, a record's fault among them unless ``halve``; SinkMisfit when no record can be to blame.
    """
    if not rows:
        return []
    # What is new is copied where it belongs; a replay, and what one has brought in before its time, is upserted.
    if straight and await _attempt(connection, *await _new_and_known(connection, rows)) is None:
        return []
    error = await _attempt(connection, {}, rows)
    if error is None:
        return []
    if not halve:
        raise error
    return await _halve(connection, records, error)


async def _new_and_known(connection: asyncpg.Connection, rows: _Rows) -> tuple[_Rows, _Rows]:
    """Rows whose keys are in no table as yet, as far as can be told, and the others. When it is told wrongly, the copy fails."""
    new: dict[Table, Sequence[Row]] = {}
    known: dict[Table, Sequence[Row]] = {}
    there: dict[str, set[str]] = {}
    for table, its in rows.items():
        if table.append:
            new[table] = its
        elif table.asked is None:
            known[table] = its
        else:
            if table.asked not in there:
                keys = list({row[0] for row in its})
                found = await connection.fetch(statements.there(TABLES[table.asked]), keys)
                there[table.asked] = {key for (key,) in found}
            present = there[table.asked]
            new[table] = [row for row in its if row[0] not in present]
            known[table] = [row for row in its if row[0] in present]
    return new, known


async def _halve(connection: asyncpg.Connection, records: Sequence[Record], error: Exception) -> list[Fallen]:
    """Brings in records of which at least one is at fault, all but those; answers those."""
    if len(records) == 1:
        return [(Refused(records[0], _why(error, records[0])), getattr(error, "sqlstate", None))]
    refused = []
    middle = len(records) // 2
    for half in (records[:middle], records[middle:]):
        batch = Batch()
        batch.add(half)
        rows = batch.rows()
        again = await _attempt(connection, {}, rows, in_parts=True) if rows else None
        if again is not None:
            refused += await _halve(connection, half, again)
    return refused


async def _attempt(
    connection: asyncpg.Connection, new: _Rows, known: _Rows, *, in_parts: bool = False
) -> Exception | None:
    """Brings rows in behind a savepoint; answers the error when it is a record's fault, and then nothing of them is in.

    ``new`` ones are copied into their tables, ``known`` ones upserted by way of temporary tables. ``in_parts``: more
    follow in this transaction, so those are emptied.
    """
    staged = _staged(known)
    if staged:
        # Before the savepoint: what is rolled back behind it must not take them along.
        await connection.execute(";".join(map(statements.make_staging, staged)))
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        # Constraints that would be judged at the commit are judged here, where a record can still be named.
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, its in new.items():
            if its:
                await _copy(connection, table, table.target, its)
        for table in staged:
            if its := known.get(table, ()):
                await _copy(connection, table, statements.staging(table), its)
        if staged:
            await connection.execute(";".join(map(statements.bring_in, staged)))
        if staged and in_parts:
            await connection.execute("TRUNCATE " + ", ".join(map(statements.staging, staged)))
        await savepoint.commit()
    except (asyncpg.PostgresError, OverflowError) as error:
        # OverflowError: a number that asyncpg cannot encode for its column, before the server has seen it.
        if fault_of(error) is not Fault.RECORD:
            raise
        if isinstance(error, asyncpg.NotNullViolationError) and error.column_name not in _FILLED:
            # No record is to blame: none of them has a value for a column that somebody has added.
            raise SinkMisfit(
                f"{error.table_name}.{error.column_name} takes no null and is not one of the sink's columns: "
                "give it a default, or let it be null, and start the sink again"
            ) from error
        await savepoint.rollback()
        return error
    except _OtherType as other:
        await savepoint.rollback()
        raise await _misfit(connection, other) from other
    return None


async def _copy(connection: asyncpg.Connection, table: Table, into: str, rows: Sequence[Row]) -> None:
    """Raises asyncpg's errors, OverflowError; _OtherType when a column takes no value such as the sink has for it."""
    try:
        await connection.copy_records_to_table(into, records=rows, columns=table.columns)
    except (TypeError, ValueError, AttributeError) as error:
        # asyncpg writes each value in the form of its column's type, which it has asked the server for.
        raise _OtherType(table, rows) from error


async def _misfit(connection: asyncpg.Connection, other: _OtherType) -> SinkMisfit:
    """Names the first column whose type takes nothing of what its rows have."""
    table, rows = other.args
    types = dict(await connection.fetch(statements.TYPES, table.target))
    for at, column in enumerate(table.columns):
        value = next((row[at] for row in rows if row[at] is not None), None)
        try:
            await connection.fetchval(f"SELECT $1::{types.get(column, 'text')} IS NULL", value)
        except (asyncpg.DataError, OverflowError):
            return SinkMisfit(
                f"{table.target}.{column} is of type {types[column]}, which takes no {type(value).__name__}: "
                "give it back the type it was made with, and start the sink again"
            )
    return SinkMisfit(f"a column of {table.target} is of a type that the sink does not write: {other.__cause__}")


def _staged(rows: _Rows) -> list[Table]:
    """Tables that take part, parents first: those of the rows, and what belongs to them, of which nothing may be left."""
    there = {table.name for table, its in rows.items() if its}
    return [table for table in TABLES.values() if table.name in there or table.parent in there]


async def forget_refused(connection: asyncpg.Connection, records: Sequence[Record]) -> None:
    """What a replay brings in is refused no more."""
    if records and await connection.fetchval("SELECT EXISTS (SELECT FROM refused_rows)"):
        places = [record[:3] for record in records]
        await connection.execute(statements.FORGET_REFUSED, *map(list, zip(*places, strict=True)))


async def store_refused(connection: asyncpg.Connection, refused: Sequence[Fallen]) -> None:
    """Into ``refused_rows``, with their original bytes."""
    if refused:
        rows = [
            (r.topic, r.partition, r.offset, _logged_at(r), r.key, r.value, error.replace("\0", "\\0"), sqlstate)
            for (r, error), sqlstate in refused
        ]
        await connection.executemany(statements.REFUSE, rows)


def _logged_at(record: Record) -> datetime | None:
    try:
        return place_of(record.topic, record.partition, record.offset, record.timestamp_ms).logged_at
    except Unfit:
        return None


def _why(error: Exception, record: Record) -> str:
    """What the record's rows are refused for: the number that is at fault, or the database's words with what they are about."""
    if isinstance(error, OverflowError) and (number := out_of_range(rows_of_record(record))):
        return number
    names = ("table_name", "column_name", "constraint_name")
    about = [str(getattr(error, name)) for name in names if getattr(error, name, None)]
    where = f" [{' '.join(about)}]" if about else ""
    return f"Postgres refuses its rows: {reason_of(error)}{where}; correct it where it comes from, or the table's rule"
