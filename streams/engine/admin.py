"""Topics: created when missing, counted, and held to the rule that topics which share tables have the same partition count."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    ResourceType,
)
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewTopic

from streams.engine.errors import KafkaFault, PartitionsDiffer
from streams.engine.options import Options
from streams.engine.shards import TP
from streams.engine.ties import Identity

_TIMEOUT_S = 20.0
#: How long a topic may take to be known after its creation.
_NEW_TOPICS_S = 15.0
#: What a broker that knows no topic ids says.
_NO_ID = "AAAAAAAAAAAAAAAAAAAAAA"
_EARLIEST, _LATEST = OffsetSpec.earliest(), OffsetSpec.latest()  # type: ignore[no-untyped-call]
_UNKNOWN = KafkaError.UNKNOWN_TOPIC_OR_PART

#: The broker dates what it writes: no host's clock reaches what is decided by a record's time, and none can be refused for its clock.
LOG_TIME = {"message.timestamp.type": "LogAppendTime"}
#: Its last lines are all that anybody asks for.
CLOCK_TOPIC = {**LOG_TIME, "cleanup.policy": "delete", "retention.ms": "3600000", "segment.ms": "3600000"}


class Retention(NamedTuple):
    """How long a topic keeps a record; -1: for ever. ``is_own``: said for this topic, not for all of the cluster.

    What is kept is deleted by whole segments: a record may stay for ``segment_ms`` longer, until others of its time are due too.
    """

    ms: int
    is_own: bool
    segment_ms: int


class Copies(NamedTuple):
    """Of one topic's partitions, those that are worst off: how many copies there are to be, how many are up to date, who lacks a leader."""

    replicas: int
    in_sync: int
    leaderless: int


class Admin:
    """Blocking calls to the cluster's admin interface.

    Raises:
        KafkaFault: the broker refuses or does not answer.
    """

    def __init__(self, bootstrap: str, options: Options) -> None:
        self._bootstrap = bootstrap
        self._client = AdminClient(options.client(bootstrap))

    def create(self, name: str, partitions: int, replication: int, config: Mapping[str, str]) -> bool:
        """Creates a topic; False when it is there already."""
        return bool(self.create_all([NewTopic(name, partitions, replication, config=dict(config))]))

    def create_all(self, topics: Iterable[NewTopic]) -> list[str]:
        """Creates those that are not there yet; returns their names. In one request: one for each costs a broker four times the work."""
        created = []
        for name, answer in self._client.create_topics(list(topics), request_timeout=_TIMEOUT_S).items():
            try:
                answer.result(_TIMEOUT_S)
            except KafkaException as exc:
                if exc.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise KafkaFault(f"cannot create topic {name!r}: {exc.args[0].str()}") from exc
            except TimeoutError as exc:
                raise KafkaFault(f"cannot create topic {name!r}: no answer from {self._bootstrap}") from exc
            else:
                created.append(name)
        return created

    def delete(self, name: str) -> None:
        """Deletes a topic, if there is one."""
        try:
            self._client.delete_topics([name], request_timeout=_TIMEOUT_S)[name].result(_TIMEOUT_S)
        except KafkaException as exc:
            if exc.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise KafkaFault(f"cannot delete topic {name!r}: {exc.args[0].str()}") from exc

    def cut(self, starts: Mapping[TP, int]) -> None:
        """Deletes what stands before these offsets, as retention does."""
        asked = [TopicPartition(*tp, offset) for tp, offset in starts.items()]
        try:
            for answer in self._client.delete_records(asked, request_timeout=_TIMEOUT_S).values() if asked else ():
                answer.result(_TIMEOUT_S)
        except (KafkaException, TimeoutError) as exc:
            raise KafkaFault(f"{self._bootstrap} does not cut its logs: {exc}") from exc

    def hold(self, topics: Iterable[str], settings: Mapping[str, str]) -> list[str]:
        """Gives existing topics these settings (and leaves them their others); returns those that had not all of them."""
        asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
        wanted = [ConfigEntry(n, v, incremental_operation=AlterConfigOpType.SET) for n, v in settings.items()]
        changes = []
        try:
            for topic, found in self._answers(self._client.describe_configs, asked):
                if settings.items() - {name: entry.value for name, entry in found.items()}.items():
                    changes.append(ConfigResource(ResourceType.TOPIC, topic, incremental_configs=wanted))
            self._answers(self._client.incremental_alter_configs, changes)
        except KafkaException as exc:
            listed = ", ".join(f"{name}={value}" for name, value in settings.items())
            names = ", ".join(it.name for it in changes or asked)
            raise KafkaFault(
                f"cannot give topics their settings: {exc.args[0].str()}; set {listed} on {names}"
            ) from exc
        return sorted(change.name for change in changes)

    def settings_of(self, topics: Iterable[str]) -> dict[str, dict[str, str]]:
        """Topic name -> its settings, the cluster's among them. All of the topics exist."""
        asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
        try:
            answers = self._answers(self._client.describe_configs, asked)
        except (KafkaException, TimeoutError) as exc:
            raise KafkaFault(f"{self._bootstrap} does not tell the settings of its topics: {exc}") from exc
        return {name: {key: entry.value for key, entry in found.items()} for name, found in answers}

    def own_settings_of(self, topics: Iterable[str]) -> dict[str, dict[str, str]]:
        """Topic name -> those of its settings that were said for it alone. All of the topics exist."""
        asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in topics]
        own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        try:
            answers = self._answers(self._client.describe_configs, asked)
        except (KafkaException, TimeoutError) as exc:
            raise KafkaFault(f"{self._bootstrap} does not tell the settings of its topics: {exc}") from exc
        return {name: {key: e.value for key, e in found.items() if e.source == own} for name, found in answers}

    def copies(self) -> tuple[int, dict[str, Copies]]:
        """How many brokers there are; topic name -> its copies."""
        try:
            found = self._client.list_topics(timeout=_TIMEOUT_S)
        except KafkaException as exc:
            raise KafkaFault(f"no answer from {self._bootstrap}: {exc.args[0].str()}") from exc
        return len(found.brokers), {
            name: Copies(
                min((len(p.replicas) for p in topic.partitions.values()), default=0),
                min((len(p.isrs) for p in topic.partitions.values()), default=0),
                sum(p.leader < 0 for p in topic.partitions.values()),
            )
            for name, topic in found.topics.items()
        }

    def _answers(self, call: Any, resources: list[ConfigResource]) -> list[tuple[str, Any]]:
        """Of the broker, topic by topic. One that does not know a topic yet, somebody's of a moment ago, is asked again."""
        deadline = time.monotonic() + _TIMEOUT_S
        while resources:
            try:
                answers = call(resources, request_timeout=_TIMEOUT_S)
                return [(resource.name, answer.result(_TIMEOUT_S)) for resource, answer in answers.items()]
            except KafkaException as exc:
                if exc.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        return []

    def retentions(self, names: Iterable[str]) -> dict[str, Retention]:
        """How long these topics keep their records; without those that the broker does not know (yet)."""
        asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        found = {}
        for resource, answer in self._client.describe_configs(asked, request_timeout=_TIMEOUT_S).items():
            try:
                configs = self._answer(answer, f"how long topic {resource.name!r} is kept")
            except KafkaFault as exc:
                if isinstance(exc.__cause__, KafkaException) and exc.__cause__.args[0].code() == _UNKNOWN:
                    continue
                raise
            config = configs["retention.ms"]
            is_own = config.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
            found[resource.name] = Retention(int(config.value), is_own, int(configs["segment.ms"].value))
        return found

    def _answer(self, answer: Any, what: str) -> Any:
        try:
            return answer.result(_TIMEOUT_S)
        except KafkaException as exc:
            raise KafkaFault(f"{what}: {exc.args[0].str()}") from exc
        except TimeoutError as exc:
            raise KafkaFault(f"{what}: no answer from {self._bootstrap}") from exc

    def counts_with(self, wanted: Iterable[str]) -> dict[str, int]:
        """As ``partition_counts``, once the broker knows these topics: one that was created a moment ago it may not know yet.

        Those that are still missing after a while are left out.
        """
        names, deadline = set(wanted), time.monotonic() + _NEW_TOPICS_S
        while True:
            counts = self.partition_counts()
            if names <= counts.keys() or time.monotonic() > deadline:
                return counts
            time.sleep(0.2)

    def partition_counts(self) -> dict[str, int]:
        """Topic name -> number of partitions, of all topics."""
        try:
            topics = self._client.list_topics(timeout=_TIMEOUT_S).topics
        except KafkaException as exc:
            raise KafkaFault(f"no answer from {self._bootstrap}: {exc.args[0].str()}") from exc
        return {name: len(topic.partitions) for name, topic in topics.items()}

    def identities(self, topics: Iterable[str]) -> dict[str, Identity]:
        """Topic name -> which topic it is, of those that exist."""
        found = {}
        try:
            asked = self._client.describe_topics(TopicCollection(sorted(topics)), request_timeout=_TIMEOUT_S)
            for name, answer in asked.items():
                try:
                    topic = answer.result(_TIMEOUT_S)
                except KafkaException as exc:
                    if exc.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                        raise
                else:
                    found[name] = Identity(str(topic.topic_id).replace(_NO_ID, ""), len(topic.partitions))
        except (KafkaException, TimeoutError) as exc:
            raise KafkaFault(f"{self._bootstrap} does not describe its topics: {exc}") from exc
        return found

    def ends(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Where these partitions end: their high watermarks."""
        return self._offsets(partitions, _LATEST)

    def committed_ends(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Where these partitions end for who reads what is committed: before the first transaction that is open."""
        return self._offsets(partitions, _LATEST, IsolationLevel.READ_COMMITTED)

    def begins(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Where these partitions begin."""
        return self._offsets(partitions, _EARLIEST)

    def _offsets(
        self, partitions: Iterable[TP], where: OffsetSpec, level: IsolationLevel = IsolationLevel.READ_UNCOMMITTED
    ) -> dict[TP, int]:
        asked = {TopicPartition(*tp): where for tp in partitions}
        how: dict[str, Any] = {"isolation_level": level, "request_timeout": _TIMEOUT_S}
        try:
            answers = self._client.list_offsets(asked, **how) if asked else {}
            return {(tp.topic, tp.partition): answer.result(_TIMEOUT_S).offset for tp, answer in answers.items()}
        except (KafkaException, TimeoutError) as exc:
            raise KafkaFault(f"{self._bootstrap} does not tell where its topics begin and end: {exc}") from exc


def check_copartitioned(groups: Iterable[Iterable[str]], counts: Mapping[str, int]) -> None:
    """Each group's topics must have one partition count.

    Raises:
        PartitionsDiffer: naming the topics, their counts and the fix.
    """
    for group in groups:
        found = {topic: counts[topic] for topic in sorted(group) if topic in counts}
        if len(set(found.values())) > 1:
            listed = ", ".join(f"{topic} ({count})" for topic, count in found.items())
            raise PartitionsDiffer(
                f"these topics share tables and need the same number of partitions, but {listed}: "
                "recreate the odd ones with the others' count"
            )


def topic_config(
    *, compacting: bool | None, deleting: bool | None, retention_s: float | None, config: Mapping[str, Any] | None
) -> dict[str, str]:
    """Kafka's topic settings from Faust's."""
    settings = {name: str(value) for name, value in (config or {}).items()}
    policies = [name for name, wanted in (("compact", compacting), ("delete", deleting)) if wanted]
    if policies:
        settings.setdefault("cleanup.policy", ",".join(policies))
    if retention_s is not None:
        settings.setdefault("retention.ms", str(int(retention_s * 1000)))
    return settings
