"""One Kafka transaction per cycle: changelog, messages and input offsets become visible together or not at all."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from streams.engine.errors import Fault, KafkaFault, MessageRefused, ProducerFenced, TransactionAborted
from streams.engine.ledger import Entry
from streams.engine.options import Options
from streams.engine.ties import HEADER, Tie
from streams.engine.work import Shard, Work

logger = logging.getLogger(__name__)

#: librdkafka's: the key's hash says.
PARTITION_UNASSIGNED = -1

T = TypeVar("T")

#: How often a retriable step is asked again before it counts as a fault.
_TRIES_MAX = 5
_STEP_TIMEOUT_S = 20.0
#: librdkafka's send_offsets_to_transaction may, for all its timeout, never return once the broker has been away (seen with 2.16: it waits
#: for an answer that nobody owes it any more). A call that is this late is given up, and its producer with it.
_OVERDUE_S = _STEP_TIMEOUT_S + 10.0
_NOTHING_TO_SAY = Entry()
#: Answers to a message that no second try changes: by librdkafka before it is sent, or by the broker.
NEVER_TAKEN = frozenset(
    (
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG_SIZE,
        KafkaError.RECORD_LIST_TOO_LARGE,
        KafkaError.INVALID_RECORD,
        KafkaError.INVALID_TIMESTAMP,
        KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT,
        KafkaError._INVALID_ARG,
    )
)
#: The binding's own answers to such a message: not bytes, a number that does not fit.
_NO_MESSAGE = (TypeError, ValueError, OverflowError)


class Transactor:
    """The worker's transactional producer. Its methods block: call them off the event loop, one at a time.

    Raises:
        TransactionAborted: the transaction was undone, the producer is fit for the next.
        MessageRefused: as well, and one of its messages is to blame.
        ProducerFenced: the producer is dead; make a new Transactor.
        KafkaFault: the broker is away.
    """

    def __init__(self, bootstrap: str, transactional_id: str, options: Options) -> None:
        self.transactional_id = transactional_id
        self._step = options.on_step or (lambda name: None)
        self._calls = _Calls()
        self._producer = Producer(
            options.client(
                bootstrap,
                **{
                    # Java clients' hash: librdkafka's own default would scatter the keys of co-partitioned topics.
                    "partitioner": "murmur2_random",
                    "compression.type": "lz4",
                    # A cycle's messages are queued in one go and flushed by the commit: no need to linger for more.
                    "linger.ms": 1,
                    # A transaction that begins before the last one's markers are written is told to come again: soon.
                    "retry.backoff.ms": 5,
                    "retry.backoff.max.ms": 200,
                    "queue.buffering.max.messages": 1_000_000,
                    "queue.buffering.max.kbytes": 1_048_576,
                    "message.max.bytes": 4 * 1024 * 1024,
                    **options.producer,
                    "transactional.id": transactional_id,
                    "transaction.timeout.ms": options.transaction_timeout_ms,
                },
            )
        )

    def start(self) -> None:
        """Registers the transactional id; undoes what an earlier owner of it left open."""
        try:
            self._tried("register the transactional id", lambda: self._producer.init_transactions(_STEP_TIMEOUT_S))
        except KafkaException as exc:
            raise KafkaFault(f"cannot register the transactional id: {exc.args[0].str()}") from exc

    def commit(
        self, work: Work, group: Any, changelogs: Mapping[str, str], entry: Entry = _NOTHING_TO_SAY
    ) -> dict[Shard, int]:
        """Steps 3.1 to 3.4 of the cycle.

        Args:
            work: what the cycle decided.
            group: the consumer's group metadata: a worker that the group has moved on from is fenced by it (KIP-447).
            changelogs: table name -> changelog topic.
            entry: the ties and marks that go with it.

        Returns:
            Per shard written, the changelog offset after its last record.
        """
        written: dict[Shard, int] = {}
        try:
            # 3.1 Begin
            self._step("begin")
            self._producer.begin_transaction()
            # 3.2 Produce: first the changelog, each shard's last record reports where it landed
            for shard, changes in work.changelog.items():
                self._step("produce-changelog")
                *others, last = _changelog_messages(shard, changes, written)
                self._produce(changelogs[shard[0]], others, shard[1])
                self._produce_tied(changelogs[shard[0]], last, shard[1], entry.ties.get(shard))
            for topic, message in work.singles:
                self._produce_one(topic, message)
            for topic, messages in work.messages.items():
                self._step("produce")
                self._produce(topic, messages)
            # 3.3 Offsets
            self._step("offsets")
            if work.offsets:
                offsets = [
                    TopicPartition(*tp, offset, metadata=entry.marks.get(tp, "")) for tp, offset in work.offsets.items()
                ]
                self._tried(
                    "send the offsets",
                    lambda: self._producer.send_offsets_to_transaction(offsets, group, _STEP_TIMEOUT_S),
                )
            # 3.4 Commit
            self._step("commit")
            self._tried("commit", lambda: self._producer.commit_transaction(_STEP_TIMEOUT_S))
            self._step("committed")
        except (KafkaException, *_NO_MESSAGE) as exc:
            self._undo(exc)
        except SystemError as exc:
            raise _broken(exc) from exc
        missing = work.changelog.keys() - written.keys()
        if missing:  # a delivery report is owed for each shard before the commit returns
            raise ProducerFenced(f"committed, but not told where the changelog of {sorted(missing)} landed")
        return written

    def close(self) -> None:
        """Ends the producer; an open transaction is left to its timeout or to the id's next owner."""
        self._calls.close()
        # One that hangs is left alone.
        if not self._calls.is_stuck:
            for leave in (self._producer.purge, lambda: self._producer.flush(1.0)):
                # A fenced producer answers every call with the error that killed it (see ``_broken``); whatever it says, it goes.
                with contextlib.suppress(KafkaException, SystemError):
                    leave()

    def _produce(self, topic: str, messages: list[dict[str, Any]], partition: int = PARTITION_UNASSIGNED) -> None:
        while self._producer.produce_batch(topic, messages, partition=partition) < len(messages):
            failed = [m for m in messages if "_error" in m]
            for message in failed:
                error = message.pop("_error")
                if error.code() != KafkaError._QUEUE_FULL:
                    raise KafkaException(error)
            self._producer.poll(0.1)
            messages = failed
        self._producer.poll(0)

    def _produce_tied(self, topic: str, message: dict[str, Any], partition: int, tie: Tie | None) -> None:
        """A shard's last record: with its tie, for which the batch form has no room."""
        if tie is None:
            self._produce(topic, [message], partition)
            return
        self._produce_one(topic, {**message, "partition": partition, "headers": [(HEADER, tie.dumps())]})

    def _produce_one(self, topic: str, message: dict[str, Any]) -> None:
        while True:
            try:
                self._producer.produce(topic, **message)
                return
            except BufferError:  # the queue is full
                self._producer.poll(0.1)

    def _tried(self, what: str, step: Callable[[], T]) -> T:
        for attempt in range(_TRIES_MAX):
            try:
                return self._calls.result(step, _OVERDUE_S)
            except TimeoutError:
                raise ProducerFenced(f"could not {what}: the call does not return") from None
            except SystemError as exc:
                raise _broken(exc) from exc
            except KafkaException as exc:
                error = exc.args[0]
                if error.txn_requires_abort() or error.fatal() or not error.retriable():
                    raise
                logger.warning("could not %s (try %d of %d): %s", what, attempt + 1, _TRIES_MAX, error.str())
        raise KafkaFault(f"could not {what} in {_TRIES_MAX} tries of {_STEP_TIMEOUT_S:.0f} s")

    def _undo(self, cause: Exception) -> None:
        error = cause.args[0] if isinstance(cause, KafkaException) else None
        if error is not None and error.fatal():
            raise ProducerFenced(error.str()) from cause
        try:
            self._tried("undo the transaction", lambda: self._producer.abort_transaction(_STEP_TIMEOUT_S))
        except KafkaException as exc:
            raise ProducerFenced(exc.args[0].str()) from cause
        except Fault as exc:
            raise ProducerFenced(str(exc)) from cause
        if error is None:
            raise MessageRefused(f"{type(cause).__name__}: {cause}") from cause
        raise (MessageRefused if error.code() in NEVER_TAKEN else TransactionAborted)(error.str()) from cause


def _broken(exc: SystemError) -> ProducerFenced:
    """The binding sets a fatal error as an exception and goes on to call back about deliveries, which fails of it with a SystemError."""
    return ProducerFenced(f"the producer has failed for good: {exc.__cause__ or exc.__context__ or exc}")


class _Calls:
    """Makes calls on a thread of its own, so that one that never returns holds up nobody for ever."""

    def __init__(self) -> None:
        self.is_stuck = False
        self._todo: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        # A daemon: a process can end although it is stuck.
        threading.Thread(target=self._run, name="engine-transaction", daemon=True).start()

    def result(self, call: Callable[[], T], timeout_s: float) -> T:
        """What the call returns or raises; TimeoutError when it does neither in time: then this object is of no more use."""
        self._todo.put(call)
        try:
            value, error = self._done.get(timeout=timeout_s)
        except Empty:
            self.is_stuck = True
            raise TimeoutError from None
        if error is not None:
            raise error
        result: T = value
        return result

    def close(self) -> None:
        self._todo.put(None)

    def _run(self) -> None:
        while (call := self._todo.get()) is not None:
            try:
                self._done.put((call(), None))
            except BaseException as exc:
                self._done.put((None, exc))


def _changelog_messages(
    shard: Shard, changes: Mapping[bytes, bytes | None], written: dict[Shard, int]
) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"key": key, "value": value} for key, value in changes.items()]
    if messages[-1]["value"] is None:
        # The last one bears the tie: not a deletion, which compaction takes away, unless there is nothing else.
        messages.sort(key=lambda message: message["value"] is not None)

    def landed(error: KafkaError | None, message: Message) -> None:
        offset = message.offset()
        if error is None and offset is not None:
            written[shard] = offset + 1

    messages[-1]["callback"] = landed
    return messages
