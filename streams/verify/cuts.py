"""What the logs no longer hold: retention, or an operator, has cut their beginnings. What only that part could prove is not judged.

A partition is a sequence: of what is gone one knows where it ended, and that it was written before the first record that is left. So

    gone       a place that is named and lies before the log's beginning
    may_hold   something that was written since a moment may have stood in the part that is gone
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

#: Hosts' clocks stamp the records, and differ.
SKEW_MS = 300_000


class Cuts:
    """Told every record as it is read (``met``); ``begins``: the first offset of each partition's log."""

    def __init__(self, begins: Mapping[tuple[str, int], int]) -> None:
        self.begins = {place: offset for place, offset in begins.items() if offset > 0}
        self._topics = {topic for topic, _ in self.begins}
        self._first_ms: dict[tuple[str, int], int] = {}
        #: Kind of violation -> how often it could not be judged.
        self.not_judged: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self.begins)

    def met(self, topic: str, partition: int, at_ms: int) -> None:
        """A record that is left; the first one of its partition is the oldest."""
        if (topic, partition) in self.begins:
            self._first_ms.setdefault((topic, partition), at_ms)

    def is_cut(self, topic: str, partition: int | None = None) -> bool:
        """Something of it is gone; without a partition: of any."""
        return topic in self._topics if partition is None else (topic, partition) in self.begins

    def gone(self, topic: str, partition: int, offset: int) -> bool:
        """The record that stood there."""
        return offset < self.begins.get((topic, partition), 0)

    def may_hold(self, topic: str, since_ms: int, partition: int | None = None) -> bool:
        """Whether what was written at this time or later may be gone; without a partition: from any."""
        if partition is None:
            return topic in self._topics and any(self.may_hold(t, since_ms, p) for t, p in self.begins if t == topic)
        if (topic, partition) not in self.begins:
            return False
        first_ms = self._first_ms.get((topic, partition))
        return first_ms is None or since_ms <= first_ms + SKEW_MS

    def shown(self) -> dict[str, int]:
        """Topic -> records and markers that are gone, of all its partitions."""
        gone: Counter[str] = Counter()
        for (topic, _), begin in sorted(self.begins.items()):
            gone[topic] += begin
        return dict(gone)
