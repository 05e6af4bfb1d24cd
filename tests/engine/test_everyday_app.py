"""Any Faust app runs on the engine: per-event agents, Faust's tables and serializers, sinks; and ticks, ranges, replicas."""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path

from confluent_kafka import Producer

from tests.conftest import Unique
from tests.engine.harness import Rig, orders, rig
from tests.patience import PATIENCE_S


def publish(it: Rig, topic: str, *records: tuple[str, str]) -> None:
    producer = Producer({"bootstrap.servers": it.brokers, "partitioner": "murmur2_random"})
    for key, value in records:
        producer.produce(f"{it.app_id}-{topic}", key=key, value=value)
    assert producer.flush(20) == 0


def eventually(it: Rig, topic: str, count: int) -> list[tuple[str, str]]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = [(m.key().decode() if m.key() else "", m.value().decode()) for m in it.read(f"{it.app_id}-{topic}")]
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{len(found)} of {count} on {topic}: {found}\n{it.log()}")


def everyday(it: Rig) -> None:
    it.create(*(f"{it.app_id}-{t}" for t in ("words", "tallies", "yielded", "timed", "ticks", "config")), partitions=2)


def test_events_one_by_one_with_json_a_table_and_a_sink(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        everyday(it)
        publish(it, "words", *(("k", f'"{w}"') for w in ("a", "b", "a", "wrong", "a", "a", "b")), ("k", "{no json"))
        it.start(module="tests.engine.everyday_app")
        # The third "a" empties its count, so the fourth begins at one again: reads see what was written just before.
        assert sorted(eventually(it, "tallies", 6)) == [
            ("a", "1"),
            ("a", "1"),
            ("a", "2"),
            ("a", "3"),
            ("b", "1"),
            ("b", "2"),
        ]
        assert sorted(v for _, v in eventually(it, "yielded", 6)) == ['"k=a"'] * 4 + ['"k=b"'] * 2
        errors = sorted(dict(m.headers())["error"].decode()[:12] for m in it.read(f"{it.app_id}.quarantine"))
        assert errors == ["RuntimeError", "ValueDecodeE"]


def test_ticks_see_the_table_and_the_newest_configuration(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        everyday(it)
        publish(it, "config", ("greeting", "old"), ("greeting", "hello"))
        worker = it.start(module="tests.engine.everyday_app")
        publish(it, "timed", ("early", "1"), ("zlate", "2"), ("ebb", "3"))
        ticks = eventually(it, "ticks", 2)
        before_ms = time.time_ns() // 1_000_000
        assert sorted((key, value.split(":")[1:3]) for key, value in ticks) == [
            ("early", ["1", "hello"]),
            ("ebb", ["3", "hello"]),
        ]
        assert all(abs(before_ms - int(value.split(":")[3])) < 60_000 for _, value in ticks)
        publish(it, "config", ("greeting", "changed"))
        said: set[str] = set()

        def told_anew() -> bool:
            # What is said before the new greeting is read has the old one.
            publish(it, "timed", ("again", "4"))
            said.update(v.split(":")[2] for _, v in eventually(it, "ticks", 3)[2:])
            return "changed" in said

        it.until(told_anew, "the new greeting is used")
        assert said <= {"hello", "changed"}
        assert it.stop(worker) == 0, it.log()


def test_metrics_say_what_the_worker_did(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(1_000, seed=21, poison=2))
        it.start(METRICS_FILE=str(tmp_path / "port"))
        deadline = time.monotonic() + PATIENCE_S
        text = ""
        while f'engine_records_total{{topic="{it.app_id}-in"}} 1002.0' not in text:
            assert time.monotonic() < deadline, text + it.log()
            time.sleep(0.3)
            if (tmp_path / "port").exists():
                port = (tmp_path / "port").read_text()
                text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        assert f'engine_quarantined_records_total{{topic="{it.app_id}-in"}} 2.0' in text
        assert "engine_assigned_partitions 4.0" in text
        assert "engine_transaction_seconds_count" in text
        assert "engine_aborted_batches_total{" not in text
