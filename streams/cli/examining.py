"""What ``penstock doctor`` looks at: each look asks one part of the hub, and says what it found and what to do about it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib.metadata import version
from typing import Literal, NamedTuple

from schemas.topics import TOPICS
from streams.aside.config.standing import ConfigRefused, document_of, standing
from streams.cli.common import Refused, database_url, located
from streams.cli.db import run
from streams.cli.examining_rights import looked_at
from streams.cli.version import form
from streams.engine.admin import LOG_TIME, Admin, Copies
from streams.engine.errors import EngineError
from streams.engine.options import Options
from streams.ops.clocks import clocks
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.groups import Groups
from streams.ops.standing import look
from streams.settings import InvalidSetting, Settings, unknown
from streams.topology import TOPOLOGY, WHERE_WANTED, group_id

Grade = Literal["fine", "doubtful", "faulty"]

#: A disk with less than this left is doubtful, and faulty with less than a fifth of it.
_FREE_BYTES = 5 * 2**30
#: Copies of a topic that must have a record before it counts, where there are three or more.
_IN_SYNC = 2
_GROUPS = tuple(dict.fromkeys(stage.group for stage in TOPOLOGY))


class Finding(NamedTuple):
    """In English, to be turned where it is shown. ``advice``: what to do; empty: nothing."""

    about: str
    grade: Grade
    says: str
    advice: str = ""


class Hub(NamedTuple):
    """What is looked at; ``admin`` asks the brokers that ``settings`` name."""

    settings: Settings
    cluster: Cluster
    admin: Admin
    #: How many brokers there are, and the copies of every topic.
    brokers: int
    copies: Mapping[str, Copies]


def examined(process: str = "") -> Iterator[Finding]:
    """All findings, part by part. What cannot be looked at is a finding; the parts after it are looked at all the same.

    ``process``: whose rights this command's own user is to have.
    """
    yield Finding("program", "fine", f"penstock {version('penstock')}: {form()}")
    try:
        settings = Settings.from_env()
    except InvalidSetting as exc:
        yield Finding("settings", "faulty", str(exc))
        return
    yield from _of_settings(settings)
    yield from _of_disk(settings)
    yield from _of_shops(settings)
    yield from _of_database()
    try:
        settings = located()
        admin = Admin(settings.brokers, Options.quiet(settings.kafka))
        hub = Hub(settings, Cluster(settings), admin, *admin.copies())
    except (Refused, EngineError) as exc:
        yield Finding("brokers", "faulty", str(exc), "of Kafka nothing else can be looked at until one answers")
        return
    yield from _of_brokers(hub)
    looks: dict[str, Callable[[Hub], Iterator[Finding]]] = {**_OF_KAFKA, "rights": partial(_of_rights, process)}
    for about, of in looks.items():
        try:
            yield from of(hub)
        except (ClusterError, EngineError, InvalidSetting) as exc:
            yield Finding(about, "faulty", str(exc))


def worst(findings: Iterable[Finding]) -> Grade:
    grades = {each.grade for each in findings}
    return "faulty" if "faulty" in grades else "doubtful" if "doubtful" in grades else "fine"


def _of_settings(settings: Settings) -> Iterator[Finding]:
    found = [*settings.in_clear(), *unknown()]
    for line in found:
        yield Finding("settings", "doubtful", line)
    if not found:
        yield Finding("settings", "fine", "each variable that begins with PENSTOCK_ is a setting")


def _of_disk(settings: Settings) -> Iterator[Finding]:
    place = settings.data
    while not place.exists():
        place = place.parent
    total, _, free = shutil.disk_usage(place)
    says = f"{free / 2**30:.1f} of {total / 2**30:.1f} GiB are free where {settings.data} is"
    grade: Grade = "fine" if free >= _FREE_BYTES else "doubtful" if free >= _FREE_BYTES / 5 else "faulty"
    yield Finding(
        "disk", grade, says, "" if grade == "fine" else "make room: a full disk stops workers and the gateway"
    )


def _of_shops(settings: Settings) -> Iterator[Finding]:
    from connectors.shops import load

    if settings.shops is None:
        yield Finding("shops", "fine", "PENSTOCK_SHOPS names no file: no gateway, no writeback from here")
        return
    try:
        found = load(settings.shops)
    except InvalidSetting as exc:
        yield Finding("shops", "faulty", str(exc))
        return
    yield Finding("shops", "fine", f"{len(found.shops)} shops, {len(found.logistics)} logistics providers")


def _of_database() -> Iterator[Finding]:
    from connectors.postgres.schema import status

    try:
        url = database_url()
    except Refused:
        yield Finding("database", "fine", "none is named and none runs here: the topics are all there is")
        return
    try:
        found = run(status(url))
    except Refused as exc:
        yield Finding("database", "faulty", str(exc))
        return
    if not found.version.fits:
        yield Finding("database", "faulty", found.version.advice())
    elif found.refused:
        says = f"{found.refused:,} records were refused and are set aside"
        yield Finding("database", "doubtful", says, "penstock quarantine list shows them")
    else:
        yield Finding("database", "fine", f"its tables have version {found.version.found}")


def _of_brokers(hub: Hub) -> Iterator[Finding]:
    brokers, wanted = hub.brokers, hub.settings.replication
    ours = {name: of for name, of in hub.copies.items() if name in TOPICS}
    behind = sorted(name for name, of in ours.items() if of.in_sync < of.replicas)
    leaderless = sorted(name for name, of in ours.items() if of.leaderless)
    fewer = sorted(name for name, of in ours.items() if of.replicas < min(wanted, brokers))
    if wanted > brokers:
        says = f"PENSTOCK_REPLICATION is {wanted}, and there are {brokers} brokers"
        yield Finding("brokers", "faulty", says, "start more of them, or set it to fewer")
    if leaderless:
        says = f"{_named(leaderless)}: a partition has no leader"
        yield Finding("brokers", "faulty", says, "a broker is down that has its only copy: start it")
    if behind:
        says = f"{_named(behind)}: a copy is not up to date"
        yield Finding("brokers", "doubtful", says, "a broker is down or slow: see to it before another one is")
    if fewer:
        says = f"{_named(fewer)}: fewer copies than the {wanted} of PENSTOCK_REPLICATION"
        yield Finding("brokers", "doubtful", says, "kafka-reassign-partitions.sh gives existing topics more")
    if not (wanted > brokers or leaderless or behind or fewer):
        one = "one broker, and one copy of everything: what its disk loses is lost"
        yield Finding("brokers", "fine", one if brokers == 1 else f"{brokers} brokers, every copy up to date")


def _of_topics(hub: Hub) -> Iterator[Finding]:
    counts = hub.admin.partition_counts()
    missing = [name for name in TOPICS if name not in counts]
    if missing:
        yield Finding("topics", "faulty", f"{_named(missing)}: missing", "penstock topics create makes them")
    there = {name: topic for name, topic in TOPICS.items() if name in counts}
    joined = Counter(counts[name] for name, topic in there.items() if not topic.partitions)
    usual = max(joined, key=lambda n: joined[n], default=0)
    odd = sorted(name for name, topic in there.items() if not topic.partitions and counts[name] != usual)
    if odd:
        says = f"{_named(odd)}: not the {usual} partitions that the others have: keys leave their state"
        yield Finding("topics", "faulty", says, "penstock state check says how to go on")
    settings = hub.admin.settings_of(there)
    wrong = {name: _unlike(settings[name], topic.cleanup) for name, topic in there.items() if name in settings}
    for name, (setting, value, is_now) in sorted((name, it) for name, it in wrong.items() if it is not None):
        says = f"{name}: {setting} is {is_now}, and must be {value}"
        yield Finding(
            "topics", "faulty", says, f"kafka-configs.sh --alter --topic {name} --add-config {setting}={value}"
        )
    shorter = sorted(
        name
        for name, topic in there.items()
        if topic.retention_ms is not None and 0 <= int(settings[name]["retention.ms"]) < topic.retention_ms
    )
    if shorter:
        says = f"{_named(shorter)}: kept for less than people need to work from them"
        yield Finding("topics", "doubtful", says, "penstock topics create has them kept for long enough")
    risky = sorted(
        name
        for name, of in hub.copies.items()
        if name in there and of.replicas > _IN_SYNC and int(settings[name]["min.insync.replicas"]) < _IN_SYNC
    )
    if risky:
        says = f"{_named(risky)}: min.insync.replicas is below {_IN_SYNC}: one broker's word counts for all copies"
        yield Finding("topics", "doubtful", says, "set it on the topics, or on the brokers")
    if not (missing or odd or any(wrong.values()) or shorter or risky):
        yield Finding("topics", "fine", f"{len(there)} are as they were made, with {usual} partitions")


def _unlike(settings: Mapping[str, str], cleanup: str) -> tuple[str, str, str] | None:
    """(setting, what it must be, what it is) of the first that would cost records or decisions."""
    for name, value in {"cleanup.policy": cleanup, **LOG_TIME}.items():
        if settings.get(name) != value:
            return name, value, settings.get(name, "-")
    return None


def _of_clocks(hub: Hub) -> Iterator[Finding]:
    found = clocks(hub.cluster)
    most = hub.settings.clock_skew_max_s
    far = [each for each in found if abs(each.ahead_s) > most]
    for each in far:
        says = f"{each.host} is {each.ahead_s:+.0f} s from the broker's clock, and at most {most} s are allowed"
        yield Finding("clocks", "faulty", says, "have both keep time by NTP: until then nothing comes due there")
    if not far:
        yield Finding("clocks", "fine", f"{len(found)} hosts keep the broker's time")


def _of_state(hub: Hub) -> Iterator[Finding]:
    misfits = [misfit for group in _GROUPS for misfit in look(hub.settings, group).misfits]
    for misfit in misfits:
        yield Finding("state", "faulty", misfit.text, "penstock state check says more")
    if not misfits:
        yield Finding("state", "fine", "changelogs, offsets and topics belong together")


def _of_workers(hub: Hub) -> Iterator[Finding]:
    groups = Groups(hub.settings)
    try:
        found = groups.describe(*[group_id(hub.settings.app_id, group) for group in _GROUPS])
    finally:
        groups.close()
    idle = [g for g, it in zip(_GROUPS, found, strict=True) if not it.members and g not in WHERE_WANTED]
    if idle:
        yield Finding("workers", "doubtful", f"nobody works in: {', '.join(idle)}", "penstock worker starts one")
    else:
        counted = [f"{group} {len(it.members)}" for group, it in zip(_GROUPS, found, strict=True) if it.members]
        yield Finding("workers", "fine", f"at work: {', '.join(counted)}")


def _of_documents(hub: Hub) -> Iterator[Finding]:
    there = standing(hub.cluster)
    unread = {key: f"{key} cannot be used: {why}" for key, why in there.damaged.items()}
    for document, release in there.releases.items():
        share = release["share"]
        for number in (release["live"], release["shadow"], None if share is None else share["version"]):
            try:
                if number is not None:
                    document_of(there.version(document, number))
            except ConfigRefused as exc:
                unread[f"{document}@{number}"] = str(exc)
    for _, why in sorted(unread.items()):
        yield Finding("documents", "faulty", why, "penstock config rollback takes another version")
    if not unread:
        yield Finding("documents", "fine", f"{len(there.releases)} are in use, and all are read")


def _of_rights(process: str, hub: Hub) -> Iterator[Finding]:
    return (Finding("rights", *look) for look in looked_at(hub.settings, process))


#: Part -> what looks at it, where brokers answer.
_OF_KAFKA: Mapping[str, Callable[[Hub], Iterator[Finding]]] = {
    "topics": _of_topics,
    "clocks": _of_clocks,
    "state": _of_state,
    "workers": _of_workers,
    "documents": _of_documents,
}


def _named(names: list[str]) -> str:
    """Three of them, and how many more there are."""
    return ", ".join(names[:3]) + (f" (+{len(names) - 3})" if len(names) > 3 else "")
