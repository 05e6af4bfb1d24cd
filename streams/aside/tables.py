"""Rows of the workers' tables and of compacted topics, as last written: a table outlives the topics that it was decided from."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from typing import Any

from schemas.codec import CODEC
from streams.ops.cluster import Cluster
from streams.topology import group_id


def rows(
    cluster: Cluster,
    table: str,
    wanted: Container[str] | None = None,
    *,
    keys: Collection[str] | None = None,
    group: str = "decisions",
) -> dict[str, Any]:
    """Key -> the row as last committed, of those wanted, or of all. Empty where no worker has ever run.

    Args:
        keys: only these, each of which stands in its own partition: no other is read.
    """
    found = _written(cluster, table, keys, group)
    return _decoded(each for each in found if wanted is None or each[0] in wanted)


def keys(cluster: Cluster, table: str, group: str = "decisions") -> set[str]:
    """The keys of all rows."""
    there: set[str] = set()
    for name, value in _written(cluster, table, None, group):
        (there.discard if value is None else there.add)(name)
    return there


def newest(cluster: Cluster, topic: str) -> dict[str, Any]:
    """Key -> the newest record of a compacted topic."""
    return _decoded(_messages(cluster, topic, None))


def _written(
    cluster: Cluster, table: str, only: Collection[str] | None, group: str
) -> Iterator[tuple[str, bytes | None]]:
    changelog = f"{group_id(cluster.settings.app_id, group)}-{table}-changelog"
    return _messages(cluster, changelog, only) if cluster.has(changelog) else iter(())


def _messages(cluster: Cluster, topic: str, only: Collection[str] | None) -> Iterator[tuple[str, bytes | None]]:
    for message in cluster.read(topic, keys=only):
        yield (message.key() or b"").decode("utf-8", "backslashreplace"), message.value()


def _decoded(written: Iterable[tuple[str, bytes | None]]) -> dict[str, Any]:
    """Key -> its last value; what was deleted is not there."""
    last = dict(written)
    return {name: CODEC.decode(value)[1] for name, value in last.items() if value is not None}
