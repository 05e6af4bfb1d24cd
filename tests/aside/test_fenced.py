"""What a person's command has written stands when it ends: the next command reads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from streams.aside.fenced import Message, fenced
from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.ops import audit
from streams.ops.actor import ALL_RIGHTS, Actor
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.conftest import Unique

LI = Actor("li", ALL_RIGHTS)


@pytest.fixture
def cluster(kafka: str, unique: Unique, tmp_path: Path) -> Cluster:
    it = Cluster(Settings.from_env({"PENSTOCK_DATA": str(tmp_path), "PENSTOCK_APP_ID": unique()}, brokers=kafka))
    it.create_topics()
    return it


@pytest.fixture
def topic(kafka: str, unique: Unique) -> str:
    """Of one partition and its own: a transaction that is open on it holds up nobody else."""
    name = unique()
    Admin(kafka, Options.quiet({})).create(name, 1, 1, {})
    return name


@pytest.fixture
def open_transaction(kafka: str, topic: str, unique: Unique) -> Iterator[Producer]:
    """Somebody else's, on the topic."""
    it = Producer({"bootstrap.servers": kafka, "transactional.id": unique()})
    it.init_transactions()
    it.begin_transaction()
    it.produce(topic, b"theirs")
    it.flush()
    yield it


def test_a_command_ends_when_what_it_wrote_can_be_read(
    cluster: Cluster, topic: str, open_transaction: Producer
) -> None:
    """Markers that are late hold up who reads, as does another's open transaction: that one can be made to last."""
    ended = threading.Timer(1.0, open_transaction.commit_transaction)
    ended.start()
    with fenced(cluster) as operator:
        entry = audit.entry("bundle.removed", f"bundle:{topic}", by=LI, reason="", details={})
        operator.put(entry, [Message(topic, b"key", b"ours")])
    read = [message.value() for message in cluster.read(topic)]
    ended.join()
    assert read == [b"theirs", b"ours"]


def test_a_command_ends_though_anothers_transaction_does_not(
    cluster: Cluster, topic: str, open_transaction: Producer
) -> None:
    began = time.monotonic()
    cluster.settle([topic])
    assert 5 <= time.monotonic() - began < 60
    open_transaction.abort_transaction()
