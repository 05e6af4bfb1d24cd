"""A console that answers at a port of its own, over a database with roles, and browsers that sign in to it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import pytest
import uvloop
from argon2 import PasswordHasher

from connectors.console import pages, users
from connectors.console.app import build
from connectors.console.permissions import Grant
from connectors.console.services import services
from connectors.console.serving import serve
from connectors.postgres import roles
from connectors.postgres.schema import migrate
from schemas.records import AuditEntry
from streams.cli.console_deeds import Deeds
from streams.ops.actor import Actor
from streams.ops.ports import bind
from streams.settings import Settings
from tests.connectors.console.rows import fill
from tests.connectors.postgres.conftest import named, run

PASSWORD = "correct horse battery"
#: As cheap as can be: each user of the tests signs in once.
_HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
#: Shops of the tests: each has a row in every table.
OURS, THEIRS = "aaashop", "bbbshop"


class Recorded(Deeds):
    """Without Kafka: keeps what would have been put on record, and does nothing else."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.seen: list[tuple[str, Actor]] = []
        self.noted: list[AuditEntry] = []
        self.away = False

    def note(self, entry: AuditEntry) -> None:
        if self.away:
            super().note(entry)
        self.noted.append(entry)

    def read(self, subject: str, by: Actor, record: str = "") -> None:
        if self.away:
            super().read(subject, by, record)
        self.seen.append((subject, by))


@dataclass
class Answer:
    """``body``: as JSON, else as text."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: list[str]

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass
class Browser:
    """Keeps cookies; sends what a page of the console's own would."""

    port: int
    cookie: str = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"X-Penstock": "1"} | ({"Cookie": self.cookie} if self.cookie else {})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, raw, {name: value for name, value in sent.items() if value})
            return self._read(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Answer:
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def first(self, path: str, event: str = "") -> Answer:
        """Of a stream: the first event, of a kind; what is no stream as it is."""
        with self.stream(path) as (answer, events):
            if answer is not None:
                return answer
            name, data = next(each for each in events if event in ("", each[0]))
            return Answer(200, {"event": name}, data, [])

    @contextmanager
    def stream(self, path: str) -> Iterator[tuple[Answer | None, Iterator[tuple[str, str]]]]:
        """Names and data of events as they come; or an answer that is no stream."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Cookie": self.cookie} if self.cookie else {})
            response = connection.getresponse()
            is_stream = response.headers["Content-Type"].startswith("text/event-stream")
            yield (None, _events(response)) if is_stream else (self._read(response), iter(()))
        finally:
            connection.close()

    def _read(self, response: HTTPResponse) -> Answer:
        cookies = response.headers.get_all("Set-Cookie") or []
        for each in cookies:
            pair = each.partition(";")[0]
            self.cookie = "" if pair.endswith('=""') else pair
        return Answer(response.status, dict(response.headers), response.read().decode(), cookies)


def _events(response: HTTPResponse) -> Iterator[tuple[str, str]]:
    name, data = "", ""
    for raw in response:
        field, _, value = raw.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data = value
        elif not field and name:
            yield name, data
            name, data = "", ""


@dataclass
class Console:
    """A server that runs."""

    port: int
    database: str
    audit: Recorded

    def browser(self) -> Browser:
        return Browser(self.port)

    def user(self, *grants: Grant, name: str = "") -> str:
        """Makes a user; returns their name."""
        name = name or f"user-{uuid4().hex[:8]}"

        async def make() -> None:
            connection = await asyncpg.connect(self.database)
            await users.put(connection, name, _HASHED, "test")
            for grant in grants:
                await users.give(connection, name, grant, "test")
            await connection.close()

        asyncio.run(make())
        return name

    def signed_in(self, *grants: Grant) -> Browser:
        """A browser of a new user."""
        return self.known(self.user(*grants))

    def known(self, name: str) -> Browser:
        """A browser of a user that was made before."""
        browser = self.browser()
        answer = browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
        assert answer.status == 201, answer
        return browser

    def of(self, subject: str) -> list[AuditEntry]:
        """What was put on record about something."""
        return [entry for entry in self.audit.noted if entry["subject"] == subject]

    def sql(self, command: str) -> None:
        asyncio.run(run(self.database, command))


@pytest.fixture(scope="package")
def with_roles(postgres: str) -> Iterator[str]:
    """The name of a database with roles and no rows, that others are copies of."""
    name = f"template_{uuid4().hex}"
    asyncio.run(run(postgres, f"CREATE DATABASE {name}"))
    asyncio.run(migrate(named(postgres, name)))
    asyncio.run(roles.make(named(postgres, name)))
    asyncio.run(migrate(named(postgres, name)))
    yield name
    asyncio.run(run(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def untouched_console(postgres: str) -> Iterator[str]:
    """The URL of a migrated database that no roles were made for."""
    name = f"console_{uuid4().hex}"
    asyncio.run(run(postgres, f"CREATE DATABASE {name}"))
    asyncio.run(migrate(named(postgres, name)))
    yield named(postgres, name)
    asyncio.run(run(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def copy_of(postgres: str, template: str) -> Iterator[str]:
    """The URL of a copy of a database that nobody is connected to."""
    name = f"console_{uuid4().hex}"
    asyncio.run(run(postgres, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield named(postgres, name)
    asyncio.run(run(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="package")
def console_database(postgres: str, with_roles: str) -> Iterator[str]:
    """With the rows of two shops."""
    with copy_of(postgres, with_roles) as url:
        filled(url, OURS, THEIRS)
        yield url


def filled(url: str, *shops: str) -> None:
    """Gives it the rows of shops."""
    asyncio.run(_filled(url, *shops))


async def _filled(url: str, *shops: str) -> None:
    connection = await asyncpg.connect(url)
    for shop in shops:
        await fill(connection, shop)
    await connection.close()


@pytest.fixture(scope="package")
def console(console_database: str) -> Iterator[Console]:
    with serving(console_database) as it:
        yield it


@pytest.fixture
def fresh(postgres: str, with_roles: str) -> Iterator[Console]:
    """A console of one test's own, with the rows of a shop."""
    with copy_of(postgres, with_roles) as url:
        filled(url, OURS)
        with serving(url) as it:
            yield it


class serving:
    """A console over ``url``, with the pages of a folder, in a thread of its own."""

    def __init__(self, url: str, static: Path = pages.FOLDER, deeds: Deeds | None = None) -> None:
        self._url = url
        self._static = static
        self._listening = bind("test", "127.0.0.1", 0)
        self.audit = Recorded(Settings(brokers="", data=Path("/nowhere")))
        self._deeds = deeds or self.audit
        self._loop = uvloop.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Console:
        self._thread.start()
        return Console(self._listening.getsockname()[1], self._url, self.audit)

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        app = build(services(self._url, self._deeds, "penstock"), self._static)
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(serve(app, self._listening, self._stop, proxies="127.0.0.1"))
        self._loop.close()
