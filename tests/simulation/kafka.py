"""A broker in this process: partitions with transactions, and the offsets and members of one consumer group.

    partition    entries by offset; a marker ends a transaction there and takes an offset
    committed    a transaction whose end is decided; its markers may come later, partition by partition
    visible      to read_committed: what lies before the first transaction that is open there, less what was undone
    offsets      of the one consumer group; sent with a transaction they count from its end, and are unstable until its marker is written

A producer's epoch fences its former owners; offsets are refused from whoever the group has moved on from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from aiokafka.partitioner import murmur2
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError

from tests.simulation.clock import SimLoop

TP = tuple[str, int]

#: The clock's zero, ms since the epoch.
EPOCH_MS = 1_767_232_800_000


class Entry:
    """A record in a partition, in the form of ``confluent_kafka.Message``; without key and value a marker."""

    __slots__ = ("_at_ms", "_headers", "_key", "_offset", "_tp", "_value", "is_marker", "txn")

    def __init__(
        self, tp: TP, offset: int, key: Any, value: Any, headers: Any, at_ms: int, txn: Txn | None, is_marker: bool
    ) -> None:
        self._tp, self._offset, self._key, self._value, self._headers = tp, offset, key, value, headers
        self._at_ms, self.txn, self.is_marker = at_ms, txn, is_marker

    def topic(self) -> str:
        return self._tp[0]

    def partition(self) -> int:
        return self._tp[1]

    def offset(self) -> int:
        return self._offset

    def key(self) -> Any:
        return self._key

    def value(self) -> Any:
        return self._value

    def headers(self) -> Any:
        return self._headers

    def timestamp(self) -> tuple[int, int]:
        return TIMESTAMP_LOG_APPEND_TIME, self._at_ms

    def error(self) -> None:
        return None


class Txn:
    """``state``: open, committed or undone; ``entries`` and ``offsets`` are what it did."""

    __slots__ = ("entries", "metadata", "offsets", "producer", "state", "unmarked")

    def __init__(self, producer: str) -> None:
        self.producer = producer
        self.state = "open"
        self.entries: list[Entry] = []
        self.offsets: dict[TP, int] = {}
        self.metadata: dict[TP, str | None] = {}
        #: Partitions that have not got its marker yet.
        self.unmarked: dict[TP, int] = {}


class Refused(Exception):
    """The broker's answer to a client, as its error."""

    def __init__(self, code: int, what: str, fatal: bool) -> None:
        super().__init__(what)
        self.error = KafkaError(code, what, fatal=fatal, txn_requires_abort=not fatal)


class Broker:
    """See the module's text.

    Args:
        on_committed: told every transaction (and plain record, as one of its own) once its end is decided.
        late_markers: chance that a transaction's marker comes late to a partition.
    """

    def __init__(
        self,
        loop: SimLoop,
        rng: Random,
        partitions: int,
        on_committed: Callable[[Iterable[Entry]], None],
        late_markers: float = 0.0,
        transaction_timeout_s: float = 2.0,
    ) -> None:
        self.loop, self.rng, self.partitions = loop, rng, partitions
        self._on_committed = on_committed
        self._late = late_markers
        self._timeout_s = transaction_timeout_s
        self.logs: dict[TP, list[Entry]] = {}
        self._open: dict[TP, dict[Txn, int]] = {}
        self.offsets: dict[TP, int] = {}
        self.metadata: dict[TP, str | None] = {}
        # Dicts for their order: the same seed, the same history.
        self._unstable: dict[Txn, None] = {}
        #: Decided, with markers still to be written.
        self._ending: dict[Txn, None] = {}
        self._epochs: dict[str, int] = {}
        self._running: dict[str, Txn] = {}
        #: Member -> generation it is in; the group's own.
        self.members: dict[str, int] = {}
        self.generation = 0
        #: Told when something may have become visible.
        self.watchers: list[Callable[[], None]] = []

    # -- reading

    def partition_of(self, topic: str, key: bytes | None) -> TP:
        if topic in ("config.warehouses", "penstock.quarantine") or key is None:
            return topic, 0
        return topic, (murmur2(key) & 0x7FFFFFFF) % self.partitions

    def end(self, tp: TP) -> int:
        """High watermark."""
        return len(self.logs.get(tp, ()))

    def stable_end(self, tp: TP) -> int:
        """Last stable offset."""
        return min(self._open.get(tp, {}).values(), default=self.end(tp))

    def read(self, tp: TP, position: int, limit: int, committed: bool = True) -> tuple[list[Entry], int]:
        """Records from ``position`` on, and the position after them."""
        log = self.logs.get(tp, [])
        end = self.stable_end(tp) if committed else len(log)
        found: list[Entry] = []
        while position < end and len(found) < limit:
            entry = log[position]
            position += 1
            if not entry.is_marker and not (committed and entry.txn is not None and entry.txn.state == "undone"):
                found.append(entry)
        return found, position

    def is_stable(self, partitions: Iterable[TP]) -> bool:
        """No transaction is about to change these committed offsets."""
        wanted = set(partitions)
        return all(wanted.isdisjoint(txn.offsets) for txn in self._unstable)

    def at_rest(self, topics: Iterable[str]) -> bool:
        """Every record of these topics is committed as read, and no transaction is under way."""
        if self._unstable or any(self._open.values()):
            return False
        wanted = set(topics)
        return not any(self.read(tp, self.offsets.get(tp, 0), 1)[0] for tp in self.logs if tp[0] in wanted)

    # -- writing

    def now_ms(self) -> int:
        return EPOCH_MS + int(self.loop.time() * 1000)

    def publish(self, topic: str, key: bytes, value: bytes | None, *, misplaced: bool = False) -> Entry:
        """By a client without transactions; ``misplaced``: one with a partitioner of its own."""
        _, partition = self.partition_of(topic, key)
        tp = topic, (partition + misplaced) % self.partitions
        entry = self._append(tp, key, value, None, None)
        self._on_committed([entry])
        self._changed()
        return entry

    def _append(self, tp: TP, key: Any, value: Any, headers: Any, txn: Txn | None, is_marker: bool = False) -> Entry:
        log = self.logs.setdefault(tp, [])
        entry = Entry(tp, len(log), key, value, headers, self.now_ms(), txn, is_marker)
        log.append(entry)
        return entry

    def _changed(self) -> None:
        for watcher in self.watchers:
            watcher()

    # -- transactions

    def register(self, producer: str) -> int:
        """The next epoch of a transactional id; undoes what the last one left open."""
        self._epochs[producer] = self._epochs.get(producer, 0) + 1
        if producer in self._running:
            self._end(self._running[producer], "undone", late=False)
        for txn in [txn for txn in self._ending if txn.producer == producer]:
            self._mark_all(txn)
        return self._epochs[producer]

    def begin(self, producer: str, epoch: int) -> Txn:
        self._check(producer, epoch)
        while any(txn.producer == producer for txn in self._ending):
            # The next one may begin when the last one's markers are written.
            self.loop.pass_time(0.005)
        txn = self._running[producer] = Txn(producer)
        self.loop.at(self._timeout_s, lambda: self._time_out(txn))
        return txn

    def produce(self, txn: Txn, epoch: int, tp: TP, key: Any, value: Any, headers: Any) -> Entry:
        self._check(txn.producer, epoch)
        entry = self._append(tp, key, value, headers, txn)
        txn.entries.append(entry)
        txn.unmarked.setdefault(tp, entry.offset())
        self._open.setdefault(tp, {}).setdefault(txn, entry.offset())
        return entry

    def send_offsets(
        self, txn: Txn, epoch: int, offsets: dict[TP, int], group: tuple[str, int], metadata: dict[TP, str | None]
    ) -> None:
        self._check(txn.producer, epoch)
        member, generation = group
        # As in Kafka, offsets that name no member are let pass: to be fenced, one must say who one is.
        if member and (self.members.get(member) != generation or generation != self.generation):
            raise Refused(KafkaError.ILLEGAL_GENERATION, f"the group has moved on from generation {generation}", False)
        txn.offsets.update(offsets)
        txn.metadata.update(metadata)
        self._unstable[txn] = None

    def end_txn(self, txn: Txn, epoch: int, committed: bool) -> None:
        self._check(txn.producer, epoch)
        if txn.state == "open":
            self._end(txn, "committed" if committed else "undone", late=committed)

    def fence(self, producer: str) -> None:
        """Its transaction is undone and its epoch over, as when it took too long."""
        self._epochs[producer] += 1
        if producer in self._running:
            self._end(self._running[producer], "undone", late=False)

    def _time_out(self, txn: Txn) -> None:
        if txn.state == "open":
            self.fence(txn.producer)

    def _check(self, producer: str, epoch: int) -> None:
        if self._epochs.get(producer) != epoch:
            raise Refused(KafkaError._FENCED, "a newer producer has this transactional id", True)

    def _end(self, txn: Txn, state: str, late: bool) -> None:
        txn.state = state
        self._running.pop(txn.producer, None)
        self._ending[txn] = None
        if state == "committed":
            self._on_committed(txn.entries)
        for tp in list(txn.unmarked):
            if late and self.rng.random() < self._late:
                self.loop.at(self.rng.choice((0.005, 0.05, 0.5)), lambda tp=tp: self._mark(txn, tp))
            else:
                self._mark(txn, tp)
        if late and self.rng.random() < self._late:
            self.loop.at(self.rng.choice((0.005, 0.05, 0.5)), lambda: self._settle_offsets(txn))
        else:
            self._settle_offsets(txn)

    def _mark(self, txn: Txn, tp: TP) -> None:
        if tp in txn.unmarked:
            del txn.unmarked[tp]
            self._append(tp, None, None, None, txn, is_marker=True)
            del self._open[tp][txn]
            self._forget_if_over(txn)
            self._changed()

    def _settle_offsets(self, txn: Txn) -> None:
        if txn in self._unstable:
            del self._unstable[txn]
            if txn.state == "committed":
                self.offsets.update(txn.offsets)
                self.metadata.update(txn.metadata)
        self._forget_if_over(txn)

    def _forget_if_over(self, txn: Txn) -> None:
        if not txn.unmarked and txn not in self._unstable:
            self._ending.pop(txn, None)

    def _mark_all(self, txn: Txn) -> None:
        for tp in list(txn.unmarked):
            self._mark(txn, tp)
        self._settle_offsets(txn)
