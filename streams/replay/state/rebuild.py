"""Writes a changelog that was lost anew.

1. Plan    whence each shard is had: from its changelog where that is whole; else from a worker's copy, or the input.
2. Gather  all of it in a folder of its own: a rebuild that is killed later on finds it there again, as a copy like any other.
3. Write   the changelog is made anew and gets all shards, each with its tie.
4. Mark    the group's offsets are those of the new changelog, and work can go on; until then every worker refuses.

A copy of the former changelog is out of date then: its worker notices, and reads the new one.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from confluent_kafka import KafkaError, Producer

from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.engine.restore import Restorer
from streams.engine.store import Checkpoint, Store
from streams.engine.ties import HEADER, Tie, marked
from streams.engine.work import Shard
from streams.ops.actor import Actor
from streams.ops.standing import Standing
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.replay.state import accept
from streams.replay.state.copies import best, copied, copies
from streams.replay.state.recompute import recompute
from streams.settings import Settings

#: The audit action.
REBUILD = "state.rebuild-changelog"

Whence = Literal["local", "input"]

_TIMEOUT_S = 60.0
_CHANGELOG = "its changelog"
_INPUT = "the input"


class Part(NamedTuple):
    """One shard: where it is had from (a folder's name, or one of the above), and how far it then goes."""

    shard: Shard
    whence: str
    checkpoint: Checkpoint

    def __str__(self) -> str:
        (table, partition), tie = self.shard, self.checkpoint.tie
        source = self.whence if self.whence in (_CHANGELOG, _INPUT) else f"the copy in {self.whence}"
        return f"{table}/{partition}: from {source}, transaction {tie.number if tie is not None else 0}"


def plan(settings: Settings, standing: Standing, whence: Whence) -> list[Part]:
    """Step 1: every shard of each table that has lost one.

    Raises:
        ReplayRefused: something else has to be settled first, or a copy is not whole.
    """
    for misfit in standing.misfits:
        if misfit.kind != "changelog":
            raise ReplayRefused(f"first {misfit.text}")
    lost, now_ms, parts = set(standing.lost()), time.time_ns() // 1_000_000, []
    with copies(settings.data) as found:
        for shard in sorted(standing.changelogs):
            if shard[0] not in {table for table, _ in lost}:
                continue
            tie, _ = standing.changelogs[shard]
            reach = marked(shard[0], standing.own(shard).values())
            if shard not in lost:
                parts.append(Part(shard, _CHANGELOG, Checkpoint(0, now_ms, "", tie)))
            elif whence == "local" and reach:
                parts.append(Part(shard, *best(standing, shard, found, now_ms)))
            elif whence == "local":
                raise ReplayRefused(f"nothing says how far a copy of {shard[0]!r}/{shard[1]} must reach: --from input")
            else:
                stood = {tp[0]: commit.offset for tp, commit in standing.own(shard).items() if commit.offset >= 0}
                parts.append(Part(shard, _INPUT, Checkpoint(0, now_ms, "", Tie(max(reach, 1), stood))))
    return parts


def rebuild(
    settings: Settings, standing: Standing, parts: list[Part], advance: Callable[[int], None], *, by: Actor
) -> dict[str, int]:
    """Steps 2 to 4; returns table -> keys written.

    Args:
        advance: told how many more records were read or written.

    Raises NotAllowed, before anything is written.
    """
    by.check(REBUILD)
    group = standing.ground.group
    folder = settings.data / f"rebuild-{group}-{time.time_ns() // 1_000_000}"
    keys: dict[str, int] = {}
    numbers: dict[Shard, int] = {}
    store = Store(folder / "state", Options())
    try:
        _gather(settings, standing, parts, store, advance)
        for table in dict.fromkeys(part.shard[0] for part in parts):
            mine = [part for part in parts if part.shard[0] == table]
            _make_anew(settings, standing.ground.changelogs[table], len(mine))
            counts = {part.shard: _write(settings, standing, part, store, advance) for part in mine}
            numbers |= {p.shard: p.checkpoint.tie.number if counts[p.shard] and p.checkpoint.tie else 0 for p in mine}
            keys[table] = sum(counts.values())
    finally:
        store.close()
    _mark(settings, standing, numbers)
    for path in settings.data.glob(f"rebuild-{group}-*"):
        shutil.rmtree(path)
    return keys


class _Host:
    """This host's clock: a gathered copy is read at once, whatever its age."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def _gather(
    settings: Settings, standing: Standing, parts: list[Part], store: Store, advance: Callable[[int], None]
) -> None:
    options = Options.quiet(settings.kafka)
    there = {table for table, changelog in standing.ground.changelogs.items() if changelog in standing.topics}
    whole = [part.shard for part in parts if part.whence == _CHANGELOG and part.shard[0] in there]
    read = Restorer(settings.brokers, store, standing.ground.changelogs, _Host(), options)
    advance(read.catch_up(whole, lambda done, total: None, lambda: False))
    if any(part.whence == _INPUT for part in parts):
        path = settings.data / f"recomputed-{time.time_ns() // 1_000_000}"
        computed = Store(path, Options())
        try:
            recompute(settings, computed, {part.shard[0] for part in parts if part.whence == _INPUT}, advance)
            for part in parts:
                if part.whence == _INPUT:
                    copied(computed, store, part.shard, part.checkpoint)
        finally:
            computed.close()
            shutil.rmtree(path)
    with copies(settings.data, but=store.path.parent.name) as found:
        for part in parts:
            if part.whence in found:
                advance(copied(found[part.whence], store, part.shard, part.checkpoint))


def _make_anew(settings: Settings, changelog: str, partitions: int) -> None:
    admin = Admin(settings.brokers, Options.quiet(settings.kafka))
    admin.delete(changelog)
    deadline = time.monotonic() + _TIMEOUT_S
    # A deleted topic's name is free only after a moment.
    while not admin.create(changelog, partitions, settings.replication, {"cleanup.policy": "compact"}):
        if time.monotonic() > deadline:
            raise ReplayStopped(f"{changelog} was not deleted in {_TIMEOUT_S:.0f} s; run this again")
        time.sleep(0.5)


def _write(settings: Settings, standing: Standing, part: Part, store: Store, advance: Callable[[int], None]) -> int:
    """Writes one shard; its last record bears the tie. Returns how many keys it has."""
    refused: list[KafkaError] = []

    def told(error: KafkaError | None, _: object) -> None:
        if error is not None:
            refused.append(error)

    own = {"enable.idempotence": True, "compression.type": "lz4", "linger.ms": 20, "message.max.bytes": 8 * 1024 * 1024}
    producer = Producer(Options.quiet(settings.kafka).client(settings.brokers, **own))
    changelog, count = standing.ground.changelogs[part.shard[0]], 0

    def produce(item: tuple[bytes, bytes], headers: list[tuple[str, str | bytes | None]]) -> None:
        while True:
            try:
                producer.produce(changelog, item[1], item[0], part.shard[1], headers=headers, on_delivery=told)
                producer.poll(0)
                return
            except BufferError:
                producer.poll(0.1)

    held: tuple[bytes, bytes] | None = None
    for item in store.scan(part.shard):
        if held is not None:
            produce(held, [])
        held, count = item, count + 1
    if held is not None:
        produce(held, [(HEADER, part.checkpoint.tie.dumps())] if part.checkpoint.tie is not None else [])
    if producer.flush(_TIMEOUT_S) or refused:
        reason = refused[0].str() if refused else f"no answer in {_TIMEOUT_S:.0f} s"
        raise ReplayStopped(f"{changelog}/{part.shard[1]} was not written: {reason}; run this again")
    advance(count)
    return count


def _mark(settings: Settings, standing: Standing, numbers: Mapping[Shard, int]) -> None:
    """Step 4: for the inputs of what was written, as they stand."""
    admin = Admin(settings.brokers, Options.quiet(settings.kafka))
    now = replace(standing, topics=admin.identities({*standing.ground.inputs, *standing.ground.changelogs.values()}))
    marks = {
        tp: accept.mark(now, tp, commit.offset, numbers)
        for shard in numbers
        for tp, commit in now.own(shard).items()
        if commit.offset >= 0
    }
    accept.commit(settings, now, marks)
