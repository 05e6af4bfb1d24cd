"""How far the live system had come when the rebuild began, so that what is merely under way is not taken for missing.

1. What is due: the workers' committed offsets. All that lies below them has been decided.
2. The ends of what stages emit. A transaction's markers reach its partitions one after the other, hence a moment between 1 and 2.
3. The ends of what they read: the cause of every output that is read is among it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.topics import QUARANTINE
from streams.engine.options import Options
from streams.replay.errors import ReplayRefused
from streams.replay.log import Log, Range
from streams.settings import Settings
from streams.topology import stages

_TIMEOUT_S = 30.0
_MARKERS_S = 1.0

INPUTS = tuple(dict.fromkeys(topic for stage in stages("decisions") for topic in stage.reads))
#: Read by nobody's consumer group: views, and what only leaves the system.
_OTHERS = tuple(
    dict.fromkeys(t for stage in stages("decisions") for t in (*stage.emits, *stage.views) if t not in INPUTS)
    | {QUARANTINE: None}
)


class Cut:
    """Ranges to read, and what is due.

    Args:
        of_state: what is not due is left out, and each partition keeps to itself: the tables are to be those of the workers.

    Raises:
        ReplayRefused: no broker, a topic is missing, or retention has taken what decisions rest on.
    """

    def __init__(self, settings: Settings, log: Log, *, of_state: bool = False) -> None:
        self.of_state = of_state
        #: The workers' consumer group.
        self.group = settings.app_id
        counts = log.topics()
        missing = [topic for topic in (*INPUTS, *_OTHERS) if topic not in counts]
        if missing:
            raise ReplayRefused(f"there is no topic {missing[0]!r}: penstock topics create makes all of them")
        # 1. What is due
        self._due = _committed(settings, [(t, p) for t in INPUTS for p in range(counts[t])])
        time.sleep(_MARKERS_S)
        # 2. Outputs, the last written first; 3. inputs: what is both is read to the later end
        self._ranges = {t: [log.bounds(t, p) for p in range(counts[t])] for t in (*_OTHERS, *reversed(INPUTS))}
        for topic in INPUTS:
            for span in self._ranges[topic]:
                if span.start > 0:
                    raise ReplayRefused(
                        f"{topic}/{span.partition} begins at {span.start}: retention has taken what decisions rest on, "
                        "so they can't be recomputed from the log"
                    )

    def ranges(self, topic: str) -> list[Range]:
        """All of a topic, up to the cut."""
        return self._ranges[topic]

    def shard(self, partition: int) -> int:
        """Where a record of this partition finds its state."""
        return partition if self.of_state else 0

    def is_due(self, topic: str, partition: int, offset: int) -> bool:
        """Whether the workers had decided it."""
        return offset < self._due.get((topic, partition), 0)

    def records(self, topics: Iterable[str]) -> int:
        """Offsets of these topics, for a progress bar."""
        return sum(r.end - r.start for topic in topics for r in self._ranges[topic])


def _committed(settings: Settings, asked: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """The workers' positions: asked for, never joined, never written."""
    options = Options.quiet(settings.kafka)
    properties = {"group.id": settings.app_id, "enable.auto.commit": False, "isolation.level": "read_committed"}
    consumer = Consumer(options.client(settings.brokers, **properties))
    try:
        found = consumer.committed([TopicPartition(*tp) for tp in asked], timeout=_TIMEOUT_S)
    except KafkaException as exc:
        raise ReplayRefused(f"the broker does not say how far the workers are: {exc.args[0].str()}") from exc
    finally:
        consumer.close()
    return {(tp.topic, tp.partition): tp.offset for tp in found if tp.offset >= 0}
