"""Persons who are forgotten, in the database: what tells of them is emptied when their order is named, and is not written any more.

A flush that names some waits for those under way, and later ones wait for it: whatever is written was there to be emptied, or knows the
name. A replay into tables that do not know it yet is told of all names first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import asyncpg

from connectors.postgres.batch import Batch
from connectors.postgres.tables import TABLES
from connectors.postgres.telling import ALONE, TELLING, UNSAID, WITH_OTHERS
from schemas.topics import TOPICS
from streams.ops.forgetting import without_person
from streams.ops.sinks import Record, Refused

_NAMED = "SELECT order_id FROM forgotten_persons WHERE order_id = ANY($1::text[])"
_BY_ORDER = frozenset(topic.name for topic in TOPICS.values() if topic.key == "order_id")


class Found(NamedTuple):
    """What the database has of an order's person: whether it was told to forget them, and rows that still tell of them, by table."""

    named: bool
    rows: dict[str, int]


async def without_persons(connection: asyncpg.Connection, batch: Batch) -> tuple[Batch, list[str]]:
    """The batch as it may be written: not even the database's own log gets to see who is forgotten. And the orders whose persons are.

    To be followed by ``empty``, of what stood there before, in the same transaction: it has the lock from here on.
    """
    told = [row[0] for row in batch.rows().get(TABLES["forgotten_persons"], ())]
    await connection.execute(ALONE if told else WITH_OTHERS)
    orders = orders_of([*batch.records, *(each.record for each in batch.refused)])
    known = [order for (order,) in (await connection.fetch(_NAMED, orders) if orders else ())]
    gone = {order.encode() for order in (*told, *known)}
    if not gone:
        return batch, []
    kept = Batch()
    kept.add(_emptied(record) if record.key in gone else record for record in batch.records)
    kept.refused += [
        Refused(_emptied(each.record), UNSAID) if each.record.key in gone else each for each in batch.refused
    ]
    return kept, [*told, *known]


def orders_of(records: Iterable[Record]) -> list[str]:
    """Those that the records are about, each once."""
    keys = {record.key for record in records if record.topic in _BY_ORDER}
    return [order for key in keys if (order := _text(key))]


async def empty(connection: asyncpg.Connection, orders: list[str]) -> None:
    """Empties what tells of their persons. Raises asyncpg's errors."""
    for telling in TELLING.values() if orders else ():
        await connection.execute(telling.emptying(telling.of_orders), orders)


async def found(url: str, order_id: str, *, timeout_s: float = 20.0) -> Found:
    """Looks. Raises asyncpg's and OS errors."""
    connection = await asyncpg.connect(url, timeout=timeout_s, command_timeout=timeout_s)
    try:
        known = await connection.fetch(_NAMED, [order_id])
        rows = {
            table: await connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE {telling.of_orders} AND {telling.still()}", [order_id]
            )
            for table, telling in TELLING.items()
        }
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
