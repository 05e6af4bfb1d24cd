"""The driver's consumer, on a thread of its own: fetches ahead of the sink, and keeps its place in the group while the sink is away.

All calls on the consumer are made from that thread (confluent-kafka lets no other thread in while one polls in a loop): what the driver
asks for is queued and done between two polls. Partitions are assigned whole (``range``), and stay paused until ``begin`` says where.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from connectors.driver.log_ends import BrokerAway
from schemas.topics import COMPACTED
from streams.engine.guard import Guard, Told
from streams.engine.record import Record as Handed
from streams.ops.sinks import Partition, Record, as_record

logger = logging.getLogger(__name__)

T = TypeVar("T")

_POLL_S = 0.1
#: Messages that one poll takes at the most, so that what is queued never waits long.
_POLL_MAX = 2_000
#: The group waits for this thread meanwhile.
_TIMEOUT_S = 5.0
_FORBIDDEN = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)


class FetchFailed(Exception):
    """The consumer cannot go on: no permission, or fenced for good."""


class Fetched(NamedTuple):
    """What has come since the last call, in the order of each partition's offsets."""

    records: list[Record]
    #: The position after what has come of a partition: transaction markers at its end are behind it.
    reached: dict[Partition, int]


class Listener(Protocol):
    """Who is told about the group; called on the consumer's thread."""

    def on_assigned(self, partitions: list[Partition]) -> None:
        """These are all it has now; they wait for ``begin``."""

    def on_revoked(self) -> Future[None]:
        """All are given up once the answer is done."""

    def on_out_of_range(self, partition: Partition) -> None:
        """The position that was asked for is not in the log."""

    def on_arrived(self) -> None:
        """Something can be taken, or the fetcher has failed."""


class Fetcher:
    """Reads ``topics`` as a member of ``group``; ``room`` records at the most wait to be taken."""

    def __init__(
        self,
        properties: Mapping[str, Any],
        group: str,
        topics: Iterable[str],
        room: int,
        listener: Listener,
        told: Told = Told(),  # noqa: B008 - immutable
    ) -> None:
        self._topics = sorted(topics)
        self._room = room
        self._listener = listener
        own = _properties(properties, group)
        self._consumer = Consumer(own)
        self._guard = Guard(self._consumer, own, told, compacted=COMPACTED)
        self._asked: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._lock = threading.Lock()
        self._records: list[Record] = []
        self._reached: dict[Partition, int] = {}
        self._full_since: float | None = None
        #: Why nothing is fetched: the driver says so, or what was fetched is not taken.
        self._held = self._choked = False
        self._placed = self._giving_up = False
        self._stopped = False
        #: The group's metadata of the last assignment: what a transaction must carry so that the broker refuses it once the group moves on.
        self.membership: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sink-fetcher", daemon=True)

    def start(self) -> None:
        """Joins the group."""
        self._thread.start()

    def take(self) -> Fetched:
        """Everything that waits. Raises FetchFailed."""
        if self._error is not None:
            raise FetchFailed(f"the consumer cannot go on: {self._error}") from self._error
        with self._lock:
            taken = Fetched(self._records, self._reached)
            self._records, self._reached = [], {}
        return taken

    def waiting(self) -> int:
        """Records that can be taken."""
        return len(self._records)

    def touched(self) -> bool:
        """Whether there is anything to take: records, or a position that went over markers."""
        return bool(self._records or self._reached or self._error)

    async def begin(self, positions: Mapping[Partition, int]) -> None:
        """Forgets what waits and fetches from these positions on: all the partitions it has been assigned."""
        await self._ask(lambda: self._begin(positions))

    async def hold(self, held: bool) -> None:
        """Stops fetching, or goes on; the group keeps the member either way."""
        await self._ask(lambda: self._hold(held))

    async def shown(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """What was shown last, by whoever had them; without those that nobody has. Raises BrokerAway."""
        asked = [TopicPartition(*tp) for tp in partitions]
        return await self._ask(lambda: self._shown(asked)) or {} if asked else {}

    def show(self, positions: Mapping[Partition, tuple[int, str]]) -> None:
        """Commits to the group for lag tools to see, each with a note; nobody goes on from there, so a failure is no matter."""
        offsets = [TopicPartition(tp.topic, tp.number, at, note) for tp, (at, note) in positions.items()]
        if offsets:
            self._asked.put((lambda: self._show(offsets), Future()))

    async def stop(self) -> None:
        """Leaves the group."""
        self._stopped = True
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)
        elif not self._thread.ident:
            self._consumer.close()

    async def _ask(self, what: Callable[[], T]) -> T | None:
        """What it answers; None when the thread has ended."""
        if not self._thread.ident:
            # It has not joined yet: the consumer is still ours.
            return what()
        done: Future[Any] = Future()
        self._asked.put((what, done))
        # A thread that has ended has said so before it looked a last time.
        answer: T | None = await asyncio.wrap_future(done) if self._error is None else None
        return answer

    # -- on the consumer's thread

    def _run(self) -> None:
        try:
            self._consumer.subscribe(
                self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
            )
            while not self._stopped:
                self._answer()
                self._poll()
        except BaseException as exc:
            self._error = exc
        finally:
            # Leaving the group calls back about what is given up.
            self._consumer.close()
            self._error = self._error or FetchFailed("it has left its group")
            self._answer()
            self._listener.on_arrived()

    def _answer(self) -> None:
        while True:
            try:
                what, done = self._asked.get_nowait()
            except Empty:
                return
            try:
                done.set_result(what() if self._error is None else None)
            except Exception as exc:
                done.set_exception(exc)

    def _poll(self) -> None:
        room = self._room - len(self._records)
        if room <= 0 and not self._choked:
            # A flush takes its time. When it takes long, the group must hear of us all the same: poll, with all paused.
            self._full_since = self._full_since or time.monotonic()
            if time.monotonic() - self._full_since < 1.0:
                time.sleep(_POLL_S / 10)
                return
            self._choked = True
            self._pause_or_resume()
        elif room > 0 and self._choked:
            self._choked = False
            self._pause_or_resume()
        if room > 0:
            self._full_since = None
        messages = self._guard.take(min(max(room, 1), _POLL_MAX), _POLL_S)
        if messages:
            self._sort(messages)

    def _sort(self, messages: list[Handed]) -> None:
        records, reached = [], {}
        for message in messages:
            error = message.error()
            if error is None:
                record = as_record(message)
                records.append(record)
                reached[Partition(record.topic, record.partition)] = record.offset + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                # Every offset before it has been handed over, or is a marker or compacted away.
                reached[Partition(str(message.topic()), int(message.partition() or 0))] = int(message.offset() or 0)
            elif error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
                self._listener.on_out_of_range(Partition(str(message.topic()), int(message.partition() or 0)))
            elif error.fatal() or error.code() in _FORBIDDEN:
                raise KafkaException(error)
            else:
                logger.debug("consumer: %s", error.str())
        if reached:
            with self._lock:
                self._records += records
                self._reached.update(reached)
            self._listener.on_arrived()

    def _begin(self, positions: Mapping[Partition, int]) -> None:
        self._forget()
        if self._giving_up:
            return
        self._guard.assign([TopicPartition(tp.topic, tp.number, at) for tp, at in positions.items()])
        self._placed = True
        self._pause_or_resume()

    def _hold(self, held: bool) -> None:
        self._held = held
        self._pause_or_resume()

    def _pause_or_resume(self) -> None:
        assigned = self._consumer.assignment()
        if self._held or self._choked or not self._placed:
            self._consumer.pause(assigned)
        else:
            self._consumer.resume(assigned)

    def _shown(self, asked: list[TopicPartition]) -> dict[Partition, int]:
        try:
            found = self._consumer.committed(asked, timeout=_TIMEOUT_S)
        except KafkaException as exc:
            raise BrokerAway(exc.args[0].str()) from exc
        return {Partition(tp.topic, tp.partition): tp.offset for tp in found if tp.offset >= 0}

    def _show(self, offsets: list[TopicPartition]) -> None:
        try:
            self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException as exc:
            logger.debug("positions are not shown: %s", exc.args[0].str())

    def _forget(self) -> None:
        with self._lock:
            self._records, self._reached = [], {}

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._placed = False
        self.membership = consumer.consumer_group_metadata()
        # Where to begin is the store's to say: until then, from a place that needs nothing of the group, and paused.
        consumer.assign([TopicPartition(p.topic, p.partition, OFFSET_BEGINNING) for p in partitions])
        consumer.pause(partitions)
        self._forget()
        self._listener.on_assigned([Partition(p.topic, p.partition) for p in partitions])

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._giving_up = True
        released = self._listener.on_revoked()
        while not released.done():
            # The driver may be asking for something meanwhile.
            self._answer()
            time.sleep(_POLL_S / 10)
        self._forget()
        self._placed = self._giving_up = False
        self._guard.forget(partitions)
        consumer.unassign()


def _properties(properties: Mapping[str, Any], group: str) -> dict[str, Any]:
    return {
        "session.timeout.ms": 10_000,
        # A broker that is back is found soon, not after ten seconds more.
        "reconnect.backoff.max.ms": 1_000,
        **properties,
        "group.id": group,
        "partition.assignment.strategy": "range",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        # A position that is not in the log is no reason to read on somewhere else in silence.
        "auto.offset.reset": "error",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 50,
        "fetch.error.backoff.ms": 100,
        "queued.max.messages.kbytes": 65_536,
    }
