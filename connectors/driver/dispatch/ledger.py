"""What is told to Kafka, in transactions: intents before calls, answers after them, and how far the requests have been dealt with.

Everything that waits to be told goes into one transaction; while it is committed the next one gathers. Each carries the group's metadata
(KIP-447): a process that its group has moved on from commits nothing, so that it gets no intent through and makes no call.

1. Take all that waits; what belongs to partitions that are no longer ours is answered ``Lost``.
2. One transaction: audit entries, results, and for each partition concerned the offset before the first unfinished request.
3. Tell those who wait. An aborted transaction is made again; one that was refused for its generation is ``Lost``.

What is no request goes to quarantine in the same way, by reference where it is too large to stand there whole.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException

from connectors.driver.dispatch.assignment import Assignment
from schemas.codec import CODEC
from schemas.topics import QUARANTINE
from streams.engine import aside
from streams.engine.errors import EngineError, MessageRefused, TransactionAborted
from streams.engine.options import Options
from streams.engine.transaction import Transactor
from streams.engine.work import Work
from streams.ops.sinks import Record

logger = logging.getLogger(__name__)

_AGAIN_S = 0.5
#: Between two warnings that the broker is away.
_SAY_S = 30.0
#: The group has moved on: older generation, unknown or replaced member.
_MOVED_ON = (
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.FENCED_INSTANCE_ID,
    KafkaError.STALE_MEMBER_EPOCH,
    KafkaError.FENCED_MEMBER_EPOCH,
)


class Lost(Exception):
    """The partition is somebody else's now: make no call, tell nothing."""


class Said(NamedTuple):
    """A record to tell: topic, key, record's name, record."""

    topic: str
    key: str
    name: str
    record: Mapping[str, Any]


#: A message, as arguments of ``Work.send``.
_Message = Mapping[str, Any]


class _Waiting(NamedTuple):
    assignment: Assignment
    partition: int
    messages: Sequence[_Message]
    #: The request that this finishes; None: it only tells.
    finishes: int | None
    done: asyncio.Future[None]
    #: What is told where the broker never takes those.
    instead: Sequence[_Message] = ()


class Ledger:
    """One per process. ``run`` commits until it is cancelled. ``group``: whose offsets it moves on, those of ``requests``."""

    def __init__(self, kafka: Mapping[str, Any], group: str, requests: str) -> None:
        self._brokers = kafka["bootstrap.servers"]
        self._group = group
        self._requests = requests
        self._options = Options.quiet(kafka)
        self._transactor: Transactor | None = None
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._said_away = 0.0

    async def tell(
        self, assignment: Assignment, partition: int, said: Sequence[Said], finishes: int | None = None
    ) -> None:
        """Returns when all of it is in the log. Raises Lost."""
        messages = [
            {"topic": topic, "key": key.encode(), "value": CODEC.encode(name, record)}
            for topic, key, name, record in said
        ]
        await self._told(_Waiting(assignment, partition, messages, finishes, _future()))

    async def set_aside(self, assignment: Assignment, record: Record, error: Exception) -> None:
        """Returns when a record of the requests, which is none, stands in quarantine with its error. Raises Lost."""
        about = {
            "group": self._group,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp_ms,
            "error": f"{type(error).__name__}: {error}",
            "at": "dispatcher",
        }
        whole, reference = (
            {"topic": QUARANTINE, **aside.message(record.key, record.value, about, whole=whole)}
            for whole in (True, False)
        )
        await self._told(_Waiting(assignment, record.partition, [whole], record.offset, _future(), instead=[reference]))

    async def run(self) -> None:
        """Commits what waits, until it is cancelled."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                # 1. Take
                waiting, self._waiting = self._waiting, []
                await self._commit(waiting)
        finally:
            if self._transactor is not None:
                await asyncio.to_thread(self._transactor.close)

    async def _told(self, one: _Waiting) -> None:
        if one.assignment.over:
            raise Lost
        self._waiting.append(one)
        self._arrived.set()
        await one.done

    async def _commit(self, waiting: list[_Waiting]) -> None:
        # A message is refused, and nobody says which.
        one_by_one = False
        while waiting := self._ours(waiting):
            by_assignment: dict[int, list[_Waiting]] = defaultdict(list)
            for one in waiting:
                by_assignment[id(one.assignment)].append(one)
            # Two at once only in the moment of a rebalance.
            mine = next(iter(by_assignment.values()))[: 1 if one_by_one else None]
            # 2. One transaction
            error = await self._try(mine)
            # 3. Tell
            if error is None or isinstance(error, Lost):
                _answer(mine, error)
                told = {id(one) for one in mine}
                waiting = [one for one in waiting if id(one) not in told]
            elif isinstance(error, MessageRefused) and len(mine) > 1:
                one_by_one = True
            elif isinstance(error, MessageRefused) and mine[0].instead:
                smaller = mine[0]._replace(messages=mine[0].instead, instead=())
                waiting = [smaller if one is mine[0] else one for one in waiting]
            else:
                await asyncio.sleep(_AGAIN_S)

    async def _try(self, waiting: Sequence[_Waiting]) -> Exception | None:
        work, assignment = Work(), waiting[0].assignment
        finishing: dict[int, set[int]] = defaultdict(set)
        for one in waiting:
            finishing[one.partition] |= set() if one.finishes is None else {one.finishes}
            for message in one.messages:
                work.send(**message)
        for partition, offsets in finishing.items():
            work.offsets[self._requests, partition] = assignment.partitions[partition].position(offsets)
        try:
            await asyncio.shield(asyncio.to_thread(self._transact, work, assignment.membership))
        except EngineError as exc:
            return self._failed(exc)
        for partition, offsets in finishing.items():
            assignment.partitions[partition].finish(offsets)
        return None

    def _transact(self, work: Work, membership: Any) -> None:
        if self._transactor is None:
            # An id of its own: two processes on one machine must not fence each other.
            transactor = Transactor(self._brokers, f"{self._group}-{uuid.uuid4().hex}", self._options)
            try:
                transactor.start()
            except EngineError:
                transactor.close()
                raise
            self._transactor = transactor
        try:
            self._transactor.commit(work, membership, {})
        except TransactionAborted:
            raise
        except EngineError:
            # Fenced or stuck: the next attempt has a new one. What it may have committed is told again under the same ids.
            self._transactor.close()
            self._transactor = None
            raise

    def _failed(self, exc: EngineError) -> Exception:
        cause = exc.__cause__
        if isinstance(cause, KafkaException) and cause.args[0].code() in _MOVED_ON:
            logger.warning("the group has moved on: what this process had is another's now")
            return Lost()
        now = asyncio.get_running_loop().time()
        if now - self._said_away > _SAY_S:
            self._said_away = now
            logger.warning("what was done cannot be told to Kafka yet, no calls are made meanwhile: %s", exc)
        return exc

    def _ours(self, waiting: list[_Waiting]) -> list[_Waiting]:
        lost = [one for one in waiting if one.assignment.over]
        _answer(lost, Lost())
        return [one for one in waiting if not one.assignment.over]


def _future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


def _answer(waiting: Sequence[_Waiting], error: Exception | None) -> None:
    for one in waiting:
        # Whoever waited may have been cancelled.
        if not one.done.done():
            if error is None:
                one.done.set_result(None)
            else:
                one.done.set_exception(error)
