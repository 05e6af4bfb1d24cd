"""What an agent receives: all records of one partition that one cycle fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from faust.serializers.schemas import Schema

from streams.engine.record import Record

if TYPE_CHECKING:
    from streams.engine.work import Work


class Batch:
    """Records of one topic partition, in offset order. A tick is a batch without records.

    Attributes:
        topic, partition: where the records stood.
        records: as librdkafka hands them over.
        at_ms: a tick's time, ms since the epoch; for records the time of the newest one.
    """

    __slots__ = ("_work", "at_ms", "partition", "records", "topic")

    def __init__(self, topic: str, partition: int, records: Sequence[Record], at_ms: int, work: Work) -> None:
        self.topic = topic
        self.partition = partition
        self.records = records
        self.at_ms = at_ms
        self._work = work

    @property
    def is_tick(self) -> bool:
        """No record, only the time."""
        return not self.records

    def send(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Sends with this cycle's transaction: seen by others if, and only if, the cycle commits."""
        self._work.send(topic, key, value)


class Batches(Schema[Any, Any]):
    """Topic schema: agents get :class:`Batch` objects instead of one event per record.

    ``app.topic("orders", schema=Batches())``; with ``tick_s`` the topic's partitions get a tick that often, in seconds. A record whose key
    belongs to another partition is quarantined (another worker owns what it is about), unless ``keyed`` is False: then its place says
    nothing. A record without a key belongs to every partition.
    """

    def __init__(self, tick_s: float | None = None, *, keyed: bool = True) -> None:
        super().__init__(allow_empty=False)
        self.tick_s = tick_s
        self.keyed = keyed

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> None:
        return None

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Batch:
        batch: Batch = message.value
        return batch
