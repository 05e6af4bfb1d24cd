"""Where a replay's records go. The run calls a target in this order:

1. ``check``   nothing is written: the target is there and takes these records, or ReplayRefused.
2. ``open``    with the positions to go on from; what was written beyond them, by a run that was killed, is dropped or known to be harmless.
3. ``put``     records of a chunk: after it they are durable, or stand in ``work``, which is committed with the positions behind them.
4. ``finish``  once, after the last record.
5. ``close``   once, whatever has happened; never raises.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from confluent_kafka import Message

from streams.engine.work import Work
from streams.ops.sinks import Refused


class Target(ABC):
    """One kind of target."""

    #: The same text wherever the same target is meant: part of the lock's name.
    identity: str

    @abstractmethod
    async def check(self, resumed: bool) -> None:
        """Step 1. Raises ReplayRefused."""

    @abstractmethod
    async def open(self, positions: Mapping[int, int]) -> None:
        """Step 2. Raises ReplayRefused, ReplayStopped."""

    @abstractmethod
    async def put(self, messages: Sequence[Message], work: Work) -> Sequence[Refused]:
        """Step 3; answers the records that the target cannot take. Raises ReplayStopped."""

    async def finish(self) -> None:  # noqa: B027 - most targets have nothing to do at the end
        """Step 4. Raises ReplayStopped."""

    async def close(self) -> None:  # noqa: B027
        """Step 5."""
