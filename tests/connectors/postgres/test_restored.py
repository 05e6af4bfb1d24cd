"""A backup of the database takes its place while the sink runs: told, filled again from the log, and right in the end."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import asyncpg
import pytest
from confluent_kafka import Producer

from connectors.driver.sinks import Options
from connectors.postgres import PostgresSink
from connectors.postgres.tables import TABLES
from deploy.local import LocalKafka
from schemas.topics import SINK_REFUSED
from streams.engine.admin import Admin
from streams.engine.options import Options as EngineOptions
from streams.ops.sinks import Partition
from tests.connectors.driver_rig import driven, until
from tests.connectors.postgres.records import an_order, message
from tests.domain.make import AT_MS

CHECKS = Partition("health.checks", 0)


class Sink(PostgresSink):
    topics = ("orders", "health.checks")


def check(n: int) -> bytes:
    fields = {"interface": "kafka", "kind": "kafka", "healthy": True, "changed": False, "took_ms": n, "error": ""}
    return message("health.checks", n, "HealthCheck", {**fields, "checked_at_ms": AT_MS + n}).value or b""


def test_a_backup_in_the_databases_place_is_told_of_and_filled(
    postgres: str,
    hub: str,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "connectors.driver")
    name = urlsplit(hub).path[1:]

    async def live(brokers: str) -> None:
        admin = Admin(brokers, EngineOptions())
        for topic in (*Sink.topics, SINK_REFUSED):
            admin.create(topic, 1, 1, {})
        producer = Producer({"bootstrap.servers": brokers, "log_level": 0})
        counts = {"orders": 0, "health.checks": 0}

        def send(orders: int, checks: int) -> None:
            for n in range(counts["orders"], counts["orders"] + orders):
                producer.produce("orders", an_order(n, number=str(n % 7)).value)
            for n in range(counts["health.checks"], counts["health.checks"] + checks):
                producer.produce("health.checks", check(n))
            counts["orders"] += orders
            counts["health.checks"] += checks
            assert producer.flush(60) == 0

        async def stored() -> tuple[object, ...]:
            connection = await asyncpg.connect(hub)
            try:
                rows = await connection.fetch("SELECT topic, position FROM sink_positions")
                at = dict(rows)
                return (
                    at,
                    await connection.fetchval("SELECT count(*) FROM health_checks"),
                    await connection.fetchval("SELECT max(log_offset) FROM orders"),
                )
            finally:
                await connection.close()

        async def filled() -> None:
            want = (counts, counts["health.checks"], counts["orders"] - 1)
            async with asyncio.timeout(90):
                while await stored() != want:
                    await asyncio.sleep(0.1)

        kafka = {"bootstrap.servers": brokers, "log_level": 0}
        async with driven(Sink(hub), Options(kafka, "restored", linger_s=0.02, look_s=0.5)) as it:
            send(30, 20)
            await filled()
            owner = await asyncpg.connect(postgres)
            # 1. A copy; then the hub goes on, and the copy takes its place.
            await _swap_for_a_copy(owner, name, lambda: send(20, 20), filled)
            # Nothing new comes in: it must notice by itself.
            await until(lambda: "was set back in orders/0 from offset 50 to 30" in caplog.text, "it is told")
            assert "was set back in health.checks/0 from offset 40 to 20" in caplog.text
            await filled()
            assert it.metric("sink_displaced_offsets_total", direction="back") == 40
            # 2. An empty one of the same version, while records come in.
            connection = await asyncpg.connect(hub)
            await connection.execute(";".join(f"DELETE FROM {t.target}" for t in reversed(TABLES.values())))
            await connection.execute("DELETE FROM sink_positions")
            await connection.close()
            send(5, 5)
            await until(lambda: "was set back in orders/0 from offset 50 to 0" in caplog.text, "it is told")
            await filled()
            assert it.driver.lacking == 0
            await owner.close()

    with LocalKafka(tmp_path_factory.mktemp("kafka")) as broker:
        asyncio.run(live(broker.bootstrap))


async def _swap_for_a_copy(owner: asyncpg.Connection, name: str, go_on: object, filled: object) -> None:
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await owner.execute(cut)
    await asyncio.sleep(0.2)
    await owner.execute(f"CREATE DATABASE {name}_copy TEMPLATE {name}")
    await owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    go_on()  # type: ignore[operator]
    await filled()  # type: ignore[operator]
    await owner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await owner.execute(cut)
    await asyncio.sleep(0.2)
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.execute(f"ALTER DATABASE {name}_copy RENAME TO {name}")
