"""Everything that happened to one order, read from the topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.codec import CODEC, CodecError
from schemas.topics import CHANNELS, channel_topic
from streams.ops.cluster import Cluster

#: Topics keyed by order id, as things happen to an order.
_TOPICS = (
    "orders",
    "orders.duplicates",
    "orders.review",
    "orders.decisions",
    "inventory.results",
    "allocations",
    "shipments",
    "order.status",
    "writeback.commands",
    "writeback.requests",
    "writeback.results",
    "writeback.status",
    "logistics.traces",
)


class Happening(NamedTuple):
    """One record about the order."""

    at_ms: int
    topic: str
    partition: int
    offset: int
    name: str
    record: dict[str, Any]


def history(cluster: Cluster, order_id: str) -> list[Happening]:
    """All records keyed by the order, in the order of their times in the log; empty when there is none."""
    channel = order_id.partition(":")[0]
    topics = [channel_topic(channel)] if channel in CHANNELS else []
    found = [happening for topic in (*topics, *_TOPICS) for happening in _about(cluster, topic, order_id)]
    # A cause and its effect may carry the same millisecond: the topics' order above breaks the tie.
    return sorted(found, key=lambda h: h.at_ms)


def _about(cluster: Cluster, topic: str, order_id: str) -> Iterator[Happening]:
    for message in cluster.read(topic, key=order_id):
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError as exc:
            name, record = "unreadable", {"error": str(exc)}
        place = (topic, message.partition() or 0, message.offset() or 0)
        yield Happening(message.timestamp()[1], *place, name, record)
