"""A store in memory that keeps the sinks' contract and fails when it is told to, and what the driver's tests do with a real broker."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from prometheus_client import CollectorRegistry

from connectors.driver.sinks import Driver, Options, SinkMetrics
from schemas.topics import SINK_REFUSED
from streams.engine.admin import Admin
from streams.engine.options import Options as EngineOptions
from streams.ops.sinks import Partition, Record, Refused, Sink, SinkFenced, SinkUnavailable, Span
from tests.patience import PATIENCE_S

Row = tuple[str, int, int, bytes | None]


@dataclass
class Store:
    """What outlives its drivers."""

    rows: list[Row] = field(default_factory=list)
    positions: dict[Partition, int] = field(default_factory=dict)


class Shelf(Sink):
    """A sink into ``store``. ``down``: why every call on the store fails; ``next_faults``: what the next flushes raise, in order."""

    name = "shelf"

    def __init__(self, store: Store, *topics: str) -> None:
        self.store = store
        self.topics = topics
        self.down = ""
        self.next_faults: deque[Exception | None] = deque()
        self.in_hand: list[Record] = []
        self.known: set[Partition] = set()
        self.flushes = 0
        self.pauses: list[str] = []
        self.closed = False

    async def setup(self) -> None:
        self._reach()

    async def positions(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        self.in_hand.clear()
        self._reach()
        found = {tp: self.store.positions[tp] for tp in partitions if tp in self.store.positions}
        self.known = (self.known - set(partitions)) | found.keys()
        return found

    async def prepare(self, batch: Sequence[Record]) -> list[Record]:
        await asyncio.sleep(0)
        return list(batch)

    def accept(self, prepared: list[Record]) -> Sequence[Refused]:
        unreadable = [r for r in prepared if r.value is not None and r.value.startswith(b"unreadable")]
        self.in_hand += [r for r in prepared if r not in unreadable]
        return [Refused(r, "value is unreadable: send it again") for r in unreadable]

    async def flush(self, spans: Mapping[Partition, Span]) -> Sequence[Refused]:
        self.flushes += 1
        self._reach()
        if self.next_faults and (fault := self.next_faults.popleft()) is not None:
            raise fault
        for tp, span in spans.items():
            if self.store.positions.get(tp, 0 if tp in self.known else span.start) != span.start:
                raise SinkFenced(f"{tp.topic}/{tp.number} is not at {span.start}")
        refused = [Refused(r, "value is 'too wide': shorten it") for r in self.in_hand if r.value == b"too wide"]
        await self.set_aside(refused)
        self.store.rows += [(r.topic, r.partition, r.offset, r.value) for r in self.in_hand if r.value != b"too wide"]
        self.store.positions |= {tp: span.end for tp, span in spans.items()}
        self.known |= spans.keys()
        self.in_hand.clear()
        return refused

    def paused(self, reason: str) -> None:
        self.pauses.append(reason)

    async def close(self) -> None:
        self.closed = True

    def _reach(self) -> None:
        if self.down:
            raise SinkUnavailable(self.down)


class Rig:
    """One topic of two partitions on a real broker."""

    def __init__(self, brokers: str, topic: str, group: str, partitions: int = 2) -> None:
        self.brokers = brokers
        self.topic = topic
        self.group = group
        self.sent: list[Row] = []
        admin = Admin(brokers, EngineOptions())
        admin.create(topic, partitions, 1, {"max.message.bytes": str(8 * 1024 * 1024)})
        admin.create(SINK_REFUSED, 1, 1, {})
        self._transactions = Producer(
            {
                "bootstrap.servers": brokers,
                "transactional.id": topic,
                "log_level": 0,
                "message.timeout.ms": 60_000,
                "message.max.bytes": 8 * 1024 * 1024,
            }
        )
        self._transactions.init_transactions(60)

    def send(
        self, values: Iterable[bytes | None], *, partition: int = 0, abort: bool = False, key: bytes = b"k"
    ) -> None:
        """One transaction; what it sends is among ``sent`` unless it is undone."""
        stood: list[Row] = []

        def delivered(error: Any, m: Message) -> None:
            assert error is None, error
            stood.append((self.topic, partition, int(m.offset() or 0), m.value()))

        self._transactions.begin_transaction()
        for value in values:
            self._transactions.produce(self.topic, value=value, partition=partition, key=key, on_delivery=delivered)
        assert self._transactions.flush(60) == 0
        if abort:
            self._transactions.abort_transaction(60)
        else:
            self._transactions.commit_transaction(60)
            self.sent += stood

    def ends(self) -> dict[Partition, int]:
        """Where the log ends, markers included; of partitions that were written to."""
        reader = self._reader("read_committed")
        try:
            count = len(reader.list_topics(self.topic, timeout=60).topics[self.topic].partitions)
            tps = [TopicPartition(self.topic, p) for p in range(count)]
            found = {Partition(tp.topic, tp.partition): reader.get_watermark_offsets(tp, timeout=60)[1] for tp in tps}
            return {tp: end for tp, end in found.items() if end > 0}
        finally:
            reader.close()

    def shown(self) -> dict[Partition, int]:
        """The positions committed to the group."""
        reader = self._reader("read_committed")
        try:
            found = reader.committed([TopicPartition(self.topic, p.number) for p in self.ends()], timeout=60)
            return {Partition(tp.topic, tp.partition): tp.offset for tp in found}
        finally:
            reader.close()

    def aside(self) -> list[dict[str, str]]:
        """Headers of this topic's records on ``sink.refused``, with ``value``."""
        reader = self._reader("read_committed")
        found = []
        try:
            tp = TopicPartition(SINK_REFUSED, 0, 0)
            end = reader.get_watermark_offsets(tp, timeout=60)[1]
            reader.assign([tp])
            at = 0
            while at < end:
                for message in reader.consume(1_000, 1.0):
                    assert message.error() is None, message.error()
                    at = int(message.offset() or 0) + 1
                    headers = {name: str(v, "utf-8") for name, v in message.headers() or ()}  # type: ignore[arg-type]
                    if headers["topic"] == self.topic:
                        found.append({**headers, "value": (message.value() or b"").decode()})
        finally:
            reader.close()
        return found

    def options(self, **changed: Any) -> Options:
        kafka = {"bootstrap.servers": self.brokers, "log_level": 0}
        return Options(kafka, self.group, **{"batch": 500, "linger_s": 0.02, "measure_s": 0.05, **changed})

    def _reader(self, isolation: str) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.brokers,
                "group.id": self.group,
                "enable.auto.commit": False,
                "isolation.level": isolation,
                "log_level": 0,
            }
        )


@dataclass
class Driven:
    """A driver at work."""

    driver: Driver
    metrics: SinkMetrics
    task: asyncio.Task[None]

    def metric(self, name: str, **labels: str) -> float:
        """The sum over the series that have these labels."""
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@asynccontextmanager
async def driven(sink: Sink, options: Options) -> AsyncIterator[Driven]:
    """Runs a driver; at the end it is stopped, and must end well."""
    metrics = SinkMetrics(sink.name, CollectorRegistry())
    driver = Driver(sink, options, metrics)
    task = asyncio.create_task(driver.run())
    try:
        yield Driven(driver, metrics, task)
    finally:
        driver.stop()
        await asyncio.wait_for(asyncio.shield(task), PATIENCE_S) if not task.done() else None
    await task


async def until(fits: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Looks again and again, off and on the loop."""
    deadline = time.monotonic() + timeout_s
    while not fits():
        assert time.monotonic() < deadline, f"not within {timeout_s:.0f} s: {what}"
        await asyncio.sleep(0.02)
