"""A hub of an earlier version: its topics are read, its state carried on, and what it had decided is decided no second time.

``hub_a98c752.jsonl.gz`` is what commit a98c752, the last before lines told who sends them and what was sent, had in its topics after sixty
orders: a line with the partitions and the groups' partitions that were read to their ends, then a line a record: topic, partition, ms,
key, value, headers (Base64).
"""

from __future__ import annotations

import gzip
import json
import time
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local import LocalKafka
from schemas.codec import CODEC
from streams.ops.cluster import Cluster
from streams.ops.workers import Workers
from streams.settings import Settings
from streams.verify import verify
from tests.integration.conftest import Shop, until

KEPT = Path(__file__).parent / "hub_a98c752.jsonl.gz"


def restored(brokers: str, settings: Settings) -> dict[str, list[tuple[str, bytes]]]:
    """Puts topics and offsets back; returns the records by their topics: (key, value)."""
    about, *records = (json.loads(line) for line in gzip.decompress(KEPT.read_bytes()).splitlines())
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
    Cluster(settings).create_topics()
    there = admin.list_topics(timeout=30).topics
    lacking = [NewTopic(topic, count, 1) for topic, count in about["partitions"].items() if topic not in there]
    for created in admin.create_topics(lacking).values() if lacking else ():
        created.result(30)
    producer, counts, found = (
        Producer({"bootstrap.servers": brokers, "log_level": 0}),
        Counter[tuple[str, int]](),
        defaultdict(list),
    )
    for topic, partition, _, key, value, headers in records:
        raw_key, raw = (b64decode(each) if each is not None else None for each in (key, value))
        told = [(name, b64decode(each)) for name, each in headers]
        producer.produce(topic, raw, raw_key, partition, headers=told)
        counts[topic, partition] += 1
        if raw_key is not None and raw is not None:
            found[topic].append((raw_key.decode("utf-8", "replace"), raw))
    assert producer.flush(60) == 0
    for group, partitions in about["committed"].items():
        consumer = Consumer(
            {"bootstrap.servers": brokers, "group.id": group, "enable.auto.commit": False, "log_level": 0}
        )
        ends = [TopicPartition(topic, number, counts[topic, number]) for topic, number in partitions]
        consumer.commit(offsets=ends, asynchronous=False)
        consumer.close()
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with LocalKafka(tmp_path / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=tmp_path / "hub", partitions=2)
        yield Shop(settings, Cluster(settings), Workers(settings, 2), "")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_hub_of_an_earlier_version_goes_on(shop: Shop) -> None:
    kept = restored(shop.settings.brokers, shop.settings)
    decided = {key: CODEC.decode(value) for key, value in kept["allocations"]}
    allocated = {key: record for key, (name, record) in decided.items() if name == "OrderAllocated"}
    assert len(allocated) > 30
    shop.workers.start()
    try:
        shop.settled()
        assert len(shop.records("allocations")) == len(kept["allocations"]), "nothing is decided a second time"

        # What the earlier version allocated leaves.
        for number, (order_id, record) in enumerate(allocated.items()):
            shop.cluster.publish(("shipments", order_id, "Shipped", it) for it in parcels(record, number))
        # And its events come once more.
        for topic in (topic for topic in kept if topic.startswith("channel.")):
            for key, value in kept[topic]:
                shop.send(topic, key, value)
        shop.settled()
        until(
            lambda: Counter(shop.statuses(order_id)[-1] for order_id in allocated),
            lambda found: found["SHIPPED"] == len(allocated),
            "all that was allocated is shipped",
        )
    finally:
        assert shop.workers.stop() == [0, 0], shop.logs()
    report = verify(shop.settings.brokers, group=shop.settings.app_id, settled=True, progress=False)
    assert report.ok, report.as_dict()["violations"]


def parcels(allocation: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """One of each warehouse."""
    by_warehouse: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in allocation["parts"]:
        by_warehouse[part["warehouse"]].append(part)
    for warehouse, parts in by_warehouse.items():
        yield {
            "shipment_id": f"{allocation['order_id']}/{warehouse}",
            "order_id": allocation["order_id"],
            "warehouse": warehouse,
            "carrier": "SF",
            "tracking_no": f"SF{number:04d}{warehouse}",
            "shipped_at_ms": time.time_ns() // 1_000_000,
            "lines": [{name: part[name] for name in ("line_no", "sku", "quantity")} for part in parts],
        }
