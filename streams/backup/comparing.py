"""A restored log beside the live one: the same records at the same offsets, as far as both reach.

Retention may have cut the live log since the backup, and compaction may have taken older values: what the live one still has below
the backup's moment must stand in the restored one just so, and where nothing is compacted there must be no more either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from streams.backup import reading
from streams.backup.manifest import Manifest
from streams.backup.records import kept
from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.engine.record import Record
from streams.engine.shards import TP
from streams.settings import Settings


class Compared(NamedTuple):
    """Records of the live logs that were compared, and what differs, a line each."""

    records: int
    differences: tuple[str, ...]


def compare(
    live: Settings,
    restored: Settings,
    manifest: Manifest,
    advance: Callable[[int], None] = lambda records: None,
) -> Compared:
    """Topics alone: changelogs have other offsets, and `state check` holds them against the groups. Raises KafkaFault, BackupStopped."""
    admin = Admin(live.brokers, Options.quiet(live.kafka))
    topics = {topic.name: topic for topic in manifest.topics if not topic.changelog_of}
    now = admin.identities(topics)
    # One that was made anew since has another log.
    same = {name for name, topic in topics.items() if name in now and now[name].id == topic.id}
    ends = {(name, chain.partition): chain.end for name in same for chain in topics[name].chains}
    lows = {tp: max(low, _low(manifest, tp)) for tp, low in admin.begins(ends).items()}
    ranges = {tp: (min(lows[tp], end), end) for tp, end in ends.items()}
    compacted = {name for name in same if "compact" in topics[name].settings.get("cleanup.policy", "")}
    was = _digests(live, ranges, compacted, advance)
    found = _digests(restored, ranges, compacted, advance)
    return Compared(sum(map(len, was.values())), tuple(_differences(was, found, ranges, compacted)))


def _low(manifest: Manifest, tp: TP) -> int:
    chains = next(topic.chains for topic in manifest.topics if topic.name == tp[0])
    return next(chain.low for chain in chains if chain.partition == tp[1])


Digests = dict[TP, dict[int, bytes]]
"""Partition -> offset -> what stands there, in 8 bytes."""


def _digests(
    settings: Settings, ranges: Mapping[TP, tuple[int, int]], compacted: set[str], advance: Callable[[int], None]
) -> Digests:
    found: Digests = {tp: {} for tp in ranges}

    def taken(tp: TP, message: Record) -> None:
        record = kept(message)
        found[tp][record.offset] = blake2b(msgspec.msgpack.encode(record), digest_size=8).digest()

    reading.read(settings, ranges, compacted, taken, advance)
    return found


def _differences(was: Digests, found: Digests, ranges: Mapping[TP, tuple[int, int]], compacted: set[str]) -> list[str]:
    told = []
    for tp in sorted(ranges):
        counts = Counter[str]()
        for offset, digest in was[tp].items():
            if offset not in found[tp]:
                counts["missing"] += 1
            elif found[tp][offset] != digest:
                counts["others"] += 1
        if tp[0] not in compacted:
            counts["more"] += len(found[tp].keys() - was[tp].keys())
        if counts.total():
            missing, others, more = counts["missing"], counts["others"], counts["more"]
            place, many = f"{tp[0]}/{tp[1]}", len(was[tp])
            told.append(
                f"{place}: of {many:,} records {missing:,} are missing, {others:,} are others, {more:,} too many"
            )
    return told
