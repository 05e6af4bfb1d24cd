"""Where the store was left in each partition, and whether it is still there: one that was set back or forward is told at once.

Rows and positions are one step, so a store that was set back (an older backup, another database, an empty one) lacks rows from its
position on, and what the log still has of them is brought in again. A store that is further on than it was left has been driven by
someone else, or its positions were set by hand: then rows are missing that only a replay brings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from connectors.driver.log_ends import Bounds
from connectors.driver.sinks.metrics import SinkMetrics
from streams.ops.sinks import Partition

logger = logging.getLogger(__name__)


class Whereabouts:
    """Of one driver's partitions; used from the event loop."""

    def __init__(self, sink: str, metrics: SinkMetrics) -> None:
        self._sink = sink
        self._metrics = metrics
        #: The next offset of each partition that the store has had, as far as this driver or its group knows.
        self._left: dict[Partition, int] = {}
        #: Those that nobody else can have moved on since: they were this driver's all the time.
        self._ours: set[Partition] = set()
        #: Set back: where the store was before, and has to come to again.
        self._lost: dict[Partition, int] = {}

    def unknown(self, partitions: Iterable[Partition]) -> list[Partition]:
        """Those that others may have had since this driver, or before it: the group knows where they were left, nearly."""
        return [tp for tp in partitions if tp not in self._ours]

    def were(self, shown: Mapping[Partition, int]) -> None:
        """The group says that the store was there."""
        self._left.update(shown)

    def moved(self, ends: Mapping[Partition, int]) -> None:
        """A flush has brought the store there."""
        self._left.update(ends)
        self._lost = {tp: goal for tp, goal in self._lost.items() if self._left[tp] < goal}

    def let_go(self) -> None:
        """The partitions are another driver's now."""
        self._ours.clear()
        self._lost.clear()

    def still(self, stored: Mapping[Partition, int]) -> bool:
        """Whether the store, which says that it is there, is where it was left."""
        return all(stored.get(tp, 0) == self._left.get(tp, 0) for tp in self._ours)

    def found(self, stored: Mapping[Partition, int], log: Mapping[Partition, Bounds]) -> list[Partition]:
        """The store says that it is there, and the driver goes on from there; answers the partitions in which it was elsewhere."""
        displaced = []
        for tp, bounds in log.items():
            now, before = stored.get(tp, 0), self._left.get(tp, 0)
            if now < before:
                self._lost[tp] = min(before, bounds.end)
                logger.error(
                    "sink %s: the store was set back in %s/%d from offset %d to %d: what the log has from there on is brought in again",
                    *(self._sink, *tp, before, now),
                )
                self._metrics.displaced(tp.topic, "back", before - now)
                displaced.append(tp)
            elif now > before and tp in self._ours:
                logger.error(
                    "sink %s: the store was set forward in %s/%d from offset %d to %d, not by this sink: unless another one ran, "
                    "the records of offsets %d to %d are missing in it, and a replay brings them in",
                    *(self._sink, *tp, before, now, before, now - 1),
                )
                self._metrics.displaced(tp.topic, "forward", now - before)
                displaced.append(tp)
            self._left[tp] = now
        self._ours = set(log)
        return displaced

    def note(self, tp: Partition) -> str:
        """For whoever reads the group's positions; empty where there is nothing to say."""
        return f"set back: was at {self._lost[tp]}" if tp in self._lost else ""

    @property
    def lacking(self) -> int:
        """Offsets that the store had before it was set back, and does not have again."""
        return sum(goal - self._left[tp] for tp, goal in self._lost.items())
