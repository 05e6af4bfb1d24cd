"""The event that is sent again: as it came, or as a person has corrected it; with what intake would make of it.

It is received anew: its ``received_at_ms`` is now. So latency stays what the machine takes, not how long a person thought (the queue's
age tells that), and the event's outcome can be told from all others of its order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from schemas.codec import CODEC
from schemas.records import ChannelEvent
from schemas.topics import CHANNELS, channel_topic
from streams.aside.fenced import Closing, Message
from streams.aside.foresight import accepted, foresight, key_of
from streams.aside.review import Item, with_events
from streams.aside.trail import DISCARDED, RESUBMITTED
from streams.domain.intake.dedup import Decision
from streams.domain.intake.sales import subject_of
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

#: What a person may put right beside the payload.
ENVELOPE = ("channel", "shop", "order_no", "kind", "content_type")


class CannotBeSent(ValueError):
    """The event has nowhere to go as it is; the message says what to set."""


class Sending(NamedTuple):
    """One item's event, ready to be sent."""

    item: Item
    key: str
    topic: str
    value: bytes
    received_at_ms: int
    corrected: bool

    def closing(self, by: Actor, because: str, correlation_id: str) -> Closing:
        """The event, and the entry that says it was sent."""
        details = {
            "record": self.item.place,
            "reasons": " ".join(self.item.codes),
            "corrected": "yes" if self.corrected else "no",
            "topic": self.topic,
            "order_id": self.key,
            "received_at_ms": self.received_at_ms,
        }
        entry = audit.entry(
            RESUBMITTED, self.item.key, by=by, reason=because, correlation_id=correlation_id, details=details
        )
        return Closing(self.item.place, entry, self.message)

    @property
    def message(self) -> Message:
        """The event."""
        headers = (("resubmitted-from", str(self.item.place).encode()),)
        return Message(self.topic, self.key.encode(), self.value, headers)


class Submission(NamedTuple):
    """What would be sent, and what intake would make of it."""

    sending: Sending
    decision: Decision

    @property
    def item(self) -> Item:
        return self.sending.item

    @property
    def would_be_accepted(self) -> bool:
        return accepted(self.decision)


def submissions(
    cluster: Cluster,
    items: Sequence[Item],
    now_ms: int,
    payload: bytes | None = None,
    changes: Mapping[str, str] | None = None,
) -> Iterator[Submission]:
    """What would be sent of each item, told what intake would decide after the ones before. As ``sendings``.

    Raises CannotBeSent, ClusterError.
    """
    corrected = payload is not None or bool(changes)
    # A corrected event may be of another order than the item's was: there is one of them.
    subjects = (
        {
            subject_of(event, key_of(event))
            for item in with_events(cluster, items)
            for event in [_event(item, now_ms, payload, changes)]
        }
        if corrected
        else {item.bound_for for item in items}
    )
    future = foresight(cluster, subjects)
    for sending in sendings(cluster, items, now_ms, payload, changes):
        yield Submission(sending, future.decision(sending.value, sending.key, sending.item.source))


def sendings(
    cluster: Cluster,
    items: Sequence[Item],
    now_ms: int,
    payload: bytes | None = None,
    changes: Mapping[str, str] | None = None,
) -> Iterator[Sending]:
    """Each item's event with the corrections, in the order given; few are in memory at a time.

    Raises:
        CannotBeSent: its channel has no topic.
        ClusterError: an item is gone, or the broker is.
    """
    for number, item in enumerate(with_events(cluster, items)):
        event = _event(item, now_ms + number, payload, changes)
        if event["channel"] not in CHANNELS:
            raise CannotBeSent(
                f"{item.place} is of channel {event['channel']!r}, which has no topic: set channel={'|'.join(CHANNELS)}"
            )
        value = CODEC.encode("ChannelEvent", event)
        corrected = payload is not None or bool(changes)
        topic = channel_topic(event["channel"])
        yield Sending(item, key_of(event), topic, value, event["received_at_ms"], corrected)


def discarding(item: Item, by: Actor, because: str, correlation_id: str) -> Closing:
    """The entry that closes an item without anything being sent."""
    details = {"record": item.place, "reasons": " ".join(item.codes)}
    entry = audit.entry(DISCARDED, item.key, by=by, reason=because, correlation_id=correlation_id, details=details)
    return Closing(item.place, entry)


def editable(payload: bytes) -> tuple[bytes, str]:
    """The payload as a person edits it, and what was done to it: every digit stays as it was sent."""
    try:
        return msgspec.json.format(payload, indent=2) + b"\n", "JSON, indented"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        text = payload.decode("gbk").encode()
        return msgspec.json.format(text, indent=2) + b"\n", "was GBK, now UTF-8, indented"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return payload, "the bytes as they came"


def _event(item: Item, received_at_ms: int, payload: bytes | None, changes: Mapping[str, str] | None) -> ChannelEvent:
    event = {**item.event, **(changes or {}), "received_at_ms": received_at_ms}
    if payload is not None:
        event["payload"] = payload
    return cast(ChannelEvent, event)
