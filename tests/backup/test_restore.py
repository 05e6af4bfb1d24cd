"""A hub that has traded, its tables beside it, kept in a folder; then another cluster and another database, and on it goes from there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

from connectors.generator import catalogue, generate
from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka, LocalPostgres
from deploy.local.process import free_ports
from schemas.codec import CODEC
from schemas.topics import CHANNELS, TOPICS, channel_topic
from streams.demo.tables import compare
from streams.ops.cluster import Cluster, Publisher
from streams.ops.processes import SinkProcess
from streams.ops.workers import Workers
from streams.settings import Settings
from tests import handbook
from tests.integration.conftest import until
from tests.replay.conftest import Here, here
from tests.replay.trade import Trade, traded

__all__ = ["here"]

_ORDERS = 600


class Kept(NamedTuple):
    """A hub at rest with its tables, and the folder of its backups."""

    trade: Trade
    settings: Settings
    folder: Path


def filled(settings: Settings) -> None:
    """A real sink brings the tables to the logs' ends."""
    sink = SinkProcess(settings, "postgres", free_ports(1)[0])
    sink.start()
    try:
        until(lambda: (sink.metric("sink_up"), sink.metric("sink_lag_records")), lambda it: it == (1, 0), "no lag")
    finally:
        assert sink.stop() == 0, sink.log.read_text()[-3000:]


def agree(settings: Settings) -> int:
    """Tables and topics say the same; returns how many rows."""
    found = asyncio.run(compare(Cluster(settings), settings.database_url, PostgresSink.topics))
    assert not found.differences
    return found.rows.total()


def log(settings: Settings, topic: str) -> list[tuple[Any, ...]]:
    """A topic, with all that a reader sees of its records."""
    found = [
        (m.partition(), m.offset(), m.timestamp()[1], m.key(), m.value(), m.headers() or [])
        for m in Cluster(settings).read(topic)
    ]
    return sorted(found, key=lambda it: it[:2])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    data = tmp_path_factory.mktemp("hub")
    with traded(data, _ORDERS) as trade, LocalPostgres(data / "postgres") as postgres:
        asyncio.run(migrate(postgres.url))
        key = data / "key"
        key.write_text(os.urandom(32).hex())
        settings = replace(trade.settings, database_url=postgres.url, backup=data / "elsewhere")
        filled(settings)
        yield Kept(trade, replace(settings, backup_key=f"file:{key}"), data / "elsewhere")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, hub: Kept) -> Iterator[Settings]:
    """Another site, with nothing on it."""
    data = tmp_path_factory.mktemp("other")
    with LocalKafka(data / "kafka") as kafka, LocalPostgres(data / "postgres") as postgres:
        yield replace(hub.settings, brokers=kafka.bootstrap, kafka={}, data=data, database_url=postgres.url)


def parts(settings: Settings, topic: str) -> dict[object, list[tuple[object, ...]]]:
    found: dict[object, list[tuple[object, ...]]] = {}
    for each in log(settings, topic):
        found.setdefault(each[0], []).append(each)
    return found


def events(count: int, seed: int) -> list[tuple[str, str | None, bytes]]:
    """Orders of the catalogue that the hub trades in."""
    made = generate(count, seed, start_ms=1_767_232_800_000, items=catalogue(40, 7))
    return [(e.topic, e.key, CODEC.encode("ChannelEvent", e.event)) for e in made]


def fresh(settings: Settings, count: int, seed: int) -> list[tuple[str, str | None, bytes]]:
    """Those of orders that the hub has not seen: another seed has other orders under the same numbers."""
    known = {m.key() for m in Cluster(settings).read("orders")}
    return [event for event in events(count, seed) if (event[1] or "").encode() not in known]


def sent(settings: Settings, messages: Iterable[tuple[str, str | None, bytes]]) -> None:
    with Publisher(settings) as publisher:
        for topic, key, value in messages:
            publisher.send(topic, key, value)


def trickling(
    messages: Sequence[tuple[str, str | None, bytes]], enough: Event
) -> Iterator[tuple[str, str | None, bytes]]:
    """Fifty a second, and of the last hundred one a second until it is enough: however long somebody takes, they go on coming."""
    for left, message in zip(reversed(range(len(messages))), messages, strict=True):
        yield message
        if not enough.is_set():
            enough.wait(1.0 if left < 100 else 0.02)


@contextmanager
def at_work(settings: Settings) -> Iterator[None]:
    """Two real workers; at the end all is decided."""
    workers = Workers(settings, 2)
    workers.start()
    try:
        yield
        until(Cluster(settings).at_rest, bool, "all is decided")
        assert workers.stop() == [0, 0], workers.log(0).read_text()[-2000:]
    finally:
        workers.stop()


#: As they stand in the handbook.
TYPED = re.findall(r"^    penstock (backup (\w+)[^#\n]*)", handbook.section("Backups, and the way back"), re.MULTILINE)
LINES = {word: tuple(shlex.split(line)) for line, word in TYPED}


def test_the_handbook_names_every_command() -> None:
    assert set(LINES) == {"run", "list", "verify", "restore", "drill"}


def ran(hub: Kept, here: Here) -> dict[str, Any]:
    done = here(hub.settings, *LINES["run"], "--json")
    assert done.code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["notices"] == []
    return found


@pytest.mark.long
def test_a_hub_goes_on_from_a_backup_that_was_taken_while_it_worked(hub: Kept, empty: Settings, here: Here) -> None:
    first = ran(hub, here)
    assert first["records"] == first["new_records"] > 5_000
    nothing = ran(hub, here)
    assert (nothing["records"], nothing["new_records"]) == (first["records"], 0)
    listed = json.loads(here(hub.settings, *LINES["list"], "--json").stdout)
    assert [each["backup"] for each in listed] == [first["backup"], nothing["backup"]]
    more = fresh(hub.settings, _ORDERS + 300, 8)
    with at_work(hub.settings):
        enough = Event()
        sending = Thread(target=sent, args=(hub.settings, trickling(more, enough)))
        sending.start()
        accepted = len(log(hub.settings, "orders"))
        until(lambda: len(log(hub.settings, "orders")), lambda now: now > accepted + 50, "it decides")
        taken = ran(hub, here)
        assert sending.is_alive(), "it was to be taken while orders come in"
        enough.set()
        sending.join()
    assert 100 < taken["new_records"] < first["records"]
    judged = here(hub.settings, "verify", "--json", "--settled")
    assert judged.code == 0, judged.stdout + judged.stderr

    assert here(hub.settings, *LINES["verify"]).code == 0
    drilled = here(hub.settings, *LINES["drill"], "--json")
    assert drilled.code == 0, drilled.stdout + drilled.stderr
    assert json.loads(drilled.stdout)["compared"] > 5_000
    done = here(empty, *LINES["restore"], "--yes")
    assert done.code == 0, done.stdout + done.stderr
    cut = 0
    for topic in TOPICS:
        was, now = parts(hub.settings, topic), parts(empty, topic)
        for partition, records in now.items():
            if topic != "audit":  # it has the restore itself
                assert records == was[partition][: len(records)], (topic, partition)
        cut += sum(map(len, was.values())) - sum(map(len, now.values()))
    assert cut > 100, "the hub went on after the backup"
    assert here(empty, "state", "check").stdout == "changelogs, offsets and topics belong together\n"
    judged = here(empty, "verify", "--json")
    assert judged.code == 0, judged.stdout + judged.stderr

    # It goes on: all that was ever told is told again, and what came after the backup, or is new, is accepted.
    before = Counter(m.key() for m in Cluster(empty).read("orders"))
    # In the order it came: of two versions the newer one last.
    told = [(topic, e[3], e[4]) for topic in map(channel_topic, CHANNELS) for e in log(hub.settings, topic)]
    known = Counter(m.key() for m in Cluster(hub.settings).read("orders"))
    new = fresh(hub.settings, _ORDERS + 400, 9)
    with at_work(empty):
        sent(empty, [(topic, key.decode() if key else None, value) for topic, key, value in told])
        sent(empty, new)
    after = Counter(m.key() for m in Cluster(empty).read("orders"))
    other = {key: (after[key], count) for key, count in known.items() if after[key] != count}
    assert other == {}, "orders were accepted twice, or not at all"
    assert len(after) > len(known) + 50 > len(before) + 100
    judged = here(empty, "verify", "--json", "--settled")
    assert judged.code == 0, judged.stdout + judged.stderr
    filled(empty)
    assert agree(empty) > 5_000

    refused = here(empty, *LINES["restore"], "--yes")
    assert refused.code == 2
    assert "a backup is restored into an empty one only" in refused.stderr
