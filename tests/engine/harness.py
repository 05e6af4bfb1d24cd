"""Runs workers of the counting app as real processes against a real Kafka, and says what they must have decided."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.engine import forks
from tests.patience import PATIENCE_S

Record = tuple[bytes, bytes]


class Rig:
    """One app id on one broker: its topics, its input, its workers.

    Workers' logs are in ``folder``; every worker is ended by its own process id when the rig is closed.
    """

    def __init__(self, brokers: str, app_id: str, folder: Path, partitions: int = 4) -> None:
        self.brokers, self.app_id, self.folder, self.partitions = brokers, app_id, folder, partitions
        self.workers: list[forks.Worker] = []
        self.create(f"{app_id}-in", f"{app_id}-out", f"{app_id}.quarantine")

    def create(self, *topics: str, partitions: int | None = None) -> None:
        admin = AdminClient({"bootstrap.servers": self.brokers})
        new = [NewTopic(t, num_partitions=partitions or self.partitions, replication_factor=1) for t in topics]
        for future in admin.create_topics(new).values():
            future.result(PATIENCE_S)

    def feed(self, records: Sequence[Record], topic: str = "in") -> None:
        producer = Producer({"bootstrap.servers": self.brokers, "partitioner": "murmur2_random", "linger.ms": 20})
        for key, value in records:
            producer.produce(f"{self.app_id}-{topic}", key=key, value=value)
        assert producer.flush(PATIENCE_S) == 0

    def start(self, slot: int = 0, module: str = "tests.engine.counting_app", **env: str | int | float) -> forks.Worker:
        """A worker with the data folder of its slot."""
        settings = {
            "BROKERS": self.brokers,
            "APP_ID": self.app_id,
            "DATADIR": str(self.folder / f"worker-{slot}"),
            "PARTITIONS": str(self.partitions),
        }
        worker = forks.start(
            module,
            ["worker", "-l", "warn", "--without-web"],
            {**os.environ, **settings, **{k: str(v) for k, v in env.items()}},
            self.folder / f"worker-{slot}.log",
        )
        self.workers.append(worker)
        return worker

    def log(self, slot: int = 0) -> str:
        return (self.folder / f"worker-{slot}.log").read_text(errors="replace")

    def decided(self, isolation: str = "read_committed") -> dict[int, list[Record]]:
        """What stands in the output topic: per partition (key, value), in order."""
        found: dict[int, list[Record]] = {p: [] for p in range(self.partitions)}
        for message in self.read(f"{self.app_id}-out", isolation):
            found[message.partition()].append((message.key(), message.value()))
        return found

    def read(self, topic: str, isolation: str = "read_committed") -> list[Message]:
        """All records of a topic, up to its present end."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.brokers,
                "group.id": "reader",
                "enable.auto.commit": False,
                "isolation.level": isolation,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
            }
        )
        try:
            partitions = range(len(consumer.list_topics(topic, 10).topics[topic].partitions))
            consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
            found, ended = [], set()
            deadline = time.monotonic() + PATIENCE_S
            while len(ended) < len(partitions):
                assert time.monotonic() < deadline, f"{topic} has no end"
                for message in consumer.consume(10_000, 0.2):
                    if message.error() is None:
                        found.append(message)
                    else:
                        ended.add(message.partition())
            return found
        finally:
            consumer.close()

    def until(self, fits: Callable[[], object], what: str, slot: int = 0) -> None:
        """Looks again and again; fails with what the slot's worker says."""
        deadline = time.monotonic() + PATIENCE_S
        while not fits():
            assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}\n{self.log(slot)}"
            time.sleep(0.1)

    def works(self) -> bool:
        """Whether anything is decided yet."""
        return any(self.decided().values())

    def wait_for(self, expected: Mapping[int, Sequence[Record]], timeout_s: float = PATIENCE_S) -> None:
        """Until as many records stand in the output as expected, or a worker has died of itself."""
        total = sum(map(len, expected.values()))
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if sum(map(len, self.decided().values())) >= total:
                return
            time.sleep(0.3)
        raise AssertionError(
            f"{sum(map(len, self.decided().values()))} of {total} decided in {timeout_s} s\n{self.log()}"
        )

    def wait_until_read(self, topic: str, timeout_s: float = PATIENCE_S) -> None:
        """Until the group has committed the topic's end."""
        consumer = Consumer({"bootstrap.servers": self.brokers, "group.id": self.app_id})
        try:
            tps = [TopicPartition(f"{self.app_id}-{topic}", p) for p in range(self.partitions)]
            deadline = time.monotonic() + timeout_s
            while any(
                max(at.offset, 0) < consumer.get_watermark_offsets(at, timeout=PATIENCE_S)[1]
                for at in consumer.committed(tps, timeout=PATIENCE_S)
            ):
                assert time.monotonic() < deadline, f"{topic} is not read to its end\n{self.log()}"
                time.sleep(0.2)
        finally:
            consumer.close()

    def members(self) -> int:
        """Of the app's consumer group, as the broker knows it."""
        return len(self.held())

    def held(self) -> list[int]:
        """How many partitions each member has."""
        admin = AdminClient({"bootstrap.servers": self.brokers})
        group = admin.describe_consumer_groups([self.app_id])[self.app_id].result(PATIENCE_S)
        return [len(member.assignment.topic_partitions) if member.assignment else 0 for member in group.members]

    def stop(self, worker: forks.Worker, timeout_s: float = PATIENCE_S) -> int:
        """SIGTERM; returns the exit code."""
        worker.send_signal(signal.SIGTERM)
        return worker.wait(timeout_s)

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()


@contextmanager
def rig(brokers: str, app_id: str, folder: Path, partitions: int = 4) -> Iterator[Rig]:
    opened = Rig(brokers, app_id, folder, partitions)
    try:
        yield opened
    finally:
        opened.close()


def orders(count: int, seed: int, poison: int = 0) -> list[Record]:
    """``count`` records, a tenth of them repeats of an earlier key; ``poison`` of them indigestible."""
    chance = random.Random(seed)
    records = []
    for i in range(count):
        key = chance.randrange(i) if i and chance.random() < 0.1 else i
        records.append((b"k%d" % key, b"g%d" % (key % 7)))
    for i in range(poison):
        records.insert(chance.randrange(len(records)), (b"poison%d" % i, b"poison"))
    return records


def expected(read: Sequence[Message]) -> dict[int, list[Record]]:
    """What an undisturbed run decides on the input as it stands in the log, partition by partition."""
    decided: dict[int, list[Record]] = {}
    seen: set[bytes] = set()
    counts: dict[tuple[int, bytes], int] = {}
    for message in sorted(read, key=lambda m: (m.partition(), m.offset())):
        key, group, partition = message.key(), message.value(), message.partition()
        decided.setdefault(partition, [])
        if group.startswith((b"poison", b"huge", b"keyless")) or key in seen:
            continue
        seen.add(key)
        counts[partition, group] = counts.get((partition, group), 0) + 1
        decided[partition].append((key, b"%s:%d" % (group, counts[partition, group])))
    return decided
