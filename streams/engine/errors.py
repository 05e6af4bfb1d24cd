"""What can go wrong in the engine, and what it does about it.

    EngineError
     +- Fault                  not the record's doing: retried with backoff, then the worker stops; never quarantined
     |   +- KafkaFault         the broker refused or did not answer
     |   +- Overtaken          its changelog has records that are not this worker's: they are read before it goes on
     |   +- StateFault         the local store failed: disk full, a file that cannot be read
     |       +- StateCorrupt   a file of it is corrupt: no retry helps, the worker stops; its next start rebuilds the state
     +- Misconfigured          found at start: the worker does not start
     |   +- PartitionsDiffer   topics that share tables have different partition counts
     +- Untied                 changelogs, committed offsets and topics don't belong together any more: the worker stops, a person decides
     +- TransactionAborted     the broker has undone the cycle's transaction: the cycle is run again
     |   +- MessageRefused     one of its messages is never taken (too large, say): the record it comes of is found and quarantined
     +- Stopped                the worker was told to stop while it was deciding
     +- ProducerFenced         another producer has this worker's id, or it slept too long: new producer, state caught up

Everything else that an agent raises counts as the record's own failure: the batch is halved down to that record, which goes to the
quarantine topic.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType


class EngineError(Exception):
    """Base of all errors of the engine.

    ``concerns``: the input partitions that make no progress because of it, and the offsets at which they stand; empty when it is the whole
    worker's.
    """

    concerns: Mapping[tuple[str, int], int] = MappingProxyType({})


@contextlib.contextmanager
def concerning(partitions: Mapping[tuple[str, int], int]) -> Iterator[None]:
    """A failure inside is these partitions' that stand at these offsets."""
    try:
        yield
    except EngineError as exc:
        exc.concerns = exc.concerns or partitions
        raise


class Fault(EngineError):
    """A failure that is not the record's: an agent raises it when something it needs is away."""


class KafkaFault(Fault):
    """The broker refused a request or did not answer in time."""


class Overtaken(Fault):
    """A changelog of this worker has records between its checkpoint and what it has just committed: state is caught up from there."""


class StateFault(Fault):
    """The local store cannot be read or written."""


class StateCorrupt(StateFault):
    """A file of the local store is corrupt. The changelog has all of it: the next start begins anew."""


class Misconfigured(EngineError):
    """The app cannot run as it is set up; the message names the setting and the fix."""


class PartitionsDiffer(Misconfigured):
    """Topics that share tables have different partition counts."""


class Untied(EngineError):
    """State, committed offsets and topics say different things; the message names them, and the command that goes on."""


class TransactionAborted(EngineError):
    """The transaction was undone; nothing of it is visible to anyone."""


class MessageRefused(TransactionAborted):
    """A message of the cycle is of a kind that is never taken, however often it is sent."""


class WrongPartition(ValueError):
    """A record stands in another partition than its key's: its producer has another partitioner. The record's own failure."""


class Stopped(EngineError):
    """The worker stops: what is being decided is dropped, nothing of it has left memory."""


class ProducerFenced(EngineError):
    """The producer is dead for good; its last transaction was either committed whole or undone whole."""
