"""A broker that has just started, or has handed a partition on, cannot answer for a moment. What is asked of it meanwhile is asked again.

Which answers pass by themselves is said here, for all who ask outside a cycle: librdkafka marks them as retriable for producers alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

from streams.engine.errors import KafkaFault

T = TypeVar("T")

#: Kafka's retriable errors, as far as a question can meet with them, and librdkafka's own for a broker that is away.
PASSING = frozenset(
    (
        # Who coordinates the group is being loaded, or another broker now.
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.UNSTABLE_OFFSET_COMMIT,
        KafkaError._WAIT_COORD,
        # Who leads the partition, or the cluster, is another broker now; or the topic is known to some of them only.
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.NOT_CONTROLLER,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_PARTITION,
        # Nobody is there, or not in time.
        KafkaError.BROKER_NOT_AVAILABLE,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError._TIMED_OUT,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
    )
)

_WAIT_S, _WAIT_MAX_S = 0.1, 1.0


def passes(exc: BaseException) -> bool:
    """Whether the same question may have an answer in a moment."""
    if isinstance(exc, KafkaFault):
        return exc.__cause__ is not None and passes(exc.__cause__)
    if isinstance(exc, KafkaException):
        return exc.args[0].code() in PASSING
    return isinstance(exc, TimeoutError)


def patiently(ask: Callable[[], T], within_s: float, meanwhile: Callable[[Exception], None] = lambda exc: None) -> T:
    """The answer. Blocks; ``meanwhile`` is told of each refusal, and may end it by raising.

    Raises:
        KafkaException, KafkaFault, TimeoutError: what was raised last, when it does not pass or the time is up.
    """
    deadline, wait_s = time.monotonic() + within_s, _WAIT_S
    while True:
        try:
            return ask()
        except (KafkaException, KafkaFault, TimeoutError) as exc:
            if not passes(exc) or time.monotonic() > deadline:
                raise
            meanwhile(exc)
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, _WAIT_MAX_S)
