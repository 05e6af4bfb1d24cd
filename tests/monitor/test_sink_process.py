"""A real sink process and its real Postgres: what its probes and its interface's check say while the database is away."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from connectors.postgres.schema import migrate
from deploy.local import LocalPostgres
from deploy.local.process import free_ports
from streams.ops.cluster import Publisher
from streams.ops.groups import SINK_GROUP, Groups
from streams.ops.lag import LagMeter
from streams.ops.processes import SinkProcess
from streams.settings import Settings
from tests.monitor.conftest import Web
from tests.monitor.test_counting import golden
from tests.monitor.test_health import look
from tests.patience import PATIENCE_S


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    with LocalPostgres(tmp_path_factory.mktemp("postgres"), settings={"fsync": "off"}) as server:
        yield server


def probe(port: int, name: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}/{name}", timeout=30) as answer:
            return answer.status, json.loads(answer.read())["why"]
    except HTTPError as answer:
        with answer:
            return answer.code, json.loads(answer.read())["why"]
    except OSError:
        return 0, "does not listen yet"


def until(fits: Callable[[], bool], what: str, sink: SinkProcess) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not fits():
        assert time.monotonic() < deadline, f"never {what}; the sink's log:\n{sink.log.read_text()[-2000:]}"
        time.sleep(0.2)


@pytest.mark.long
def test_a_sink_is_not_ready_while_its_database_is_away(
    settings: Settings, postgres: LocalPostgres, tmp_path: Path
) -> None:
    asyncio.run(migrate(postgres.url))
    (port,) = free_ports(1)
    sink = SinkProcess(replace(settings, data=tmp_path, database_url=postgres.url), "postgres", port)

    def publish() -> None:
        with Publisher(settings) as publisher:
            publisher.send("orders.duplicates", "jd:1", golden("Duplicate"))

    def lag() -> tuple[int, float]:
        with LagMeter(settings) as meter:
            own = [it for it in meter.measure().sinks if it.reader == "postgres" and it.topic == "orders.duplicates"]
        return sum(it.records for it in own), max((it.seconds for it in own), default=-1)

    sink.start()
    try:
        until(lambda: probe(port, "ready")[0] == 200, "ready", sink)
        publish()
        # Seen from outside too: it has a position, and nothing is left before it.
        until(lambda: lag() == (0, 0), "at the end", sink)
        assert Groups(settings).describe(SINK_GROUP + "postgres")[0].members

        postgres.kill()
        publish()
        until(lambda: probe(port, "ready") == (503, "the store is away"), "not ready", sink)
        assert probe(port, "live")[0] == 200
        records, seconds = lag()
        assert records == 1
        assert seconds > 0

        postgres.start()
        until(lambda: probe(port, "ready")[0] == 200, "ready again", sink)
        until(lambda: lag() == (0, 0), "at the end again", sink)
        assert sink.stop() == 0
    finally:
        sink.stop()
    # What other tests left in the topics is refused, what they cut from them is told ("sink postgres: TOPIC ...");
    # of the database it says two things, and anew why it is away where that has changed.
    said = [json.loads(line)["message"] for line in sink.log.read_text().splitlines() if line.startswith("{")]
    told = [line.split(":")[0].split(" after")[0] for line in said if line.startswith("sink postgres ")]
    assert [line for line in told if line != "sink postgres is still away"] == [
        "sink postgres paused",
        "sink postgres resumed",
    ]


def test_a_database_is_well_when_it_answers_a_question(postgres: LocalPostgres, web: Web) -> None:
    url = postgres.url
    done = look("postgres", url)
    assert (done["healthy"], done["error"]) == (True, "")
    password = url.partition("postgres:")[2].partition("@")[0]
    wrong = look("postgres", url.replace(password, "not-it"))
    assert wrong["error"] == "the database refuses: InvalidPasswordError (28P01)"
    missing = look("postgres", url + "-no-such")
    assert missing["error"] == "the database refuses: InvalidCatalogNameError (3D000)"
    postgres.kill()
    assert look("postgres", url)["error"] == "Connection refused"
    postgres.start()
    assert look("postgres", url)["healthy"]
