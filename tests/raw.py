"""Records as no part of the hub writes them: bytes of any kind and of any size."""

from __future__ import annotations

from confluent_kafka import Producer

#: The broker takes it, because it is small when it is compressed; nobody else may send as much.
LARGE = b"no record" * (5 * 1024 * 1024 // 9)


def send(brokers: str, topic: str, key: str, *values: bytes | None) -> None:
    """Puts them there, one after another."""
    limits = {"compression.type": "lz4", "message.max.bytes": 16 * 1024 * 1024}
    producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random", **limits})
    for value in values:
        producer.produce(topic, key=key.encode(), value=value)
    assert producer.flush(30) == 0
