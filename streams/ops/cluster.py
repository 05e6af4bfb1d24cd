"""Penstock's topics on a Kafka cluster: create, publish, read. For the command line and the demo, not for the hot path."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.cimpl import NewTopic

from schemas.codec import CODEC
from schemas.topics import COMPACTED, TOPICS, Topic
from streams.engine.admin import CLOCK_TOPIC, LOG_TIME, Admin, Retention
from streams.engine.asking import patiently
from streams.engine.errors import KafkaFault
from streams.engine.guard import Guard
from streams.engine.log_clock import clock_topic
from streams.engine.options import Options
from streams.engine.partitions import partition_of
from streams.ops.masking import may_tell_of_persons
from streams.ops.reading import (
    TIMEOUT_S,
    ClusterError,
    committed,
    newest,
    offsets_of,
    records_of,
    until_end,
    watermarks,
)
from streams.settings import Settings

__all__ = ("Cluster", "ClusterError", "Publisher", "TopicStatus")

logger = logging.getLogger(__name__)

#: A record between two stages has reached the next one within this time, or is seen to be under way.
_REST_S = 0.3
#: Partitions that were just created have their leaders within this time, though a busy broker takes them in one after the other.
_LED_S = 60.0
#: A transaction that is decided has its markers within this time; one whose owner was killed holds its partitions up for longer.
_MARKED_S = 5.0
_FORBIDDEN = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)
#: Offsets of a partition that are read to see whether they are records.
_FEW = 20


class TopicStatus(NamedTuple):
    """A topic as it stands on the cluster."""

    name: str
    #: None: it does not exist.
    partitions: int | None
    records: int
    #: How long it keeps a record; -1: for ever; None: it does not exist, or keeps the newest of each key.
    retention_ms: int | None


class Cluster:
    """A client of the cluster at ``settings.brokers``.

    Raises:
        ClusterError: no broker answers, a topic is missing.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._options = Options.quiet(settings.kafka)

    def create_topics(self, own: Collection[str] = ()) -> list[str]:
        """Creates Penstock's topics that do not exist yet, and has all of them bear the log's time; returns the new ones' names.

        The new ones have as many partitions as those that stand, whatever the settings say, and from then on the settings say so too.

        ``own``: those that a process uses. With all of them there nothing is made, and nothing is asked about any other: at a Kafka that
        asks for rights it needs none for those. Raises ClusterError where it may not make what it lacks.
        """
        admin = Admin(self.settings.brokers, self._options)
        counts = admin.partition_counts()
        self._adopt(counts)
        if own:
            try:
                if counts.keys() >= set(own):
                    admin.hold(own, LOG_TIME)
                    self._ends()
                    return []
                return self.create_topics()
            except KafkaFault as exc:
                if not _is_forbidden(exc):
                    raise
                lacking = ", ".join(sorted(set(own) - counts.keys()))
                advice = (
                    "penstock topics create makes topics, and penstock kafka acls says what each process's user needs"
                )
                if lacking:
                    raise ClusterError(
                        f"this user may not see, or nobody has made: {lacking} ({exc}); {advice}"
                    ) from exc
                raise ClusterError(f"{exc}; {advice}") from exc
        replication = self.settings.replication
        wanted = []
        for topic in TOPICS.values():
            config = {"cleanup.policy": topic.cleanup, "max.message.bytes": str(4 * 1024 * 1024), **LOG_TIME}
            if (retention_ms := self.kept_ms(topic)) is not None:
                config["retention.ms"] = str(retention_ms)
            wanted.append(
                NewTopic(topic.name, topic.partitions or self.settings.partitions, replication, config=config)
            )
        # Connectors go by its time as workers do, and may be there before any worker.
        wanted.append(NewTopic(clock_topic(self.settings.app_id), 1, replication, config=CLOCK_TOPIC))
        created = [name for name in admin.create_all(wanted) if name in TOPICS]
        admin.hold((name for name in TOPICS if name not in created), LOG_TIME)
        # Whoever asks next is told of each of them, and by its leader: those of many topics made at once come in one after the other.
        admin.counts_with(TOPICS)
        self._ends()
        return created

    def _adopt(self, counts: Mapping[str, int]) -> None:
        """Keys would leave their state: a hub keeps the number of partitions that its first topics were made with."""
        standing = max(
            (counts[name] for name, topic in TOPICS.items() if not topic.partitions and name in counts), default=0
        )
        if standing in (0, self.settings.partitions):
            return
        if self.settings.partitions != Settings.partitions:
            logger.warning(
                "PENSTOCK_PARTITIONS is %d and has no effect: this hub's topics have %d partitions each, and keep them",
                *(self.settings.partitions, standing),
            )
        self.settings = replace(self.settings, partitions=standing)

    def kept_ms(self, topic: Topic) -> int | None:
        """How long a new topic keeps its records: what tells of persons no longer than it must; None: as the cluster keeps any."""
        if topic.retention_ms is None and self.settings.personal_days and may_tell_of_persons(topic):
            return self.settings.personal_days * 86_400_000
        return topic.retention_ms

    def keep_topics(self, *, shorten: bool = False) -> tuple[list[str], list[str]]:
        """Gives topics that were made by an earlier version the retention that new ones get; what was set for one by hand stays.

        Returns their names, and those of topics that keep what tells of persons for longer than new ones do: of these nothing is deleted
        but with ``shorten``, whoever has set how long they keep it.
        """
        admin = Admin(self.settings.brokers, self._options)
        wanted = {name: kept_ms for name, topic in TOPICS.items() if (kept_ms := self.kept_ms(topic)) is not None}
        found = admin.retentions(wanted)
        longer = [
            name
            for name, kept in found.items()
            if TOPICS[name].retention_ms is None and not 0 <= kept.ms <= wanted[name]
        ]
        changed = [name for name, kept in found.items() if not kept.is_own and name not in longer]
        if shorten:
            changed, longer = [*changed, *longer], []
        for name in changed:
            admin.hold([name], {"retention.ms": str(wanted[name])})
        return changed, longer

    def statuses(self) -> list[TopicStatus]:
        """Every topic of Penstock, in the registry's order."""
        with self._consumer() as consumer:
            counts = self._partition_counts(consumer)
            kept = [name for name, topic in TOPICS.items() if topic.cleanup == "delete" and name in counts]
            retentions = Admin(self.settings.brokers, self._options).retentions(kept)
            return [
                TopicStatus(
                    name,
                    counts.get(name),
                    offsets_of(consumer, name, counts.get(name, 0)),
                    retentions[name].ms if name in retentions else None,
                )
                for name in TOPICS
            ]

    def retentions(self, topics: Iterable[str]) -> dict[str, Retention]:
        """How long these topics keep their records; without those that there are not."""
        try:
            return Admin(self.settings.brokers, self._options).retentions(topics)
        except KafkaFault as exc:
            raise ClusterError(str(exc)) from exc

    def has(self, topic: str) -> bool:
        """Whether there is such a topic."""
        with self._consumer() as consumer:
            return topic in self._partition_counts(consumer)

    def publish(self, records: Iterable[tuple[str, str, str, Mapping[str, Any]]]) -> int:
        """Sends (topic, key, record name, record) and waits until the cluster has them; returns how many."""
        with Publisher(self.settings) as publisher:
            sent = 0
            for topic, key, name, record in records:
                publisher.send(topic, key, CODEC.encode(name, record))
                sent += 1
        return sent

    def read(
        self,
        topic: str,
        *,
        key: str | None = None,
        keys: Collection[str] | None = None,
        follow: bool = False,
        last: int | None = None,
    ) -> Iterator[Message]:
        """Committed records of a topic up to its present end, or for ever with ``follow``.

        Args:
            key, keys: only records with this key, or one of these; only their partitions are read.
            last: only so many of each partition's newest ones; with ``follow``, and then what comes.
        """
        with self._consumer() as consumer:
            count = self._partition_counts(consumer).get(topic)
            if count is None:
                raise ClusterError(f"there is no topic {topic!r}; penstock topics list shows those there are")
            starts = []
            only = keys if key is None else (key,)
            wanted = None if only is None else {each.encode() for each in only}
            for partition in range(count) if wanted is None else sorted({partition_of(it, count) for it in wanted}):
                low, high = watermarks(consumer, TopicPartition(topic, partition))
                # Every record may have a transaction marker behind it; those with a key may stand anywhere.
                near = low if last is None or wanted is not None else max(low, high - 2 * last - _FEW)
                starts.append(TopicPartition(topic, partition, near))
            guard = self._guard(consumer)
            guard.assign(starts)
            present = (m for m in until_end(guard, len(starts)) if wanted is None or m.key() in wanted)
            yield from present if last is None else newest(present, last)
            if follow:
                yield from (m for m in records_of(guard) if wanted is None or m.key() in wanted)

    def at(self, topic: str, partition: int, offset: int) -> Message | None:
        """The committed record at one place; None when there is none (any more)."""
        return next(self.those(topic, {partition: {offset}}), None)

    def those(self, topic: str, places: Mapping[int, Collection[int]]) -> Iterator[Message]:
        """The committed records at these offsets, each partition's in their order; without those that are not there (any more)."""
        for partition, offsets in places.items():
            with self._consumer() as consumer:
                if partition >= self._partition_counts(consumer).get(topic, 0):
                    continue
                low, high = watermarks(consumer, TopicPartition(topic, partition))
                wanted = {offset for offset in offsets if low <= offset < high}
                if not wanted:
                    continue
                guard = self._guard(consumer)
                guard.assign([TopicPartition(topic, partition, min(wanted))])
                for message in until_end(guard, 1):
                    at = cast(int, message.offset())
                    if at in wanted:
                        yield message
                    if at >= max(wanted):
                        break

    def ends(self, topic: str) -> dict[int, int]:
        """Where each partition of a topic ends: the offset after its last committed record or marker."""
        with self._consumer() as consumer:
            count = self._partition_counts(consumer).get(topic, 0)
            return {p: watermarks(consumer, TopicPartition(topic, p))[1] for p in range(count)}

    def settle(self, topics: Collection[str]) -> None:
        """Waits until what stands on these topics can be read: a transaction is decided a moment before its markers say so in the log.

        It does not wait for ever: somebody else's transaction may be open. Raises ClusterError.
        """
        admin = Admin(self.settings.brokers, self._options)
        try:
            counts = admin.partition_counts()
            ends = admin.ends([(name, p) for name in topics for p in range(counts.get(name, 0))])
            until = time.monotonic() + _MARKED_S
            while ends and time.monotonic() < until:
                read = admin.committed_ends(ends)
                ends = {tp: end for tp, end in ends.items() if read[tp] < end}
                time.sleep(_MARKED_S / 500 if ends else 0)
        except KafkaFault as exc:
            raise ClusterError(str(exc)) from exc

    def undecided(self, group: str = "decisions") -> int:
        """Records that a group's workers have still to decide; where many are left the figure counts transaction markers too."""
        from streams.topology import group_id, stages

        with self._consumer(group_id(self.settings.app_id, group)) as consumer:
            counts = self._partition_counts(consumer)
            topics = [topic for stage in stages(group) for topic in stage.reads]
            inputs = [TopicPartition(topic, p) for topic in topics for p in range(counts.get(topic, 0))]
            behind = []
            for tp in committed(consumer, inputs):
                low, high = watermarks(consumer, tp)
                start = max(tp.offset, low)
                if start < high:
                    behind.append((TopicPartition(tp.topic, tp.partition, start), high - start))
            if sum(lag for _, lag in behind) > _FEW * len(inputs):
                return sum(lag for _, lag in behind)
            # The last offsets of a partition may be markers, which nobody decides: look.
            guard = self._guard(consumer, looks=False)
            guard.assign([tp for tp, _ in behind])
            return sum(1 for _ in until_end(guard, len(behind)))

    def at_rest(self) -> bool:
        """Nothing is left to decide and nothing is being written. Takes a moment: what is under way shows only in time."""
        before = self._ends()
        time.sleep(_REST_S)
        return self.undecided() == 0 and self._ends() == before

    def _ends(self) -> dict[tuple[str, int], int]:
        """Where every partition of Penstock's topics ends, with what is not yet committed and the transactions' markers."""
        admin = Admin(self.settings.brokers, self._options)
        try:
            counts = admin.partition_counts()
            partitions = [(name, p) for name in TOPICS for p in range(counts.get(name, 0))]
            return patiently(lambda: admin.ends(partitions), _LED_S)
        except KafkaFault as exc:
            raise ClusterError(str(exc)) from exc

    def _consumer(self, group: str = "penstock-reader") -> closing[Consumer]:
        return closing(Consumer(self._properties(group)))

    def _guard(self, consumer: Consumer, *, looks: bool = True) -> Guard:
        return Guard(consumer, self._properties("penstock-reader"), compacted=COMPACTED, looks=looks)

    def _properties(self, group: str) -> dict[str, Any]:
        return self._options.client(
            self.settings.brokers,
            **{
                "group.id": group,
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 20,
            },
        )

    def _partition_counts(self, consumer: Consumer) -> dict[str, int]:
        try:
            topics = consumer.list_topics(timeout=TIMEOUT_S).topics
        except KafkaException as exc:
            raise ClusterError(f"no broker answers at {self.settings.brokers}: {exc.args[0].str()}") from exc
        return {name: len(topic.partitions) for name, topic in topics.items()}


def _is_forbidden(fault: KafkaFault) -> bool:
    why = fault.__cause__
    return isinstance(why, KafkaException) and why.args[0].code() in _FORBIDDEN


class Publisher:
    """Sends records so that their partition is the one the workers expect (murmur2, as Java clients do).

    Raises:
        ClusterError: the cluster refused a record, or did not take it in time.
    """

    def __init__(self, settings: Settings) -> None:
        self._refused: KafkaError | None = None
        self._producer = Producer(
            Options.quiet(settings.kafka).client(
                settings.brokers,
                **{
                    "partitioner": "murmur2_random",
                    "enable.idempotence": True,
                    "compression.type": "lz4",
                    "linger.ms": 5,
                    "message.max.bytes": 4 * 1024 * 1024,
                },
            )
        )

    def send(self, topic: str, key: str | None, value: bytes | None) -> None:
        """Queues one record; waits when the queue is full."""
        while True:
            try:
                raw_key = key.encode() if key is not None else None
                self._producer.produce(topic, key=raw_key, value=value, on_delivery=self._delivered)
                self._producer.poll(0)
                return
            except BufferError:
                self._producer.poll(0.1)

    def flush(self) -> None:
        """Until everything sent is on the cluster."""
        if self._producer.flush(TIMEOUT_S) or self._refused is not None:
            reason = self._refused.str() if self._refused is not None else f"no answer in {TIMEOUT_S:.0f} s"
            raise ClusterError(f"the cluster did not take every record: {reason}")

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.flush()

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._refused = error
