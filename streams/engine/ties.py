"""What ties a shard's changelog to the committed offsets of its inputs: if one is lost, set back or made anew without the other, it shows.

Both are written by one transaction, and each says what the other must be:

    in the changelog   a shard's last record of a transaction bears a header, a :class:`Tie`: how many transactions have written the shard,
                       and where its inputs stood
    in the group       a committed offset's metadata is a :class:`Mark`: which topic it is an offset of, and for each table of its shard the
                       changelog that was written and how many transactions had written it

Records and offsets without them are an earlier version's, or a person's (whoever resets offsets leaves no mark). Everything here is a plain
function of what was read; ``footing.py`` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from streams.engine.errors import Untied
from streams.engine.record import Record
from streams.engine.shards import TP
from streams.engine.work import Shard

#: Name of the header on a changelog record.
HEADER = "tie"
#: Key of the record that bears it where a transaction only deletes: deletions are compacted away, and what they delete with its tie.
#: Behind any time or text, so that versions that know no ties never come upon it; it is nobody's item (``Store.scan``).
CARRIER = b"\xff\xfftie"
#: What a mark begins with; other fields, another name.
_FORM = "tie1"
#: While versions that know no ties may still be at work beside this one, offsets that have gone on without a mark are taken for theirs.
_UPGRADE_MS = 24 * 3600 * 1000


class Identity(NamedTuple):
    """Which topic it is that has this name now: one that is deleted and made anew has another id. Empty: the broker doesn't tell."""

    id: str
    partitions: int


@dataclass(frozen=True)
class Tie:
    """In a shard's changelog, as of one transaction.

    Attributes:
        number: transactions that have written the shard, this one included.
        offsets: input topic -> next offset to read.
        since_ms: when ties began on a shard that had been written without; 0: it never was.
    """

    number: int
    offsets: Mapping[str, int] = field(default_factory=dict)
    since_ms: int = 0

    def dumps(self) -> bytes:
        return json.dumps([self.number, self.offsets, self.since_ms], separators=(",", ":")).encode()

    @staticmethod
    def loads(raw: bytes) -> Tie:
        number, offsets, since_ms = json.loads(raw)
        return Tie(number, offsets, since_ms)


@dataclass(frozen=True)
class Mark:
    """In a committed offset's metadata.

    Attributes:
        offset: the offset it was committed with; with another one it is no mark of it.
        topic: the input as it was.
        tables: table -> (id of its changelog, number of its last tie; below 0: and an earlier version has written after it).
    """

    offset: int
    topic: Identity
    tables: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def dumps(self) -> str:
        return json.dumps([_FORM, self.offset, self.topic, self.tables], separators=(",", ":"))


class Commit(NamedTuple):
    """Next offset to read as the group has it; -1: none. ``mark`` None: not committed by a worker that knows ties."""

    offset: int
    mark: Mark | None = None

    @staticmethod
    def of(offset: int, metadata: str | None) -> Commit:
        """As a consumer's ``committed`` tells it."""
        try:
            form, at, topic, tables = json.loads(metadata or "")
            if form == _FORM and at == offset:
                return Commit(offset, Mark(at, Identity(*topic), {name: (id_, n) for name, (id_, n) in tables.items()}))
        except (ValueError, TypeError):
            pass  # somebody else's text
        return Commit(max(offset, -1))


class Copy(Protocol):
    """A shard in a local store (``store.Checkpoint``)."""

    @property
    def next_offset(self) -> int: ...

    @property
    def changelog_id(self) -> str: ...


class Misfit(NamedTuple):
    """Something that doesn't fit any more, in words for a person: what, where, the numbers, what to do."""

    #: ``changelog``, ``topic``, ``partitions`` or ``offsets``: what has changed, and a metric's label.
    kind: str
    topic: str
    partition: int
    text: str

    def __str__(self) -> str:
        return self.text


def newest(messages: Sequence[Record], partitions: Iterable[TP]) -> dict[TP, bytes]:
    """The ties these changelog records end with, per partition; empty where the last record that has a value bears none.

    A partition with deletions alone is missing: they bear none.
    """
    wanted, found = set(partitions), {}
    for message in reversed(messages):
        if not wanted:
            break
        tp = (message.topic(), message.partition())
        if tp in wanted and message.error() is None and message.value() is not None:
            found[tp] = dict(message.headers() or ()).get(HEADER, b"")
            wanted.discard(tp)
    return found


def marked(table: str, commits: Iterable[Commit]) -> int:
    """The highest number of a table's ties that any of these offsets knows; 0: none."""
    return max((abs(c.mark.tables[table][1]) for c in commits if c.mark and table in c.mark.tables), default=0)


def begin(
    tp: TP,
    shard: Shard,
    copy: Copy | None,
    watermarks: tuple[int, int],
    changelog_id: str,
    commits: Mapping[TP, Commit],
) -> int | None:
    """The offset from which a local copy follows its changelog ``tp``; None: there is no copy of that changelog.

    Raises:
        Untied: the changelog lacks what the copy has of it, or its beginning.
    """
    low, high = watermarks
    if copy is not None and copy.next_offset == 0:
        copy = None  # of nothing: whatever changelog that was, it is no loss
    if copy is not None and copy.changelog_id and changelog_id and copy.changelog_id != changelog_id:
        # Replaced on purpose: the group's offsets know the new one.
        if any(c.mark and c.mark.tables.get(shard[0], _NONE)[0] == changelog_id for c in commits.values()):
            copy = None
        else:
            raise Untied(f"{tp[0]} was deleted and made anew; the local copy of {shard[0]!r} is kept; {_REBUILD}")
    if copy is not None and copy.next_offset > high:
        has = f"{tp[0]}/{tp[1]} ends at offset {high}, and the local copy has it up to {copy.next_offset}"
        raise Untied(f"{has}: it lost its end, or was deleted and made anew; the copy is kept; {_REBUILD}")
    if low > (copy.next_offset if copy is not None else 0):
        raise Untied(f"{tp[0]}/{tp[1]} begins at offset {low} only: retention must never cut a changelog; {_REBUILD}")
    return copy.next_offset if copy is not None else None


def of_topics(
    commits: Mapping[TP, Commit], now: Mapping[str, Identity], ends: Mapping[TP, int], changelogs: Mapping[str, str]
) -> list[Misfit]:
    """Topics that are not those the group's offsets were committed for.

    Args:
        now: topics as they are; one that is missing does not exist.
        ends: where each input ends.
        changelogs: table -> changelog topic.
    """
    found: dict[tuple[str, str], Misfit] = {}
    for tp, (offset, mark) in sorted(commits.items()):
        is_there = now.get(tp[0])
        if offset < 0 or (is_there is None and mark is None):
            continue
        if mark is not None and offset > 0 and (misfit := _of_input(tp, offset, mark.topic, is_there)):
            found.setdefault((misfit.kind, misfit.topic), misfit)
            continue
        if offset > ends.get(tp, offset):
            text = f"{tp[0]}/{tp[1]} ends at offset {ends[tp]}, and the group has decided up to {offset}"
            text += ": it lost its end, or was deleted and made anew"
            found.setdefault(("topic", tp[0]), Misfit("topic", *tp, f"{text}; {_TOLD}"))
        for table, (id_, number) in mark.tables.items() if mark is not None else ():
            changelog = changelogs.get(table)
            if changelog is None or not number:
                continue
            current = now.get(changelog)
            if current is None or (id_ and current.id and current.id != id_):
                text = (
                    f"{changelog}/{tp[1]} was deleted{' and made anew' if current is not None else ''}: {abs(number)} transactions with "
                    f"the state of {table!r} are gone from it"
                )
                found.setdefault(("changelog", changelog), Misfit("changelog", changelog, tp[1], f"{text}; {_REBUILD}"))
    return list(found.values())


def of_shard(shard: Shard, tie: Tie | None, is_empty: bool, commits: Mapping[TP, Commit], now_ms: int) -> list[Misfit]:
    """What a shard's state and the offsets of its inputs say against each other.

    Args:
        tie: the last one in its changelog (or in a copy of it); None: an earlier version wrote last, or nothing was written.
        commits: of the shard's inputs.
    """
    table, partition = shard
    reach = marked(table, commits.values())
    has = tie.number if tie is not None else 0
    # A last record without a tie is an earlier version's, if offsets are; else its transaction's end is lost.
    untied = tie is None and not is_empty and any(_untied(table, commit) for commit in commits.values())
    if reach > has and not untied:
        text = f"the changelog of {table!r}/{partition} ends with transaction {has}, and the group's offsets are those after {reach}"
        return [Misfit("changelog", table, partition, f"{text}: it lost its end; {_REBUILD}")]
    if tie is None:
        return []
    found = []
    for (topic, _), (offset, mark) in sorted(commits.items()):
        stood = tie.offsets.get(topic)
        # A mark of this tie or a later one: a worker went on without writing this shard, or a person has accepted where it stands.
        if stood is None or offset == stood or (mark is not None and mark.tables.get(table, _NONE)[1] >= tie.number):
            continue
        if offset < stood or (mark is None and now_ms - tie.since_ms > _UPGRADE_MS):
            says, why = f"offset {offset}", "offsets were set by hand"
            if offset < 0:
                says, why = "no offset", "they were deleted, or the topic was, and made anew"
            text = f"{topic}/{partition}: the group has {says}, and the state of {table!r} has decided up to {stood}"
            found.append(Misfit("offsets", topic, partition, f"{text}: {why}; {_ACCEPT}"))
    return found


def of_shards(
    opened: Mapping[Shard, tuple[Tie | None, bool]],
    inputs: Callable[[Shard, Iterable[TP]], list[TP]],
    commits: Mapping[TP, Commit],
    now_ms: int,
) -> list[Misfit]:
    """:func:`of_shard` of each: shard -> (last tie, whether its changelog is empty)."""
    found: list[Misfit] = []
    alike: dict[frozenset[TP], dict[Shard, bool]] = {}
    for shard, (tie, is_empty) in sorted(opened.items(), key=lambda each: each[0]):
        own = inputs(shard, commits)
        alike.setdefault(frozenset(own), {})[shard] = is_empty
        found += of_shard(shard, tie, is_empty, {tp: commits[tp] for tp in own}, now_ms)
    for own_tps, shards in alike.items():
        found += of_unmarked(shards, {tp: commits[tp] for tp in own_tps})
    # Tables of one stage say the same of an input.
    return list({(misfit.kind, misfit.topic, misfit.partition): misfit for misfit in reversed(found)}.values())[::-1]


def of_unmarked(shards: Mapping[Shard, bool], commits: Mapping[TP, Commit]) -> list[Misfit]:
    """Inputs that were decided by an earlier version, and nothing at all in the changelogs they wrote.

    Args:
        shards: of one partition number and the same inputs -> whether its changelog is empty.
    """
    decided = sum(max(0, c.offset) for c in commits.values())
    if not shards or not decided or not all(shards.values()) or any(c.mark for c in commits.values()):
        return []
    tables = ", ".join(sorted(table for table, _ in shards))
    partition = next(iter(shards))[1]
    text = f"partition {partition}: the group has decided {decided} records, and the changelogs of {tables} are empty"
    return [Misfit("changelog", tables, partition, f"{text}: they were deleted; {_REBUILD}")]


_NONE = ("", 0)


def _untied(table: str, commit: Commit) -> bool:
    """An earlier version's, or this one's that knows of it."""
    if commit.mark is None:
        return commit.offset > 0
    return commit.mark.tables.get(table, _NONE)[1] < 0


def _of_input(tp: TP, offset: int, was: Identity, now: Identity | None) -> Misfit | None:
    topic, partition = tp
    if now is None:
        text = f"{topic} was deleted; the group had decided {topic}/{partition} up to offset {offset}"
        return Misfit("topic", topic, partition, f"{text}; {_TOLD}")
    if was.id and now.id and was.id != now.id:
        text = f"{topic} was deleted and made anew (id {was.id}, now {now.id}); offset {offset} of {topic}/{partition}"
        return Misfit("topic", topic, partition, f"{text} is one of the former's; {_TOLD}")
    if was.partitions != now.partitions:
        text = (
            f"{topic} had {was.partitions} partitions and has {now.partitions}: its keys move to partitions that lack their state; "
            f"make it anew with {was.partitions} (deploy/runbooks/lost-ground.md), then penstock state accept"
        )
        return Misfit("partitions", topic, partition, text)
    return None


_REBUILD = "nothing is decided until penstock state rebuild-changelog has written it anew"
_ACCEPT = "nothing is decided until penstock state accept says where to go on"
_TOLD = "what it held and was not decided is gone; penstock state accept goes on with what it holds now"
