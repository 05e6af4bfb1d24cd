"""The moment of a backup: where every log ends and every group stands, such that no transaction is half in it.

Nothing is stopped. Kafka does not say which transaction a record is of, so the moment is proven instead, by looking twice:

    1. Ends of the logs that stages write (changelogs among them). Whoever reads what is committed must read up to there: no transaction
       is open in any of them.
    2. The groups' positions, once no open transaction can move them.
    3. Ends of all other logs: first the marks of who pulls, then the rest. Again none has an open transaction below its end.
    4. The positions and the ends of step 1 once more: if nothing has moved, all that was seen in between is of one moment.

Anything else is looked at again. A worker rests for as long as its transactions take, so a few of them leave such a moment several times a
second; many busy ones hardly do, and then it is said. What others add at that time (step 3) is at worst undecided, and is decided
after a restore.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.backup.errors import BackupStopped
from streams.engine.admin import Admin
from streams.engine.asking import patiently
from streams.engine.errors import KafkaFault
from streams.engine.options import Options
from streams.engine.shards import TP
from streams.ops.groups import SINK_GROUP, Groups
from streams.settings import Settings
from streams.topology import TOPOLOGY

_TIMEOUT_S = 20.0
#: Tried for so long.
PATIENCE_S = 120.0
#: What stages write and others write all the time; a stage's transaction that writes it moves its group's position as well.
_OTHERS_TOO = frozenset(("channel.notices", "warehouse.reports"))
#: Who pulls says in one transaction what was pulled, and how far: no mark may be kept without what it speaks of.
_MARKS = "channel.marks"

Positions = dict[TP, tuple[int, str]]
"""(topic, partition) -> (next offset, what the group has noted with it)."""


class Cut(NamedTuple):
    """``at_ms``: by this host's clock."""

    ends: Mapping[TP, int]
    positions: Mapping[str, Positions]
    at_ms: int


def strict(topics: Iterable[str]) -> frozenset[str]:
    """Those of the topics that may not move while the moment is looked for."""
    written = {topic for stage in TOPOLOGY for topic in stage.emits} - _OTHERS_TOO
    return frozenset(topic for topic in topics if topic in written or topic.endswith("-changelog"))


class Cutter:
    """Looks at one cluster. Close it in the end.

    Raises:
        KafkaFault: no answer.
    """

    def __init__(self, settings: Settings, partitions: Iterable[TP]) -> None:
        self._settings = settings
        self._options = Options.quiet(settings.kafka)
        self._admin = Admin(settings.brokers, self._options)
        still, all_ = strict({topic for topic, _ in partitions}), list(partitions)
        self._all = all_
        self._still = [tp for tp in all_ if tp[0] in still]
        self._marks = [tp for tp in all_ if tp[0] == _MARKS]
        self._rest = [tp for tp in all_ if tp[0] not in still and tp[0] != _MARKS]
        self._readers: dict[str, Consumer] = {}

    def look(self, patience_s: float = PATIENCE_S) -> Cut:
        """The next moment there is.

        Raises:
            BackupStopped: none came.
        """
        own, others = self._groups()
        deadline = time.monotonic() + patience_s
        # Their positions move on: never beyond the ends that are seen later.
        foreign = patiently(lambda: {group: self._positions(group) for group in others}, _TIMEOUT_S)
        while (found := patiently(lambda: self._once(own), _TIMEOUT_S)) is None:
            if time.monotonic() > deadline:
                raise BackupStopped(
                    f"in {patience_s:.0f} s there was no moment without an open transaction, so nothing was kept: run it when less is "
                    "going on, or while the workers are stopped"
                )
        return Cut(found[0], {**found[1], **foreign}, time.time_ns() // 1_000_000)

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()

    def _once(self, own: Iterable[str]) -> tuple[dict[TP, int], dict[str, Positions]] | None:
        ends = self._admin.ends(self._still)  # 1.
        if not self._are_committed(ends):
            return None
        positions = {group: self._positions(group) for group in own}  # 2.
        others = {**self._admin.ends(self._marks), **self._admin.ends(self._rest)}  # 3.
        if not self._are_committed(others):
            return None
        if {group: self._positions(group) for group in own} != positions or self._admin.ends(self._still) != ends:  # 4.
            return None
        return {**ends, **others}, positions

    def _are_committed(self, ends: Mapping[TP, int]) -> bool:
        readable = self._admin.committed_ends(ends)
        return all(readable[tp] >= end for tp, end in ends.items())

    def _groups(self) -> tuple[list[str], list[str]]:
        """Penstock's own that write as they read, and other people's. A sink's position is its store's own."""
        groups = Groups(self._settings)
        try:
            found = groups.names()
        finally:
            groups.close()
        app_id = self._settings.app_id
        own = [name for name in found if name == app_id or name.startswith(f"{app_id}-")]
        return own, [name for name in found if name not in own and not name.startswith(SINK_GROUP)]

    def _positions(self, group: str) -> Positions:
        if group not in self._readers:
            # read_committed: the answer waits for the transaction that is about to move them.
            own = {"group.id": group, "enable.auto.commit": False, "isolation.level": "read_committed"}
            self._readers[group] = Consumer(self._options.client(self._settings.brokers, **own))
        try:
            found = self._readers[group].committed([TopicPartition(*tp) for tp in self._all], timeout=_TIMEOUT_S)
        except KafkaException as exc:
            raise KafkaFault(f"the broker does not say how far group {group} is: {exc.args[0].str()}") from exc
        return {(at.topic, at.partition): (at.offset, at.metadata or "") for at in found if at.offset >= 0}
