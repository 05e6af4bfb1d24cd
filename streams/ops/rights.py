"""What each process may do at a Kafka that asks for rights, derived from the topology: what a stage reads, its worker may read.

A right is Kafka's ACL without its user: what, by its name or by how names begin, and one operation. Reading, writing and deleting say
Describe as well, and AlterConfigs says DescribeConfigs: what is said already is not said twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from schemas.topics import QUARANTINE, TOPICS
from streams.engine.log_clock import clock_topic
from streams.ops.groups import SINK_GROUP
from streams.ops.standing import ground_of
from streams.settings import InvalidSetting, Settings
from streams.topology import CLIENTS, CONNECTORS, TOPOLOGY, Client, group_id, stages

Kind = Literal["topic", "group", "transactional-id", "cluster"]
#: The one name that a cluster has.
CLUSTER = "kafka-cluster"
#: Operations as Kafka's own tools call them, and what each says besides.
SAYS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("Read", "Write", "Delete"), frozenset(("Describe",))),
    "AlterConfigs": frozenset(("DescribeConfigs",)),
}
_GROUPS = tuple(dict.fromkeys(stage.group for stage in TOPOLOGY))
#: Groups that librdkafka wants a name of, where nothing is joined: of what a worker restores, of its views, of who looks at the hub.
_RESTORING, _VIEWING = "penstock-restore-unused", "penstock-replica-unused"
_WATCHING = ("penstock-reader", "penstock-lag-unused", "penstock-monitor-unused")
#: Of a worker's group, the process that works in it.
WORKERS = {group: "worker" if group == "decisions" else f"{group}-worker" for group in _GROUPS}
#: All that have rights: processes, and what people run.
NAMES = (*WORKERS.values(), *(client.name for client in CLIENTS))
_DEFAULT = "User:penstock-{process}"


class Right(NamedTuple):
    """``prefixed``: of all names that begin so. A group of the name ``*`` is any."""

    kind: Kind
    name: str
    operation: str
    prefixed: bool = False


def needed(process: str, settings: Settings) -> tuple[Right, ...]:
    """All that one of ``NAMES`` needs, sorted; nothing that another of them says already."""
    group = next((group for group, name in WORKERS.items() if name == process), None)
    found = set(_of_worker(group, settings) if group is not None else _of_client(_client(process), settings))
    return tuple(sorted(right for right in found if not _is_said(right, found)))


def own_topics(process: str, settings: Settings) -> frozenset[str]:
    """Topics of the registry that it reads or writes: with these there it can begin."""
    return frozenset(right.name for right in needed(process, settings) if right.kind == "topic") & TOPICS.keys()


def _client(process: str) -> Client:
    return next(client for client in CLIENTS if client.name == process)


def _is_said(right: Right, others: set[Right]) -> bool:
    any_group = right._replace(name="*", prefixed=False)
    if right.kind == "group" and right != any_group and (any_group in others or _is_said(any_group, others)):
        return True
    return any(right.operation in SAYS.get(other, ()) and right._replace(operation=other) in others for other in SAYS)


def _of_worker(group: str, settings: Settings) -> Iterator[Right]:
    ground, its = ground_of(settings, group), stages(group)
    emitted = {topic for stage in its for topic in stage.emits} | {QUARANTINE}
    viewed = {topic for stage in its for topic in stage.views}
    yield from _topics({*ground.inputs, *viewed}, "Read", "DescribeConfigs")
    yield from _topics(emitted, "Write", "DescribeConfigs")
    # It makes these itself, and asks for it at each start.
    yield from _topics(ground.changelogs.values(), "Read", "Write", "Create", "DescribeConfigs")
    yield from _topics([clock_topic(ground.group)], "Write", "Create", "DescribeConfigs")
    yield Right("group", ground.group, "Read")
    yield Right("group", _RESTORING, "Describe")
    if viewed:
        yield Right("group", _VIEWING, "Describe")
    # The rest of an id is drawn when a folder of state is made.
    yield Right("transactional-id", f"{ground.group}-", "Write", prefixed=True)


def _of_client(client: Client, settings: Settings) -> Iterator[Right]:
    def named(name: str) -> str:
        return f"{settings.app_id}{name}" if name.startswith("-") else name

    reads, writes = (set(map(named, of)) for of in (client.reads, client.writes))
    yield from _topics(reads, "Read")
    yield from _topics(writes, "Write")
    if client.begins_with_topics:
        yield from _topics((reads | writes) & TOPICS.keys(), "DescribeConfigs")
    if client.keeps_time:
        yield from _topics([clock_topic(settings.app_id)], "Write")
    for name in client.groups:
        yield _of_names("group", named(name), "Read")
    for name in client.follows:
        yield _of_names("group", named(name), "Describe")
    for name in client.ids:
        yield _of_names("transactional-id", named(name), "Write")
    changelogs = {topic for group in _GROUPS for topic in ground_of(settings, group).changelogs.values()}
    clocks = {clock_topic(group_id(settings.app_id, group)) for group in _GROUPS}
    if client.watches:
        yield from _topics({*changelogs, *clocks}, "Read")
        yield from (Right("group", group_id(settings.app_id, name), "Describe") for name in (*_GROUPS, *CONNECTORS))
        yield from (Right("group", name, "Describe") for name in _WATCHING)
        yield Right("group", SINK_GROUP, "Describe", prefixed=True)
    if client.copies:
        yield from _topics(changelogs, "DescribeConfigs")
    kept = {*TOPICS, *((*changelogs, *clocks) if client.mends else (clock_topic(settings.app_id),))}
    if client.makes:
        yield from _topics(kept, "Create", "Describe", "AlterConfigs")
    if client.mends:
        yield from _topics(kept, "Write", "Delete")
    if client.asks_rights:
        yield Right("cluster", CLUSTER, "Describe")


def _topics(names: Iterable[str], *operations: str) -> Iterator[Right]:
    return (Right("topic", name, operation) for name in names for operation in operations)


def _of_names(kind: Kind, name: str, operation: str) -> Right:
    is_several = name.endswith("*") and name != "*"
    return Right(kind, name.removesuffix("*") if is_several else name, operation, is_several)


def users(settings: Settings) -> dict[str, str]:
    """Process -> the user that it logs in as, as Kafka's authorizer names it, of ``PENSTOCK_PRINCIPALS``. Raises InvalidSetting."""
    usual, own = _DEFAULT, dict[str, str]()
    for part in filter(None, map(str.strip, settings.principals.split(";"))):
        process, equals, user = part.partition("=")
        if equals and process.strip() in NAMES:
            own[process.strip()] = user.strip()
        else:
            usual = part
    found = {name: own.get(name, usual.replace("{process}", name)) for name in NAMES}
    for process, user in found.items():
        kind, colon, name = user.partition(":")
        if not (kind and colon and name):
            raise InvalidSetting(
                f"PENSTOCK_PRINCIPALS gives {process} {user!r}: write TYPE:NAME such as {_DEFAULT}, for one process gateway=User:edge, "
                "with ; between several"
            )
    return found
