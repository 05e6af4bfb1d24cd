"""A day's trade on a broker of its own (Penstock's topic names are fixed), decided by a real worker; and changed copies of its log."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from connectors.generator import catalogue, demand, generate, initial_stock, warehouses
from deploy.local import LocalKafka
from schemas.codec import CODEC
from schemas.topics import QUARANTINE, TOPICS, channel_topic
from streams.demo.observer import shipments
from streams.engine.asking import patiently
from streams.ops.cluster import Cluster, Publisher
from streams.ops.workers import Workers
from streams.settings import Settings
from streams.topology import stages
from tests.dates import dated_by_producers
from tests.integration.conftest import until
from tests.patience import PATIENCE_S

_ORDERS = 200
#: Few, so that orders are in each other's way.
_SKUS = 40
_SEED = 7
_START_MS = 1_767_232_800_000


class Trade(NamedTuple):
    """A broker on which nothing moves any more."""

    settings: Settings
    cluster: Cluster
    kafka: LocalKafka


@contextmanager
def traded(data: Path, orders: int = _ORDERS) -> Iterator[Trade]:
    """So many orders, stock, shipments, nonsense: all decided; the worker has ended."""
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data)
        cluster = Cluster(settings)
        cluster.create_topics()
        items = catalogue(_SKUS, _SEED)
        stock = initial_stock(demand(items, orders), _SEED, _START_MS)
        cluster.publish([("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses()])
        cluster.publish([("inventory.commands", c.record["sku"], c.name, c.record) for c in stock])
        # What is sold most is combined goods for the first half of the day, and itself again for the second.
        bundle = {"sku": items[0].sku, "parts": [{"sku": i.sku, "quantity": 1} for i in items[1:3]], "version": 1}
        cluster.publish([("config.bundles", bundle["sku"], "Bundle", bundle)])
        workers = Workers(settings, 1)
        workers.start()
        try:
            until(cluster.at_rest, bool, "the stock is taken in")
            events = list(generate(orders, _SEED, start_ms=_START_MS, items=items))
            with Publisher(settings) as publisher:
                publisher.send(channel_topic("jd"), "jd:1", b"nonsense")
            for half in (events[: len(events) // 2], events[len(events) // 2 :]):
                with Publisher(settings) as publisher:
                    for event in half:
                        publisher.send(event.topic, event.key, CODEC.encode("ChannelEvent", event.event))
                until(cluster.at_rest, bool, "the orders are decided")
                cluster.publish([("config.bundles", bundle["sku"], "Bundle", {**bundle, "parts": []})])
            # One of them again, by a client with a partitioner of its own.
            copied, count = next(iter(cluster.read(channel_topic("jd"), last=1))), settings.partitions
            stray = Producer({"bootstrap.servers": settings.brokers, "log_level": 0})
            other = ((copied.partition() or 0) + 1) % count
            stray.produce(copied.topic(), key=copied.key(), value=copied.value(), partition=other)
            assert stray.flush(30) == 0
            decisions = [CODEC.decode(m.value() or b"") for m in cluster.read("allocations")]
            allocated = [record for name, record in decisions if name == "OrderAllocated"]
            sent = [s for record in allocated[::3] for s in shipments(record, _START_MS)]
            cluster.publish([("shipments", s["order_id"], "Shipped", s) for s in sent])
            until(cluster.at_rest, bool, "the shipments are booked")
            assert workers.stop() == [0], workers.log(0).read_text()[-2000:]
        finally:
            workers.stop()
        yield Trade(settings, cluster, kafka)


@contextmanager
def again(trade: Trade, data: Path) -> Iterator[Trade]:
    """The same day on a broker of its own, with what its worker has kept: whatever is done to it, the first does not feel."""
    trade.kafka.stop(PATIENCE_S)
    # Without the note of its last start: the other broker takes ports of its own.
    shutil.copytree(trade.settings.data, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("kafka.json"))
    trade.kafka.start()
    with LocalKafka(data / "kafka") as kafka:
        settings = replace(trade.settings, brokers=kafka.bootstrap, data=data)
        yield Trade(settings, Cluster(settings), kafka)


@contextmanager
def copied(trade: Trade, data: Path, change: Callable[[str, int, Message], bytes | None]) -> Iterator[Trade]:
    """The same log on another broker, each record as ``change`` says (None leaves it out); all of it counts as decided."""
    with LocalKafka(data / "kafka") as kafka:
        settings = replace(trade.settings, brokers=kafka.bootstrap, data=data)
        cluster = Cluster(settings)
        cluster.create_topics()
        dated_by_producers(settings.brokers)
        producer = Producer({"bootstrap.servers": settings.brokers, "log_level": 0, "linger.ms": 5})
        for topic in TOPICS:
            for m in trade.cluster.read(topic):
                value = change(topic, int(m.offset() or 0), m)
                if value is not None:
                    producer.produce(
                        topic,
                        key=m.key(),
                        value=value,
                        partition=m.partition(),
                        timestamp=m.timestamp()[1],
                        headers=m.headers() if topic == QUARANTINE else None,
                    )
                producer.poll(0)
        assert producer.flush(60) == 0
        _all_is_decided(settings)
        yield Trade(settings, cluster, kafka)


def _all_is_decided(settings: Settings) -> None:
    consumer = Consumer({"bootstrap.servers": settings.brokers, "group.id": settings.app_id, "log_level": 0})
    try:
        inputs = [
            TopicPartition(t, p)
            for stage in stages("decisions")
            for t in stage.reads
            for p in range(settings.partitions)
        ]
        ends = [TopicPartition(tp.topic, tp.partition, consumer.get_watermark_offsets(tp, 30)[1]) for tp in inputs]
        # A broker that has just started doesn't know yet which groups it coordinates.
        patiently(lambda: consumer.commit(offsets=ends, asynchronous=False), PATIENCE_S)
    finally:
        consumer.close()
