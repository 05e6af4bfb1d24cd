"""How far a shop's changes have been pulled, as the topic ``channel.marks`` says."""

from __future__ import annotations

from schemas.codec import CODEC
from streams.ops.cluster import Cluster
from streams.settings import Settings


def read_mark(settings: Settings, source: str) -> int | None:
    """Until when a source was pulled, ms since the epoch; None: never. Raises ClusterError."""
    until: int | None = None
    for message in Cluster(settings).read("channel.marks", key=source):
        name, record = CODEC.decode(message.value() or b"")
        if name == "PullMark":
            until = record["until_ms"]
    return until
