"""What the benchmark does with topics: creates, fills and deletes them, and sees how far a contestant has got by offsets alone.

Nothing here reads records while a contestant is timed: on two cores a reader would be taken from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

#: A small order's size on the wire.
VALUE_BYTES = 110
#: One in so many orders comes twice.
REPEATED_EVERY = 25
_TIMEOUT_S = 60.0


def create(brokers: str, topics: Iterable[str], partitions: int, config: dict[str, str] | None = None) -> None:
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 3})
    new = [NewTopic(topic, partitions, 1, config=config or {}) for topic in topics]
    for future in admin.create_topics(new).values():
        future.result(_TIMEOUT_S)


def delete(brokers: str, prefix: str) -> None:
    """Deletes the topics whose names begin with ``prefix``: a contestant's leftovers are not its successor's load."""
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 3})
    topics = [topic for topic in admin.list_topics(timeout=_TIMEOUT_S).topics if topic.startswith(prefix)]
    for future in (admin.delete_topics(topics) if topics else {}).values():
        future.result(_TIMEOUT_S)


def publish(brokers: str, topic: str, orders: int, start: int = 0) -> int:
    """Orders numbered from ``start`` on; every 25th is followed by a repeat of the one half as far from the first.

    Returns:
        How many records that were.
    """
    # Batches as Confluent's "Optimize for throughput" page advises.
    properties = {"partitioner": "murmur2_random", "linger.ms": 20, "batch.size": 200_000, "compression.type": "lz4"}
    producer = Producer(
        {"bootstrap.servers": brokers, "log_level": 3, "queue.buffering.max.messages": 1_000_000, **properties}
    )
    records = 0
    for number in range(orders):
        new = start + number
        for order in (new, new // 2) if new % REPEATED_EVERY == 0 else (new,):
            key, value = b"taobao:%015d" % order, (b"%d," % order) * (VALUE_BYTES // 8)
            records += 1
            while True:
                try:
                    producer.produce(topic, key=key, value=value)
                    break
                except BufferError:
                    producer.poll(0.1)
    producer.flush()
    return records


class Progress:
    """How far a contestant is, by offsets: its group's committed ones, or the output topic's end."""

    def __init__(self, brokers: str, group: str, source: str, sink: str, partitions: int) -> None:
        self._admin = AdminClient({"bootstrap.servers": brokers, "log_level": 3})
        # Never subscribes, so it is no member of the group. (The admin client's own call for this can crash the process: librdkafka hands
        # an answer with a coordinator's error to a consumer group that an admin client does not have.)
        self._member = Consumer(
            {"bootstrap.servers": brokers, "group.id": group, "enable.auto.commit": False, "log_level": 3}
        )
        self._source = [TopicPartition(source, partition) for partition in range(partitions)]
        self._sink = [TopicPartition(sink, partition) for partition in range(partitions)]

    def committed(self) -> int:
        """Input records whose offsets the group has committed; 0 while its coordinator can not tell."""
        try:
            return sum(max(tp.offset, 0) for tp in self._member.committed(self._source, timeout=_TIMEOUT_S))
        except KafkaException:
            # A contestant that never joins is noticed by the caller.
            return 0

    def close(self) -> None:
        self._member.close()

    def emitted(self) -> int:
        """Records in the output topic, markers of transactions included; 0 while a partition has no leader yet."""
        try:
            ends = self._admin.list_offsets({tp: OffsetSpec.latest() for tp in self._sink})
            return sum(end.result(_TIMEOUT_S).offset for end in ends.values())
        except KafkaException:
            return 0


def count_keys(brokers: str, topic: str, partitions: int) -> Counter[bytes]:
    """How often each key stands in the topic, as a reader of committed records sees it."""
    properties = {"isolation.level": "read_committed", "enable.partition.eof": True, "auto.offset.reset": "earliest"}
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": "bench-check", "enable.auto.commit": False, **properties}
    )
    found: Counter[bytes] = Counter()
    todo = set(range(partitions))
    try:
        consumer.assign([TopicPartition(topic, partition, 0) for partition in todo])
        while todo:
            for record in consumer.consume(10_000, 1.0):
                if record.error() is not None:
                    todo.discard(record.partition())
                else:
                    found[record.key()] += 1
    finally:
        consumer.close()
    return found
