"""``penstock backup run``.

    1. Tables   in one snapshot, first: so their positions are never beyond the ends of the logs.
    2. Moment   ``cut.py``.
    3. Records  committed ones, of each partition from where the last backup ended; and what the log lost in between is noticed.
    4. Manifest names all that belongs to it. Until it is there, nothing counts; files without one are in nobody's way.

A topic that is compacted, or was made anew, is kept whole where what is missing since may have left no trace: its deletions are
gone from the log a day after.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from schemas.topics import TOPICS
from streams.backup import manifest as manifests
from streams.backup import reading
from streams.backup.cut import PATIENCE_S, Cut, Cutter
from streams.backup.errors import BackupRefused
from streams.backup.manifest import Chain, Database, Kept, Manifest, Position, Segment
from streams.backup.records import SegmentWriter, kept
from streams.backup.vault import File, Key
from streams.engine.admin import Admin
from streams.engine.asking import patiently
from streams.engine.options import Options
from streams.ops.standing import ground_of
from streams.settings import Settings
from streams.topology import TOPOLOGY

_FORM = 1
_ANSWER_S = 30.0
#: Kafka's ``delete.retention.ms`` unless a topic says another: for so long a deletion is seen in a compacted log.
_DELETIONS_MS = 86_400_000

#: Writes the tables into the vault: (prefix of the files' names) -> what there is.
TakeTables = Callable[[str], Database]


@dataclass(frozen=True)
class Home:
    """Where backups are, and with which key they are sealed."""

    folder: Path
    key: Key | None


#: Whose workers keep state.
GROUPS = tuple(dict.fromkeys(stage.group for stage in TOPOLOGY))


def groups_tables(settings: Settings) -> dict[str, str]:
    """Changelog topic -> its table, of all groups of stages."""
    grounds = [ground_of(settings, group) for group in GROUPS]
    return {changelog: table for ground in grounds for table, changelog in ground.changelogs.items()}


def take(
    settings: Settings,
    home: Home,
    *,
    tables: TakeTables | None = None,
    shops: Callable[[str], File] | None = None,
    advance: Callable[[int], None] = lambda records: None,
    patience_s: float = PATIENCE_S,
) -> Manifest:
    """Takes a backup.

    Args:
        shops: writes the shops, without their secrets, under this name.
        advance: told how many more records were kept.

    Raises:
        BackupRefused, BackupStopped; Damaged: the last manifest; KafkaFault; whatever the tables' reader raises.
    """
    started = time.monotonic()
    with _alone(home.folder):
        there = manifests.names(home.folder)
        before = manifests.read(home.folder, there[-1], home.key) if there else None
        name = _name(there)
        database = tables(f"tables/{name}/") if tables else None  # 1.
        admin = Admin(settings.brokers, Options.quiet(settings.kafka))
        changelogs = groups_tables(settings)
        identities = admin.identities({*TOPICS, *changelogs})
        if not identities.keys() & TOPICS.keys():
            raise BackupRefused("there are no topics of Penstock on this cluster, so there is nothing to keep")
        own = admin.own_settings_of(sorted(identities))
        partitions = [(topic, p) for topic, it in sorted(identities.items()) for p in range(it.partitions)]
        cutter = Cutter(settings, partitions)
        try:
            cut = cutter.look(patience_s)  # 2.
        finally:
            cutter.close()
        lows, notices = patiently(lambda: admin.begins(partitions), _ANSWER_S), list[str]()
        plan = {
            topic: _Plan.of(topic, it.id, own[topic], before, {p: lows[topic, p] for p in range(it.partitions)}, cut)
            for topic, it in sorted(identities.items())
        }
        compacted = [topic for topic in own if "compact" in own[topic].get("cleanup.policy", "")]
        chains = _read(settings, home, name, plan, compacted, advance)  # 3.
        kept_topics = [
            Kept(topic, it.id, own[topic], chains[topic], changelogs.get(topic, ""))
            for topic, it in sorted(identities.items())
        ]
        for it in plan.values():
            notices += it.notices
        kept_shops = shops(f"shops/{name}") if shops else None
        new = [
            s for t in kept_topics for c in t.chains for s in c.segments if s.file.name.startswith(f"segments/{name}/")
        ]
        files = [s.file for s in new] + ([t.file for t in database.tables] if database else [])
        made = Manifest(
            name=name,
            form=_FORM,
            app_id=settings.app_id,
            cut_ms=cut.at_ms,
            seconds=round(time.monotonic() - started, 1),
            new_records=sum(s.records for s in new),
            new_bytes=sum(file.bytes for file in files),
            topics=tuple(kept_topics),
            positions=_positions(cut),
            database=database,
            shops=kept_shops,
            notices=tuple(notices),
        )
        manifests.write(home.folder, made, home.key)  # 4.
        return made


@dataclass
class _Plan:
    """What of a topic is to be read: per partition the segments that stay, and from where to where it is read on."""

    topic: str
    kept: dict[int, tuple[Segment, ...]]
    ranges: dict[int, tuple[int, int]]
    lows: Mapping[int, int]
    notices: list[str]

    @classmethod
    def of(
        cls, topic: str, id_: str, own: Mapping[str, str], before: Manifest | None, lows: Mapping[int, int], cut: Cut
    ) -> _Plan:
        was = next((it for it in before.topics if it.name == topic), None) if before else None
        plan = cls(topic, {}, {}, lows, [])
        if was is not None and was.id != id_:
            plan.notices.append(
                f"{topic} was deleted and made anew since the backup before: it is kept whole from its new beginning"
            )
            was = None
        is_compacted = "compact" in own.get("cleanup.policy", "")
        seen_ms = int(own.get("delete.retention.ms", _DELETIONS_MS)) // 2
        is_stale = is_compacted and before is not None and cut.at_ms - before.cut_ms > seen_ms
        for partition, low in lows.items():
            end = cut.ends[topic, partition]
            chain = next((c for c in was.chains if c.partition == partition), None) if was else None
            if chain is not None and end < chain.end:
                plan.notices.append(
                    f"{topic}/{partition} ended at offset {chain.end} and ends at {end} now: kept whole"
                )
                chain = None
            if chain is None or (is_stale and end > chain.end):
                plan.kept[partition], plan.ranges[partition] = (), (low, end)
                continue
            if low > chain.end and not is_compacted:
                plan.notices.append(
                    f"{topic}/{partition}: retention deleted offsets {chain.end} to {low - 1} before they were kept; run backups more often"
                )
            plan.kept[partition] = tuple(s for s in chain.segments if s.end > low)
            plan.ranges[partition] = (max(low, chain.end), end)
        return plan


def _read(
    settings: Settings,
    home: Home,
    name: str,
    plan: Mapping[str, _Plan],
    compacted: Sequence[str],
    advance: Callable[[int], None],
) -> dict[str, tuple[Chain, ...]]:
    """Step 3: topic -> its chains."""
    ranges = {(topic, p): span for topic, it in plan.items() for p, span in it.ranges.items()}
    writers = {
        tp: SegmentWriter(home.folder, f"segments/{name}/{tp[0]}-{tp[1]}", home.key, start)
        for tp, (start, _) in ranges.items()
    }
    try:
        reading.read(settings, ranges, compacted, lambda tp, message: writers[tp].add(kept(message)), advance)
        made = {tp: writer.finish(ranges[tp][1]) for tp, writer in writers.items()}
    except BaseException as exc:
        for writer in writers.values():
            writer.drop(type(exc), exc, None)
        raise
    return {
        topic: tuple(
            Chain(p, it.lows[p], end, (*it.kept[p], *((new,) if (new := made[topic, p]) else ())))
            for p, (_, end) in sorted(it.ranges.items())
        )
        for topic, it in plan.items()
    }


def _positions(cut: Cut) -> tuple[Position, ...]:
    return tuple(
        Position(group, *tp, min(offset, cut.ends[tp]), note)
        for group, at in sorted(cut.positions.items())
        for tp, (offset, note) in sorted(at.items())
    )


def _name(there: Sequence[str]) -> str:
    """Of now, and behind those there are: they are sorted by name."""
    while True:
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        if not there or name > there[-1]:
            return name
        time.sleep(0.2)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time. Raises BackupRefused: another one is under way, or the folder can't be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        at = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise BackupRefused(
            f"{folder} cannot be written: {exc.strerror}; name another folder in PENSTOCK_BACKUP"
        ) from exc
    try:
        try:
            fcntl.flock(at, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(f"another backup into {folder} is under way") from None
        yield
    finally:
        os.close(at)
