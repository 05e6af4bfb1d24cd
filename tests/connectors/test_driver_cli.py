"""`penstock sink` as an operator meets it: one clear line for what cannot be done, metrics, a clean end, nothing lost by kill -9."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from connectors.postgres.schema import migrate, versions
from deploy.local.process import free_ports
from streams.ops.cluster import Cluster
from streams.ops.processes import SinkProcess
from streams.settings import Settings
from tests.integration.conftest import penstock, penstock_alone, until


@pytest.fixture(scope="module")
def settings(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(brokers=kafka, data=tmp_path_factory.mktemp("sink"))


def env(settings: Settings, database: str = "") -> dict[str, str]:
    return {
        "PENSTOCK_BROKERS": settings.brokers,
        "PENSTOCK_DATA": str(settings.data),
        "PENSTOCK_DATABASE_URL": database,
    }


def send_checks(cluster: Cluster, interface: str, first: int, count: int) -> None:
    """Records that only a sink reads, told apart by their interface."""
    cluster.publish(
        (
            "health.checks",
            interface,
            "HealthCheck",
            {
                "interface": interface,
                "kind": "test",
                "checked_at_ms": 1_767_232_800_000 + n,
                "healthy": True,
                "changed": False,
                "took_ms": n,
                "error": "",
            },
        )
        for n in range(first, first + count)
    )


async def _ask(url: str, query: str, *arguments: object) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


def stored(url: str, interface: str) -> object:
    return asyncio.run(
        _ask(url, "SELECT array_agg(took_ms ORDER BY took_ms) FROM health_checks WHERE interface = $1", interface)
    )


def refused(args: tuple[str, ...], **variables: str) -> str:
    """The one line with which a command ends; exit code 2."""
    done = penstock_alone(*args, **variables)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    return done.stderr


def test_without_a_database_it_says_how_to_get_one(settings: Settings) -> None:
    assert "run penstock up in another terminal" in refused(("sink", "postgres"), **env(settings))


def test_without_a_broker_nothing_is_begun(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    line = refused(("sink", "files", "--folder", str(folder)), PENSTOCK_BROKERS="127.0.0.1:1")
    assert "No Kafka broker answers at 127.0.0.1:1" in line
    assert not folder.exists()


def test_a_database_without_tables_and_one_of_another_version_are_refused(settings: Settings, database: str) -> None:
    done = penstock_alone("sink", "postgres", **env(settings, database))
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: the database has no tables yet, version {versions()[-1]} is needed: run penstock db migrate"
    ]
    asyncio.run(migrate(database))
    asyncio.run(_ask(database, "UPDATE alembic_version SET version_num = '9999'"))
    done = penstock_alone("sink", "postgres", **env(settings, database))
    assert done.returncode == 2
    assert "the database is at version 9999, which is newer than this program's" in done.stderr
    assert asyncio.run(_ask(database, "SELECT count(*) FROM sink_positions")) == 0


def test_a_killed_sink_goes_on_where_the_database_says(settings: Settings, database: str) -> None:
    asyncio.run(migrate(database))
    cluster = Cluster(settings)
    cluster.create_topics()
    send_checks(cluster, "killed", 0, 500)
    mine = Settings(brokers=settings.brokers, data=settings.data, database_url=database)
    sink = SinkProcess(mine, "postgres", free_ports(1)[0], ("--batch", "20"))
    sink.start()
    try:
        until(lambda: stored(database, "killed"), bool, "it has begun")
        sink.kill()
        send_checks(cluster, "killed", 500, 500)
        sink.start()
        until(lambda: stored(database, "killed"), lambda found: found == list(range(1_000)), "all are in, once")
        until(lambda: sink.metric("sink_lag_records"), lambda lag: lag == 0, "no lag is left")
        assert sink.metric("sink_up") == 1
        assert sink.stop() == 0
    finally:
        sink.stop()


def test_the_sink_empties_what_told_of_persons_for_long_enough_and_says_so(settings: Settings, database: str) -> None:
    asyncio.run(migrate(database))
    Cluster(settings).create_topics()
    asyncio.run(a_trace_of(database, "20 days"))
    mine = replace(settings, database_url=database, table_days="traces=15")
    assert "kept for ever: no sink" in penstock("db", "status", **env(settings, database)).stdout
    sink = SinkProcess(mine, "postgres", free_ports(1)[0])
    sink.start()
    try:
        until(lambda: sink.metric("sink_emptied_rows_total"), lambda rows: rows == 1, "it is counted")
        assert asyncio.run(_ask(database, "SELECT text FROM logistics_traces")) == ""
        assert "1 in logistics_traces" in sink.log.read_text("utf-8")
        kinds = penstock("db", "status", **env(settings, database)).stdout
        assert re.search(r"traces +15 days +1 +20\d\d-", kinds) and re.search(r"receivers +180 days +0", kinds), kinds
        assert sink.stop() == 0
    finally:
        sink.stop()


async def a_trace_of(url: str, ago: str) -> None:
    await _ask(
        url,
        "INSERT INTO logistics_traces SELECT t, 'x', 'jd:1', 's', 'SF', '1', 'ON_THE_WAY', 'signed by Zhang', 'kuaidi100', t, 0, 0 "
        f"FROM (SELECT now() - interval '{ago}') AS given(t) RETURNING 1",
    )


def test_a_stopped_sink_has_left_its_group_and_its_files_whole(settings: Settings, tmp_path: Path) -> None:
    cluster = Cluster(settings)
    cluster.create_topics()
    send_checks(cluster, "stopped", 0, 50)
    folder = tmp_path / "files"
    options = ("--folder", str(folder), "--group", f"files-{time.time_ns()}")
    sink = SinkProcess(settings, "files", free_ports(1)[0], options)

    def checks() -> list[int]:
        files = sorted(folder.glob("health.checks/*/*.jsonl"))
        found = [json.loads(line)["value"] for file in files for line in file.read_text().splitlines()]
        return sorted(value["took_ms"] for value in found if value["interface"] == "stopped")

    sink.start()
    try:
        until(checks, lambda found: found == list(range(50)), "all are in")
        assert sink.stop() == 0
        send_checks(cluster, "stopped", 50, 50)
        # The next one does not have to wait until the group has given the first one up.
        sink.start()
        until(checks, lambda found: found == list(range(100)), "the others are in, once")
        assert sink.stop() == 0
    finally:
        sink.stop()
