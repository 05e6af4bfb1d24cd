"""The worker's consumer, on a thread of its own: fetches ahead, and carries rebalances to the cycle.

All calls on the consumer are made from that thread (confluent-kafka lets no other thread in while one polls in a loop).
librdkafka calls back about rebalances from inside ``consume``; the callback blocks that thread until the cycle has come to rest, so the
partitions are not given up before their last transaction is through.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from queue import SimpleQueue
from typing import Any, Protocol

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from streams.engine.errors import KafkaFault
from streams.engine.footing import commits
from streams.engine.guard import Guard, Told
from streams.engine.inflow import Inflow
from streams.engine.options import Options
from streams.engine.record import Record
from streams.engine.shards import TP
from streams.engine.ties import Commit

logger = logging.getLogger(__name__)

_FORBIDDEN = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)

#: Waiting for the first record of a batch.
_POLL_S = 0.1


class Listener(Protocol):
    """Who is told about rebalances; called on the event loop while the consumer's thread waits."""

    async def on_assigned(self, partitions: list[TP]) -> None: ...

    async def on_revoked(self, partitions: list[TP], lost: bool) -> None: ...


class Source:
    """Fetches ahead of the cycle: one batch is ready at most while another is decided, beside what is held back (``inflow.py``)."""

    def __init__(self, bootstrap: str, group: str, options: Options, listener: Listener, told: Told) -> None:
        self._options = options
        self._listener = listener
        self._bootstrap = bootstrap
        self._group = group
        self._loop = asyncio.get_running_loop()
        self._cooperative = options.group_protocol == "consumer"
        properties = _properties(bootstrap, group, options)
        self._consumer = Consumer(properties)
        self._guard = Guard(self._consumer, properties, told)
        self._inflow = Inflow(options.outside, options.batch_size_max, options.transaction_timeout_ms / 1000)
        self._lock = threading.Condition()
        self._arrived = asyncio.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        #: Where each assigned partition ends, refreshed every second; -1: read to its end.
        self.ends: dict[TP, int] = {}
        self._ends_due = 0.0
        self._drained: dict[TP, int] = {}
        self._rewinding = False
        self._metadata: Any = None
        #: Committed offsets of partitions that were asked about and are not resumed yet.
        self._starts: dict[TP, int] = {}
        #: Topics that are read; the others it has subscribed to are only held.
        self._read: frozenset[str] = frozenset()
        #: Assigned and read from before, and now to be left alone.
        self._suspended: set[TP] = set()
        self._resuming: SimpleQueue[list[TopicPartition]] = SimpleQueue()

    def subscribe(self, topics: Iterable[str], held: Iterable[str] = ()) -> None:
        """Joins the group; again with other topics changes the subscription.

        Args:
            topics: to be read from.
            held: to be given partitions of, and never read from.
        """
        self._read = frozenset(topics)
        self._consumer.subscribe(
            sorted({*self._read, *held}), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="engine-source", daemon=True)
            self._thread.start()

    async def wait(self, timeout_s: float | None) -> None:
        """Until records have arrived, the source is stopped or has failed, or the time is up."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            pass

    def take(self, most: int | None = None) -> tuple[list[Record], Any]:
        """What is to be decided now, ``most`` at the most, and the group metadata to commit it with; makes room for the next batch.

        The metadata say who this consumer was in its group when it fetched: if the group has moved on since, the broker
        refuses the commit.

        Raises:
            KafkaFault: the consumer cannot go on.
        """
        with self._lock:
            messages = [] if self._rewinding else self._inflow.take(most)
            metadata = self._metadata
            if self._rewinding or not self._inflow.ready():
                self._arrived.clear()
            self._lock.notify()
            if self._error is not None:
                raise KafkaFault(f"the consumer failed: {self._error}") from self._error
        return messages, metadata

    def wake(self) -> None:
        """Ends a ``wait``."""
        self._arrived.set()

    def discard(self, partitions: Iterable[TP]) -> None:
        """Forgets fetched records of these partitions."""
        with self._lock:
            self._inflow.forget(set(partitions))

    def suspend(self, partitions: Iterable[TP]) -> None:
        """Ends to fetch from partitions that stay assigned, until they are resumed. For the listener, while it is told."""
        self._suspended |= set(partitions)

    def resume(self, partitions: Iterable[TP]) -> None:
        """Begins to fetch from partitions whose state is restored: from their committed offsets."""
        self._resuming.put([TopicPartition(*tp) for tp in partitions])

    def wait_until_stable(self, partitions: Iterable[TP]) -> dict[TP, Commit]:
        """Until no open transaction is about to change the partitions' committed offsets: what they then are. Blocks.

        Raises:
            KafkaFault: not so in time.
        """
        # A client of its own: calls on the group's consumer starve while its thread polls.
        found = commits(self._bootstrap, self._group, self._options, partitions)
        self._starts.update({tp: commit.offset for tp, commit in found.items()})
        return found

    def rewind(self) -> None:
        """Forgets what was fetched and continues, soon, at the committed offsets."""
        with self._lock:
            self._rewinding = True
            self._lock.notify()

    async def stop(self) -> None:
        """Leaves the group and closes."""
        self._stopped = True
        with self._lock:
            self._lock.notify()
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self.wake()

    # -- on the consumer's thread

    def _run(self) -> None:
        try:
            while not self._stopped:
                self._resume_restored()
                if self._rewinding:
                    self._seek_to_committed()
                self._fetch()
                self._look_at_ends()
        except BaseException as exc:
            logger.error("the consumer failed: %s", exc)
            with self._lock:
                self._error = exc
            self._tell_loop(self._arrived.set)
        finally:
            self._consumer.close()

    def _resume_restored(self) -> None:
        while not self._resuming.empty():
            self._resume(self._resuming.get())

    def _resume(self, partitions: list[TopicPartition]) -> None:
        assigned = {(p.topic, p.partition) for p in self._consumer.assignment()} & self._starts.keys()
        here = [p for p in partitions if (p.topic, p.partition) in assigned]
        for tp in ((p.topic, p.partition) for p in here):
            # Where the group has committed: asked before the state was restored.
            start = _place(tp, self._starts.pop(tp))
            if tp in self._suspended:
                # What was fetched of it then is gone.
                self._guard.seek(start)
                self._suspended.discard(tp)
            else:
                self._guard.place([start])
        self._consumer.resume(here)
        with self._lock:
            self._inflow.read((p.topic, p.partition) for p in here)

    def _seek_to_committed(self) -> None:
        with self._lock:
            free = self._inflow.clear()
        self._consumer.resume([TopicPartition(*tp) for tp in free])
        self._seek([p for p in self._consumer.assignment() if p.topic in self._read])
        with self._lock:
            self._rewinding = False

    def _seek(self, partitions: list[TopicPartition]) -> None:
        if not partitions:
            return
        # Answered once no open transaction is about to change the offsets.
        for at in self._consumer.committed(partitions, timeout=self._settling_s()):
            if at.error is not None:
                raise KafkaException(at.error)
            self._guard.seek(_place((at.topic, at.partition), at.offset))

    def _fetch(self) -> None:
        room = self._room()
        # Wait for one record, then take what is already there: a batch never waits to be full.
        messages = self._guard.take_ready(room, _POLL_S) if room else []
        good = [m for m in messages if m.error() is None]
        if len(good) < len(messages):
            self._handle([m for m in messages if m.error() is not None])
        if self._suspended:
            good = [m for m in good if (m.topic(), m.partition()) not in self._suspended]
        metadata: Any = self._consumer.consumer_group_metadata()
        lag = self._own_lag()
        with self._lock:
            # One that has dropped out of its group would commit unfenced; with its old generation it is refused.
            if generation(metadata) > 0:
                self._metadata = metadata
            self._inflow.add(good, lag, time.monotonic())
            change, ready = self._inflow.change(), self._inflow.ready()
        if change.pause:
            self._consumer.pause([TopicPartition(*tp) for tp in change.pause])
        for tp in change.resume:
            # A pause moves the client back to behind what it handed over last, even from where it was sent since.
            if (at := self._guard.at(tp)) is not None:
                self._consumer.seek(TopicPartition(*tp, at))
        if change.resume:
            self._consumer.resume([TopicPartition(*tp) for tp in change.resume])
        if ready:
            self._tell_loop(self._arrived.set)

    def _own_lag(self) -> int:
        """Records that stand in own partitions and are not fetched yet, a little more for transactions' markers."""
        lag = 0
        for tp in self._inflow.own():
            at, end = self._guard.at(tp), self._end(TopicPartition(*tp))
            if at is not None and end is not None:
                lag += max(0, end - at)
        return lag

    def _handle(self, events: list[Record]) -> None:
        for event in events:
            error = event.error()
            if error.code() == KafkaError._PARTITION_EOF:
                self._drained[event.topic(), event.partition()] = event.offset()
            elif error.fatal() or error.code() in _FORBIDDEN:
                raise KafkaException(error)
            else:
                logger.warning("consumer: %s", error.str())

    def _look_at_ends(self) -> None:
        """From what librdkafka knows already: asks the broker nothing."""
        if time.monotonic() < self._ends_due:
            return
        self._ends_due = time.monotonic() + 1.0
        ends = {}
        for tp in (p for p in self._consumer.assignment() if p.topic in self._read):
            end = self._end(tp)
            if end is not None:
                ends[tp.topic, tp.partition] = end
        self.ends = ends

    def _end(self, tp: TopicPartition) -> int | None:
        """Where it ends, as far as known; -1: it is read to its end, though its last offset be a marker that nobody decides."""
        _, high = self._consumer.get_watermark_offsets(tp, cached=True)
        if high < 0:
            return None
        return -1 if self._drained.get((tp.topic, tp.partition), -1) >= high else high

    def _settling_s(self) -> float:
        return self._options.transaction_timeout_ms / 1000 + 20

    def _room(self) -> int:
        with self._lock:
            if self._inflow.ready():
                self._lock.wait(_POLL_S)
            return max(0, self._options.batch_size_max - self._inflow.ready())

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if self._cooperative:
            consumer.incremental_assign(partitions)
        else:
            consumer.assign(partitions)
        # Not read from until their state is restored.
        consumer.pause(partitions)
        self._await(self._listener.on_assigned([(p.topic, p.partition) for p in partitions]))

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._give_up(consumer, partitions, lost=False)

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._give_up(consumer, partitions, lost=True)

    def _give_up(self, consumer: Consumer, partitions: list[TopicPartition], lost: bool) -> None:
        gone = [(p.topic, p.partition) for p in partitions]
        self._await(self._listener.on_revoked(gone, lost))
        # One that comes back at once is another assignment's: not resumed by what was meant for this one.
        self._resume_restored()
        self._guard.forget(partitions)
        self._suspended -= set(gone)
        with self._lock:
            self._inflow.leave({*gone, *self._suspended})
        if self._cooperative:
            consumer.pause([TopicPartition(*tp) for tp in self._suspended])
            consumer.incremental_unassign(partitions)
        else:
            consumer.unassign()

    def _await(self, coroutine: Awaitable[None]) -> None:
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()  # type: ignore[arg-type]

    def _tell_loop(self, callback: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback)


def _place(tp: TP, committed: int) -> TopicPartition:
    """Where to read on; a group that has committed nothing there begins with the log."""
    return TopicPartition(*tp, committed if committed >= 0 else OFFSET_BEGINNING)


def generation(metadata: bytes) -> int:
    """The generation in librdkafka's serialized group metadata: "CGMDv2:", generation (int32, native order), ids."""
    return int.from_bytes(metadata[7:11], sys.byteorder, signed=True)


def _properties(bootstrap: str, group: str, options: Options) -> dict[str, Any]:
    if options.group_protocol == "consumer":
        # The server assigns; "range" gives co-partitioned topics' partitions of one number to one member.
        protocol: dict[str, Any] = {"group.protocol": "consumer", "group.remote.assignor": "range"}
    else:
        protocol = {
            "partition.assignment.strategy": "range",
            "session.timeout.ms": options.session_timeout_ms,
            "heartbeat.interval.ms": options.session_timeout_ms // 4,
        }
    return options.client(
        bootstrap,
        **{
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            # The broker answers 50 times a second at the most: an answer for each record that some stage writes would cost it, and us,
            # more than the decisions do. What is resumed or sought is asked for with the next request.
            "fetch.wait.max.ms": 20,
            "fetch.min.bytes": 65_536,
            "fetch.error.backoff.ms": 50,
            "queued.max.messages.kbytes": 32_768,
            "fetch.queue.backoff.ms": 10,
            "max.partition.fetch.bytes": 262_144,
            **protocol,
            **options.consumer,
        },
    )
