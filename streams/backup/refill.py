"""Records back at the very offsets they had.

A log has offsets without a committed record: the markers that end transactions, records of transactions that were undone, and older
values that compaction took away. Such gaps are filled with records of a transaction that is undone in the end: they take up their offsets,
and no reader of committed records ever sees them. Two producers write in turn, all partitions side by side:

    1. Each partition's next run of records without a gap, by a producer without transactions. Each must land where it stood.
    2. What is missing before the next record, by the other one, in its open transaction.

The transaction ends when all that it has written to stand in a gap, for its marker takes up an offset too, and at the end of all. A log
that ends with a record may so end one offset later than it did: nothing stood there. Where the log began later than at offset 0, what was
filled in before is cut off, as retention had done.

Changelogs alone are written without gaps: nothing but a worker's own copy names their offsets, and that is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streams.backup.errors import BackupStopped
from streams.backup.records import Record
from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.engine.shards import TP
from streams.settings import Settings

#: Records, and records to be undone, of one partition in one turn.
_RUN = 2_000
_FILL = 20_000
_FLUSH_S = 120.0
#: After so long the open transaction is brought to an end; the broker would end it later.
_OPEN_S = 120.0
_TIMEOUT_MS = 600_000
_FILLER = b"filler"


@dataclass
class Lane:
    """One partition on its way.

    Attributes:
        at: the offset that comes next.
        held: the record that comes next; None: all are written.
        end: where the log is to end.
        exact: every record at its own offset.
    """

    tp: TP
    records: Iterator[Record]
    end: int
    exact: bool
    at: int = 0
    held: Record | None = None
    #: The open transaction has written to it; and it stands in a gap of one offset at least, which is for the marker.
    is_in: bool = False
    is_parked: bool = False

    def gap(self) -> int:
        """Offsets to be filled before what comes next."""
        return (self.held.offset if self.held is not None else self.end) - self.at if self.exact else 0

    @property
    def done(self) -> bool:
        return self.held is None and self.gap() <= 0


class Refill:
    """Fills a cluster's empty partitions.

    Raises:
        BackupStopped: a record has landed elsewhere, or the broker refuses.
    """

    def __init__(self, settings: Settings, logs: Mapping[TP, tuple[Iterator[Record], int, bool]]) -> None:
        """``logs``: partition -> (its records, where it is to end, whether at their own offsets)."""
        options = Options.quiet(settings.kafka)
        own = {"compression.type": "lz4", "linger.ms": 1, "message.max.bytes": 8 * 1024 * 1024, "retry.backoff.ms": 20}
        own |= {"queue.buffering.max.messages": 1_000_000, "enable.idempotence": True}
        self._admin = Admin(settings.brokers, options)
        self._records = Producer(options.client(settings.brokers, **own))
        undone = {"transactional.id": f"{settings.app_id}-restore", "transaction.timeout.ms": _TIMEOUT_MS}
        self._filler = Producer(options.client(settings.brokers, **own, **undone))
        self._lanes = [Lane(tp, records, end, exact) for tp, (records, end, exact) in logs.items()]
        self._refused: KafkaError | None = None
        self._landed: dict[TP, int] = {}
        self._is_open = False
        self._since = 0.0

    def run(self, advance: Callable[[int], None]) -> int:
        """Writes all of it; returns how many records."""
        count = 0
        try:
            self._filler.init_transactions(_FLUSH_S)
            for lane in self._lanes:
                lane.held = next(lane.records, None)
            left = [lane for lane in self._lanes if not lane.done]
            while left or self._is_open:
                wrote = self._write(left)
                count += wrote
                advance(wrote)
                ending = self._is_open and (not left or time.monotonic() - self._since > _OPEN_S)
                self._fill(left, ending)
                left = [lane for lane in left if not lane.done]
                self._end_if_all_stand(ending or not left)
        except KafkaException as exc:
            raise BackupStopped(f"the broker refuses: {exc.args[0].str()}; {_AGAIN}") from exc
        return count

    def _settle(self, ends: Mapping[TP, int]) -> None:
        """The markers are written a moment after the transaction is undone: what comes next must stand behind them, and nobody reads on
        before they are there."""
        left, deadline = dict(ends), time.monotonic() + _FLUSH_S
        while left:
            readable = self._admin.committed_ends(left)
            left = {tp: end for tp, end in left.items() if readable[tp] < end}
            if left and time.monotonic() > deadline:
                raise BackupStopped(f"{len(left)} logs cannot be read to their ends after {_FLUSH_S:.0f} s; {_AGAIN}")
            time.sleep(0.02 if left else 0)

    def _write(self, lanes: list[Lane]) -> int:
        """Step 1."""
        last: dict[TP, int] = {}
        count = 0
        for lane in lanes:
            for _ in range(_RUN):
                record = lane.held
                if record is None or lane.gap() > 0:
                    break
                own = {"timestamp": record.at_ms, "headers": record.headers}
                self._produce(self._records, lane.tp, key=record.key, value=record.value, **own)
                last[lane.tp] = record.offset
                lane.at, lane.held = record.offset + 1, next(lane.records, None)
                count += 1
        self._flush(self._records, {lane.tp: lane.at - 1 for lane in lanes if lane.exact and lane.tp in last})
        return count

    def _fill(self, lanes: list[Lane], ending: bool) -> None:
        """Step 2. ``ending``: nothing joins the transaction any more, and what is in it stops before the last offset of a gap."""
        wrote: dict[TP, int] = {}
        for lane in lanes:
            gap = lane.gap()
            if gap <= 0 or (ending and not lane.is_in):
                continue
            at_end = lane.held is None
            many = min(gap - (1 if at_end or ending else 0), _FILL)
            if at_end and not lane.is_in:
                many = max(many, 1)
            if many > 0:
                self._begin()
                lane.is_in = True
                at_ms = lane.held.at_ms if lane.held is not None else int(time.time() * 1000)
                for _ in range(many):
                    self._produce(self._filler, lane.tp, key=_FILLER, value=b"", timestamp=at_ms)
                lane.at += many
                wrote[lane.tp] = lane.at - 1
            lane.is_parked = lane.is_in and (ending or at_end) and lane.gap() <= 1
            if at_end and lane.is_parked:
                lane.end = lane.at  # the marker brings it to where it was to end
        self._flush(self._filler, wrote)

    def _end_if_all_stand(self, ending: bool) -> None:
        """Undoes the transaction once each partition in it has room for its marker, or has nothing behind it."""
        within = [lane for lane in self._lanes if lane.is_in]
        if not ending or not self._is_open or not all(lane.is_parked or lane.done for lane in within):
            return
        self._filler.abort_transaction(_FLUSH_S)
        self._is_open = False
        for lane in within:
            lane.is_in = lane.is_parked = False
            lane.at += 1
        self._settle({lane.tp: lane.at for lane in within})

    def _begin(self) -> None:
        if not self._is_open:
            self._filler.begin_transaction()
            self._is_open, self._since = True, time.monotonic()

    def _produce(self, producer: Producer, tp: TP, **message: Any) -> None:
        while True:
            try:
                producer.produce(tp[0], partition=tp[1], on_delivery=self._told, **message)
                return
            except BufferError:
                producer.poll(0.1)

    def _told(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._refused = self._refused or error
        else:
            self._landed[str(message.topic()), int(message.partition() or 0)] = int(message.offset() or 0)

    def _flush(self, producer: Producer, wanted: Mapping[TP, int]) -> None:
        """Waits until all is written. Raises BackupStopped: it is not, or not where it belongs."""
        left = producer.flush(_FLUSH_S)
        if left or self._refused:
            why = self._refused.str() if self._refused else f"no answer in {_FLUSH_S:.0f} s"
            raise BackupStopped(f"the broker has not taken all records: {why}; {_AGAIN}")
        for tp, offset in wanted.items():
            if self._landed[tp] != offset:
                raise BackupStopped(
                    f"{tp[0]}/{tp[1]}: the record of offset {offset} has landed at {self._landed[tp]}: somebody else writes there; {_AGAIN}"
                )


_AGAIN = "delete what was restored (topics and tables), and restore once more"
