"""The guard before a real broker: a consumer that misbehaves, and logs with real gaps."""

from __future__ import annotations

import itertools
import logging
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from streams.engine import KafkaFault
from streams.engine.guard import Guard, Told
from tests.conftest import Unique

Messages = list[Any]
#: Told each batch with records; answers what is handed over instead.
Mischief = Callable[[Messages], Messages]


class Misbehaving:
    """A real consumer, whose batches pass through ``mischief`` as long as there is any."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.mischief: deque[Mischief] = deque()
        self.sought: list[int] = []

    def consume(self, count: int, timeout_s: float) -> Messages:
        messages = self._consumer.consume(count, timeout_s)
        if any(m.error() is None for m in messages) and self.mischief:
            return self.mischief.popleft()(messages)
        return messages

    def seek(self, partition: TopicPartition) -> None:
        self.sought.append(partition.offset)
        self._consumer.seek(partition)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)


class Log:
    """One partition on a real broker, its guarded reader, and what the guard told."""

    def __init__(self, brokers: str, topic: str) -> None:
        self.topic = topic
        self._admin = AdminClient({"bootstrap.servers": brokers})
        self.create()
        self._plain = Producer({"bootstrap.servers": brokers, "log_level": 0})
        self._transactions = Producer({"bootstrap.servers": brokers, "transactional.id": topic, "log_level": 0})
        self._transactions.init_transactions(60)
        self.told: Counter[str] = Counter()
        properties = {
            "bootstrap.servers": brokers,
            "group.id": topic,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 20,
        }
        self.consumer = Misbehaving(Consumer(properties))
        told = Told(
            stale=lambda _, count: self.told.update(stale=count),
            missing=lambda _, count: self.told.update(missing=count),
        )
        self.guard = Guard(self.consumer, properties, told)

    def create(self) -> None:
        self._admin.create_topics([NewTopic(self.topic, 1, 1)])[self.topic].result(60)

    def write(self, count: int) -> None:
        for _ in range(count):
            self._plain.produce(self.topic, value=b"x", partition=0)
        assert self._plain.flush(60) == 0

    def transact(self, count: int, *, commit: bool = True) -> None:
        self._transactions.begin_transaction()
        for _ in range(count):
            self._transactions.produce(self.topic, value=b"x", partition=0)
        assert self._transactions.flush(60) == 0
        (self._transactions.commit_transaction if commit else self._transactions.abort_transaction)(60)

    def cut(self, before: int) -> None:
        """As retention does."""
        self._admin.delete_records([TopicPartition(self.topic, 0, before)])[TopicPartition(self.topic, 0)].result(60)

    def place(self, offset: int) -> None:
        self.guard.assign([TopicPartition(self.topic, 0, offset)])

    def read(self) -> list[int]:
        """Offsets, up to the log's end, as they are let through."""
        found: list[int] = []
        for _ in range(300):
            for message in self.guard.take(100, 0.2):
                error = message.error()
                if error is None:
                    found.append(message.offset())
                elif error.code() == KafkaError._PARTITION_EOF:
                    return found
        raise AssertionError(f"no end; read so far: {found}")


@pytest.fixture
def log(kafka: str, unique: Unique) -> Iterator[Log]:
    made = Log(kafka, unique())
    yield made
    made.consumer.close()


def all_but(*offsets: int) -> Mischief:
    return lambda messages: [m for m in messages if m.error() is not None or m.offset() not in offsets]


def test_records_from_before_the_position_are_dropped_and_counted(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.write(20)
    before: Messages = []

    def remembered(messages: Messages) -> Messages:
        before.extend(m for m in messages if m.error() is None)
        return messages

    log.consumer.mischief.append(remembered)
    log.place(0)
    assert log.read() == list(range(20))
    log.consumer.mischief.append(lambda messages: before[:12] + messages)
    log.place(12)
    assert log.read() == list(range(12, 20))
    assert log.told == {"stale": 12} and log.consumer.sought == []
    assert "12 records from before its position" in caplog.text


def test_records_twice_are_taken_once(log: Log) -> None:
    log.write(20)
    log.consumer.mischief.append(lambda messages: [m for m in messages for _ in range(2) if m.error() is None])
    log.place(0)
    log.guard.take(100, 2.0)
    assert log.told["stale"] == 20 and log.guard.take(100, 0.2) == []


@pytest.mark.parametrize("missing", [(0,), (0, 1, 2), (7, 8), (7, 8, 9, 15, 16), (18, 19)])
def test_records_passed_over_are_read_again(log: Log, missing: tuple[int, ...]) -> None:
    log.write(20)
    log.consumer.mischief.append(all_but(*missing))
    log.place(0)
    assert log.read() == list(range(20))
    assert log.consumer.sought[0] == missing[0]


def test_markers_and_undone_transactions_are_gaps_by_nature(log: Log) -> None:
    log.transact(3, commit=False)
    log.transact(2)
    log.transact(5, commit=False)
    log.transact(1)
    log.transact(1)
    log.write(2)
    log.place(0)
    assert log.read() == [4, 5, 13, 15, 17, 18]
    for start in (6, 14):
        # A group's committed offset stands before a marker.
        log.place(start)
        assert log.read() == [offset for offset in (4, 5, 13, 15, 17, 18) if offset >= start]
    assert log.consumer.sought == [] and not log.told


def test_undone_at_the_end_is_the_end(log: Log) -> None:
    log.write(2)
    log.transact(6, commit=False)
    log.place(0)
    assert log.read() == [0, 1]
    log.write(1)
    assert log.read() == [9]
    assert log.consumer.sought == []


def test_what_retention_took_unread_is_told_and_gone_on_with(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.write(20)
    log.cut(12)
    log.place(5)
    assert log.read() == list(range(12, 20))
    assert log.told == {"missing": 7}
    assert f"{log.topic}/0 offsets 5 to 11 are gone" in caplog.text


def test_a_log_of_which_nothing_is_left_is_told_too(log: Log) -> None:
    log.write(20)
    log.cut(20)
    log.place(5)
    assert log.read() == []
    assert log.told == {"missing": 15}
    log.write(1)
    assert log.read() == [20]


def test_who_begins_at_the_beginning_misses_nothing(log: Log) -> None:
    log.write(20)
    log.cut(12)
    log.place(OFFSET_BEGINNING)
    assert log.read() == list(range(12, 20))
    assert not log.told


def test_a_cut_and_a_record_passed_over_at_once(log: Log) -> None:
    log.write(20)
    log.cut(12)
    log.consumer.mischief.append(all_but(12, 13))
    log.place(5)
    assert log.read() == list(range(12, 20))
    assert log.told == {"missing": 7} and log.consumer.sought == [12]


def test_nobody_else_takes_records_from_a_consumer() -> None:
    root = Path(__file__).parents[2]
    taking = {
        path.relative_to(root).as_posix()
        for path in (*root.glob("streams/**/*.py"), *root.glob("connectors/**/*.py"))
        if re.search(r"import .*\bConsumer\b", text := path.read_text()) and re.search(r"\.(consume|poll)\(", text)
    }
    # The lock's consumer is there for its seat; the others' polls are their own, on top of a guard or of a producer.
    others = {"streams/replay/lock.py", "streams/ops/cluster.py", "streams/monitor/reader.py"}
    others |= {"connectors/channels/reconcile/follow.py", "streams/replay/log.py"}
    assert taking == {"streams/engine/guard.py", *others}
    for path in others - {"streams/replay/lock.py"}:
        assert not re.search(r"onsumer\.(consume|poll)\(", (root / path).read_text()), path


def test_another_log_under_the_same_name_is_refused(log: Log) -> None:
    log.write(3)
    log.place(10)
    with pytest.raises(KafkaFault, match=f"{log.topic}/0 ends at offset 3, before 10"):
        log.read()


def test_a_record_that_is_never_handed_over_stops_the_reader(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.write(20)
    log.consumer.mischief.extend(itertools.repeat(all_but(7, 8), 30))
    log.place(0)
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(KafkaFault, match="offset 7 is in the log and is not handed over"),
    ):
        log.read()
    assert log.consumer.sought == [7] * 5
