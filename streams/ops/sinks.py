"""The contract of a sink: something outside Kafka that holds what the topics say.

Whoever drives a sink (``penstock sink``, ``penstock replay``) calls it in this order:

1. ``setup``      once: connects, checks that the store is of this version.
2. ``positions``  at each assignment: where to go on, as the store itself remembers it; what was accepted and not flushed is forgotten
                  (what was only prepared is the driver's to drop).
3. ``prepare``    a batch: turned into the store's own form, in memory, also while the one before it is being flushed;
   ``accept``     hands it in, to be flushed next; answers the records that have no form. ``write`` does both.
4. ``flush``      what was accepted becomes durable together with the positions after it, or none of it does;
                  answers the records that the store refused, the others are in. It awaits ``set_aside`` with them before
                  it commits, so that they are on their topic before a position says that they are done with.
5. ``paused``     when the store is away: the driver stops fetching and comes back to step 4 (the records are kept) or,
                  after a rebalance, to step 2.
6. ``close``      once; never raises.

So a record's effect and the position behind it are one step, and a killed driver goes on where the store says: each
record counts once. A replay flushes without positions: its records are applied again, which must leave the same state.

    SinkError
     +- SinkUnavailable   the store is away, full, read-only, locked...: it costs time, never a record
     +- SinkFenced        another driver has moved a position on: drop what is in memory, begin at step 2
     +- SinkMisfit        it can't be used as it is (other version of its tables, no permission): a person must act; exit code 2
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from confluent_kafka import Message

    from streams.engine.record import Record as Handed


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int


class Record(NamedTuple):
    """One message, as it stands in Kafka."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None


def as_record(message: Message | Handed) -> Record:
    """A message that a consumer has handed over, and that is no error."""
    m: Any = message
    return Record(m.topic(), m.partition(), m.offset(), m.timestamp()[1], m.key(), m.value())


class Refused(NamedTuple):
    """A record that the sink cannot take, and why: field, value and fix, for a person; no personal data."""

    record: Record
    error: str


class Span(NamedTuple):
    """What a flush covers of one partition: from the position the driver began at to the one after its last record.

    Offsets in between may have no record (transaction markers, compacted ones).
    """

    start: int
    end: int


class SinkError(Exception):
    """See the module's text for the tree."""


class SinkUnavailable(SinkError):
    """The store is away; ``retry_after_s`` is the store's own wish, if it has one."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class SinkFenced(SinkError):
    """A position in the store is not where this driver left it."""


class SinkMisfit(SinkError):
    """The store cannot be used as it is; the message says what to run."""


async def _left_to_the_caller(refused: Sequence[Refused]) -> None:
    """``flush`` answers them too."""


class Sink(ABC):
    """One kind of store. Not safe for concurrent calls: one driver, one call at a time, ``prepare`` excepted."""

    #: Its name on the command line, in metrics and in the audit.
    name: str
    #: Topics it takes, of ``schemas/topics.py``.
    topics: tuple[str, ...]
    #: Rows (or lines) made durable so far, by table: for metrics.
    rows_written: Mapping[str, int] = MappingProxyType({})
    #: The driver's: returns when these records are safe outside the store. A repeated flush may tell them again.
    set_aside: Callable[[Sequence[Refused]], Awaitable[None]] = staticmethod(_left_to_the_caller)

    @abstractmethod
    async def setup(self) -> None:
        """Step 1. Raises SinkUnavailable, SinkMisfit."""

    @abstractmethod
    async def positions(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Step 2: the next offset of each partition that the store knows; others begin at the log's start.

        What was accepted and not flushed is forgotten: it will be read again.

        Raises SinkUnavailable.
        """

    @abstractmethod
    async def prepare(self, batch: Sequence[Record]) -> Any:
        """Step 3, the work of it. Each partition's records come in the order of their offsets.

        Touches no network and nothing that a flush does, so that it may run while one waits for the store; gives way
        to it now and then. What comes of it is for ``accept``, or for nobody.
        """

    @abstractmethod
    def accept(self, prepared: Any) -> Sequence[Refused]:
        """Step 3, the end of it: the next flush has these too. Not while a flush is under way."""

    async def write(self, batch: Sequence[Record]) -> Sequence[Refused]:
        """Step 3, whole: for who has nothing to do meanwhile."""
        return self.accept(await self.prepare(batch))

    @abstractmethod
    async def flush(self, spans: Mapping[Partition, Span]) -> Sequence[Refused]:
        """Step 4: all that was accepted since the last flush; no spans: positions stay as they are (a replay).

        After SinkUnavailable the same flush can be called again: what it was to make durable is kept.

        Raises SinkUnavailable, SinkFenced.
        """

    def paused(self, reason: str) -> None:  # noqa: B027 - most sinks have nothing to let go of
        """Step 5: connections that would time out can be let go of."""

    @abstractmethod
    async def close(self) -> None:
        """Step 6."""
