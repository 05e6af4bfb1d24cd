"""Of confluent-kafka what the engine's own code uses: the producers, and the consumer that is placed by hand.

A consumer may be given to mischief: it hands over records from before its position, records twice, and passes records over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException

from tests.simulation.clock import Crash, worker_now
from tests.simulation.kafka import TP, Broker, Refused, Txn
from tests.simulation.orders import MESSAGE_MAX


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
    "unknown" (carried out, and the producer dead without knowing). ``mischief()`` is asked whenever consumers hand something over: how
    likely they do it wrongly.
    """

    def __init__(
        self, broker: Broker, commit_fault: Callable[[], str | None], mischief: Callable[[], float] = lambda: 0.0
    ) -> None:
        self.broker = broker
        self.commit_fault = commit_fault
        self.mischief = mischief
        #: What consumers did wrongly, and how often.
        self.done: Counter[str] = Counter()

    def producer(self, properties: dict[str, Any]) -> ProducerClient:
        return ProducerClient(self, properties["transactional.id"])

    def plain_producer(self, properties: dict[str, Any]) -> PlainProducer:
        return PlainProducer(self.broker)

    def consumer(self, properties: dict[str, Any]) -> ConsumerClient:
        """One that does what it should."""
        return ConsumerClient(self.broker, properties["isolation.level"] == "read_committed")

    def reader(self, properties: dict[str, Any]) -> ConsumerClient:
        """One that is given to mischief."""
        return ConsumerClient(self.broker, properties["isolation.level"] == "read_committed", self)

    def member(self) -> MemberClient:
        """The same for a member of the group."""
        return MemberClient(self.broker, True, self)


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
            self._do(self._measure, key, message.get("value"))
            tp = (topic, partition) if partition >= 0 else self._broker.partition_of(topic, key)
            entry = self._do(
                self._broker.produce, self._txn, self._epoch, tp, key, message.get("value"), message.get("headers")
            )
            if report := message.get("callback"):
                self._reports.append(lambda report=report, entry=entry: report(None, entry))
        return len(messages)

    def send_offsets_to_transaction(self, offsets: Iterable[Any], group: Any, timeout: float) -> None:
        given = {(p.topic, p.partition): p for p in offsets}
        at = {tp: p.offset for tp, p in given.items()}
        metadata = {tp: p.metadata for tp, p in given.items()}
        self._do(self._broker.send_offsets, self._txn, self._epoch, at, group, metadata)

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

    def _measure(self, key: bytes | None, value: bytes | None) -> None:
        if len(key or b"") + len(value or b"") > MESSAGE_MAX:
            raise Refused(KafkaError.MSG_SIZE_TOO_LARGE, "too large", False)

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

    #: The logs it reads have no gaps by nature: records passed over are noticed anywhere, not only after a placement.
    dense = False

    def __init__(self, broker: Broker, committed: bool, clients: Clients | None = None) -> None:
        self._broker, self._committed, self._clients = broker, committed, clients
        self._positions: dict[TP, int] = {}
        self._told: dict[TP, int] = {}
        #: Placed, and nothing handed over since.
        self._fresh: set[TP] = set()
        #: Where it has passed over records before: the second time it does not.
        self._regretted: set[tuple[TP, int]] = set()

    def get_watermark_offsets(self, partition: Any, timeout: float) -> tuple[int, int]:
        return 0, self._broker.end((partition.topic, partition.partition))

    def assign(self, partitions: Iterable[Any]) -> None:
        self._positions.clear()
        self._told.clear()
        for partition in partitions:
            self.seek(partition)

    def seek(self, partition: Any) -> None:
        tp = (partition.topic, partition.partition)
        self._positions[tp] = max(0, partition.offset)
        self._told.pop(tp, None)
        self._fresh.add(tp)

    def consume(self, count: int, timeout: float) -> list[Any]:
        found = self._handed_over(count)
        if not found:
            self._broker.loop.pass_time(timeout)
        return found

    def close(self) -> None: ...

    def _handed_over(self, count: int) -> list[Any]:
        found: list[Any] = []
        for tp in list(self._positions):
            found += self._of(tp, count)
            end = self._broker.stable_end(tp) if self._committed else self._broker.end(tp)
            if self._positions[tp] >= end and self._told.get(tp) != end:
                self._told[tp] = end
                found.append(EndOfPartition(tp, end))
        return found

    def _of(self, tp: TP, count: int) -> list[Any]:
        position = self._positions[tp]
        records, self._positions[tp] = self._broker.read(tp, position, count, self._committed)
        clients, fresh = self._clients, tp in self._fresh
        if not records:
            return []
        self._fresh.discard(tp)
        if clients is None or self._broker.rng.random() >= clients.mischief():
            return records
        return self._wrongly(clients, self._broker.rng, tp, position, records, fresh)

    def _wrongly(
        self, clients: Clients, rng: Random, tp: TP, position: int, records: list[Any], fresh: bool
    ) -> list[Any]:
        kinds = ["doubled"]
        if fresh and position:
            kinds.append("stale")
        # One record could be a marker, were it not the first.
        left = records[1:] if fresh else [r for r in records[2:] if r.offset() > position + 1]
        if left and (fresh or self.dense) and (tp, position) not in self._regretted:
            kinds.append("missing")
        kind = rng.choice(kinds)
        clients.done[kind] += 1
        if kind == "missing":
            self._regretted.add((tp, position))
            return left
        if kind == "stale":
            before, _ = self._broker.read(tp, max(0, position - rng.randint(1, 6)), 6, self._committed)
            return [r for r in before if r.offset() < position] + records
        return records + records[-rng.randint(1, 3) :]


class MemberClient(ConsumerClient):
    """The consumer of a group's member: some of the partitions at a time, some records of each, as answers to fetches come."""

    dense = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._paused: set[TP] = set()

    def pause(self, partitions: Iterable[TP]) -> None:
        """Nothing of these is handed over for now."""
        self._paused |= set(partitions)

    def resume(self, partitions: Iterable[TP]) -> None:
        self._paused -= set(partitions)

    def leave(self, partitions: Iterable[TP]) -> None:
        """They are given up."""
        for tp in partitions:
            self._positions.pop(tp, None)
            self._paused.discard(tp)

    def lag(self, tp: TP) -> int:
        """What stands in its log, committed or not, and was not handed over."""
        return self._broker.end(tp) - self._positions[tp]

    def has_more(self) -> bool:
        """Something is to be read."""
        return any(
            position < self._broker.stable_end(tp) for tp, position in self._positions.items() if tp not in self._paused
        )

    def _handed_over(self, count: int) -> list[Any]:
        rng = self._broker.rng
        reading = sorted(self._positions.keys() - self._paused)
        return [r for tp in reading if rng.random() < 0.7 for r in self._of(tp, rng.randint(1, 6))]
