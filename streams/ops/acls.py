"""Rights as they stand at a Kafka: who has been given which, what of a process's is missing, and giving them.

One's own can be asked by anybody; others' by whoever may describe the cluster; given by whoever may alter it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import groupby
from shlex import quote
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)

from streams.engine.asking import patiently
from streams.engine.options import Options
from streams.ops.cluster import ClusterError
from streams.ops.rights import CLUSTER, SAYS, Kind, Right
from streams.settings import Settings

_TIMEOUT_S = 20.0
_KINDS: Mapping[Kind, ResourceType] = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
    # librdkafka's word for what it has always been.
    "cluster": ResourceType.BROKER,
}
_EVERYBODY = "User:*"


class RightsUnseen(ClusterError):
    """This user may not see whose rights are which."""


class NoRights(ClusterError):
    """The brokers ask nobody for rights."""


class Given(NamedTuple):
    """User -> rights, as they were given; ``denied`` win over them."""

    allowed: Mapping[str, frozenset[Right]]
    denied: Mapping[str, frozenset[Right]]

    def missing(self, user: str, needed: Iterable[Right]) -> list[Right]:
        """Of these, what the user has not, or is denied."""
        has, lacks = (of.get(user, frozenset()) | of.get(_EVERYBODY, frozenset()) for of in self)
        return [r for r in needed if not any(covers(h, r) for h in has) or any(meets(d, r) for d in lacks)]

    def beyond(self, user: str, needed: Collection[Right]) -> list[Right]:
        """What the user has besides these."""
        return sorted(has for has in self.allowed.get(user, ()) if not any(covers(need, has) for need in needed))


def covers(has: Right, wanted: Right) -> bool:
    """Whether who has the one may do the other."""
    if has.kind != wanted.kind:
        return False
    if not (has.operation in (wanted.operation, "All") or wanted.operation in SAYS.get(has.operation, ())):
        return False
    if has.name == "*" and not has.prefixed:
        return True
    if has.prefixed:
        return wanted.name.startswith(has.name)
    return has.name == wanted.name and not wanted.prefixed


def meets(denied: Right, wanted: Right) -> bool:
    """Whether being denied the one takes away some of the other."""
    if denied.kind != wanted.kind or denied.operation not in (wanted.operation, "All"):
        return False
    if denied.name == "*" and not denied.prefixed:
        return True
    one, other = denied.name, wanted.name
    if denied.prefixed and other.startswith(one):
        return True
    return (wanted.prefixed and one.startswith(other)) or one == other


class Acls:
    """Asks the cluster at ``settings.brokers``. Raises ClusterError: no answer; NoRights, RightsUnseen."""

    def __init__(self, settings: Settings) -> None:
        self._admin = AdminClient(Options.quiet(settings.kafka).client(settings.brokers))

    def given(self) -> Given:
        """All users' rights, of whatever hosts."""
        # What is refused comes back as no rights at all (librdkafka 2.16): asked first.
        if "Describe" not in (self._of_cluster() or ()):
            raise RightsUnseen("this user may not see others' rights")
        of_all = (AclOperation.ANY, AclPermissionType.ANY)
        anything = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, *of_all)  # type: ignore[arg-type]
        found = self._answer(self._admin.describe_acls(anything, request_timeout=_TIMEOUT_S))
        given: dict[AclPermissionType, dict[str, set[Right]]] = {}
        kinds = {kind: name for name, kind in _KINDS.items()}
        for acl in found:
            if acl.restype in kinds:
                is_prefix = acl.resource_pattern_type == ResourcePatternType.PREFIXED
                right = Right(kinds[acl.restype], acl.name, _called(acl.operation), is_prefix)
                given.setdefault(acl.permission_type, {}).setdefault(acl.principal, set()).add(right)
        allowed, denied = (given.get(each, {}) for each in (AclPermissionType.ALLOW, AclPermissionType.DENY))
        if not found and self._asks_nobody():
            raise NoRights("this Kafka asks nobody for rights: whoever reaches it may do everything")
        return Given(*({user: frozenset(of) for user, of in each.items()} for each in (allowed, denied)))

    def give(self, user: str, rights: Iterable[Right]) -> None:
        """Those that are there already stay as they are."""
        wanted = [as_given(user, right) for right in rights]
        for answer in self._admin.create_acls(wanted, request_timeout=_TIMEOUT_S).values() if wanted else ():
            self._answer(answer)

    def own_missing(self, needed: Iterable[Right]) -> list[Right]:
        """Of these what this client's own user has not: of topics and groups and the cluster, for nobody is told of transactions.

        A prefix is asked for by a name that begins so.
        """
        asked = list(needed)
        topics = TopicCollection(sorted({right.name for right in asked if right.kind == "topic"}))
        groups = sorted({right.name for right in asked if right.kind == "group"} - {"*"})
        how: dict[str, Any] = {"include_authorized_operations": True, "request_timeout": _TIMEOUT_S}
        may: dict[tuple[Kind, str], frozenset[str] | None] = {("cluster", CLUSTER): self._of_cluster()}
        if any(right.kind == "topic" for right in asked):
            found = self._patiently(lambda: self._admin.describe_topics(topics, **how))
            may |= {("topic", name): of for name, of in found.items()}
        if groups:
            found = self._patiently(lambda: self._admin.describe_consumer_groups(groups, **how))
            may |= {("group", name): of for name, of in found.items()}
        return [r for r in asked if (its := may.get((r.kind, r.name))) is not None and r.operation not in its]

    def _of_cluster(self) -> frozenset[str] | None:
        def ask() -> dict[str, Any]:
            return {"": self._admin.describe_cluster(include_authorized_operations=True, request_timeout=_TIMEOUT_S)}

        return self._patiently(ask)[""]

    def _asks_nobody(self) -> bool:
        """Whether the brokers say that they have no authorizer. Those that don't tell how they are set are taken to have one."""
        try:
            broker = min(self._admin.list_topics(timeout=_TIMEOUT_S).brokers)
            asked = ConfigResource(ConfigResource.Type.BROKER, str(broker))
            (answer,) = self._admin.describe_configs([asked], request_timeout=_TIMEOUT_S).values()
            found = answer.result(_TIMEOUT_S).get("authorizer.class.name")
        except (KafkaException, TimeoutError, ValueError):
            return False
        return found is not None and not found.value

    def _patiently(self, ask: Callable[[], Mapping[str, Any]]) -> dict[str, frozenset[str] | None]:
        """Name -> what one may do there; None: there is no such thing, and nobody knows."""
        try:
            return patiently(lambda: {name: _operations(answer) for name, answer in ask().items()}, _TIMEOUT_S)
        except KafkaException as exc:
            raise ClusterError(f"the broker does not say which rights there are: {exc.args[0].str()}") from exc
        except TimeoutError as exc:
            raise ClusterError("the broker does not say or give rights: no answer in time") from exc

    def _answer(self, answer: Any) -> Any:
        try:
            return answer.result(_TIMEOUT_S)
        except KafkaException as exc:
            code, why = exc.args[0].code(), exc.args[0].str()
            if code == KafkaError.CLUSTER_AUTHORIZATION_FAILED:
                raise RightsUnseen(f"this user may not see or give rights: {why}") from exc
            raise ClusterError(f"the broker does not say or give rights: {why}") from exc
        except TimeoutError as exc:
            raise ClusterError("the broker does not say or give rights: no answer in time") from exc


_UNSEEN = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)


def _operations(answer: Any) -> frozenset[str] | None:
    """Those that are allowed; none of what may not even be seen."""
    try:
        return frozenset(map(_called, answer.result(_TIMEOUT_S).authorized_operations or ()))
    except KafkaException as exc:
        if exc.args[0].code() in _UNSEEN:
            return frozenset()
        if exc.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return None
        raise


def as_given(user: str, right: Right) -> AclBinding:
    """In the client's words: allowed, from whatever host."""
    pattern = ResourcePatternType.PREFIXED if right.prefixed else ResourcePatternType.LITERAL
    operation = next(each for each in AclOperation if _called(each) == right.operation)
    return AclBinding(_KINDS[right.kind], right.name, pattern, user, "*", operation, AclPermissionType.ALLOW)


def _called(operation: AclOperation) -> str:
    """As Kafka's own tools call it: DESCRIBE_CONFIGS is DescribeConfigs."""
    return "".join(part.capitalize() for part in operation.name.split("_"))


class Row(NamedTuple):
    """Rights to one thing."""

    kind: Kind
    name: str
    prefixed: bool
    operations: tuple[str, ...]


def rows(rights: Iterable[Right]) -> list[Row]:
    """The same, one line for each thing."""
    by_thing = groupby(sorted(rights), lambda right: (right.kind, right.name, right.prefixed))
    found = [Row(*thing, tuple(sorted(each.operation for each in its))) for thing, its in by_thing]
    return sorted(found, key=lambda row: (list(_KINDS).index(row.kind), row.name, row.prefixed))


def commands(user: str, rights: Iterable[Right], brokers: str) -> list[str]:
    """Of kafka-acls.sh, which give the user these: one for all things of a kind that have the same operations."""
    alike: dict[tuple[Kind, bool, tuple[str, ...]], list[str]] = {}
    for row in rows(rights):
        alike.setdefault((row.kind, row.prefixed, row.operations), []).append(row.name)
    found = []
    for (kind, prefixed, operations), names in alike.items():
        words = ["kafka-acls.sh", "--bootstrap-server", brokers, "--command-config", "admin.properties", "--add"]
        words += ["--allow-principal", user, *(word for each in operations for word in ("--operation", each))]
        words += ["--cluster"] if kind == "cluster" else [word for name in names for word in (f"--{kind}", name)]
        words += ["--resource-pattern-type", "prefixed"] if prefixed else []
        found.append(" ".join(map(quote, words)))
    return found
