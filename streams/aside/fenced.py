"""Sends what was set aside and closes its item, as one: messages and audit entries share a Kafka transaction.

1. Take the transactional id: whoever else was at it is fenced and can commit nothing any more.
2. Read the items' states again: what another operator has closed in the meantime is left alone.
3. Send a few items' messages and entries in one transaction; killed in between, it is undone and the items stay open.
4. Wait until what was sent can be read: who types the next command sees what this one has done.

Two commands that close the same item at the same time can't both come through: the second takes the id away from the first (1.), or
sees what the first has done (2.).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from schemas.codec import CODEC
from schemas.records import AuditEntry
from streams.aside.places import Place
from streams.engine.errors import KafkaFault, MessageRefused, ProducerFenced, TransactionAborted
from streams.engine.options import Options
from streams.engine.transaction import Transactor
from streams.engine.work import Work
from streams.ops.cluster import Cluster, ClusterError

#: That it is fenced is told by its error, not by librdkafka's line on the terminal of whoever typed the command.
_UNSAID = logging.getLogger(f"{__name__}.librdkafka")
_UNSAID.addHandler(logging.NullHandler())
_UNSAID.propagate = False
#: Small: a command killed in the middle holds up the topics' readers until its transaction's timeout.
_ITEMS = 100


class Overtaken(ClusterError):
    """Another command has taken the id away."""


class Message(NamedTuple):
    """What is sent to let an item go on."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Closing(NamedTuple):
    """One item: the entry that closes it, and the message that goes with it, if any. What closes nothing has no place."""

    place: Place | None
    entry: AuditEntry
    message: Message | None = None


class Fenced:
    """The one operator's command that may close items now."""

    def __init__(self, transactor: Transactor) -> None:
        self._transactor = transactor
        #: Topics that something was sent to.
        self.written: set[str] = set()

    def close(self, closings: Iterable[Closing]) -> Iterator[int]:
        """Step 3; yields after each transaction how many are done. Takes no more of them than it sends together.

        Raises:
            Overtaken: another command has taken over.
            ClusterError: the broker is away.
        """
        done, rest = 0, iter(closings)
        while part := list(islice(rest, _ITEMS)):
            messages = [message for _, _, message in part if message is not None]
            self._commit(messages, [entry for _, entry, _ in part], done)
            done += len(part)
            yield done

    def put(self, entry: AuditEntry, messages: Sequence[Message]) -> None:
        """Messages that close no item, with their entry. Raises ClusterError, as ``close``."""
        self.put_all([entry], messages)

    def put_all(self, entries: Sequence[AuditEntry], messages: Sequence[Message]) -> None:
        """The same of several entries: all of it, or nothing."""
        self._commit(messages, entries, 0)

    def _commit(self, messages: Sequence[Message], entries: Sequence[AuditEntry], done: int) -> None:
        work = Work()
        for message in messages:
            work.send(message.topic, message.key, message.value, headers=message.headers)
        for entry in entries:
            work.send("audit", entry["subject"].encode(), CODEC.encode("AuditEntry", entry))
        try:
            self._transactor.commit(work, None, {})
            self.written |= {"audit", *(message.topic for message in messages)}
        except MessageRefused as exc:
            raise ClusterError(f"{done} done; Kafka does not take a message of the next ones: {exc}") from exc
        except (ProducerFenced, TransactionAborted) as exc:
            again = "another command closes items at the same time, try again"
            raise Overtaken(f"{done} done; {again}: {exc}") from exc
        except KafkaFault as exc:
            raise ClusterError(f"{done} done; of the next ones list tells once the broker answers: {exc}") from exc


@contextmanager
def fenced(cluster: Cluster, lane: str = "") -> Iterator[Fenced]:
    """Steps 1 and 4. Read the states inside (step 2). ``lane``: commands of two never close the same item, and don't fence each other."""
    # As large as librdkafka lets it be: what is sent again was taken once, and the broker says whether it is now.
    producer = {"message.max.bytes": 1_000_000_000, "logger": _UNSAID}
    options = Options.quiet(cluster.settings.kafka, producer=producer)
    transactor = Transactor(cluster.settings.brokers, f"{cluster.settings.app_id}-set-aside{lane}", options)
    try:
        transactor.start()
        operator = Fenced(transactor)
        yield operator
        if operator.written:
            cluster.settle(operator.written)
    finally:
        transactor.close()
