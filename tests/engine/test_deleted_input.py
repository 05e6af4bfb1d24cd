"""Input that retention deletes while no worker reads it: named, counted, and gone on behind."""

from __future__ import annotations

from pathlib import Path
from urllib.request import urlopen

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Unique
from tests.engine.harness import Rig, rig


def feed(it: Rig, name: str, count: int) -> None:
    it.feed([(b"%s%d" % (name.encode(), number), b"g") for number in range(count)])


def ends(it: Rig) -> dict[int, int]:
    found = dict.fromkeys(range(it.partitions), 0)
    for message in it.read(f"{it.app_id}-in"):
        found[message.partition()] = message.offset() + 1
    return found


def keys_decided(it: Rig) -> set[bytes]:
    return {key for records in it.decided().values() for key, _ in records}


def keys_left(it: Rig) -> set[bytes]:
    return {message.key() for message in it.read(f"{it.app_id}-in")}


def missing(port_file: Path) -> dict[str, float]:
    with urlopen(f"http://127.0.0.1:{port_file.read_text()}/metrics", timeout=5) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    (family,) = (family for family in families if family.name == "engine_missing_records")
    return {s.labels["topic"]: s.value for s in family.samples if s.name.endswith("_total")}


def test_what_was_deleted_unread_is_told_and_the_rest_is_decided(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        feed(it, "a", 100)
        first = it.start()
        it.wait_for({0: list(it.read(f"{it.app_id}-in"))})
        assert it.stop(first) == 0
        committed = ends(it)
        feed(it, "b", 200)
        # Of partition 0 a part, of partition 1 all; of partition 2 only what was decided.
        cuts = {0: committed[0] + 10, 1: ends(it)[1], 2: committed[2]}
        admin = AdminClient({"bootstrap.servers": kafka})
        where = [TopicPartition(f"{it.app_id}-in", partition, offset) for partition, offset in cuts.items()]
        for future in admin.delete_records(where).values():
            future.result(30)
        left = {key for key in keys_left(it) if key.startswith(b"b")}

        it.start(METRICS_FILE=tmp_path / "port")
        it.wait_for({0: [(key, b"") for key in (*range(100), *left)]})
        assert {key for key in keys_decided(it) if key.startswith(b"b")} == left
        gone = 10 + cuts[1] - committed[1]
        assert missing(tmp_path / "port") == {f"{it.app_id}-in": gone}
        for partition in (0, 1):
            told = f"{it.app_id}-in/{partition} offsets {committed[partition]} to {cuts[partition] - 1} are gone"
            assert told in it.log(), it.log()
        assert f"{it.app_id}-in/2" not in it.log()
