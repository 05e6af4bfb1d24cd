"""Of confluent-kafka what the engine's own code uses: the producers, and the consumer that restores state by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException

from tests.simulation.clock import Crash, worker_now
from tests.simulation.kafka import TP, Broker, Refused, Txn


class EndOfPartition(NamedTuple):
    """What a consumer is told on reaching the end of what it may see."""

    tp: TP
    position: int

    def topic(self) -> str:
        return self.tp[0]

    def partition(self) -> int:
        return self.tp[1]

    def offset(self) -> int:
        return self.position

    def error(self) -> KafkaError:
        return KafkaError(KafkaError._PARTITION_EOF)


class Clients:
    """The clients that the engine's modules construct, bound to one broker.

    ``commit_fault()`` is asked at each commit: None, or what goes wrong: "undone" (refused), "fenced" (undone, and the producer dead) or
    "unknown" (carried out, and the producer dead without knowing).
    """

    def __init__(self, broker: Broker, commit_fault: Callable[[], str | None]) -> None:
        self.broker = broker
        self.commit_fault = commit_fault

    def producer(self, properties: dict[str, Any]) -> ProducerClient:
        return ProducerClient(self, properties["transactional.id"])

    def plain_producer(self, properties: dict[str, Any]) -> PlainProducer:
        return PlainProducer(self.broker)

    def consumer(self, properties: dict[str, Any]) -> ConsumerClient:
        return ConsumerClient(self.broker, properties["isolation.level"] == "read_committed")


class ProducerClient:
    """confluent_kafka.Producer with a transactional id."""

    def __init__(self, clients: Clients, producer: str) -> None:
        self._clients, self._broker, self._id = clients, clients.broker, producer
        self._epoch = -1
        self._txn: Txn | None = None
        self._dead: KafkaError | None = None
        self._reports: list[Callable[[], None]] = []

    def init_transactions(self, timeout: float) -> None:
        self._epoch = self._do(self._broker.register, self._id)

    def begin_transaction(self) -> None:
        self._reports.clear()
        self._txn = self._do(self._broker.begin, self._id, self._epoch)

    def produce(self, topic: str, **message: Any) -> None:
        self.produce_batch(topic, [message], message.pop("partition", -1))

    def produce_batch(self, topic: str, messages: list[dict[str, Any]], partition: int = -1) -> int:
        for message in messages:
            key = message.get("key")
            tp = (topic, partition) if partition >= 0 else self._broker.partition_of(topic, key)
            entry = self._do(
                self._broker.produce, self._txn, self._epoch, tp, key, message.get("value"), message.get("headers")
            )
            if report := message.get("callback"):
                self._reports.append(lambda report=report, entry=entry: report(None, entry))
        return len(messages)

    def send_offsets_to_transaction(self, offsets: Iterable[Any], group: Any, timeout: float) -> None:
        at = {(p.topic, p.partition): p.offset for p in offsets}
        self._do(self._broker.send_offsets, self._txn, self._epoch, at, group)

    def commit_transaction(self, timeout: float) -> None:
        for report in self._reports:
            report()
        fault = self._clients.commit_fault()
        if fault == "undone":
            self._do(self._refuse)
        if fault == "fenced":
            self._broker.fence(self._id)
        self._do(self._broker.end_txn, self._txn, self._epoch, True)
        if fault == "unknown":
            self._broker.fence(self._id)
            self._do(self._broker.begin, self._id, self._epoch)

    def abort_transaction(self, timeout: float) -> None:
        self._do(self._broker.end_txn, self._txn, self._epoch, False)

    def poll(self, timeout: float) -> int:
        return 0

    def flush(self, timeout: float) -> int:
        return 0

    def purge(self) -> None: ...

    def _refuse(self) -> None:
        raise Refused(KafkaError.UNKNOWN_PRODUCER_ID, "refused", False)

    def _do(self, action: Callable[..., Any], *args: Any) -> Any:
        worker = worker_now.get()
        if worker is not None and not worker.alive:
            raise Crash
        if self._dead is not None:
            raise KafkaException(self._dead)
        try:
            return action(*args)
        except Refused as exc:
            if exc.error.fatal():
                self._dead = exc.error
            raise KafkaException(exc.error) from exc


class PlainProducer:
    """confluent_kafka.Producer without transactions: a record is written, and told of, at once."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def produce(self, topic: str, *, key: bytes, value: bytes, on_delivery: Callable[[None, Any], None]) -> None:
        on_delivery(None, self._broker.publish(topic, key, value))

    def flush(self, timeout: float) -> int:
        return 0


class ConsumerClient:
    """confluent_kafka.Consumer, assigned by hand."""

    def __init__(self, broker: Broker, committed: bool) -> None:
        self._broker, self._committed = broker, committed
        self._positions: dict[TP, int] = {}
        self._told: dict[TP, int] = {}

    def get_watermark_offsets(self, partition: Any, timeout: float) -> tuple[int, int]:
        return 0, self._broker.end((partition.topic, partition.partition))

    def assign(self, partitions: Iterable[Any]) -> None:
        self._positions = {(p.topic, p.partition): p.offset for p in partitions}

    def consume(self, count: int, timeout: float) -> list[Any]:
        found: list[Any] = []
        for tp, position in self._positions.items():
            records, self._positions[tp] = self._broker.read(tp, position, count, self._committed)
            found += records
            end = self._broker.stable_end(tp) if self._committed else self._broker.end(tp)
            if self._positions[tp] >= end and self._told.get(tp) != end:
                self._told[tp] = end
                found.append(EndOfPartition(tp, end))
        if not found:
            self._broker.loop.pass_time(timeout)
        return found

    def close(self) -> None: ...
