"""``penstock person forget`` on a real Kafka and a real Postgres: what it erases, what it tells of, what no replay brings back."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest
from confluent_kafka import Producer

from connectors.channels.aside import aside
from connectors.channels.base import NOTICES, Outgoing
from connectors.channels.segment import framed
from connectors.channels.spool import Spool
from connectors.files import FilesSink
from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from deploy.local import LocalKafka
from deploy.local.process import free_ports
from schemas.codec import CODEC
from schemas.topics import FORGOTTEN, QUARANTINE, TOPICS
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.processes import HubProcess
from streams.ops.sinks import Record
from streams.settings import Settings
from tests.connectors.postgres.conftest import named, run
from tests.integration.conftest import penstock, until
from tests.personal.filled import PERSON, PERSONAL
from tests.personal.forgetting import about, take

# A hub of its own for a handful of cases.
pytestmark = pytest.mark.long

#: One for each test, one that stays, and one that is still to be sent.
GONE, LATER, AWAY, OTHER, OPEN, SPOOLED = (f"taobao:230000000000000000{last}" for last in range(1, 7))
BECAUSE = ("--because", "asked for on 2026-11-28")
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


class Hub:
    """Topics on which each order has a record of each type, a database and a files sink's folder that hold them."""

    def __init__(self, cluster: Cluster, url: str) -> None:
        self.cluster, self.url = cluster, url
        self.data = cluster.settings.data

    def penstock(self, *args: str, url: str = "") -> subprocess.CompletedProcess[str]:
        settings = {"PENSTOCK_BROKERS": self.cluster.settings.brokers, "PENSTOCK_DATA": str(self.data)}
        return penstock(*args, PENSTOCK_DATABASE_URL=url or self.url, **settings)

    def forget(self, *args: str, order: str = GONE, code: int = 0) -> dict[str, dict[str, Any]]:
        """Its places by their names."""
        done = self.penstock("person", "forget", order, *BECAUSE, "--yes", "--json", *args)
        assert done.returncode == code, done.stdout + done.stderr
        assert PERSON not in done.stdout + done.stderr
        return {place["place"]: place for place in json.loads(done.stdout)["places"]}

    def records(self, topic: str) -> list[Record]:
        return [
            Record(topic, m.partition() or 0, m.offset() or 0, m.timestamp()[1], m.key(), m.value())
            for m in self.cluster.read(topic)
        ]

    def fill(self) -> None:
        """What the sinks do."""
        names = [topic for topic, its in TOPICS.items() if its.records]

        async def filled() -> None:
            for sink in (PostgresSink(self.url), FilesSink(self.data / "files", unmask=True)):
                await sink.setup()
                await take(sink, [r for topic in names if topic in sink.topics for r in self.records(topic)])
                await sink.close()

        asyncio.run(filled())

    def told(self, order: str, url: str = "") -> set[str]:
        """Tables in whose rows its person is."""

        async def ask() -> set[str]:
            connection = await asyncpg.connect(url or self.url)
            try:
                names = [name for (name,) in await connection.fetch(TABLES)]
                rows = [(name, row) for name in names for row in await connection.fetch(f"SELECT * FROM {name}")]
            finally:
                await connection.close()
            return {name for name, row in rows if person(order) in _text(row)}

        return asyncio.run(ask())

    def in_files(self, order: str) -> bool:
        return any(person(order) in file.read_text("utf-8") for file in self.data.glob("files/*/*/*.jsonl"))


def _text(row: asyncpg.Record) -> str:
    return "|".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row)


def person(order: str) -> str:
    """What stands in every personal field of an order's records."""
    return f"{PERSONAL}/{order}/"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Hub]:
    data = tmp_path_factory.mktemp("penstock")
    with LocalKafka(data / "kafka") as kafka:
        cluster = Cluster(Settings(brokers=kafka.bootstrap, data=data))
        cluster.create_topics()
        names = [(t.name, n) for t in TOPICS.values() if t.key == "order_id" for n in t.records]
        orders = [
            (t, order, n, _of(n, order))
            for t, n in names
            if n != "PersonForgotten"
            for order in (GONE, LATER, AWAY, OTHER)
        ]
        open_one = about("OrderStatusChanged", OPEN.encode()) | {"status": "ALLOCATED", "refused": False}
        cluster.publish([*orders, ("order.status", OPEN, "OrderStatusChanged", open_one)])
        producer = Producer({"bootstrap.servers": kafka.bootstrap})
        headers = {"topic": b"channel.taobao.events", "partition": b"0", "offset": b"1", "error": b"NotAvro"}
        producer.produce(QUARANTINE, person(LATER).encode(), LATER, headers=headers)
        assert producer.flush(30) == 0
        hub = Hub(cluster, _database(postgres))
        hub.fill()
        yield hub


def _of(name: str, order: str) -> dict[str, Any]:
    record = about(name, order.encode()) | (
        {"status": "SHIPPED", "refused": False} if name == "OrderStatusChanged" else {}
    )
    record |= {"trace_id": order} if name == "LogisticsTrace" else {}
    return cast(dict[str, Any], _personal(record, person(order)))


def _personal(value: Any, whose: str) -> Any:
    match value:
        case str():
            return value.replace(PERSONAL, whose)
        case bytes():
            return value.replace(PERSONAL.encode(), whose.encode())
        case dict():
            return {key: _personal(item, whose) for key, item in value.items()}
        case list():
            return [_personal(item, whose) for item in value]
    return value


def _database(postgres: str) -> str:
    """The URL of a new one with the hub's tables."""
    name = f"test_{uuid4().hex}"
    asyncio.run(run(postgres, f"CREATE DATABASE {name}"))
    asyncio.run(migrate(named(postgres, name)))
    return named(postgres, name)


def test_a_person_is_forgotten_wherever_something_is_kept(hub: Hub, tmp_path: Path) -> None:
    copy, spoilt = tmp_path / "copy.jsonl", hub.data / "gateway" / "spool" / "00000001.damaged"
    into = ("--into", f"file:{copy}", "--unmask", "--format", "raw", "--yes")
    assert hub.penstock("replay", "orders", "--from-beginning", *into).returncode == 0
    spoilt.parent.mkdir(parents=True)
    spoilt.write_bytes(framed(Outgoing("channel.taobao.events", GONE.encode(), b"", [])))
    before = hub.told(GONE)
    assert before >= {"order_receivers", "review_queue", "review_originals", "aftersale_reasons"}
    assert any(name.startswith("logistics_traces") for name in before)

    would = hub.forget("--dry-run", "--in", str(copy), code=1)
    assert would["database"]["outcome"] == would[str(copy)]["outcome"] == "erased"
    assert hub.told(GONE) == before and hub.in_files(GONE) and hub.records(FORGOTTEN) == []

    told = hub.forget("--in", str(copy), code=1)
    assert hub.told(GONE) == set() and hub.told(OTHER) == before
    assert not hub.in_files(GONE) and hub.in_files(OTHER)
    assert _persons(copy) == {LATER, AWAY, OTHER}
    assert len(copy.read_text("utf-8").splitlines()) == 4
    # What it does not erase is said: the log, by when; a spoilt segment, for a person.
    assert told["topic channel.taobao.events"]["holds"] == "2 records"
    assert {f"topic {name}" for name in ("orders", "orders.review", "aftersales", "logistics.traces")} <= told.keys()
    assert told["topic orders.review"]["until"] > "2026"
    assert told[str(spoilt)]["left"]
    entries = [CODEC.decode(r.value or b"")[1] for r in hub.records("audit") if r.key == GONE.encode()]
    (entry,) = [each for each in entries if each["action"] == "person.forgotten"]
    assert (entry["reason"], entry["by"]) == (BECAUSE[1], audit.operator(hub.cluster).who)

    # Twice is once.
    again = hub.forget("--in", str(copy), code=1)
    assert again["database"]["outcome"] == again[str(copy)]["outcome"] == "nothing there"
    assert len(hub.records(FORGOTTEN)) == 1


def test_what_is_written_from_the_log_later_is_written_without_them(hub: Hub, postgres: str, tmp_path: Path) -> None:
    hub.forget(order=LATER)
    # Into the emptied database, and into one that has never heard of it.
    fresh = _database(postgres)
    for url in (hub.url, fresh):
        for topic in ("orders", "orders.review"):
            done = hub.penstock("replay", topic, "--from-beginning", "--into", "postgres", "--yes", url=url)
            assert done.returncode == 0, done.stderr
        assert hub.told(LATER, url) == set()
    assert hub.told(OTHER, fresh) == {"order_receivers", "review_queue", "review_originals"}
    for form, topic in (("json", "orders"), ("raw", "channel.taobao.events")):
        path = tmp_path / f"{topic}.{form}"
        into = ("--into", f"file:{path}", "--unmask", "--format", form, "--yes")
        assert hub.penstock("replay", topic, "--from-beginning", *into).returncode == 0
        assert LATER not in _persons(path) and OTHER in _persons(path)
        assert len(path.read_text("utf-8").splitlines()) == 4 * len(TOPICS[topic].records)
    for topic, stays_behind in (("orders", False), ("channel.taobao.events", True)):
        into = ("--into", f"topic:copy.{topic}", "--create", "--yes")
        done = hub.penstock("replay", topic, "--from-beginning", *into)
        assert done.returncode == 0, done.stderr
        assert ("stayed behind" in done.stderr) == stays_behind
        copied = hub.records(f"copy.{topic}")
        assert (LATER.encode() in {r.key for r in copied}) != stays_behind
        assert {r.key for r in copied if person(LATER).encode() in (r.value or b"")} == set()
        assert {r.key for r in copied if person(OTHER).encode() in (r.value or b"")} == {OTHER.encode()}
    done = hub.penstock("quarantine", "redrive", "--topic", "channel.taobao.events", "--because", "a try", "--yes")
    assert done.returncode == 2 and "forgotten" in done.stderr, done.stdout + done.stderr


def _persons(path: Path) -> set[str]:
    """Orders whose persons are in a replayed file."""
    texts = []
    for line in map(json.loads, path.read_text("utf-8").splitlines()):
        raw = "timestamp_ms" in line
        texts.append(
            base64.b64decode(line["value"]).decode("utf-8", "replace") if raw else json.dumps(line, ensure_ascii=False)
        )
    return {order for order in (GONE, LATER, AWAY, OTHER) if any(person(order) in text for text in texts)}


def test_who_still_has_to_be_sent_something_is_not_forgotten_by_mistake(hub: Hub) -> None:
    done = hub.penstock("person", "forget", OPEN, *BECAUSE, "--yes")
    assert done.returncode == 2 and "ALLOCATED" in done.stderr and "--even-open" in done.stderr
    for wrong in ("taobao:", "ebay:1"):
        done = hub.penstock("person", "forget", wrong, *BECAUSE, "--yes")
        assert done.returncode == 2 and "no order's id" in done.stderr
    assert OPEN.encode() not in {r.key for r in hub.records(FORGOTTEN)}
    places = hub.forget("--even-open", order=OPEN)
    assert {place for place in places if place.startswith("topic ")} == set()
    assert OPEN.encode() in {r.key for r in hub.records(FORGOTTEN)}


def test_a_database_that_is_away_is_told_and_can_be_come_back_to(hub: Hub) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    done = hub.penstock("person", "forget", AWAY, *BECAUSE, "--yes", "--json", url=away)
    assert done.returncode == 1, done.stderr
    (place,) = [place for place in json.loads(done.stdout)["places"] if place["place"] == "database"]
    assert place["left"] and "cannot be reached" in place["holds"]
    assert hub.told(AWAY) != set()
    hub.forget(order=AWAY)
    assert hub.told(AWAY) == set()


def test_what_waited_on_the_gateways_disk_meanwhile_is_held_back(hub: Hub, tmp_path: Path) -> None:
    hub.cluster.publish(
        [("order.status", SPOOLED, "OrderStatusChanged", _of("OrderStatusChanged", SPOOLED) | {"status": "SHIPPED"})]
    )
    now_ms, spool = time.time_ns() // 1_000_000, hub.data / "gateway" / "spool"
    trace = _spooled("logistics.traces", "LogisticsTrace", SPOOLED, now_ms, trace_id="waited")
    unread = Outgoing(NOTICES, "", f'{{"tid": "{SPOOLED.partition(":")[2]}", "to": "{person(SPOOLED)}"}}'.encode())
    waiting = [
        _spooled("channel.taobao.events", "ChannelEvent", SPOOLED, now_ms, event_id="waited"),
        _spooled(NOTICES, "ChannelNotice", SPOOLED, now_ms, notice_id="waited"),
        trace,
        aside(NOTICES, "", unread.value, ValueError("no order"), now_ms),
        _spooled("channel.taobao.events", "ChannelEvent", OTHER, now_ms, event_id="waited"),
    ]
    asyncio.run(_put(spool, waiting))
    (segment,) = spool.glob("*.spool")
    told = hub.forget(order=SPOOLED)
    assert "held back" in told[str(segment)]["outcome"] and not told[str(segment)]["left"]
    # News: its platform tells of it again.
    news = _spooled(
        "channel.taobao.events", "ChannelEvent", SPOOLED, time.time_ns() // 1_000_000 + 60_000, event_id="news"
    )
    asyncio.run(_put(spool, [news]))
    shops = tmp_path / "shops.toml"
    shops.write_text(_SHOP)
    shops.chmod(0o600)
    settings = replace(hub.cluster.settings, shops=shops)
    gateway = HubProcess(settings, "gateway", ("gateway", "--port", str(port := free_ports(1)[0])), port)
    gateway.start()
    try:
        until(lambda: gateway.metric("gateway_spooled_records"), lambda left: left == 0, "the disk is empty")
        assert gateway.metric("gateway_held_back_total") == 3
    finally:
        assert gateway.stop() == 0
    assert not list(spool.glob("*.spool"))
    assert gateway.log.read_text("utf-8").count("is held back") == 3
    (event,) = [r for r in hub.records("channel.taobao.events") if r.key == SPOOLED.encode()]
    assert CODEC.decode(event.value or b"")[1]["event_id"] == "news"
    others = [CODEC.decode(r.value or b"")[1] for r in hub.records("channel.taobao.events") if r.key == OTHER.encode()]
    assert "waited" in {each.get("event_id") for each in others}
    (step,) = [r for r in hub.records("logistics.traces") if r.key == SPOOLED.encode()]
    assert CODEC.decode(step.value or b"")[1] == CODEC.decode(trace.value)[1] | {"text": ""}
    tells = [
        r for topic in (NOTICES, QUARANTINE) for r in hub.records(topic) if person(SPOOLED).encode() in (r.value or b"")
    ]
    assert tells == []
    entries = [CODEC.decode(r.value or b"")[1] for r in hub.records("audit") if r.key == SPOOLED.encode()]
    assert [e["by"] for e in entries if e["action"] == "person.held_back"] == ["gateway"] * 3


_SHOP = """
[[shop]]
channel = "douyin"
shop = "far"
url = "http://127.0.0.1:1"
app_key = "1"
secret = "hush"
token = "hush"
seller = "1"
"""


def _spooled(topic: str, name: str, order: str, at_ms: int, **fields: object) -> Outgoing:
    return Outgoing(topic, order, CODEC.encode(name, _of(name, order) | {"received_at_ms": at_ms} | fields))


async def _put(folder: Path, records: list[Outgoing]) -> None:
    spool = Spool(folder)
    await spool.put(records)
    await spool.close()
