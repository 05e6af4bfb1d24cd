"""Reads every topic from its beginning to its present end, and hands the records to the model.

The system may be working meanwhile. So that no record is taken for missing which only came later:
1. What is due: the workers' committed offsets. All that lies below them has been decided.
2. The ends: first of what is written last. A decision that is read has its cause among what is read.
3. Read up to those ends, one group of topics after the other.
4. The ends again: when none has moved, and nothing waits, the system is at rest.
5. Judge.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.codec import CODEC, Codec, CodecError
from schemas.terminal import Terminal
from schemas.texts import word
from schemas.topics import COMPACTED, QUARANTINE
from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.record import Record
from streams.verify.compared import COMPARED
from streams.verify.entry import Entry
from streams.verify.merging import MERGE_ANSWERS, MERGE_REQUESTS
from streams.verify.model import CHANNEL_TOPICS, CORRECTED, GROUPS, OWN_INPUTS, Model
from streams.verify.parcels import SHIPMENTS
from streams.verify.parcels import TOPICS as PARCEL_TOPICS
from streams.verify.report import Report
from streams.verify.tasks import DOCUMENTS, TASKS
from streams.verify.units import COMMANDS, RESULTS, RETURNS

TIMEOUT_S = 20.0
STALL_S = 60.0
BATCH = 5_000

STARTING = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)
UNDECODED = frozenset((*CHANNEL_TOPICS, QUARANTINE))
INPUTS = (*CHANNEL_TOPICS, "orders", "aftersales", COMMANDS, SHIPMENTS, RETURNS)
#: What is written last, first: each topic stands before those whose records cause its own.
EFFECTS_FIRST = (
    *PARCEL_TOPICS,
    RETURNS,
    *("inventory.availability", "order.status", "allocations", COMPARED, TASKS),
    *(MERGE_ANSWERS, MERGE_REQUESTS, RESULTS, COMMANDS),
    *(DOCUMENTS, QUARANTINE, "orders.review", "orders.duplicates", "aftersales", "orders"),
    *CHANNEL_TOPICS,
)

Ends = dict[tuple[str, int], tuple[int, int]]
"""(topic, partition): its first offset, and the one after its last committed record."""


class VerifyError(Exception):
    """The topics cannot be read; the message is for the person at the terminal."""


def verify(
    bootstrap: str,
    *,
    group: str = "penstock",
    settled: bool = False,
    properties: Mapping[str, Any] | None = None,
    progress: bool = False,
    codec: Codec = CODEC,
    timeout_s: float = TIMEOUT_S,
) -> Report:
    """Verifies the topics of the cluster at ``bootstrap``.

    Args:
        group: the workers' consumer group (their app id); its committed offsets say what is due.
        settled: nothing may be under way: what still waits is a violation.
        properties: further librdkafka properties (TLS, SASL).
        progress: shows a progress bar on stderr.
        timeout_s: how long the broker may take for its first answer.

    Raises:
        VerifyError: no broker answers, or there are no topics of Penstock.
    """
    started = time.monotonic()
    config: dict[str, Any] = {"log_level": 0, **(properties or {}), "bootstrap.servers": bootstrap, "group.id": group}
    # It never joins the group and never commits: the group's name is only for asking for its offsets.
    config |= {"enable.auto.commit": False, "isolation.level": "read_committed", "enable.partition.eof": True}
    # Most topics end soon: an answer that waits for more records than there are would be most of the time it takes.
    config["fetch.wait.max.ms"] = 10
    config["queued.max.messages.kbytes"] = 16 * 1024
    consumer = Consumer(config)
    try:
        # 1. What is due
        partitions = _partitions(consumer, bootstrap, timeout_s)
        decided = _decided(consumer, partitions)
        # 2. The ends
        ends = _ends(consumer, partitions)
        # 3. Read
        model = Model(decided, {tp: start for tp, (start, _) in ends.items()}, partitions)
        guard = Guard(consumer, config, compacted=COMPACTED)
        with _Bar(progress, sum(end - start for start, end in ends.values())) as bar:
            for topics in GROUPS:
                _read(guard, {tp: ends[tp] for tp in ends if tp[0] in topics}, model, codec, bar)
        # 4. The ends again
        at_rest = settled or (_ends(consumer, partitions) == ends and model.is_quiet())
    except KafkaException as error:
        raise VerifyError(f"the broker at {bootstrap} fails: {error.args[0].str()}") from error
    except KafkaFault as error:
        raise VerifyError(str(error)) from error
    finally:
        consumer.close()
    # 5. Judge
    report = model.finish(at_rest)
    report.seconds = round(time.monotonic() - started, 1)
    return report


def _partitions(consumer: Consumer, bootstrap: str, timeout_s: float) -> dict[str, int]:
    try:
        topics = consumer.list_topics(timeout=timeout_s).topics
    except KafkaException as error:
        raise VerifyError(f"no Kafka broker answers at {bootstrap}: {error.args[0].str()}") from error
    found = {topic: len(topics[topic].partitions) for topic in EFFECTS_FIRST if topic in topics}
    if not found:
        raise VerifyError("there are no topics of Penstock on this cluster, so nothing to verify")
    return found


def _decided(consumer: Consumer, partitions: Mapping[str, int]) -> dict[tuple[str, int], int]:
    asked = [TopicPartition(topic, p) for topic in INPUTS for p in range(partitions.get(topic, 0))]
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            found = consumer.committed(asked, timeout=TIMEOUT_S)
            break
        except KafkaException as error:
            # A broker that has just started doesn't know yet which groups it coordinates.
            if error.args[0].code() not in STARTING or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    return {(tp.topic, tp.partition): tp.offset for tp in found if tp.offset > 0}


def _ends(consumer: Consumer, partitions: Mapping[str, int]) -> Ends:
    ends: Ends = {}
    for topic in EFFECTS_FIRST:
        for partition in range(partitions.get(topic, 0)):
            watermarks = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=TIMEOUT_S)
            if watermarks is None:
                raise VerifyError(f"the broker does not say where {topic}/{partition} ends")
            ends[topic, partition] = watermarks
    return ends


def _read(guard: Guard, ends: Ends, model: Model, codec: Codec, bar: _Bar) -> None:
    """Feeds the model with these partitions, from their beginning to their end."""
    unread = {tp: end for tp, (start, end) in ends.items() if start < end}
    guard.assign([TopicPartition(*tp, ends[tp][0]) for tp in unread])
    for messages in _batches(guard, unread):
        for message in messages:
            tp = str(message.topic()), int(message.partition() or 0)
            offset = int(message.offset() or 0)
            if message.error() is None and offset < ends[tp][1]:
                _feed(model, message, tp, offset, codec)
            if message.error() is not None or offset + 1 >= ends[tp][1]:
                unread.pop(tp, None)
        bar.advance(len(messages))
        model.stock.replay()
    guard.assign([])


def _batches(guard: Guard, unread: Mapping[tuple[str, int], int]) -> Iterator[Sequence[Record]]:
    """Batches until nothing is unread. A message with an error is a partition's end."""
    moved = time.monotonic()
    while unread:
        messages = guard.take(BATCH, 0.05)
        if messages:
            moved = time.monotonic()
        elif time.monotonic() - moved > STALL_S:
            left = ", ".join(f"{topic}/{partition}" for topic, partition in sorted(unread))
            raise VerifyError(f"nothing came from {left} for {STALL_S:.0f} s")
        for message in messages:
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF and error.fatal():
                raise KafkaException(error)
        yield [m for m in messages if (e := m.error()) is None or e.code() == KafkaError._PARTITION_EOF]


def _feed(model: Model, message: Record, tp: tuple[str, int], offset: int, codec: Codec) -> None:
    topic, partition = tp
    value, at_ms = message.value(), message.timestamp()[1]
    if topic in UNDECODED:
        headers = _headers(message) if topic == QUARANTINE else {}
        name, record = _correction(value, codec) if topic != QUARANTINE else ("", {})
        model.feed(Entry(topic, partition, offset, message.key(), name, record, value, headers, at_ms))
        return
    try:
        name, record = codec.decode(value or b"")
    except CodecError as error:
        model.unreadable(Entry(topic, partition, offset, message.key(), "", {}, at_ms=at_ms), str(error))
    else:
        headers = _headers(message) if topic in OWN_INPUTS else {}
        model.feed(Entry(topic, partition, offset, message.key(), name, record, None, headers, at_ms))


def _correction(value: bytes | None, codec: Codec) -> tuple[str, dict[str, Any]]:
    """Of a channel topic's records those that people have written; one that cannot be read belongs into quarantine, like any other."""
    try:
        if value and codec.name_of(value) == CORRECTED:
            return codec.decode(value)
    except CodecError:
        pass
    return "", {}


def _headers(message: Record) -> dict[str, str]:
    headers = message.headers() or []
    pairs = headers.items() if isinstance(headers, dict) else headers
    return {name: v.decode("utf-8", "backslashreplace") if isinstance(v, bytes) else v or "" for name, v in pairs}


class _Bar:
    """A progress bar on stderr, or none."""

    def __init__(self, show: bool, total: int) -> None:
        columns = (TextColumn(word("Verifying")), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Terminal(stderr=True), transient=True, disable=not show)
        self._task = self._progress.add_task("", total=total)

    def advance(self, count: int) -> None:
        self._progress.advance(self._task, count)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
