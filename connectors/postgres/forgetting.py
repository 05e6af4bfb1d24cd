"""Persons who are forgotten, in the database: what tells of them is emptied when their order is named, and is not written any more.

A flush that names some waits for those under way, and later ones wait for it: whatever is written was there to be emptied, or knows the
name. A replay into tables that do not know it yet is told of all names first.
"""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

from connectors.postgres.batch import Batch
from connectors.postgres.tables import TABLES
from schemas.topics import TOPICS
from streams.ops.forgetting import without_person
from streams.ops.sinks import Record, Refused

#: Any number that nobody else locks in this database.
_LOCK = 0x666F7267
_WITH_OTHERS, _ALONE = f"SELECT pg_advisory_xact_lock_shared({_LOCK})", f"SELECT pg_advisory_xact_lock({_LOCK})"
_NAMED = "SELECT order_id FROM forgotten_persons WHERE order_id = ANY($1::text[])"
_BY_ORDER = frozenset(topic.name for topic in TOPICS.values() if topic.key == "order_id")
#: What is said of a record that was refused and whose person is forgotten: the error may quote it.
_UNSAID = "its person is forgotten"


class _Telling(NamedTuple):
    """A table that tells of persons: its columns with what is left of each, and which rows are of the orders ``$1``."""

    table: str
    left: dict[str, str]
    of_orders: str = "order_id = ANY($1::text[])"

    def emptying(self) -> str:
        changes = ", ".join(f"{column} = {left}" for column, left in self.left.items())
        return f"UPDATE {self.table} SET {changes} WHERE {self._still()}"

    def counting(self) -> str:
        return f"SELECT count(*) FROM {self.table} WHERE {self._still()}"

    def _still(self) -> str:
        there = " OR ".join(f"{column} IS DISTINCT FROM {left}" for column, left in self.left.items())
        return f"{self.of_orders} AND ({there})"


#: As rows of records without their persons have them; a test holds them against the columns that their comments call personal.
_TELLING = (
    _Telling(
        "order_receivers",
        {
            **dict.fromkeys(("name", "phone", "district", "town", "address", "postal_code"), "''"),
            **dict.fromkeys(("company", "phone_extension"), "''"),
            "oaid": "NULL",
            "attributes": "'{}'::jsonb",
        },
    ),
    _Telling("aftersale_reasons", {"reason": "''"}),
    _Telling("logistics_traces", {"text": "''"}),
    _Telling(
        "review_originals",
        {"event": "''::bytea"},
        "record IN (SELECT record FROM review_queue WHERE order_id = ANY($1::text[]))",
    ),
    _Telling(
        "review_queue",
        {
            "reasons": "(SELECT coalesce(jsonb_agg(each || '{\"value\": \"\"}' ORDER BY place), '[]') "
            "FROM jsonb_array_elements(reasons) WITH ORDINALITY AS all_of_them(each, place))"
        },
    ),
    _Telling(
        "refused_rows",
        {"value": "''::bytea", "error": f"'{_UNSAID}'"},
        "key IN (SELECT convert_to(order_id, 'UTF8') FROM unnest($1::text[]) AS order_id)",
    ),
)


class Found(NamedTuple):
    """What the database has of an order's person: whether it was told to forget them, and rows that still tell of them, by table."""

    named: bool
    rows: dict[str, int]


async def without_persons(connection: asyncpg.Connection, batch: Batch) -> tuple[Batch, list[str]]:
    """The batch as it may be written: not even the database's own log gets to see who is forgotten. And the orders whose persons are.

    To be followed by ``empty``, of what stood there before, in the same transaction: it has the lock from here on.
    """
    told = [row[0] for row in batch.rows().get(TABLES["forgotten_persons"], ())]
    await connection.execute(_ALONE if told else _WITH_OTHERS)
    refused = [each.record for each in batch.refused]
    keys = {record.key for record in (*batch.records, *refused) if record.topic in _BY_ORDER}
    orders = [order for key in keys if (order := _text(key))]
    known = [order for (order,) in (await connection.fetch(_NAMED, orders) if orders else ())]
    gone = {order.encode() for order in (*told, *known)}
    if not gone:
        return batch, []
    kept = Batch()
    kept.add(_emptied(record) if record.key in gone else record for record in batch.records)
    kept.refused += [
        Refused(_emptied(each.record), _UNSAID) if each.record.key in gone else each for each in batch.refused
    ]
    return kept, [*told, *known]


async def empty(connection: asyncpg.Connection, orders: list[str]) -> None:
    """Empties what tells of their persons. Raises asyncpg's errors."""
    for telling in _TELLING if orders else ():
        await connection.execute(telling.emptying(), orders)


async def found(url: str, order_id: str, *, timeout_s: float = 20.0) -> Found:
    """Looks. Raises asyncpg's and OS errors."""
    connection = await asyncpg.connect(url, timeout=timeout_s, command_timeout=timeout_s)
    try:
        known = await connection.fetch(_NAMED, [order_id])
        rows = {each.table: await connection.fetchval(each.counting(), [order_id]) for each in _TELLING}
    finally:
        await connection.close()
    return Found(bool(known), {table: count for table, count in rows.items() if count})


def _emptied(record: Record) -> Record:
    return record._replace(value=without_person(record.value))


def _text(key: bytes | None) -> str:
    """The key as the database takes a text; empty when it is none, and then no order's."""
    try:
        text = (key or b"").decode()
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text
