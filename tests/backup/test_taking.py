"""Backups of a small log: only what is new, what was lost is said, a damaged file is named, and nothing is restored over anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local import LocalKafka
from streams.backup import manifest as manifests
from streams.backup.cut import Cutter
from streams.backup.errors import BackupStopped
from streams.backup.manifest import Manifest
from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.engine.shards import TP
from streams.ops.cluster import Cluster, Publisher
from streams.settings import Settings
from tests.replay.conftest import Here, here, until

__all__ = ["here"]

ALONE = ("--no-database", "--unencrypted", "--json")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    data = tmp_path_factory.mktemp("small")
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, kafka=kafka.client, data=data)
        Cluster(settings).create_topics()
        yield settings


@pytest.fixture
def hub(broker: Settings, tmp_path: Path) -> Settings:
    """With a folder of its own for backups."""
    return replace(broker, backup=tmp_path / "elsewhere")


def told(settings: Settings, topic: str, count: int) -> None:
    with Publisher(settings) as publisher:
        for number in range(count):
            publisher.send(topic, f"taobao:{number}", b"record %d" % number)


def ran(settings: Settings, here: Here) -> tuple[dict[str, object], Manifest]:
    done = here(settings, "backup", "run", *ALONE)
    assert done.code == 0, done.stderr
    said = json.loads(done.stdout)
    assert settings.backup
    return said, manifests.read(settings.backup, said["backup"], None)


def test_the_next_one_takes_only_what_is_new(hub: Settings, here: Here) -> None:
    told(hub, "shipments", 40)
    first, before = ran(hub, here)
    assert first["new_records"] == first["records"] == before.records >= 40
    none, _ = ran(hub, here)
    assert none["new_records"] == 0
    told(hub, "shipments", 3)
    more, after = ran(hub, here)
    assert (more["new_records"], more["records"]) == (3, before.records + 3)
    was, now = ({t.name: t for t in each.topics}["shipments"] for each in (before, after))
    for old, new in zip(was.chains, now.chains, strict=True):
        assert new.segments[: len(old.segments)] == old.segments
        assert new.end >= old.end
    listed = json.loads(here(hub, "backup", "list", "--json").stdout)
    assert [each["records"] for each in listed] == [before.records, before.records, before.records + 3]


def test_what_retention_took_before_it_was_kept_is_said(hub: Settings, here: Here) -> None:
    told(hub, "returns", 10)
    _, before = ran(hub, here)
    told(hub, "returns", 20)
    ends = Cluster(hub).ends("returns")
    Admin(hub.brokers, Options.quiet(hub.kafka)).cut({("returns", 0): ends[0] - 1})
    kept = next(c.end for t in before.topics if t.name == "returns" for c in t.chains if c.partition == 0)
    said, after = ran(hub, here)
    assert said["notices"] == [
        f"returns/0: retention deleted offsets {kept} to {ends[0] - 2} before they were kept; run backups more often"
    ]
    chain = next(c for t in after.topics if t.name == "returns" for c in t.chains if c.partition == 0)
    assert (chain.low, sum(s.records for s in chain.segments)) == (ends[0] - 1, 1)


def test_a_topic_made_anew_is_kept_whole_and_said(hub: Settings, here: Here) -> None:
    told(hub, "logistics.traces", 10)
    ran(hub, here)
    admin, cluster = Admin(hub.brokers, Options.quiet(hub.kafka)), Cluster(hub)
    admin.delete("logistics.traces")
    until(lambda: not cluster.has("logistics.traces"), "it is gone")
    until(lambda: "logistics.traces" in cluster.create_topics(), "it is there again")
    told(hub, "logistics.traces", 25)
    said, after = ran(hub, here)
    assert said["notices"] == [
        "logistics.traces was deleted and made anew since the backup before: it is kept whole from its new beginning"
    ]
    chains = next(t.chains for t in after.topics if t.name == "logistics.traces")
    assert sum(s.records for c in chains for s in c.segments) == 25


def test_a_damaged_file_is_named_and_nothing_is_restored(hub: Settings, here: Here) -> None:
    told(hub, "shipments", 40)
    _, made = ran(hub, here)
    assert here(hub, "backup", "verify").code == 0
    file = next(f.name for f in made.files() if "shipments" in f.name)
    assert hub.backup
    raw = bytearray((hub.backup / file).read_bytes())
    raw[-5] ^= 1
    (hub.backup / file).write_bytes(raw)
    done = here(hub, "backup", "verify", "--json")
    assert done.code == 1
    assert list(json.loads(done.stdout)["damaged"]) == [file]
    done = here(hub, "backup", "drill", "--json")
    assert done.code == 1
    (fault,) = json.loads(done.stdout)["faults"]
    assert fault.startswith(f"{file}: the bytes of frame 0")


def test_nothing_is_restored_over_a_hub(hub: Settings, here: Here) -> None:
    ran(hub, here)
    done = here(hub, "backup", "restore", "--because", "x", "--yes")
    assert (done.code, done.stdout) == (2, "")
    assert "a backup is restored into an empty one only; name another in PENSTOCK_BROKERS" in done.stderr
    done = here(replace(hub, app_id="other"), "backup", "restore", "--because", "x", "--yes")
    assert "the backup is of the hub 'penstock', and PENSTOCK_APP_ID says 'other'" in done.stderr


@pytest.mark.parametrize(
    ("changed", "args", "says"),
    [
        ({}, ("--no-database",), "PENSTOCK_BACKUP_KEY names no key"),
        ({"backup": None}, ALONE, "no folder for backups: name one in PENSTOCK_BACKUP"),
        ({"backup_key": "00" * 32}, ("--no-database",), "is to say where the key is, not what it is"),
        ({"backup_key": "env:NOT_SET"}, ("--no-database",), "NOT_SET, which is not set"),
    ],
)
def test_what_is_asked_wrongly_has_one_clear_line(
    hub: Settings, here: Here, changed: dict[str, object], args: tuple[str, ...], says: str
) -> None:
    done = here(replace(hub, **changed), "backup", "run", *args)  # type: ignore[arg-type]
    assert (done.code, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert says in done.stderr
    assert "00" * 32 not in done.stderr


def cutter(hub: Settings) -> Cutter:
    return Cutter(hub, [("orders", 0), ("orders", 1), ("channel.jd.events", 0)])


def test_no_transaction_is_half_in_a_moment(hub: Settings) -> None:
    producer = Producer({"bootstrap.servers": hub.brokers, **hub.kafka, "transactional.id": "half", "log_level": 0})
    producer.init_transactions(30)
    for topic in ("orders", "channel.jd.events"):
        producer.begin_transaction()
        producer.produce(topic, b"x", partition=0)
        producer.flush(30)
        it = cutter(hub)
        with pytest.raises(BackupStopped, match="no moment without an open transaction"):
            it.look(1.0)
        producer.commit_transaction(30)
        cluster = Cluster(hub)
        cluster.settle([topic])
        end = cluster.ends(topic)[0]
        assert it.look().ends[topic, 0] == end
        it.close()


def test_what_moves_while_it_looks_is_looked_at_again(hub: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    it, ask, asked = cutter(hub), Admin.ends, Counter[tuple[TP, ...]]()

    def ends(admin: Admin, partitions: Iterable[TP]) -> dict[TP, int]:
        wanted = tuple(partitions)
        found = ask(admin, wanted)
        asked[wanted] += 1
        if asked[wanted] == 1 and ("orders", 0) in wanted:
            told(hub, "orders", 5)  # of a stage, right behind the first look
        return found

    monkeypatch.setattr(Admin, "ends", ends)
    cut = it.look()
    it.close()
    now = Cluster(hub).ends("orders")
    assert {p: cut.ends["orders", p] for p in now} == now
