"""Brings local state up to its changelog.

After ``kill -9`` a shard is at most one cycle behind; after a moved partition or a lost disk it may have everything to read. Either way the
shard is read from its checkpoint to the changelog's end, in WriteBatches, with no work per record beyond the put.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.engine.errors import Fault, KafkaFault
from streams.engine.guard import Guard, Told
from streams.engine.metrics import Metrics
from streams.engine.options import Options
from streams.engine.record import Record
from streams.engine.shards import TP
from streams.engine.source import Source
from streams.engine.store import Checkpoint, Store
from streams.engine.ties import Commit, Identity, Tie, begin, newest
from streams.engine.tying import Tying
from streams.engine.work import Shard

logger = logging.getLogger(__name__)

_BATCH = 20_000
_SILENCE_MAX_S = 60.0


class Clock(Protocol):
    """Dates checkpoints: the log's (``log_clock.py``)."""

    def now_ms(self) -> int: ...


class Restorer:
    """Reads changelogs into a store. Blocks: call it off the event loop."""

    def __init__(
        self,
        bootstrap: str,
        store: Store,
        changelogs: Mapping[str, str],
        clock: Clock,
        options: Options,
        identity_of: Callable[[str], Identity] = lambda topic: Identity("", 0),
    ) -> None:
        self._identity_of = identity_of
        self._bootstrap = bootstrap
        self._store = store
        self._changelogs = changelogs
        self._clock = clock
        self._options = options
        self._step = options.on_step or (lambda name: None)

    def catch_up(
        self,
        shards: Iterable[Shard],
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
        commits: Mapping[TP, Commit] | None = None,
    ) -> int:
        """Reads each shard from its checkpoint to the end of its changelog.

        The end is the high watermark, not the last stable offset: a transaction whose offsets are committed may still be
        waiting for its marker on the changelog, and is waited for here.

        Args:
            progress: called with (records read, records to read in all).
            cancelled: asked between batches; True ends the catch-up early.
            commits: where the group is: says of a copy of another changelog which of the two is out of date.

        Returns:
            Records read.

        Raises:
            Untied: the changelog lacks what the local copy has of it.
        """
        topics = {(self._changelogs[table], partition): (table, partition) for table, partition in shards}
        if not topics:
            return 0
        ends = self._ends(topics)
        starts = {tp: self._start(tp, shard, ends[tp], commits or {}) for tp, shard in topics.items()}
        todo = {tp for tp in topics if starts[tp] < ends[tp][1]}
        self._write(topics, {}, {tp: starts[tp] for tp in topics.keys() - todo}, {})
        if not todo:
            return 0
        properties = self._properties("read_committed") | {"enable.partition.eof": True}
        consumer = Consumer(properties)
        guard = Guard(consumer, properties, Told(missing=_cut), compacted={topic for topic, _ in topics})
        try:
            guard.assign([TopicPartition(t, p, starts[(t, p)]) for t, p in sorted(todo)])
            return self._read(guard, topics, todo, ends, starts, progress, cancelled)
        finally:
            consumer.close()

    def _read(
        self,
        guard: Guard,
        topics: Mapping[tuple[str, int], Shard],
        todo: set[tuple[str, int]],
        ends: Mapping[tuple[str, int], tuple[int, int]],
        starts: Mapping[tuple[str, int], int],
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> int:
        read, total = 0, sum(ends[tp][1] - starts[tp] for tp in todo)
        heard = time.monotonic()
        while todo and not cancelled():
            messages = guard.take(_BATCH, 0.2)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE_MAX_S:
                raise KafkaFault(f"no changelog record for {_SILENCE_MAX_S:.0f} s, still to restore: {sorted(todo)}")
            self._step("restore")
            changes, positions = _sorted_out(messages)
            self._write(topics, changes, positions, newest(messages, changes))
            read += sum(map(len, changes.values()))
            todo -= {tp for tp, offset in positions.items() if offset >= ends[tp][1]}
            progress(read, total)
        return read

    def _write(
        self,
        topics: Mapping[TP, Shard],
        changes: Mapping[TP, Mapping[bytes, bytes | None]],
        positions: Mapping[TP, int],
        ties: Mapping[TP, bytes],
    ) -> None:
        now_ms, checkpoints = self._clock.now_ms(), {}
        for tp, offset in positions.items():
            if tp in ties:
                tie = Tie.loads(ties[tp]) if ties[tp] else None
            else:
                before = self._store.checkpoint(topics[tp])
                tie = before.tie if before is not None else None
            checkpoints[topics[tp]] = Checkpoint(offset, now_ms, self._identity_of(tp[0]).id, tie)
        self._store.write({topics[tp]: items for tp, items in changes.items()}, checkpoints)

    def _start(self, tp: TP, shard: Shard, watermarks: tuple[int, int], commits: Mapping[TP, Commit]) -> int:
        low, high = watermarks
        checkpoint = self._store.checkpoint(shard)
        begins = begin(tp, shard, checkpoint, watermarks, self._identity_of(tp[0]).id, commits)
        if checkpoint is None or begins is None:
            if checkpoint is not None and checkpoint.next_offset > 0:
                logger.warning("state of %s/%d is rebuilt: it is a copy of a changelog that was replaced", *shard)
                self._store.wipe(shard)
            return low
        age_s = (self._clock.now_ms() - checkpoint.at_ms) / 1000
        # One that lies as far ahead was dated by another clock: how old it is, nobody knows.
        if abs(age_s) <= self._options.state_age_max_s or (low == 0 and begins == high):
            return begins
        begin(tp, shard, None, watermarks, "", {})  # not given up for a changelog without its beginning
        logger.warning(
            "state of %s/%d is rebuilt: it ends at offset %d, %.0f s old; the changelog has %d to %d",
            *shard,
            begins,
            age_s,
            low,
            high,
        )
        self._store.wipe(shard)
        return low

    def _ends(self, topics: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, int]]:
        consumer = Consumer(self._properties("read_uncommitted"))
        try:
            return {tp: consumer.get_watermark_offsets(TopicPartition(*tp), timeout=20.0) for tp in topics}
        except KafkaException as exc:
            raise KafkaFault(f"cannot read the changelogs' ends: {exc.args[0].str()}") from exc
        finally:
            consumer.close()

    def _properties(self, isolation: str) -> dict[str, Any]:
        return self._options.client(
            self._bootstrap,
            **{
                "group.id": "penstock-restore-unused",  # required by the client; assign() joins no group
                "enable.auto.commit": False,
                "isolation.level": isolation,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 10,
                "queued.max.messages.kbytes": 131_072,
                "fetch.message.max.bytes": 8 * 1024 * 1024,
            },
        )


class Restoration:
    """Restores a worker's newly assigned shards, on a thread of its own: the partitions that are ready go on meanwhile."""

    def __init__(self, restorer: Restorer, source: Source, tying: Tying, options: Options, metrics: Metrics) -> None:
        self._restorer = restorer
        self._tying = tying
        self._source = source
        self._options = options
        self._metrics = metrics
        self._thread = ThreadPoolExecutor(1, "engine-restore")
        self._closing = False

    async def run(self, partitions: Sequence[TP], shards: Iterable[Shard], gone: Callable[[], bool]) -> None:
        """Until the shards are as their changelogs say, or ``gone`` answers that nobody needs them any more.

        Raises:
            Fault: it could not be done within the patience for faults.
            Untied: state, offsets and topics don't belong together.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._run, partitions, set(shards), gone)

    def close(self) -> None:
        """Ends a restore under way. Blocks."""
        self._closing = True
        self._thread.shutdown()

    def _run(self, partitions: Sequence[TP], shards: set[Shard], gone: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self._options.fault_patience_s
        while not (self._closing or gone()):
            try:
                # The former owner's last transaction may still be under way.
                commits = self._source.wait_until_stable(self._tying.inputs(partitions))
                self._catch_up(shards, lambda: self._closing or gone(), commits)
                if not (self._closing or gone()):
                    self._tying.open(shards, commits)
                return
            except Fault as exc:
                if time.monotonic() > deadline:
                    raise
                logger.warning("restore begun again: %s", exc)
                time.sleep(0.5)

    def _catch_up(self, shards: set[Shard], cancelled: Callable[[], bool], commits: Mapping[TP, Commit]) -> None:
        started = shown = time.monotonic()

        def progress(read: int, total: int) -> None:
            nonlocal shown
            self._metrics.restore_progress.set(read / total if total else 1.0)
            if time.monotonic() - shown > 2.0:
                shown = time.monotonic()
                filled = 20 * read // max(total, 1)
                logger.warning("restoring [%s%s] %d of %d records", "#" * filled, "." * (20 - filled), read, total)

        read = self._restorer.catch_up(shards, progress, cancelled, commits)
        took_s = time.monotonic() - started
        self._metrics.restored.inc(read)
        self._metrics.restore_progress.set(1.0)
        self._metrics.restore_seconds.set(took_s)
        logger.info("restored %d shards, %d records, %.2f s", len(shards), read, took_s)


def _cut(topic: str, offsets: int) -> None:
    raise KafkaFault(f"{topic} was cut while it was being read: {offsets} offsets are gone")


def _sorted_out(
    messages: list[Record],
) -> tuple[dict[tuple[str, int], dict[bytes, bytes | None]], dict[tuple[str, int], int]]:
    """Changes per partition, and the position reached on each."""
    changes: dict[tuple[str, int], dict[bytes, bytes | None]] = {}
    positions: dict[tuple[str, int], int] = {}
    for message in messages:
        tp = (message.topic(), message.partition())
        error = message.error()
        if error is None:
            try:
                changes[tp][message.key()] = message.value()
            except KeyError:
                changes[tp] = {message.key(): message.value()}
            positions[tp] = message.offset() + 1
        elif error.code() == KafkaError._PARTITION_EOF:
            positions[tp] = message.offset()
        elif not error.retriable():
            raise KafkaFault(f"cannot read {tp[0]}/{tp[1]}: {error.str()}")
    return changes, positions
