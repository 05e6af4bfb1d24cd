"""Dedup: is a channel's event news? Every message ends as an order, a review or a recorded duplicate.

In this order (`seen` is kept by order id):

    nothing accepted before                      the order is accepted; a review before it never blocks
    same content as accepted                     Duplicate EXACT, whatever the version; a newer version is remembered
    read by the hub, same second, other content  accepted: an update; see below
    older version than accepted                  Duplicate STALE
    same version, other content                  Review, conflicting_content: the platform contradicts itself
    newer version                                accepted: an update
    a review, same payload and reasons as one
    before, nothing accepted since               Duplicate EXACT
    a review otherwise                           Review; what was accepted stays known

Platforms date changes in whole seconds, and JD doesn't date an edit at all. A snapshot that the hub itself fetched is what the platform
showed then, and fetched ones stand in the log as they were fetched: of two of one second the later is the newer. Its version becomes one
millisecond more than what was accepted, so that accepted versions rise.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from schemas.records import Duplicate, DuplicateKind, Order, Review, Seen


class Reading(NamedTuple):
    """One message read: exactly one of `order` and `review`.

    `order_id` is the key of `seen`; `fingerprint` is of the order's content or of the review; `value` is the whole
    message.
    """

    order_id: str
    order: Order | None
    review: Review | None
    fingerprint: bytes
    value: bytes
    #: The hub fetched it, the platform did not push it.
    fetched: bool = False


class Decision(NamedTuple):
    """The one outcome of a message: a record, its schema's name, the entry of `seen` to store (None: leave it)."""

    name: Literal["Order", "Review", "Duplicate"]
    record: Order | Review | Duplicate
    seen: Seen | None


def dedup(reading: Reading, seen: Seen | None) -> Decision:
    """What becomes of a message, given what is known of its order id."""
    order = reading.order
    if order is None:
        return _dedup_review(reading, seen)
    now: Seen = {
        "outcome": "ACCEPTED",
        "version": order["version"],
        "fingerprint": order["fingerprint"],
        "source": order["source"],
    }
    if seen is None or seen["outcome"] != "ACCEPTED":
        return Decision("Order", order, now)
    if order["fingerprint"] == seen["fingerprint"]:
        # The platform confirmed the content at a newer time: whatever lies between the two is stale.
        newer: Seen | None = {**seen, "version": order["version"]} if order["version"] > seen["version"] else None
        return Decision("Duplicate", _duplicate("EXACT", order, seen, order["version"]), newer)
    if reading.fetched and order["version"] // 1000 == seen["version"] // 1000:
        later = seen["version"] + 1
        return Decision("Order", {**order, "version": later}, {**now, "version": later})
    if order["version"] < seen["version"]:
        return Decision("Duplicate", _duplicate("STALE", order, seen, order["version"]), None)
    if order["version"] == seen["version"]:
        return Decision("Review", _conflict(reading, order, seen), None)
    return Decision("Order", order, now)


def _dedup_review(reading: Reading, seen: Seen | None) -> Decision:
    review = reading.review
    if review is None:
        raise ValueError(f"a reading has an order or a review: {reading.order_id}")
    if seen is not None and seen["outcome"] == "ACCEPTED":
        return Decision("Review", review, None)
    if seen is not None and seen["fingerprint"] == reading.fingerprint:
        return Decision("Duplicate", _duplicate("EXACT", review, seen, seen["version"]), None)
    mark: Seen = {"outcome": "REVIEW", "version": 0, "fingerprint": reading.fingerprint, "source": review["source"]}
    return Decision("Review", review, mark)


def _conflict(reading: Reading, order: Order, seen: Seen) -> Review:
    first = seen["source"]
    where = f"{first['topic']}[{first['partition']}]@{first['offset']}"
    fix = f"the event at {where} has the same version and other content: fetch the order again"
    return {
        "order_id": order["order_id"],
        "channel": order["channel"],
        "shop": order["shop"],
        "order_no": order["order_no"],
        "reasons": [
            {"code": "conflicting_content", "field": "payload", "value": f"version {order['version']}", "fix": fix}
        ],
        "event": reading.value,
        "received_at_ms": order["received_at_ms"],
        "source": order["source"],
    }


def _duplicate(kind: DuplicateKind, of: Order | Review, seen: Seen, version: int) -> Duplicate:
    return {
        "order_id": of["order_id"],
        "channel": of["channel"],
        "kind": kind,
        "version": version,
        "first_source": seen["source"],
        "received_at_ms": of["received_at_ms"],
        "source": of["source"],
    }
