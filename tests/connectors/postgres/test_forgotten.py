"""Who is forgotten is in no table, nor comes back by a replay, news or a flush that was under way; everybody else is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from connectors.postgres import PostgresSink
from connectors.postgres.forgetting import found
from connectors.postgres.schema import migrate
from connectors.postgres.tables import PERSONAL as COLUMNS
from schemas.codec import CODEC
from streams.ops.sinks import Partition, Record, Refused, Span
from tests.connectors.postgres.conftest import rows, run
from tests.connectors.postgres.fold import stored
from tests.domain.make import AT_MS
from tests.personal.filled import PERSON, PERSONAL
from tests.personal.forgetting import GONE, about, naming, rowless, take, told

ALL = [*told(PostgresSink.topics), *rowless()]
OTHER = b"taobao:other"
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def an_order(offset: int, key: bytes, **fields: Any) -> Record:
    return Record("orders", 3, offset, AT_MS, key, CODEC.encode("Order", about("Order", key) | fields))


async def telling(url: str) -> list[tuple[str, str]]:
    """Rows of every table in which a person is found, bytes as they read: table, row."""
    names = [name for (name,) in await rows(url, TABLES)]
    found = [(name, "|".join(map(_text, row))) for name in names for row in await rows(url, f"SELECT * FROM {name}")]
    return [(name, text) for name, text in found if PERSON in text]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


async def everything(url: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        refused = await connection.fetch(
            "SELECT topic, partition, log_offset, key, value FROM refused_rows ORDER BY 1, 2, 3"
        )
        return await stored(connection), [tuple(row) for row in refused]
    finally:
        await connection.close()


async def opened(url: str) -> PostgresSink:
    sink = PostgresSink(url)
    await sink.setup()
    return sink


def test_what_the_tables_tell_is_emptied_and_nothing_of_it_comes_back(hub: str) -> None:
    async def live() -> None:
        sink = await opened(hub)
        await take(sink, [*ALL, an_order(0, OTHER)])
        before = await found(hub, GONE.decode())
        assert not before.named
        # Each table that the sink knows to be personal, so that a new one cannot be left out.
        assert before.rows.keys() == {table for table, _ in COLUMNS} | {"refused_rows"}
        assert {table for table, _ in await telling(hub)} > {"order_receivers", "review_queue", "refused_rows"}
        await take(sink, [naming()])
        assert await found(hub, GONE.decode()) == (True, {})
        (left,) = await telling(hub)
        assert left[0] == "order_receivers" and OTHER.decode() in left[1]
        emptied = await everything(hub)
        # A replay of all there is.
        await take(sink, ALL)
        assert await everything(hub) == emptied
        # What its platform tells later.
        await take(sink, [record._replace(offset=record.offset + 1_000) for record in ALL])
        assert await telling(hub) == [left]
        await sink.close()

    asyncio.run(live())


def test_tables_that_are_filled_anew_are_those_that_were_emptied(hub: str, database: str) -> None:
    async def live() -> None:
        await migrate(database)
        for url, order in ((hub, (ALL, [naming()])), (database, ([naming()], ALL))):
            sink = await opened(url)
            for records in order:
                await take(sink, records)
            await sink.close()
        assert await everything(hub) == await everything(database)

    asyncio.run(live())


def test_one_batch_may_hold_both(hub: str) -> None:
    async def live() -> None:
        sink = await opened(hub)
        await take(sink, [*ALL, naming()])
        assert await telling(hub) == []
        await sink.close()

    asyncio.run(live())


def test_a_flush_that_is_under_way_while_a_person_is_forgotten_is_emptied_too(hub: str) -> None:
    async def live() -> None:
        await run(hub, "ALTER TABLE orders ADD CONSTRAINT known_currency CHECK (currency <> 'XXX')")
        slow, quick = await opened(hub), await opened(hub)
        forgetting: list[asyncio.Task[None]] = []

        async def meanwhile(refused: Sequence[Refused]) -> None:
            # The rows of the slow one are in its transaction, and nobody else sees them.
            forgetting.append(asyncio.create_task(take(quick, [naming()])))
            await asyncio.wait(forgetting, timeout=1)

        slow.set_aside = meanwhile
        await slow.write([an_order(0, GONE), an_order(1, OTHER, currency="XXX")])
        assert len(await slow.flush({Partition("orders", 3): Span(0, 2)})) == 1
        await forgetting[0]
        assert [row for row in await telling(hub) if row[0] != "refused_rows"] == []
        await slow.close()
        await quick.close()

    asyncio.run(live())


def test_what_is_refused_of_one_who_is_forgotten_is_kept_without_them(hub: str) -> None:
    async def live() -> None:
        await run(hub, "ALTER TABLE orders ADD CONSTRAINT known_currency CHECK (currency <> 'XXX')")
        sink = await opened(hub)
        await take(sink, [naming(), an_order(0, GONE, currency="XXX", attributes={"remark": PERSONAL})])
        assert await rows(hub, "SELECT count(*) FROM refused_rows") == [(1,)]
        assert await telling(hub) == []
        await sink.close()

    asyncio.run(live())
