"""A broker that is coming back answers before it knows its groups: a worker that starts meanwhile waits for it, and says so once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from deploy.local import LocalKafka
from streams.engine.asking import patiently
from streams.engine.errors import KafkaFault
from streams.engine.footing import commits_of
from tests.conftest import Unique
from tests.engine.harness import expected, orders, rig

WAITS = "the worker waits"
NOT_YET = KafkaException(KafkaError(KafkaError.NOT_COORDINATOR))
NEVER = KafkaException(KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED))


@pytest.mark.long
def test_a_worker_that_starts_while_the_broker_comes_back_waits_for_it(unique: Unique, tmp_path: Path) -> None:
    with LocalKafka(tmp_path / "kafka") as kafka, rig(kafka.bootstrap, unique(), tmp_path, partitions=2) as it:
        it.feed(orders(200, seed=1))
        first = it.start()
        it.wait_for(expected(it.read(f"{it.app_id}-in")))
        assert it.stop(first) == 0, it.log()
        kafka.kill()
        second = it.start(PATIENCE_S=300)
        it.until(lambda: second.poll() is not None or WAITS in it.log(), "it says that it waits")
        # It answers some seconds before the session of its killed self is over and it may coordinate groups again.
        kafka.start()
        it.feed([(b"new%d" % i, b"g1") for i in range(100)])
        due = expected(it.read(f"{it.app_id}-in"))
        it.until(lambda: second.poll() is not None or it.decided() == due, "the rest is decided")
        assert second.poll() is None, it.log()
        assert it.stop(second) == 0, it.log()
        assert it.decided() == due
        assert it.log().count(WAITS) == 1


class Broker:
    """Refuses so often, with what it is given; counts how often it is asked."""

    def __init__(self, *refusals: Exception) -> None:
        self.refusals = list(refusals)
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.refusals:
            raise self.refusals.pop(0)
        return "answer"


def fault(cause: Exception) -> KafkaFault:
    exc = KafkaFault("away")
    exc.__cause__ = cause
    return exc


def told_of(ask: Callable[[], str], within_s: float = 60.0) -> list[Exception]:
    told: list[Exception] = []
    assert patiently(ask, within_s, told.append) == "answer"
    return told


def test_what_passes_is_asked_again() -> None:
    refusals = [NOT_YET, fault(NOT_YET), TimeoutError()]
    assert told_of(Broker(*refusals)) == refusals


@pytest.mark.parametrize("refusal", [NEVER, fault(NEVER), KafkaFault("of its own"), ValueError("no answer at all")])
def test_what_does_not_pass_is_final(refusal: Exception) -> None:
    broker = Broker(refusal)
    with pytest.raises(type(refusal)):
        patiently(broker, 60.0)
    assert broker.asked == 1


def test_patience_ends() -> None:
    began = time.monotonic()
    with pytest.raises(KafkaException):
        patiently(Broker(*[NOT_YET] * 100), 0.2)
    assert time.monotonic() - began < 20.0


def test_a_partition_without_an_answer_is_asked_again() -> None:
    """The call as a whole may succeed, and one partition's answer be an error."""
    refused = TopicPartition("in", 0)
    refused_error = KafkaError(KafkaError.COORDINATOR_LOAD_IN_PROGRESS)

    class Answer:
        topic, partition, offset, metadata, error = refused.topic, refused.partition, -1, "", refused_error

    answers = [[Answer()], [TopicPartition("in", 0, 7)]]
    found = patiently(lambda: commits_of(answers.pop(0)), 60.0)  # type: ignore[arg-type]
    assert found["in", 0].offset == 7
