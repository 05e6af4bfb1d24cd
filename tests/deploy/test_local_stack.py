"""The local stack against a real broker: started, used, stopped, killed, refused."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

import deploy.local.config
from deploy.local import (
    AlreadyRunning,
    BrokerDied,
    BrokerUnreachable,
    LocalKafka,
    PortTaken,
    broker,
    check_brokers,
)
from deploy.local.__main__ import main
from deploy.local.config import HOST
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """A test that kills it starts it again."""
    with LocalKafka(tmp_path_factory.mktemp("own") / "kafka") as kafka:
        yield kafka


@pytest.fixture(autouse=True)
def no_existing_brokers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PENSTOCK_BROKERS", raising=False)


def produce(bootstrap: str, topic: str, *values: bytes) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for value in values:
        producer.produce(topic, value=value)
    assert producer.flush(20) == 0


def create(bootstrap: str, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])[topic].result(20)


def consume(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0})
    consumer.assign([TopicPartition(topic, 0, 0)])
    found: list[bytes | None] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count and time.monotonic() < deadline:
        found += [message.value() for message in consumer.consume(count, 0.2)]
    consumer.close()
    return found


def test_starts_takes_records_gives_them_back_and_stops(tmp_path: Path) -> None:
    kafka = LocalKafka(tmp_path / "kafka")
    kafka.start()
    try:
        kafka.check()
        create(kafka.bootstrap, "orders")
        produce(kafka.bootstrap, "orders", b"1", b"2")
        assert consume(kafka.bootstrap, "orders", 2) == [b"1", b"2"]
    finally:
        kafka.stop()
    assert not kafka.is_running
    with pytest.raises(BrokerUnreachable):
        kafka.check()
    kafka.stop()  # twice is no error


def test_kill_and_restart_keep_the_port_and_the_records(own: LocalKafka) -> None:
    bootstrap, pid = own.bootstrap, own.pid
    create(bootstrap, "orders")
    produce(bootstrap, "orders", b"before")
    own.kill()
    assert not own.is_running
    own.start()
    assert (own.bootstrap, own.pid == pid) == (bootstrap, False)
    produce(bootstrap, "orders", b"after")
    assert consume(bootstrap, "orders", 2) == [b"before", b"after"]


def test_a_second_start_in_the_same_folder_is_refused_and_seen_from_elsewhere(own: LocalKafka) -> None:
    other = LocalKafka(own.data_dir)
    assert other.is_running and other.pid == own.pid
    with pytest.raises(AlreadyRunning, match=own.bootstrap):
        other.start()
    own.check()


def test_two_stacks_run_side_by_side(own: LocalKafka, tmp_path: Path) -> None:
    with LocalKafka(tmp_path / "second") as second:
        assert second.bootstrap != own.bootstrap
        create(second.bootstrap, "elsewhere")
        produce(second.bootstrap, "elsewhere", b"only there")
        assert "elsewhere" not in AdminClient({"bootstrap.servers": own.bootstrap}).list_topics(timeout=10).topics


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        kafka = LocalKafka(tmp_path / "kafka", port=port)
        with pytest.raises(PortTaken, match=str(port)):
            kafka.start()
    assert not kafka.is_running


def test_a_broker_that_dies_while_starting_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(deploy.local.config.SETTINGS, "process.roles", "broker")
    with pytest.raises(BrokerDied, match=r"(?s)controller.quorum|process.roles"):
        LocalKafka(tmp_path / "kafka").start()


def test_an_existing_broker_is_used_and_nothing_started(
    own: LocalKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PENSTOCK_BROKERS", own.bootstrap)
    folder = tmp_path / "unused"
    with broker(folder) as bootstrap:
        assert bootstrap == own.bootstrap
    assert main(["up", "--data-dir", str(folder)]) == 0
    assert own.bootstrap in capsys.readouterr().out
    assert not folder.exists()


def test_an_existing_broker_that_is_away_gives_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PENSTOCK_BROKERS", "127.0.0.1:1")
    with pytest.raises(BrokerUnreachable, match=r"^No Kafka broker answers at 127\.0\.0\.1:1: .+$"):
        check_brokers("127.0.0.1:1", timeout_s=1.0)
    assert main(["status", "--data-dir", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_up_status_and_down_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--data-dir", str(tmp_path / "kafka")]
    assert main(["status", *folder]) == 2
    try:
        assert main(["up", *folder]) == 0
        assert main(["up", *folder]) == 0  # already there: said, not refused
        assert main(["status", *folder]) == 0
    finally:
        assert main(["down", *folder]) == 0
    assert not LocalKafka(tmp_path / "kafka").is_running
    assert main(["down", *folder]) == 0
    assert "No broker runs" in capsys.readouterr().out


def test_the_broker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from deploy.local import LocalKafka\n"
        "LocalKafka(Path(sys.argv[1])).start(); print('up', flush=True); time.sleep(60)"
    )
    kafka = LocalKafka(tmp_path / "kafka")
    command = [sys.executable, "-c", program, str(kafka.data_dir)]
    starter = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert starter.stdout is not None and starter.stdout.readline() == b"up\n"
        assert kafka.is_running
        os.kill(starter.pid, signal.SIGKILL)
        starter.wait()
        deadline = time.monotonic() + PATIENCE_S
        while kafka.is_running and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not kafka.is_running
    finally:
        starter.kill()
        starter.wait()
        starter.stdout.close()  # type: ignore[union-attr]
        kafka.stop()
