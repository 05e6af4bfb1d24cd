"""Consumer groups as the broker knows them: who is in them, and how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.engine.asking import patiently
from streams.engine.options import Options
from streams.ops.cluster import ClusterError
from streams.settings import Settings

T = TypeVar("T")

#: A sink's group is called so and then by the sink's name.
SINK_GROUP = "penstock-sink-"

_TIMEOUT_S = 20.0
_UNKNOWN = (KafkaError.GROUP_ID_NOT_FOUND, KafkaError.INVALID_GROUP_ID)


class Member(NamedTuple):
    """One process in a group."""

    client: str
    host: str
    #: (topic, partition), sorted.
    partitions: tuple[tuple[str, int], ...]


class Group(NamedTuple):
    """A group as it stands; ``state`` in Kafka's words: STABLE, EMPTY, DEAD (unknown to the broker)..."""

    name: str
    state: str
    members: tuple[Member, ...]


class Groups:
    """Asks the cluster at ``settings.brokers``. One caller at a time; close it in the end.

    Raises:
        ClusterError: no answer in time.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._readers: dict[str, Consumer] = {}
        self.admin = AdminClient(Options.quiet(settings.kafka).client(settings.brokers))

    def sinks(self) -> list[str]:
        """Names of the sinks that have, or had, a group; sorted."""
        return [name.removeprefix(SINK_GROUP) for name in self.names() if name.startswith(SINK_GROUP)]

    def names(self) -> list[str]:
        """All groups that the brokers know; sorted."""
        found = self._asked(
            "which groups there are",
            lambda: self.admin.list_consumer_groups(request_timeout=_TIMEOUT_S).result(_TIMEOUT_S),
        )
        return sorted(group.group_id for group in found.valid)

    def describe(self, *names: str) -> list[Group]:
        """Each of these groups, in their order."""
        return [self._described(name) for name in names]

    def committed(self, name: str, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """(topic, partition) -> next offset to read, of those partitions that the group has committed; none: no such group."""
        return {(tp.topic, tp.partition): tp.offset for tp in self._committed(name, partitions)}

    def notes(self, name: str, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """(topic, partition) -> what the group has noted with its position, where it has noted anything."""
        return {(tp.topic, tp.partition): tp.metadata for tp in self._committed(name, partitions) if tp.metadata}

    def partitions(self, topics: Iterable[str]) -> set[tuple[str, int]]:
        """All partitions of those of the topics that exist."""
        known = self._asked("which topics there are", lambda: self.admin.list_topics(timeout=_TIMEOUT_S)).topics
        return {(topic, partition) for topic in set(topics) & known.keys() for partition in known[topic].partitions}

    def _committed(self, name: str, partitions: Iterable[tuple[str, int]]) -> list[TopicPartition]:
        # By a consumer that never joins: the admin client's own request now and then stays unanswered on a new broker.
        if name not in self._readers:
            self._readers[name] = Consumer(self._properties(name))
        wanted = [TopicPartition(*tp) for tp in partitions]
        found = self._asked(
            f"how far group {name} is", lambda: self._readers[name].committed(wanted, timeout=_TIMEOUT_S)
        )
        return [tp for tp in found if tp.offset >= 0]

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _properties(self, group: str) -> dict[str, Any]:
        # Uncommitted: not to wait for the group's transaction under way.
        own = {"group.id": group, "enable.auto.commit": False, "isolation.level": "read_uncommitted"}
        return Options.quiet(self._settings.kafka).client(self._settings.brokers, **own)

    def _described(self, name: str) -> Group:
        try:
            found = self._asked(
                f"who is in group {name}",
                lambda: self.admin.describe_consumer_groups([name], request_timeout=_TIMEOUT_S)[name].result(
                    _TIMEOUT_S
                ),
            )
        except _NoSuchGroup:
            return Group(name, "DEAD", ())
        members = (
            Member(m.client_id, m.host.lstrip("/"), tuple(sorted((tp.topic, tp.partition) for tp in _assigned(m))))
            for m in found.members
        )
        return Group(name, found.state.name, tuple(sorted(members)))

    def _asked(self, what: str, ask: Callable[[], T]) -> T:
        try:
            return patiently(ask, _TIMEOUT_S)
        except (KafkaException, TimeoutError) as exc:
            error = exc.args[0] if isinstance(exc, KafkaException) else None
            if error is not None and error.code() in _UNKNOWN:
                raise _NoSuchGroup from exc
            reason = error.str() if error is not None else "no answer in time"
            raise ClusterError(f"the broker does not say {what}: {reason}") from exc


class _NoSuchGroup(Exception):
    """The broker has never heard of it."""


def _assigned(member: Any) -> Any:
    return member.assignment.topic_partitions if member.assignment is not None else ()
