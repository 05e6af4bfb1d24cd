"""What every test may ask for: one real broker for the whole run, and names nobody else uses on it."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from deploy.local import broker
from deploy.local import database as local_database

#: What takes minutes, longest first. Begun first, so that nothing long is left alone at the end (files are handed out in this order).
LONG = (
    "connectors/outages",
    "deploy/test_runbooks",
    "chaos",
    "bench",
    "integration/test_demo",
    "engine/test_restore",
    "engine/test_corrupt_state",
    "engine",
    "replay",
    "monitor",
    "connectors/logistics",
    "connectors",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first; otherwise as they stand."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        where = item.path.relative_to(here).as_posix()
        return next((rank for rank, long in enumerate(LONG) if where.startswith(long)), len(LONG))

    items.sort(key=rank)


class Unique(Protocol):
    def __call__(self, name: str = "") -> str: ...


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker that answers: PENSTOCK_BROKERS, or one started when a test first asks for it."""
    with broker(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Postgres that answers: PENSTOCK_DATABASE_URL, or one started when a test first asks for it."""
    # A killed process loses nothing without fsync; only a machine does.
    with local_database(tmp_path_factory.mktemp("postgres"), {"fsync": "off"}) as url:
        yield url


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The URL of an empty database for one test alone."""
    name = f"test_{uuid4().hex}"

    async def run(command: str) -> None:
        connection = await asyncpg.connect(postgres)
        await connection.execute(command)
        await connection.close()

    asyncio.run(run(f"CREATE DATABASE {name}"))
    yield urlunsplit(urlsplit(postgres)._replace(path=f"/{name}"))
    asyncio.run(run(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> Unique:
    """``unique("orders")`` names a topic, group or app after this test, never used before on any broker."""
    test = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:40].strip("-")
    run, count = uuid4().hex[:8], itertools.count()

    def name_it(name: str = "") -> str:
        return "-".join(filter(None, (test, name, f"{run}{next(count)}")))

    return name_it
