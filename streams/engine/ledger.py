"""What the worker's next transaction says in its ties and marks (``ties.py``): how often each shard was written, where its inputs stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from streams.engine.shards import TP
from streams.engine.ties import CARRIER, Commit, Identity, Mark, Tie, marked
from streams.engine.work import Shard, Work


@dataclass(frozen=True)
class Entry:
    """Of one transaction: a tie for each shard that it writes, a mark for each offset that it commits."""

    ties: Mapping[Shard, Tie] = field(default_factory=dict)
    marks: Mapping[TP, str] = field(default_factory=dict)


class Ledger:
    """Of the shards that this worker has open.

    Args:
        tables: table -> its input topics; none: every topic's partition of the shard's number.
        changelogs: table -> its changelog.
        identity_of: which topic has this name.
    """

    def __init__(
        self,
        tables: Mapping[str, Iterable[str]],
        changelogs: Mapping[str, str],
        identity_of: Callable[[str], Identity],
    ) -> None:
        self._tables = {name: frozenset(sources) for name, sources in tables.items()}
        self._changelogs = changelogs
        self._identity_of = identity_of
        self._of_topic: dict[str, list[str]] = {}
        self._ties: dict[Shard, Tie] = {}
        #: Those whose last record bears no tie.
        self._untied: set[Shard] = set()
        #: Partition number -> topic -> next offset.
        self._offsets: dict[int, dict[str, int]] = {}

    def inputs(self, shard: Shard, of: Iterable[TP]) -> list[TP]:
        """Those of these partitions that the shard follows."""
        sources = self._tables.get(shard[0], frozenset())
        return [tp for tp in of if tp[1] == shard[1] and (not sources or tp[0] in sources)]

    def opened(
        self, shards: Mapping[Shard, tuple[Tie | None, bool]], commits: Mapping[TP, Commit], now_ms: int
    ) -> None:
        """These shards are restored: each with the last tie of its changelog, and whether that is empty; commits are of their inputs."""
        for shard, (tie, is_empty) in shards.items():
            own = {tp: commits[tp] for tp in self.inputs(shard, commits)}
            for (topic, partition), commit in own.items():
                if commit.offset >= 0:
                    self._offsets.setdefault(partition, {})[topic] = commit.offset
            # Last written by a version that knew no ties: counted as one transaction at least, that its loss be noticed too.
            (self._untied.discard if tie is not None or is_empty else self._untied.add)(shard)
            number = tie.number if tie is not None else 0 if is_empty else 1
            number = max(number, marked(shard[0], own.values()))
            unmarked = number > 0 or any(c.offset > 0 and c.mark is None for c in own.values())
            self._ties[shard] = replace(tie or Tie(0, {}, now_ms if unmarked else 0), number=number)

    def tie(self, shard: Shard) -> Tie:
        """The last one."""
        return self._ties.get(shard, Tie(0))

    def next(self, work: Work) -> Entry:
        """What to say with this work, which gets a carrier where it only deletes; ``committed`` afterwards, if it was."""
        offsets = {p: dict(topics) for p, topics in self._offsets.items()}
        for (topic, partition), offset in work.offsets.items():
            offsets.setdefault(partition, {})[topic] = offset
        ties = {}
        for shard, changes in work.changelog.items():
            table, partition = shard
            before = self.tie(shard)
            if all(value is None for value in changes.values()):
                changes[CARRIER] = b""
            sources = self._tables.get(table, frozenset())
            stand = {t: o for t, o in offsets.get(partition, {}).items() if not sources or t in sources}
            ties[shard] = Tie(before.number + 1, stand, before.since_ms)
        marks = {}
        for (topic, partition), offset in work.offsets.items():
            tables = {}
            for table in self._written_by(topic):
                shard = (table, partition)
                tie = ties.get(shard) or self._ties.get(shard)
                if tie is not None:
                    number = -tie.number if shard in self._untied and shard not in ties else tie.number
                    tables[table] = (self._identity_of(self._changelogs[table]).id, number)
            marks[topic, partition] = Mark(offset, self._identity_of(topic), tables).dumps()
        return Entry(ties, marks)

    def committed(self, work: Work, entry: Entry) -> None:
        """The transaction is through."""
        self._ties.update(entry.ties)
        self._untied -= entry.ties.keys()
        for (topic, partition), offset in work.offsets.items():
            self._offsets.setdefault(partition, {})[topic] = offset

    def _written_by(self, topic: str) -> list[str]:
        if topic not in self._of_topic:
            self._of_topic[topic] = [name for name, sources in self._tables.items() if not sources or topic in sources]
        return self._of_topic[topic]
