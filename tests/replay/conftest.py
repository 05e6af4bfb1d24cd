"""A source topic with transactions, an aborted one among them, and the command line against the run's broker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest
from confluent_kafka import KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemas.codec import CODEC
from streams.cli.main import main
from streams.ops.cluster import Cluster, ClusterError
from streams.settings import Settings
from tests.conftest import Unique
from tests.patience import PATIENCE_S
from tests.replay.trade import Trade, traded

#: The time of the first record of every source; each next one is a second later.
START_MS = 1_760_000_000_000
PARTITIONS = 3


class Done(NamedTuple):
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


class Bench:
    """Topics of one test, and ``penstock`` on them."""

    def __init__(self, settings: Settings, name: Unique, run: Callable[..., Done]) -> None:
        self.settings = settings
        self.cluster = Cluster(settings)
        self.name = name
        self.penstock = run
        self._admin = AdminClient({"bootstrap.servers": settings.brokers, "log_level": 0})

    def topic(self, name: str, partitions: int = PARTITIONS) -> str:
        topic = self.name(name)
        self._admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1)])[topic].result(30)
        until(lambda: self._answers(topic), f"{topic} has leaders")
        return topic

    def _answers(self, topic: str) -> bool:
        try:
            return self.read(topic) == []
        except (ClusterError, KafkaException):
            return False

    def source(self, count: int = 300) -> str:
        """A topic of ``count`` committed records in transactions of 100, with as many that were undone in between."""
        topic = self.topic("source")
        self.fill(topic, range(count))
        return topic

    def fill(self, topic: str, numbers: Sequence[int]) -> None:
        producer = Producer(
            {
                "bootstrap.servers": self.settings.brokers,
                "transactional.id": topic,
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )
        producer.init_transactions(60)
        for first in range(0, len(numbers), 100):
            for prefix, end in (("undone", producer.abort_transaction), ("", producer.commit_transaction)):
                producer.begin_transaction()
                for i in numbers[first : first + 100]:
                    producer.produce(
                        topic,
                        key=f"taobao:{i}".encode() if i % 10 else None,
                        value=f"{prefix}{i}".encode(),
                        partition=i % PARTITIONS if i % 10 == 0 else -1,
                        timestamp=START_MS + i * 1_000,
                        headers=[("number", str(i).encode())],
                    )
                producer.flush(60)
                end(60)

    def forget_before(self, topic: str, partition: int, offset: int) -> None:
        """What retention does: the log begins later."""
        from confluent_kafka import TopicPartition

        futures = self._admin.delete_records([TopicPartition(topic, partition, offset)])
        next(iter(futures.values())).result(30)

    def read(self, topic: str) -> list[Message]:
        return list(self.cluster.read(topic))

    def values(self, topic: str) -> list[bytes]:
        return sorted((m.value() or b"" for m in self.read(topic)), key=lambda v: (len(v), v))

    def audit(self, topic: str) -> list[dict[str, Any]]:
        """Entries about a topic, in order."""
        return [CODEC.decode(m.value() or b"")[1] for m in self.cluster.read("audit", key=topic)]

    def groups(self) -> set[str]:
        """Consumer groups that speak of replays."""
        found = self._admin.list_consumer_groups(request_timeout=30).result(30).valid
        return {g.group_id for g in found if "replay" in g.group_id}

    def begin(self, *args: str) -> subprocess.Popen[str]:
        """A command in a process of its own, to be killed."""
        return begun(self.settings, *args)


def begun(settings: Settings, *args: str) -> subprocess.Popen[str]:
    """``penstock`` in a process of its own, with these settings alone."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PENSTOCK_")}
    return subprocess.Popen(
        [sys.executable, "-m", "streams.cli", *args],
        env={**clean, **settings.to_env()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(look: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(0.2)


class Here(Protocol):
    """``penstock`` in this process, with these settings alone."""

    def __call__(self, settings: Settings, *args: str) -> Done: ...


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Spares a new process for each command; what is to be killed is begun in one of its own."""

    def penstock(settings: Settings, *args: str) -> Done:
        for name in [name for name in os.environ if name.startswith("PENSTOCK_")]:
            monkeypatch.delenv(name)
        for name, value in settings.to_env().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["penstock", *args])
        capsys.readouterr()
        with open(os.devnull) as nobody:
            monkeypatch.setattr(sys, "stdin", nobody)
            try:
                main()
                code = 0
            except SystemExit as exc:
                code = int(exc.code or 0)
        return Done(code, *capsys.readouterr())

    return penstock


@pytest.fixture
def bench(kafka: str, unique: Unique, tmp_path: Path, here: Here) -> Bench:
    settings = Settings(brokers=kafka, data=tmp_path, app_id=unique("app"))
    it = Bench(settings, unique, partial(here, settings))
    it.cluster.create_topics()
    return it


@pytest.fixture(scope="package")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """A broker with a day's trade, all decided; tests leave its log as it is."""
    with traded(tmp_path_factory.mktemp("trade")) as it:
        yield it
