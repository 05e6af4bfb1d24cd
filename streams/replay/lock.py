"""One replay of a topic into a target at a time, on whatever machine, for every kind of target.

The lock is the only seat in a consumer group: whoever is assigned the one partition of a small topic holds it; a second member is assigned
nothing and goes. The cooperative protocol never takes a seat from one who sits. The broker frees it when the holder leaves, and
``SESSION_S`` after it was last heard of: a run that was killed, or whose machine is gone, holds it no longer than that.
"""

from __future__ import annotations

import hashlib
import threading

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.engine.options import Options
from streams.replay.errors import ReplayRefused
from streams.settings import Settings

#: One partition, there in every installation, and hardly ever written to. Nothing is read from it.
SEAT_TOPIC = "config.warehouses"
#: The least that a broker with default settings accepts. Too short for a long pause of the process costs no record: see ``progress.py``.
SESSION_S = 6
_JOIN_S = 60.0


def lock_name(app_id: str, topic: str, target: str) -> str:
    """Name of the lock, and the transactional id of whoever holds it. ``target`` is the same text wherever the same target is meant."""
    return f"{app_id}-replay.{hashlib.sha256(f'{topic} into {target}'.encode()).hexdigest()[:16]}"


class Lock:
    """Held from ``acquire`` to ``release``. The consumer lives on a thread of its own, so that it is polled whatever the run does."""

    def __init__(self, settings: Settings, name: str, holder: str) -> None:
        self.name = name
        self._settings = settings
        self._options = Options.quiet(settings.kafka)
        self._holder = holder
        self._held = threading.Event()
        self._answered = threading.Event()
        self._released = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._sit, name="replay-lock", daemon=True)

    def acquire(self, patience_s: float = 0.0) -> None:
        """Returns when it is held.

        Args:
            patience_s: how long to wait for a holder that may be dead: more than ``SESSION_S`` outlasts a killed one.

        Raises:
            ReplayRefused: another replay holds it.
        """
        self._thread.start()
        answered = self._answered.wait(_JOIN_S)
        if answered and self._error is None and not self._held.wait(patience_s):
            other = self._other()
            self.release()
            raise ReplayRefused(
                f"{other} is writing the same topic into the same target: wait for its end, or stop it "
                f"(if it was killed, its lock ends within {SESSION_S} s)"
            )
        if not self._held.is_set():
            self.release()
            raise ReplayRefused(f"the broker gives no lock in group {self.name}: {self._error or 'no answer'}")

    @property
    def held(self) -> bool:
        """False once the group has moved on without us."""
        return self._held.is_set()

    def release(self) -> None:
        """Leaves the group, so that the next may come at once."""
        self._released.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def _sit(self) -> None:
        try:
            consumer = Consumer(
                self._options.client(
                    self._settings.brokers,
                    **{
                        "group.id": self.name,
                        "client.id": self._holder,
                        "group.protocol": "classic",
                        "partition.assignment.strategy": "cooperative-sticky",
                        "session.timeout.ms": SESSION_S * 1000,
                        "heartbeat.interval.ms": 1_000,
                        "enable.auto.commit": False,
                        "auto.offset.reset": "latest",
                    },
                )
            )
            try:
                consumer.subscribe([SEAT_TOPIC], on_assign=self._assigned, on_revoke=self._gone, on_lost=self._gone)
                while not self._released.is_set():
                    consumer.poll(0.2)
            finally:
                self._held.clear()
                consumer.close()
        except (KafkaException, RuntimeError) as exc:
            self._error = exc
            self._held.clear()
            self._answered.set()

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        if partitions:
            # A seat, not an input.
            consumer.pause(partitions)
            self._held.set()
        self._answered.set()

    def _gone(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._held.clear()

    def _other(self) -> str:
        """Who holds it, as far as the broker says."""
        admin = AdminClient(self._options.client(self._settings.brokers))
        try:
            group = admin.describe_consumer_groups([self.name], request_timeout=5.0)[self.name].result(5.0)
            names = [
                m.client_id for m in group.members if m.client_id != self._holder and m.assignment.topic_partitions
            ]
        except (KafkaException, TimeoutError):
            names = []
        return f"replay {names[0]}" if names else "another replay"
