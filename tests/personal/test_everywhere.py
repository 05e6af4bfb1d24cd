"""Every command that looks, at records with a person in each personal field and with what a terminal would obey in each other one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local import LocalKafka
from schemas.codec import CODEC
from schemas.terminal import plain
from schemas.topics import FORGOTTEN, QUARANTINE, TOPICS
from streams.ops import audit
from streams.ops.cluster import Cluster, Publisher
from streams.settings import Settings
from tests.integration.conftest import penstock
from tests.personal.filled import PERSON, Field, filled
from tests.schemas.test_terminal import HOSTILE

ORDER = "taobao:1"
#: What other records are found by.
OWN = {
    "order_id": ORDER,
    "channel": "taobao",
    "topic": "orders",
    "order_no": "1",
    "reservation_id": f"{ORDER}/1.1/1/hz1",
}


def text(field: Field) -> str:
    return OWN.get(field.name, f"{field.name}{HOSTILE}")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One record of each type on each topic that carries it, all of one order, but the one that names it as forgotten; no worker runs."""
    data = tmp_path_factory.mktemp("penstock")
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data)
        cluster = Cluster(settings)
        cluster.create_topics()
        event = {"event": CODEC.encode("ChannelEvent", filled("ChannelEvent", text))}
        cluster.publish(
            [
                (topic.name, ORDER, name, {**filled(name, text), **(event if name == "Review" else {})})
                for topic in TOPICS.values()
                for name in topic.records
                if topic.name != FORGOTTEN
            ]
        )
        garbage = b"\x00" + PERSON.encode()
        with Publisher(settings) as publisher:
            publisher.send("channel.taobao.events", ORDER, garbage)
        producer = Producer({"bootstrap.servers": kafka.bootstrap})
        about = {"topic": "channel.taobao.events", "partition": "0", "offset": "1", "error": f"NotAvro: {HOSTILE}"}
        producer.produce(QUARANTINE, garbage, ORDER, headers={name: text.encode() for name, text in about.items()})
        assert producer.flush(30) == 0
        yield settings


def run(hub: Settings, *args: str) -> subprocess.CompletedProcess[str]:
    return penstock(*args, PENSTOCK_BROKERS=hub.brokers, PENSTOCK_DATA=str(hub.data))


LOOKS = [
    *(("tail", topic) for topic in TOPICS),
    ("order", "show", ORDER),
    ("review", "list", "--state", "all"),
    ("review", "show", "ITEM"),
    ("quarantine", "list", "--state", "all"),
    ("quarantine", "show", "ITEM"),
    ("writeback", "list", "--phase", "all"),
    ("writeback", "show", ORDER),
    ("bundle", "list"),
    ("topics", "list"),
    ("reconcile", "--report"),
]


def named(hub: Settings, look: tuple[str, ...]) -> tuple[str, ...]:
    """With the item's name, where one is shown."""
    if "ITEM" not in look:
        return look
    (first, *_) = json.loads(run(hub, look[0], "list", "--json").stdout)
    return tuple(first["item"] if word == "ITEM" else word for word in look)


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["people", "machines"])
@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_nobody_is_shown_and_nothing_is_obeyed(hub: Settings, look: tuple[str, ...], form: tuple[str, ...]) -> None:
    done = run(hub, *named(hub, look), *form)
    assert done.returncode == 0, done.stderr
    assert PERSON not in done.stdout + done.stderr
    for line in (done.stdout + done.stderr).splitlines():
        assert plain(line) == line
        assert not form or json.loads(line) is not None
    assert done.stdout.splitlines() == done.stdout.split("\n")[: len(done.stdout.splitlines())]


@pytest.mark.parametrize(
    ("look", "subject"),
    [
        (("tail", "orders"), "orders"),
        (("order", "show", ORDER), ORDER),
        (("review", "show", "ITEM"), ORDER),
        (("quarantine", "show", "ITEM"), f"{QUARANTINE}/"),
    ],
)
def test_who_looks_at_a_person_is_on_record(hub: Settings, look: tuple[str, ...], subject: str) -> None:
    def reads() -> list[dict[str, object]]:
        found = [CODEC.decode(m.value() or b"")[1] for m in Cluster(hub).read("audit")]
        return [e for e in found if e["action"] == "personal.read"]

    before = reads()
    done = run(hub, *named(hub, look), "--unmask", "--json")
    assert (done.returncode, PERSON in done.stdout) == (0, True), done.stderr
    (entry,) = [e for e in reads() if e not in before]
    assert str(entry["subject"]).startswith(subject)
    assert entry["by"] == audit.operator(Cluster(hub)).who


def test_a_replayed_file_has_nobody_in_it(hub: Settings, tmp_path: Path) -> None:
    done = run(hub, "replay", "orders", "--from-beginning", "--into", f"file:{tmp_path / 'orders.jsonl'}", "--yes")
    assert done.returncode == 0, done.stderr
    assert PERSON not in (tmp_path / "orders.jsonl").read_text("utf-8") + done.stdout + done.stderr
    assert (tmp_path / "orders.jsonl").stat().st_mode & 0o777 == 0o600
