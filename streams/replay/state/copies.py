"""Shards outside their changelogs: in the folders of stopped workers, and in what a rebuild has gathered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from streams.engine.errors import StateFault
from streams.engine.options import Options
from streams.engine.store import Checkpoint, Store
from streams.engine.ties import marked, of_shard
from streams.engine.work import Shard
from streams.ops.standing import Standing
from streams.replay.errors import ReplayRefused

_BATCH = 10_000


@contextmanager
def copies(data: Path, but: str = "") -> Iterator[dict[str, Store]]:
    """Folder's name -> the store in it, of all under ``data`` but one.

    Raises:
        ReplayRefused: one of them is in use, or cannot be opened.
    """
    with ExitStack() as stack:
        found = {}
        for path in sorted(data.glob("*/state")):
            if path.parent.name == but:
                continue
            try:
                found[path.parent.name] = store = Store(path, Options())
            except StateFault as exc:
                raise ReplayRefused(f"{exc}; is its worker stopped?") from exc
            stack.callback(store.close)
        yield found


def best(standing: Standing, shard: Shard, found: dict[str, Store], now_ms: int) -> tuple[str, Checkpoint]:
    """The folder with a copy that is as far as the group's offsets say.

    Raises:
        ReplayRefused: there is none; says what is wrong with those there are.
    """
    own = standing.own(shard)
    ids = {c.mark.tables[shard[0]][0] for c in own.values() if c.mark and shard[0] in c.mark.tables} - {""}
    whole, wrong = [], []
    for name, store in found.items():
        copy = store.checkpoint(shard)
        if copy is None:
            continue
        if copy.tie is None:
            wrong.append(f"that of {name} is an earlier version's, which doesn't say how far it goes")
        elif ids and copy.changelog_id not in ids | {""}:
            wrong.append(f"that of {name} follows another changelog")
        elif misfits := of_shard(shard, copy.tie, False, own, now_ms):
            has, wants = copy.tie.number, marked(shard[0], own.values())
            behind = f"ends with transaction {has}, and the offsets are those after {wants}"
            wrong.append(f"that of {name} {behind if has < wants else misfits[0].text}")
        else:
            whole.append((copy.tie.number, name, copy))
    if not whole:
        why = "; ".join(wrong) or "no folder here has one: run this where its worker ran"
        raise ReplayRefused(f"no whole copy of {shard[0]!r}/{shard[1]}: {why}; --from input recomputes it")
    _, name, copy = max(whole, key=lambda each: each[0])
    return name, copy


def copied(source: Store, target: Store, shard: Shard, checkpoint: Checkpoint) -> int:
    """Puts a shard into another store; returns how many keys it has."""
    count = 0
    for items in _batches(source.scan(shard)):
        target.write({shard: dict(items)}, {})
        count += len(items)
    target.write({}, {shard: checkpoint})
    return count


def _batches(items: Iterable[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch
