"""What every test may ask for: one real broker for the whole run, and names nobody else uses on it."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from deploy.local import broker
from deploy.local import database as local_database
from tests.lending import Lender, borrow

# Texts are read as they stand in the code, whatever the language of whoever runs the tests.
os.environ["LC_ALL"] = "C.UTF-8"
# And they are as wide as without a screen: xdist tells its workers of one.
os.environ.pop("COLUMNS", None)

#: Where a worker is told the folder in which to ask for the broker.
LENT = "penstock_lent"

#: Files whose tests use the lent broker's topics by the hub's own names, such as ``audit``: one after another, on one worker.
BY_THEIR_NAMES = (
    "bench/",
    "connectors/logistics/test_carriers_cli",
    "connectors/logistics/test_dispatch",
    "connectors/test_clock",
    "connectors/test_driver_cli",
    "ops/test_standing_partitions",
    "replay/test_bad_input",
    "replay/test_replay",
)

#: What takes longest, about longest first. Begun first, so that nothing long is left alone at the end (files are handed out in this order).
LONG = (
    "connectors/outages",
    "deploy/test_runbooks",
    "chaos",
    "bench",
    "integration",
    "personal/test_person_forget",
    *BY_THEIR_NAMES,
    "replay/test_lost_ground",
    "replay/test_rebuild",
    "replay/test_into_postgres",
    "aside",
    "connectors/channels",
    "engine/test_exactly_once",
    "monitor",
    "engine/test_restore",
    "engine/test_corrupt_state",
    "engine",
    "connectors/logistics",
    "connectors/reconcile",
    "simulation/test_histories",
    "replay",
    "deploy/test_local_stack",
    "verify/test_reader",
    "connectors",
)


#: Files that share a hub, or an edge, which the package starts once: brought to one worker, since each would start it again.
TOGETHER = (
    "aside/",
    "connectors/channels/",
    "connectors/reconcile/",
    "integration/",
    "monitor/",
    "replay/test_into_postgres",
    "replay/test_lost_ground",
    "replay/test_rebuild",
)

#: A folder that one worker would still be at when the others are through: from this file on it has a hub of its own.
SECOND_HALF = "integration/test_h"

#: Of those folders the files that start what they use themselves.
ALONE = ("integration/test_rules_decide", "integration/test_rules_released", "integration/test_rules_tried")


class BesideTheirHub(LoadFileScheduling):
    """Hands out files, and those that share a hub, or topics, at once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        where = file.removeprefix("tests/")
        if where.startswith(BY_THEIR_NAMES):
            return "the lent broker's topics"
        if not where.startswith(TOGETHER) or where.startswith(ALONE):
            return file
        folder = where.rpartition("/")[0]
        second = folder == SECOND_HALF.rpartition("/")[0] and where >= SECOND_HALF
        return f"{folder}, second half" if second else folder


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BesideTheirHub:
    """In place of ``--dist loadfile``."""
    return BesideTheirHub(config, log)


class Lending:
    """Of the process that starts the workers: the one broker they all use."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="penstock-lent-"))
        self._lender = Lender(self._folder)

    def pytest_configure_node(self, node: WorkerController) -> None:
        node.workerinput[LENT] = str(self._folder)

    def pytest_unconfigure(self) -> None:
        self._lender.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    if getattr(config.option, "numprocesses", None):
        config.pluginmanager.register(Lending(), "lending")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first; otherwise as they stand."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        where = item.path.relative_to(here).as_posix()
        return next((rank for rank, long in enumerate(LONG) if where.startswith(long)), len(LONG))

    items.sort(key=rank)


# How long an example takes says how busy the machine is.
settings.register_profile("penstock", deadline=None)
settings.load_profile("penstock")


class Unique(Protocol):
    def __call__(self, name: str = "") -> str: ...


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker that answers: PENSTOCK_BROKERS, or one started when a test first asks for it."""
    if lent := getattr(request.config, "workerinput", {}).get(LENT):
        yield borrow(Path(lent))
    else:
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
