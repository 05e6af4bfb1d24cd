"""How a group stands: its topics, where it is, what its changelogs end with; and what of it doesn't fit (``engine/ties.py``)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, TopicPartition

from streams.engine.admin import Admin
from streams.engine.asking import patiently
from streams.engine.errors import KafkaFault
from streams.engine.footing import Ground, commits
from streams.engine.guard import Guard
from streams.engine.options import Options
from streams.engine.record import Record
from streams.engine.shards import TP
from streams.engine.ties import Commit, Identity, Misfit, Tie, marked, newest, of_shards, of_topics
from streams.engine.work import Shard
from streams.settings import Settings
from streams.topology import group_id, stages

#: The last offsets of a changelog may be markers and deletions: the last tie is looked for among so many, then eight times as many...
_FEW = 64
_SILENCE_MAX_S = 30.0
#: For so long a broker that has just started is asked again.
_ANSWER_S = 20.0


@dataclass(frozen=True)
class Standing:
    """One group.

    Attributes:
        topics: its inputs and changelogs, those that exist.
        changelogs: shard -> (its last tie, whether nothing was ever written there).
    """

    ground: Ground
    topics: Mapping[str, Identity]
    commits: Mapping[TP, Commit]
    changelogs: Mapping[Shard, tuple[Tie | None, bool]]
    misfits: Sequence[Misfit]

    def inputs(self, shard: Shard, of: Iterable[TP]) -> list[TP]:
        """Those of these partitions that the shard follows."""
        return [tp for tp in of if tp[1] == shard[1] and tp[0] in self.ground.sources[shard[0]]]

    def own(self, shard: Shard) -> dict[TP, Commit]:
        """Where the group is on the shard's inputs."""
        return {tp: self.commits[tp] for tp in self.inputs(shard, self.commits)}

    def lost(self) -> list[Shard]:
        """Shards whose changelog lacks what the group's offsets say was written."""
        told = [m for m in self.misfits if m.kind == "changelog"]
        named = {(name, m.partition) for m in told for name in m.topic.split(", ")}
        return [shard for shard in sorted(self.changelogs) if shard in named or self._is_replaced(shard)]

    def _is_replaced(self, shard: Shard) -> bool:
        own = self.own(shard).values()
        current = self.topics.get(self.ground.changelogs[shard[0]])
        ids = {c.mark.tables[shard[0]][0] for c in own if c.mark and shard[0] in c.mark.tables} - {""}
        is_another = current is None or bool(current.id and ids - {current.id})
        return is_another and marked(shard[0], own) > 0


def ground_of(settings: Settings, group: str) -> Ground:
    """What a group's workers read and keep, from the topology."""
    name = group_id(settings.app_id, group)
    tables = {table: stage.reads for stage in stages(group) for table in stage.tables}
    inputs = tuple(sorted({topic for stage in stages(group) for topic in stage.reads}))
    return Ground(name, inputs, {table: f"{name}-{table}-changelog" for table in tables}, tables)


def look(settings: Settings, group: str) -> Standing:
    """As it is now.

    Raises:
        KafkaFault: the broker does not answer.
    """
    options = Options.quiet(settings.kafka)
    admin, ground = Admin(settings.brokers, options), ground_of(settings, group)
    topics = admin.identities({*ground.inputs, *ground.changelogs.values()})
    partitions = [(topic, p) for topic in ground.inputs if topic in topics for p in range(topics[topic].partitions)]

    def committed_now() -> dict[TP, Commit]:
        return patiently(lambda: commits(settings.brokers, ground.group, options, partitions), _ANSWER_S)

    committed = committed_now()
    misfits = of_topics(
        committed, topics, admin.ends(tp for tp, c in committed.items() if c.offset > 0), ground.changelogs
    )
    logs = [(c, p) for c in ground.changelogs.values() if c in topics for p in range(topics[c].partitions)]
    starts, ends = admin.begins(logs), admin.ends(logs)
    ties = _last_ties(settings.brokers, options, {tp: (starts[tp], ends[tp]) for tp in logs})
    changelogs: dict[Shard, tuple[Tie | None, bool]] = {}
    for table, changelog in ground.changelogs.items():
        for partition in range(max((topics[t].partitions for t in ground.sources[table] if t in topics), default=0)):
            tp = (changelog, partition)
            changelogs[table, partition] = ties.get(tp), tp not in ties
            if starts.get(tp, 0) > 0:
                text = (
                    f"{changelog}/{partition} begins at offset {starts[tp]} only: retention must never cut a changelog"
                )
                misfits.append(Misfit("changelog", table, partition, text))
    standing = Standing(ground, topics, committed, changelogs, misfits)
    # A changelog that is another one has been told of; its shards need not be told of one by one.
    whole = {s: c for s, c in changelogs.items() if ground.changelogs[s[0]] not in {m.topic for m in misfits}}
    anew = {m.topic for m in misfits if m.kind == "topic"}
    settled = {tp: c for tp, c in committed.items() if tp[0] not in anew}
    told = of_shards(whole, standing.inputs, settled, time.time_ns() // 1_000_000)
    # Workers that go on deciding were looked at while they did.
    if told and committed_now() == committed:
        misfits += told
    return standing


def _last_ties(brokers: str, options: Options, spans: Mapping[TP, tuple[int, int]]) -> dict[TP, Tie | None]:
    """Changelog partition -> the tie it ends with; None: its last record bears none. ``spans``: where each begins and ends."""
    found: dict[TP, Tie | None] = {}
    left, width = {tp for tp, (low, high) in spans.items() if low < high}, _FEW
    properties = options.client(
        brokers,
        **{"group.id": "penstock-reader", "enable.auto.commit": False, "isolation.level": "read_committed"},
        **{"enable.partition.eof": True, "auto.offset.reset": "earliest"},
    )
    consumer = Consumer(properties)
    try:
        while left:
            from_ = {tp: max(spans[tp][0], spans[tp][1] - width) for tp in left}
            ties = newest(_to_the_end(consumer, properties, from_), left)
            found |= {tp: Tie.loads(raw) if raw else None for tp, raw in ties.items()}
            left = {tp for tp in left - found.keys() if from_[tp] > spans[tp][0]}
            width *= 8
    finally:
        consumer.close()
    return found


def _to_the_end(consumer: Consumer, properties: Mapping[str, Any], starts: Mapping[TP, int]) -> list[Record]:
    guard = Guard(consumer, properties, compacted={topic for topic, _ in starts})
    guard.assign([TopicPartition(*tp, offset) for tp, offset in sorted(starts.items())])
    records: list[Record] = []
    ended: set[TP] = set()
    heard = time.monotonic()
    while len(ended) < len(starts):
        events = guard.take(10_000, 0.2)
        if events:
            heard = time.monotonic()
        elif time.monotonic() - heard > _SILENCE_MAX_S:
            raise KafkaFault(f"nothing comes from {sorted(starts.keys() - ended)}")
        for event in events:
            error = event.error()
            if error is None:
                records.append(event)
            elif error.code() == KafkaError._PARTITION_EOF:
                ended.add((event.topic(), event.partition()))
            elif not error.retriable():
                raise KafkaFault(f"cannot read {event.topic()}/{event.partition()}: {error.str()}")
    return records
