"""The unit of ownership is the shard: one partition number of a table, of its changelog, and of every topic whose records write it.

A group gives out single partitions, each topic's among the members that subscribe to it. While members subscribe to different topics (an
upgrade, or a roll-back, that brings a topic or drops one) it may give one shard's partitions to two of them: each would decide without what
the other has decided, and set its checkpoint past the other's records. So no member works on a shard that it was not given whole; it waits
for the assignment that makes it so.

Every member subscribes to its tables' changelogs, too, and never reads from them as a member: whatever else two versions of an app disagree
about, a changelog's partition is given to one of them alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from streams.engine.work import Shard

TP = tuple[str, int]


class Sourced(Protocol):
    """What is asked of a table here."""

    name: str
    #: Topics whose records write it; none named: all topics of the app.
    sources: tuple[str, ...]


def shards_of(tables: Iterable[Sourced], partitions: Iterable[TP]) -> set[Shard]:
    """Every table's shards that the records of these input partitions may touch."""
    found = list(partitions)
    return {
        (table.name, number)
        for table in tables
        for topic, number in found
        if not table.sources or topic in table.sources
    }


def parts_of(
    tables: Iterable[Sourced], inputs: Collection[str], changelogs: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """Table -> the topics whose partitions of one number make up its shard.

    Args:
        inputs: all topics that the app reads.
        changelogs: table -> topic.
    """
    return {table.name: frozenset((*(table.sources or inputs), changelogs[table.name])) for table in tables}


def lacking(parts: Mapping[str, Collection[str]], held: Collection[TP]) -> dict[TP, set[TP]]:
    """Partitions of shards that are not held whole: partition -> those that are missing beside it.

    Args:
        parts: as ``parts_of`` gives them.
        held: all that this member has been given.
    """
    has, found = set(held), dict[TP, set[TP]]()
    for topics in parts.values():
        for number in {number for topic, number in has if topic in topics}:
            shard = {(topic, number) for topic in topics}
            if missing := shard - has:
                for tp in shard & has:
                    found.setdefault(tp, set()).update(missing)
    return found
