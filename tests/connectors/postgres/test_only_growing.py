"""A batch whose records all belong to tables that only grow: nothing is staged, so there is no statement to run but the copy."""

from __future__ import annotations

import asyncio

import asyncpg

from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from schemas.codec import CODEC
from streams.ops.sinks import Partition, Record, Span

NOW_MS = 1_767_232_800_000


def test_a_batch_of_health_checks_alone_is_brought_in(database: str) -> None:
    tp = Partition("health.checks", 0)
    check = {"interface": "kafka", "kind": "kafka", "checked_at_ms": NOW_MS, "healthy": True, "changed": False}
    value = CODEC.encode("HealthCheck", {**check, "took_ms": 1, "error": ""})

    async def live() -> object:
        await migrate(database)
        sink = PostgresSink(database)
        await sink.setup()
        await sink.positions([tp])
        assert not await sink.write([Record(*tp, 0, NOW_MS, b"kafka", value)])
        assert not await sink.flush({tp: Span(0, 1)})
        await sink.close()
        connection = await asyncpg.connect(database)
        try:
            return await connection.fetchval("SELECT count(*) FROM health_checks")
        finally:
            await connection.close()

    assert asyncio.run(live()) == 1
