"""How far a replay is: offsets of its source, committed in a group of its own by a transactional producer.

The producer's id is the lock's name. Whoever takes the lock registers that id, which undoes what the last holder left open and shuts it
out: a run that slept through the loss of its lock can neither write to a topic nor move its progress any more.

The broker keeps the offsets for ``offsets.retention.minutes`` (7 days unless set otherwise) after the last commit.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.engine.errors import EngineError, TransactionAborted
from streams.engine.options import Options
from streams.engine.transaction import Transactor
from streams.engine.work import Work
from streams.replay.errors import ReplayStopped
from streams.replay.log import Range
from streams.settings import Settings

_TIMEOUT_S = 30.0
_TRIES = 5


def positions(
    settings: Settings, replay_id: str, topic: str, ranges: tuple[Range, ...], *, settled: bool
) -> dict[int, int]:
    """Per partition the offset to go on from: the range's start where nothing is done yet. Blocks.

    Args:
        settled: wait for a transaction that a killed run has left open; without, what it may still move on is left out.

    Raises:
        ReplayStopped: the broker does not say.
    """
    consumer = _consumer(settings, replay_id, "read_committed" if settled else "read_uncommitted")
    try:
        found = consumer.committed([TopicPartition(topic, r.partition) for r in ranges], timeout=_TIMEOUT_S)
    except KafkaException as exc:
        raise ReplayStopped(f"the broker does not say how far it is: {exc.args[0].str()}") from exc
    finally:
        consumer.close()
    done = {tp.partition: tp.offset for tp in found if tp.offset >= 0}
    return {r.partition: min(max(done.get(r.partition, r.start), r.start), r.end) for r in ranges}


class Progress:
    """Of one replay, by its id. Its methods block; one call at a time.

    Raises:
        ReplayStopped: the broker is away, or another run has taken over.
    """

    def __init__(self, settings: Settings, replay_id: str, lock: str, topic: str) -> None:
        options = Options.quiet(settings.kafka, transaction_timeout_ms=15_000)
        self._topic = topic
        self._consumer = _consumer(settings, replay_id, "read_committed")
        self._transactor = Transactor(settings.brokers, lock, options)

    def start(self) -> None:
        """Shuts out whoever held the lock before."""
        try:
            self._transactor.start()
        except EngineError as exc:
            raise ReplayStopped(str(exc)) from exc

    def commit(self, positions: Mapping[int, int], work: Work) -> None:
        """Commits the positions, and the messages in ``work`` with them, in one transaction."""
        work.offsets.update({(self._topic, partition): offset for partition, offset in positions.items()})
        for attempt in range(_TRIES):
            try:
                self._transactor.commit(work, self._consumer.consumer_group_metadata(), {})
                return
            except TransactionAborted as exc:
                if attempt == _TRIES - 1:
                    raise ReplayStopped(f"the broker undid the transaction {_TRIES} times: {exc}") from exc
                time.sleep(0.2 * 2**attempt)
            except EngineError as exc:
                raise ReplayStopped(str(exc)) from exc
            except KafkaException as exc:
                raise ReplayStopped(exc.args[0].str()) from exc

    def close(self) -> None:
        """Ends the connections."""
        self._transactor.close()
        self._consumer.close()


def _consumer(settings: Settings, replay_id: str, isolation: str) -> Consumer:
    """Never subscribed: its group has no members, so its offsets are whoever's who may write them, which the producer's id decides."""
    properties = {
        "group.id": f"{settings.app_id}-replay.{replay_id}",
        "enable.auto.commit": False,
        "isolation.level": isolation,
    }
    return Consumer(Options.quiet(settings.kafka).client(settings.brokers, **properties))
