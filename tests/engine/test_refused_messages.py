"""A message that Kafka never takes costs the one record it comes of, not its partition: found, and set aside whole or by reference."""

from __future__ import annotations

import hashlib
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.conftest import Unique
from tests.engine.harness import Rig, expected, orders, rig


def set_aside(it: Rig) -> list[tuple[bytes | None, bytes | None, dict[str, str]]]:
    """Key, value and headers of what is in quarantine."""
    found = it.read(f"{it.app_id}.quarantine")
    return [(m.key(), m.value(), {name: value.decode() for name, value in m.headers()}) for m in found]


def feed_large(it: Rig, key: bytes, value: bytes) -> None:
    """Compressed it is small: the broker takes it."""
    producer = Producer(
        {
            "bootstrap.servers": it.brokers,
            "partitioner": "murmur2_random",
            "compression.type": "lz4",
            "message.max.bytes": 16 * 1024 * 1024,
        }
    )
    producer.produce(f"{it.app_id}-in", key=key, value=value)
    assert producer.flush(30) == 0


def decided_all_others(it: Rig) -> None:
    want = expected(it.read(f"{it.app_id}-in"))
    it.wait_for(want)
    assert it.decided() == want


def test_what_quarantine_cannot_take_is_there_by_reference(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        large = b"poison" + b"x" * (5 * 1024 * 1024)
        it.feed(orders(300, seed=21))
        feed_large(it, b"large", large)
        it.feed([*orders(300, seed=22), (b"poison0", b"poison")])
        it.start(PATIENCE_S=6)
        decided_all_others(it)
        aside = {key: (value, headers) for key, value, headers in set_aside(it)}
        assert aside.keys() == {b"large", b"poison0"}
        assert aside[b"poison0"][0] == b"poison"
        value, headers = aside[b"large"]
        assert value is None
        assert headers["error"] == "ValueError: poison"
        assert (headers["topic"], headers["group"]) == (f"{it.app_id}-in", it.app_id)
        assert headers["bytes"] == str(len(large))
        assert headers["sha256"] == hashlib.sha256(large).hexdigest()


def test_the_record_whose_decision_is_too_large_is_found(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed([*orders(900, seed=23), (b"huge1", b"huge"), *orders(900, seed=24), (b"huge2", b"huge")])
        it.start(PATIENCE_S=6)
        decided_all_others(it)
        found = set_aside(it)
        assert sorted((key, value) for key, value, _ in found) == [(b"huge1", b"huge"), (b"huge2", b"huge")]
        assert all(h["error"].startswith("MessageRefused: ") and "too large" in h["error"] for _, _, h in found)


def test_so_is_one_whose_message_the_broker_refuses_for_another_reason(
    kafka: str, unique: Unique, tmp_path: Path
) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        admin = AdminClient({"bootstrap.servers": kafka})
        compacted = NewTopic(f"{it.app_id}-compacted", 1, 1, config={"cleanup.policy": "compact"})
        admin.create_topics([compacted])[compacted.topic].result(20)
        it.feed([*orders(500, seed=25), (b"bad", b"keyless"), *orders(500, seed=26)])
        it.start(PATIENCE_S=6)
        decided_all_others(it)
        ((key, value, headers),) = set_aside(it)
        assert (key, value) == (b"bad", b"keyless")
        assert "MessageRefused: " in headers["error"] and "failed to validate record" in headers["error"]


def test_large_headers_and_keys_are_no_hindrance(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        producer = Producer(
            {
                "bootstrap.servers": kafka,
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "message.max.bytes": 16 * 1024 * 1024,
            }
        )
        headers = [("h" * 100, b"y" * 100)] * 20_000
        producer.produce(f"{it.app_id}-in", key=b"headed", value=b"poison", headers=headers)
        producer.produce(f"{it.app_id}-in", key=b"k" * (5 * 1024 * 1024), value=b"poison")
        assert producer.flush(30) == 0
        it.feed(orders(100, seed=27))
        it.start(PATIENCE_S=6)
        decided_all_others(it)
        found = sorted((headers.get("bytes", ""), key, value) for key, value, headers in set_aside(it))
        assert found == [("", b"headed", b"poison"), ("6", None, None)]
