"""Topics as a chaos run needs them: changelogs that the broker's cleaner really compacts while the run lasts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

#: The smallest segments Kafka 4 allows, rolled every few seconds: only closed segments are compacted.
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.bytes": str(1024 * 1024),
    "segment.ms": "3000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "3000",
}


def changelog(app_id: str, table: str) -> str:
    """Faust's name for it."""
    return f"{app_id}-{table}-changelog"


def create(brokers: str, names: Iterable[str], partitions: int, compacted: bool = False) -> None:
    """Creates topics; those that are there stay as they are."""
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
    config = COMPACTED if compacted else {}
    new = [NewTopic(name, num_partitions=partitions, replication_factor=1, config=config) for name in names]
    for future in admin.create_topics(new).values():
        try:
            future.result(60)
        except KafkaException as exc:
            if exc.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def cleaned(broker_folder: Path, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    """How far the broker's cleaner has compacted these topics: (topic, partition) -> first offset it has not looked at."""
    path = broker_folder / "data" / "cleaner-offset-checkpoint"
    wanted, found = set(topics), {}
    if path.exists():
        # Two lines of header, then "topic partition offset".
        for line in path.read_text().splitlines()[2:]:
            topic, partition, offset = line.rsplit(" ", 2)
            if topic in wanted and int(offset) > 0:
                found[topic, int(partition)] = int(offset)
    return found
