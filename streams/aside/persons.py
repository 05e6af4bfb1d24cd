"""Persons who are forgotten: an order is named on ``persons.forgotten``, together with its audit; whatever keeps its records obeys.

The topics' own records stay where they are until retention takes them: a log is only written at its end.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from schemas.codec import CODEC
from schemas.records import PersonForgotten, ReceiverCorrected, Seen
from schemas.topics import FORGOTTEN, TOPICS, channel_topic
from streams.aside.fenced import Message, fenced
from streams.aside.foresight import remembered
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.ops.forgetting import without_person
from streams.ops.masking import may_tell_of_persons
from streams.ops.sinks import Record, as_record

#: Topics by which the workers hear of it that have states of the order.
_OWNERS = ("orders.decisions", "writeback.commands", "warehouse.commands")
#: The audit action.
ACTION = "person.forgotten"


class OnTopic(NamedTuple):
    """Records of an order on a topic that tell of its person, and when the last of them is gone, at the latest.

    ``gone_by_ms``: ms since the epoch; None: they stay until somebody gives the topic a retention.
    """

    topic: str
    records: int
    gone_by_ms: int | None


def on_topics(cluster: Cluster, order_id: str) -> list[OnTopic]:
    """What the log has of the order's person, in the registry's order. Reads a partition of each such topic. Raises ClusterError."""
    telling = [name for name, topic in TOPICS.items() if may_tell_of_persons(topic)]
    found = []
    for name, retention in cluster.retentions(telling).items():
        its = cluster.read(name, key=order_id)
        times = [m.timestamp()[1] for m in its if without_person(m.value()) != m.value()]
        if times:
            gone_by_ms = max(times) + retention.ms + retention.segment_ms if retention.ms >= 0 else None
            found.append(OnTopic(name, len(times), gone_by_ms))
    return sorted(found, key=lambda each: telling.index(each.topic))


def record_of(cluster: Cluster, order_id: str) -> Record | None:
    """The record that names the order; None when none does. Raises ClusterError."""
    found = None
    for message in cluster.read(FORGOTTEN, key=order_id):
        found = as_record(message)
    return found


def forget(cluster: Cluster, order_id: str, *, by: Actor, because: str) -> None:
    """Names the order. Raises NotAllowed, ClusterError."""
    entry = audit.entry(ACTION, order_id, by=by, reason=because)
    record: PersonForgotten = {
        "order_id": order_id,
        "by": by.who,
        "reason": because,
        "forgotten_at_ms": time.time_ns() // 1_000_000,
    }
    value = CODEC.encode("PersonForgotten", record)
    messages = [Message(topic, order_id.encode(), value) for topic in (FORGOTTEN, *_OWNERS)]
    seen = remembered(cluster, {order_id}).get(order_id)
    if seen is not None and seen["correction"] is not None:
        messages.append(_correction_forgotten(seen, record))
    with fenced(cluster) as operator:
        operator.put(entry, messages)


def _correction_forgotten(seen: Seen, record: PersonForgotten) -> Message:
    """To intake, which keeps whom people named: by the channel's topic, where it reads what they say of receivers."""
    order_id = record["order_id"]
    correction: ReceiverCorrected = {
        "correction_id": f"{order_id}/forgotten",
        "order_id": order_id,
        "receiver": None,
        "of": seen["source"],
        "event": b"",
        "by": record["by"],
        "reason": record["reason"],
        "decided_at_ms": record["forgotten_at_ms"],
    }
    topic = channel_topic(order_id.partition(":")[0])
    return Message(topic, order_id.encode(), CODEC.encode("ReceiverCorrected", correction))
