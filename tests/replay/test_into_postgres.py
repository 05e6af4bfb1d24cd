"""Replays into a real Postgres: twice is once, a database that goes away is waited for, one of another version is refused."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from connectors.postgres.schema import migrate
from deploy.local import LocalPostgres
from tests.integration.conftest import penstock, until
from tests.replay.trade import Trade

TABLES = ("orders", "order_lines", "allocations")


def asked(url: str, query: str) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()

    return asyncio.run(ask())


def content(url: str) -> dict[str, list[str]]:
    """Every row of the tables that are filled here, as text."""
    return {t: sorted(str(tuple(row)) for row in asked(url, f"SELECT * FROM {t}")) for t in TABLES}


def environment(trade: Trade, url: str) -> dict[str, str]:
    settings = trade.settings
    return {"PENSTOCK_BROKERS": settings.brokers, "PENSTOCK_DATA": str(settings.data), "PENSTOCK_DATABASE_URL": url}


def replay(trade: Trade, url: str, topic: str, *args: str) -> Any:
    whole = ("replay", topic, "--from-beginning", "--into", "postgres", "--yes", *args)
    return penstock(*whole, **environment(trade, url))


@pytest.fixture
def migrated(database: str) -> str:
    asyncio.run(migrate(database))
    return database


def test_twice_is_once(trade: Trade, migrated: str) -> None:
    for topic in ("orders", "allocations"):
        done = replay(trade, migrated, topic)
        assert done.returncode == 0, done.stderr
    once = content(migrated)
    assert len(once["orders"]) == len({m.key() for m in trade.cluster.read("orders")}) > 100
    assert once["order_lines"]
    assert once["allocations"]
    for topic in ("allocations", "orders"):
        assert replay(trade, migrated, topic).returncode == 0
    assert content(migrated) == once
    # Where the live sink goes on is none of a replay's business.
    assert asked(migrated, "SELECT * FROM sink_positions") == []


def test_only_one_channel(trade: Trade, migrated: str) -> None:
    assert replay(trade, migrated, "orders", "--only", "channel=jd").returncode == 0
    assert {row["channel"] for row in asked(migrated, "SELECT channel FROM orders")} == {"jd"}


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (None, "run penstock db migrate"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer than this program's"),
    ],
)
def test_a_database_of_another_version_is_refused(trade: Trade, database: str, prepare: str | None, says: str) -> None:
    if prepare:
        asyncio.run(migrate(database))
        asked(database, prepare)
    done = replay(trade, database, "orders")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr


@pytest.mark.parametrize(
    ("url", "topic", "says"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", "orders", "cannot be reached"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "inventory.commands", "no tables for inventory.commands"),
        ("mysql://nobody:secret@127.0.0.1:1/none", "orders", "PENSTOCK_DATABASE_URL"),
    ],
)
def test_one_clear_line(trade: Trade, url: str, topic: str, says: str) -> None:
    done = replay(trade, url, topic)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert says in done.stderr
    assert "secret" not in done.stderr


def test_a_database_that_goes_away_is_waited_for(trade: Trade, tmp_path: Path, start: Callable[..., Any]) -> None:
    with LocalPostgres(tmp_path / "postgres") as postgres:
        url = postgres.url
        asyncio.run(migrate(url))
        process = start(
            "replay",
            "orders",
            "--from-beginning",
            "--into",
            "postgres",
            "--yes",
            "--rate",
            "40",
            **environment(trade, url),
        )
        until(lambda: len(asked(url, "SELECT 1 FROM orders")), bool, "the first rows are in", 120)
        postgres.kill()
        said = process.stderr.readline()
        while "away" not in said:
            assert said, process.wait()
            said = process.stderr.readline()
        postgres.start()
        _, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        assert "postgres is back" in err
        keys = {m.key() for m in trade.cluster.read("orders")}
        assert len(asked(url, "SELECT 1 FROM orders")) == len(keys)


@pytest.fixture
def start() -> Any:
    """Starts ``penstock`` in a process of its own, which is ended with the test."""
    processes = []

    def begin(*args: str, **env: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", *args],
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ".", "NO_COLOR": "1", **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()
