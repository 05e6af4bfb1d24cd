"""Everything that happened to one order, read from the topics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from schemas.codec import CODEC, CodecError
from schemas.topics import CHANNELS, QUARANTINE, channel_topic
from streams.ops.cluster import Cluster

#: Topics keyed by order id, as things happen to an order.
_TOPICS = (
    "orders",
    "orders.duplicates",
    "orders.review",
    "orders.decisions",
    "aftersales",
    "inventory.results",
    "allocations",
    "shipments",
    "returns",
    "order.status",
    "tasks",
    "merging.answers",
    "writeback.commands",
    "writeback.requests",
    "writeback.results",
    "writeback.status",
    "warehouse.commands",
    "warehouse.requests",
    "warehouse.results",
    "warehouse.reports",
    "warehouse.status",
    "warehouse.dead",
    "logistics.traces",
)


#: What stages decide is dated by what made them decide it. The records of one transaction are written side by side, in no order.
_DECIDED = (
    *("inventory.results", "allocations", "order.status", "writeback.status", "warehouse.status"),
    "merging.answers",
)


class Happening(NamedTuple):
    """One record about the order."""

    #: When it was decided; of what is no decision of a stage: when it was written.
    at_ms: int
    topic: str
    partition: int
    offset: int
    name: str
    record: dict[str, Any]


class Standing(NamedTuple):
    """Where an order stands: since when, and why, in the words of what was said of it last."""

    phase: str
    since_ms: int
    reason: str


def standing(found: Sequence[Happening]) -> Standing | None:
    """By its statuses; None when it has none."""
    last: Standing | None = None
    for h in found:
        # What was refused says nothing of where it stands.
        if h.name == "OrderStatusChanged" and not h.record.get("refused"):
            stays = last is not None and last.phase == h.record["status"]
            since_ms = last.since_ms if stays and last is not None else h.record["at_ms"]
            last = Standing(h.record["status"], since_ms, h.record["reason"])
    return last


def history(cluster: Cluster, order_id: str) -> list[Happening]:
    """All records keyed by the order, in the order in which they came to be; empty when there is none."""
    channel = order_id.partition(":")[0]
    topics = [channel_topic(channel)] if channel in CHANNELS else []
    found = [happening for topic in (*topics, *_TOPICS) for happening in _about(cluster, topic, order_id)]
    found += _set_aside(cluster, order_id)
    # A cause and its effect carry the same millisecond: the topics' order above breaks the tie.
    return sorted(found, key=lambda h: h.at_ms)


def _about(cluster: Cluster, topic: str, order_id: str) -> Iterator[Happening]:
    for message in cluster.read(topic, key=order_id):
        try:
            name, record = CODEC.decode(message.value() or b"")
        except CodecError as exc:
            name, record = "unreadable", {"error": str(exc)}
        place = (topic, message.partition() or 0, message.offset() or 0)
        yield Happening(_when(topic, record, message.timestamp()[1]), *place, name, record)


def _when(topic: str, record: dict[str, Any], written_ms: int) -> int:
    if topic not in _DECIDED:
        return written_ms
    return int(record.get("decided_at_ms", record.get("at_ms", written_ms)))


def _set_aside(cluster: Cluster, order_id: str) -> Iterator[Happening]:
    """What stands in quarantine of it: its own partitions don't show a message that was sent into another one."""
    for message in cluster.read(QUARANTINE, key=order_id):
        headers = dict(cast(Sequence[tuple[str, bytes | None]], message.headers() or ()))
        record = {name: (headers.get(name) or b"").decode() for name in ("topic", "partition", "offset", "error")}
        partition, offset = cast(int, message.partition()), cast(int, message.offset())
        yield Happening(message.timestamp()[1], QUARANTINE, partition, offset, "Quarantined", record)
