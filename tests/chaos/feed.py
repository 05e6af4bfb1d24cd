"""Publishes a run's input: every record once, in order, however long the broker is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from confluent_kafka import KafkaError, Message, Producer


class Sent(NamedTuple):
    """A record of the input."""

    topic: str
    key: bytes | None
    value: bytes | None


class Feed:
    """A thread that publishes as far as it is allowed to: the faults are laid along the input.

    Idempotent and without a limit of time: what stands in the log is the input, record by record, whatever befalls the broker.
    """

    def __init__(self, brokers: str, records: Sequence[Sent]) -> None:
        self._records = records
        self._allowed = self.sent = 0
        self._pace = 0.0
        self._stopped = False
        self._refused: KafkaError | None = None
        self._producer = endless_producer(brokers)
        self._thread = threading.Thread(target=self._run, name="chaos-feed", daemon=True)
        self._thread.start()

    def open(self, share: float, over_s: float) -> None:
        """Lets this share of the whole input through, the new part of it spread over some seconds."""
        target = max(self._allowed, int(share * len(self._records)))
        self._pace = max(1.0, (target - self.sent) / max(over_s, 0.01))
        self._allowed = target

    def trickle(self) -> None:
        """Lets a two-hundredth more of the input through."""
        self._allowed = min(len(self._records), max(self._allowed, self.sent) + max(1, len(self._records) // 200))

    def done(self) -> bool:
        """Everything is on the broker."""
        if self._refused is not None:
            raise RuntimeError(f"the broker refused a record of the input: {self._refused.str()}")
        return self.sent == len(self._records) and len(self._producer) == 0

    def stop(self) -> None:
        self._stopped = True
        self._thread.join()
        self._producer.purge()

    def _run(self) -> None:
        while not self._stopped:
            if self.sent >= self._allowed:
                self._producer.poll(0.05)
                continue
            slice_end = min(self._allowed, self.sent + max(1, int(self._pace / 20)))
            for topic, key, value in self._records[self.sent : slice_end]:
                while not self._stopped:
                    try:
                        # Without a key it would be chance that gives the partition, and runs could not be compared.
                        where = {"partition": 0} if key is None else {}
                        self._producer.produce(topic, key=key, value=value, on_delivery=self._delivered, **where)
                        break
                    except BufferError:
                        self._producer.poll(0.1)
            self.sent = slice_end
            self._producer.poll(0)
            time.sleep(0.05)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None and not self._stopped:
            self._refused = error


def endless_producer(brokers: str) -> Producer:
    """Java clients' partitioner; tries for ever, in order, without repeating itself."""
    return Producer(
        {
            "bootstrap.servers": brokers,
            "log_level": 0,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 10,
            "message.timeout.ms": 0,
            "message.max.bytes": 4 * 1024 * 1024,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
