"""``penstock backup restore``: a backup into a cluster without topics and a database without tables.

    1. Look      every file is read once, its checksums held; the cluster and the database are empty. Only then is anything written.
    2. Topics    with their settings, dated by who writes for the while: records keep their times.
    3. Records   at the offsets they had (``refill.py``).
    4. Groups    stand where they stood; the marks in what they noted name the new topics (``engine/ties.py``).
    5. Tables    at their version, then brought to this program's.
    6. Check     changelogs, offsets and topics belong together.

Sinks have their positions from the tables, and read on in a log with the same offsets: nothing is stored twice, nothing is passed over. A
worker begins without state and reads the changelogs. Their folders of before must be gone: they follow other topics, and a worker that
finds one says so and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.cimpl import NewTopic

from streams.backup import vault
from streams.backup.errors import BackupRefused, BackupStopped, Damaged
from streams.backup.manifest import Database, Kept, Manifest, Position
from streams.backup.records import records
from streams.backup.refill import Refill
from streams.backup.taking import GROUPS, Home, groups_tables
from streams.engine.admin import CLOCK_TOPIC, LOG_TIME, Admin
from streams.engine.asking import patiently
from streams.engine.log_clock import clock_topic
from streams.engine.options import Options
from streams.engine.ties import Commit, Identity, Mark
from streams.ops.standing import look
from streams.settings import Settings

_BY_WRITERS = {"message.timestamp.type": "CreateTime"}
#: Of another cluster: where its segments lie, which a cluster may not know.
_NOT_TAKEN_OVER = ("remote.", "confluent.")
_TIMEOUT_S = 60.0
_STANDING_S = 30.0

#: Writes the tables into an empty database.
BringTables = Callable[[Database], int]


class Restored(NamedTuple):
    """What came of it."""

    records: int
    positions: int
    rows: int


def damages(home: Home, manifest: Manifest, advance: Callable[[int], None] = lambda size: None) -> list[Damaged]:
    """Reads every file of a backup; returns what is wrong, file by file. ``advance``: told how many bytes were read.

    Raises:
        BackupRefused: they are sealed with another key.
    """
    found = []
    for file in manifest.files():
        try:
            for _ in vault.frames(home.folder, file.name, home.key, file):
                pass
        except Damaged as exc:
            found.append(exc)
        advance(file.bytes)
    return found


def refuse_unless_empty(settings: Settings, manifest: Manifest) -> None:
    """Step 1, of the cluster. Raises BackupRefused, with what to do."""
    if settings.app_id != manifest.app_id:
        raise BackupRefused(
            f"the backup is of the hub {manifest.app_id!r}, and PENSTOCK_APP_ID says {settings.app_id!r}: set it to the backup's"
        )
    counts = Admin(settings.brokers, Options.quiet(settings.kafka)).partition_counts()
    wanted = {topic.name for topic in manifest.topics} | set(groups_tables(settings)) | {clock_topic(settings.app_id)}
    if there := sorted(wanted & counts.keys()):
        raise BackupRefused(
            f"the cluster at {settings.brokers} has topics of a hub already ({', '.join(there[:3])}{', ...' if len(there) > 3 else ''}): "
            "a backup is restored into an empty one only; name another in PENSTOCK_BROKERS, or delete its topics if nobody needs them"
        )


def restore(
    settings: Settings,
    home: Home,
    manifest: Manifest,
    *,
    tables: BringTables | None = None,
    advance: Callable[[int], None] = lambda records: None,
) -> Restored:
    """Steps 2 to 6; step 1 is the caller's: ``damages``, ``refuse_unless_empty``.

    Raises:
        BackupStopped: something of it failed; says what to do. Damaged; KafkaFault; whatever ``tables`` raises.
    """
    admin = Admin(settings.brokers, Options.quiet(settings.kafka))
    topics = _make(settings, admin, manifest)  # 2.
    logs = {
        (topic.name, chain.partition): (records(home.folder, chain, home.key), chain.end, not topic.changelog_of)
        for topic in manifest.topics
        for chain in topic.chains
    }
    written = Refill(settings, logs).run(advance)  # 3.
    _finish(admin, manifest)
    _stand(settings, manifest, topics)  # 4.
    rows = tables(manifest.database) if tables and manifest.database else 0  # 5.
    for group in GROUPS:  # 6.
        if misfits := look(settings, group).misfits:
            raise BackupStopped(f"restored, but something does not belong together: {misfits[0].text}")
    return Restored(written, len(manifest.positions), rows)


def _make(settings: Settings, admin: Admin, manifest: Manifest) -> Mapping[str, Identity]:
    wanted = [
        NewTopic(
            topic.name, len(topic.chains), settings.replication, config={**_settings(settings, topic), **_BY_WRITERS}
        )
        for topic in manifest.topics
    ]
    wanted.append(NewTopic(clock_topic(settings.app_id), 1, settings.replication, config=CLOCK_TOPIC))
    admin.create_all(wanted)
    names = [topic.name for topic in manifest.topics]
    admin.counts_with(names)
    partitions = [(topic.name, chain.partition) for topic in manifest.topics for chain in topic.chains]
    patiently(lambda: admin.ends(partitions), _TIMEOUT_S)
    return admin.identities(names)


def _settings(settings: Settings, topic: Kept) -> dict[str, str]:
    found = {name: value for name, value in topic.settings.items() if not name.startswith(_NOT_TAKEN_OVER)}
    if int(found.get("min.insync.replicas", 1)) > settings.replication:
        del found["min.insync.replicas"]
    return found


def _finish(admin: Admin, manifest: Manifest) -> None:
    """The log's own time again, and its beginning where retention had brought it."""
    own = {topic.name: topic.settings.get("message.timestamp.type", "") for topic in manifest.topics}
    dated = [name for name, said in own.items() if said == LOG_TIME["message.timestamp.type"]]
    admin.hold(dated, LOG_TIME)
    admin.cut(
        {
            (topic.name, chain.partition): chain.low
            for topic in manifest.topics
            for chain in topic.chains
            if chain.low > 0 and not topic.changelog_of and "compact" not in topic.settings.get("cleanup.policy", "")
        }
    )


def _stand(settings: Settings, manifest: Manifest, topics: Mapping[str, Identity]) -> None:
    """Step 4."""
    by_group: dict[str, list[Position]] = {}
    for at in manifest.positions:
        by_group.setdefault(at.group, []).append(at)
    now = {topic.name: topics[topic.name] for topic in manifest.topics}
    changelogs = {topic.changelog_of: topics[topic.name] for topic in manifest.topics if topic.changelog_of}
    for group, positions in by_group.items():
        wanted = [
            TopicPartition(at.topic, at.partition, at.offset, metadata=_note(at, now, changelogs)) for at in positions
        ]
        _commit(settings, group, wanted)


def _note(at: Position, topics: Mapping[str, Identity], changelogs: Mapping[str, Identity]) -> str:
    """What the group noted; a worker's mark is one of the new topics."""
    mark = Commit.of(at.offset, at.note).mark
    if mark is None:
        return at.note
    tables = {table: (changelogs[table].id, n) for table, (_, n) in mark.tables.items() if table in changelogs}
    return Mark(at.offset, topics[at.topic], tables).dumps()


def _commit(settings: Settings, group: str, wanted: Iterable[TopicPartition]) -> None:
    own = {"group.id": group, "enable.auto.commit": False}
    consumer = Consumer(Options.quiet(settings.kafka).client(settings.brokers, **own))
    try:
        told = patiently(lambda: consumer.commit(offsets=list(wanted), asynchronous=False), _STANDING_S)
        if refused := [at for at in told or () if at.error is not None]:
            raise BackupStopped(f"the position of group {group} in {refused[0].topic} was not set: {refused[0].error}")
    except KafkaException as exc:
        raise BackupStopped(f"the positions of group {group} were not set: {exc.args[0].str()}") from exc
    finally:
        consumer.close()
