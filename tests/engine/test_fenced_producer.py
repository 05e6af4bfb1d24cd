"""A producer that another one has fenced ends in order, with whatever it still owes: the worker goes on with a new one.

The binding raises what killed the producer from inside a call, and goes on calling back about deliveries, which then fails with a
SystemError: out of ``flush`` and of every other call that serves callbacks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from streams.engine.errors import ProducerFenced
from streams.engine.options import Options
from streams.engine.transaction import Transactor
from streams.engine.work import Work
from tests.conftest import Unique


@contextmanager
def fenced(brokers: str, topic: str) -> Iterator[Transactor]:
    """A transactor in a transaction: fenced, and neither told so nor of its deliveries."""
    admin = AdminClient({"bootstrap.servers": brokers})
    admin.create_topics([NewTopic(topic, 4, 1)])[topic].result(20)
    fenced, other = (Transactor(brokers, topic, Options(kafka={"log_level": 0})) for _ in range(2))
    fenced.start()
    fenced._producer.begin_transaction()
    other.start()
    for partition in range(4):
        for _ in range(50):
            fenced._producer.produce(topic, b"x", partition=partition, on_delivery=lambda _, message: message.offset())
    time.sleep(1.5)
    try:
        yield fenced
    finally:
        other.close()


def test_it_closes_with_deliveries_owed(kafka: str, unique: Unique) -> None:
    for _ in range(3):
        with fenced(kafka, unique()) as transactor:
            transactor.close()


class Begun:
    """A producer whose transaction has begun and which took its messages before it was fenced; all else is the real one's."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def begin_transaction(self) -> None: ...

    def produce_batch(self, topic: str, messages: list[Any], partition: int) -> int:
        return len(messages)


def test_whatever_call_hears_of_it_says_fenced(kafka: str, unique: Unique, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = unique()
    with fenced(kafka, topic) as transactor:
        monkeypatch.setattr(transactor, "_producer", Begun(transactor._producer))
        work = Work()
        work.put(("t", 0), {b"k": b"v"}, {b"k": b"v"})
        with pytest.raises(ProducerFenced):
            transactor.commit(work, None, {"t": topic})
        transactor.close()
