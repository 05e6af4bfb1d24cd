"""Somebody alters the tables under a running sink: what fits now goes in at once, what can't be right stops it with the reason."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.postgres import PostgresSink
from connectors.postgres.schema import versions
from streams.ops.sinks import Partition, Record, SinkMisfit, Span
from tests.connectors.postgres.records import an_order, message
from tests.connectors.postgres.test_sink import asking, opened, take
from tests.domain.make import AT_MS, line

ORDERS = Partition("orders", 0)


def long_title(offset: int, number: str = "") -> Record:
    return an_order(offset, number=number or str(offset), lines=[line("MUG", 1, "1") | {"title": "a long title"}])


async def flushed(sink: PostgresSink, records: Sequence[Record]) -> list[int]:
    """Takes them; offsets of those refused."""
    span = {ORDERS: Span(records[0].offset, records[-1].offset + 1)}
    return [each.record.offset for each in await take(sink, records, span)]


async def session_of(sink: PostgresSink) -> int:
    assert sink._connection is not None
    return sink._connection.get_server_pid()


def test_a_widened_column_takes_at_once_what_it_refused(hub: str) -> None:
    async def live() -> None:
        async with opened(hub) as sink, asking(hub) as owner:
            assert await flushed(sink, [long_title(0, "known")]) == []
            await owner.execute("ALTER TABLE order_lines ALTER COLUMN title TYPE varchar(3) USING left(title, 3)")
            assert await flushed(sink, [long_title(1), long_title(2, "known")]) == [1, 2]
            await owner.execute("ALTER TABLE order_lines ALTER COLUMN title TYPE text")
            # New and known, so by both ways into the table.
            assert await flushed(sink, [long_title(3), long_title(4, "known")]) == []
            titles = await owner.fetch("SELECT order_id, title FROM order_lines ORDER BY order_id")
            assert [tuple(row) for row in titles] == [("shop:3", "a long title"), ("shop:known", "a long title")]
            # And what was refused meanwhile, by a replay.
            assert await take(sink, [long_title(1)], {}) == []

    asyncio.run(live())


ALTERED = {
    "widened": ("ALTER TABLE order_receivers ALTER COLUMN oaid TYPE varchar(40)", "known"),
    "another type that takes the same": ("ALTER TABLE order_lines ALTER COLUMN quantity TYPE bigint", "known"),
    "of the same length, and other bytes": ("ALTER TABLE order_lines ALTER COLUMN quantity TYPE real", "known"),
    "a column more": ("ALTER TABLE orders ADD COLUMN remark text", "known"),
    "dropped and made anew": (
        "ALTER TABLE order_lines RENAME TO old_lines; CREATE TABLE order_lines (LIKE old_lines INCLUDING ALL)",
        "known",
    ),
    "keys of another type": ("ALTER TABLE order_receivers ALTER COLUMN order_id TYPE varchar(200)", "known"),
    "positions of another type": ("ALTER TABLE sink_positions ALTER COLUMN position TYPE numeric", "new"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_change_that_the_rows_fit_costs_no_record_and_nobody_has_to_restart(hub: str, what: str) -> None:
    change, number = ALTERED[what]

    async def live() -> None:
        async with opened(hub) as sink, asking(hub) as owner:
            for offset in range(3):
                # Often enough for plans to be kept.
                assert await flushed(sink, [an_order(3 * offset + n, number=f"known{n}") for n in range(3)]) == []
            await owner.execute(change)
            after = [an_order(9, number="known1" if number == "known" else "9"), long_title(10)]
            assert await flushed(sink, after) == []
            assert await owner.fetchval("SELECT max(log_offset) FROM order_lines") == 10
            assert await owner.fetchval("SELECT min(quantity)::int FROM order_lines") == 1
            assert await sink.positions([ORDERS]) == {ORDERS: 11}

    asyncio.run(live())


STOPS = {
    "a type that takes no number": (
        "ALTER TABLE order_status ALTER COLUMN order_version TYPE text",
        r"order_status\.order_version is of type text, which takes no int: give it back the type",
    ),
    "a column without a default": (
        "DELETE FROM order_status; ALTER TABLE order_status ADD COLUMN owner text NOT NULL",
        r"order_status\.owner takes no null and is not one of the sink's columns: give it a default",
    ),
    "a column less": ("ALTER TABLE order_status DROP COLUMN reason CASCADE", r"reason.* does not exist"),
    "a table less": ("ALTER TABLE order_status RENAME TO old_status", r"order_status.* does not exist"),
    "migrated by a newer program": (
        "UPDATE alembic_version SET version_num = '9999'",
        rf"at version 9999, which is newer than this program's {versions()[-1]}",
    ),
}


@pytest.mark.parametrize("what", STOPS)
def test_a_change_that_no_record_fits_stops_the_sink_and_refuses_none(hub: str, what: str) -> None:
    change, why = STOPS[what]
    statuses = Partition("order.status", 0)

    def status(offset: int) -> Record:
        fields: dict[str, Any] = {
            "order_id": f"shop:{offset}",
            "channel": "shopify",
            "shop": "tea",
            "status": "RESERVING",
        }
        return message(
            "order.status",
            offset,
            "OrderStatusChanged",
            fields | {"reason": "", "order_version": 1, "at_ms": AT_MS, "trouble": "", "cause": "", "refused": False},
        )

    async def live() -> None:
        async with opened(hub) as sink, asking(hub) as owner:
            assert await take(sink, [status(0)], {statuses: Span(0, 1)}) == []
            await owner.execute(change)
            with pytest.raises(SinkMisfit, match=why):
                await take(sink, [status(1), status(2)], {statuses: Span(1, 3)})
            assert await owner.fetchval("SELECT count(*) FROM refused_rows") == 0
            assert await owner.fetchval("SELECT position FROM sink_positions") == 1

    asyncio.run(live())


def test_records_at_fault_cost_a_new_session_only_when_the_database_refuses_them(hub: str) -> None:
    async def live() -> None:
        async with opened(hub) as sink, asking(hub) as owner:
            await flushed(sink, [an_order(0)])
            first = await session_of(sink)
            assert await flushed(sink, [an_order(1, shop="\0"), an_order(2)]) == [1]
            assert await session_of(sink) == first
            await owner.execute("ALTER TABLE orders ADD CHECK (currency <> 'XXX')")
            assert await flushed(sink, [an_order(3, currency="XXX"), an_order(4)]) == [3]
            assert await session_of(sink) != first

    asyncio.run(live())
