"""Replays into a real Postgres: twice is once, a database that goes away is waited for, one of another version is refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest

from connectors.postgres.schema import migrate
from deploy.local import LocalPostgres
from tests.replay.conftest import Done, Here, begun, until
from tests.replay.trade import Trade

INTO = ("--from-beginning", "--into", "postgres", "--yes")
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


class Replay(Protocol):
    """Replays a topic into the database at a URL."""

    def __call__(self, url: str, topic: str, *args: str) -> Done: ...


@pytest.fixture
def replay(trade: Trade, here: Here) -> Replay:
    def run(url: str, topic: str, *args: str) -> Done:
        return here(replace(trade.settings, database_url=url), "replay", topic, *INTO, *args)

    return run


@pytest.fixture
def migrated(database: str) -> str:
    asyncio.run(migrate(database))
    return database


def test_twice_is_once(trade: Trade, replay: Replay, migrated: str) -> None:
    for topic in ("orders", "allocations"):
        done = replay(migrated, topic)
        assert done.code == 0, done.stderr
    once = content(migrated)
    assert len(once["orders"]) == len({m.key() for m in trade.cluster.read("orders")}) > 100
    assert once["order_lines"]
    assert once["allocations"]
    for topic in ("allocations", "orders"):
        assert replay(migrated, topic).code == 0
    assert content(migrated) == once
    # Where the live sink goes on is none of a replay's business.
    assert asked(migrated, "SELECT * FROM sink_positions") == []


def test_only_one_channel(trade: Trade, replay: Replay, migrated: str) -> None:
    assert replay(migrated, "orders", "--only", "channel=jd").code == 0
    assert {row["channel"] for row in asked(migrated, "SELECT channel FROM orders")} == {"jd"}


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (None, "run penstock db migrate"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer than this program's"),
    ],
)
def test_a_database_of_another_version_is_refused(
    replay: Replay, database: str, prepare: str | None, says: str
) -> None:
    if prepare:
        asyncio.run(migrate(database))
        asked(database, prepare)
    done = replay(database, "orders")
    assert (done.code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr


@pytest.mark.parametrize(
    ("url", "topic", "says"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", "orders", "cannot be reached"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "inventory.commands", "no tables for inventory.commands"),
        ("mysql://nobody:secret@127.0.0.1:1/none", "orders", "PENSTOCK_DATABASE_URL"),
    ],
)
def test_one_clear_line(replay: Replay, url: str, topic: str, says: str) -> None:
    done = replay(url, topic)
    assert (done.code, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert says in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.long
def test_a_database_that_goes_away_is_waited_for(trade: Trade, tmp_path: Path) -> None:
    with LocalPostgres(tmp_path / "postgres") as postgres:
        asyncio.run(migrate(postgres.url))
        process = begun(replace(trade.settings, database_url=postgres.url), "replay", "orders", *INTO, "--rate", "40")
        try:
            until(lambda: bool(asked(postgres.url, "SELECT 1 FROM orders")), "the first rows are in")
            postgres.kill()
            assert process.stderr
            while "is away" not in (said := process.stderr.readline()):
                assert said, process.wait()
            postgres.start()
            _, err = process.communicate(timeout=180)
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0, err
        assert "postgres is back" in err
        keys = {m.key() for m in trade.cluster.read("orders")}
        assert len(asked(postgres.url, "SELECT 1 FROM orders")) == len(keys)
