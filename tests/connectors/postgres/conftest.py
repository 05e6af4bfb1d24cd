"""A database with the hub's tables, one for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from connectors.postgres.schema import migrate


async def run(url: str, command: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(command)
    finally:
        await connection.close()


async def rows(url: str, query: str) -> list[asyncpg.Record]:
    """What a query answers, on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query)  # type: ignore[no-any-return]
    finally:
        await connection.close()


def named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def migrated(postgres: str) -> Iterator[str]:
    """The name of a database that every test's own is a copy of: migrating takes longer than copying."""
    name = f"template_{uuid4().hex}"
    asyncio.run(run(postgres, f"CREATE DATABASE {name}"))
    asyncio.run(migrate(named(postgres, name)))
    yield name
    asyncio.run(run(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def untouched(postgres: str, migrated: str) -> str:
    """The URL of the database that the others are copies of: for tests that only look."""
    return named(postgres, migrated)


@pytest.fixture
def hub(postgres: str, migrated: str) -> Iterator[str]:
    """The URL of a database of this program's version, its tables empty."""
    name = f"test_{uuid4().hex}"
    asyncio.run(run(postgres, f"CREATE DATABASE {name} TEMPLATE {migrated}"))
    yield named(postgres, name)
    asyncio.run(run(postgres, f"DROP DATABASE {name} WITH (FORCE)"))
