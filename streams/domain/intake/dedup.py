"""Dedup: is a channel's event news? Every message ends as an order, a review or a recorded duplicate.

In this order (`seen` is kept by order id; an after-sale's entry stands under it, `ORDER_ID/aftersale/ID`):

    nothing accepted before                      it is accepted; a review before it never blocks
    same content as accepted                     Duplicate EXACT, whatever the version; a newer version is remembered
    read by the hub, same second, other content  accepted: an update; see below
    accepted by older rules, same second,        accepted: an update; see below
    other content
    pushed, same second, other content           the order is read again: Duplicate STALE, and a notice to the fetcher; where
                                                 the hub can't read the shop's orders: Review, conflicting_content
    older version than accepted                  Duplicate STALE
    newer version                                accepted: an update
    a review, same payload and reasons as one
    before, nothing accepted since               Duplicate EXACT
    a review otherwise                           Review; what was accepted stays known

What was accepted by older rules (`RULES`) may lack what newer ones read in the same bytes: sent again, it is no
contradiction. Platforms date changes in whole seconds, and JD doesn't date an edit at all. A snapshot that the hub itself
fetched is what the platform showed then, and fetched ones stand in the log as they were fetched: of two of one second the
later is the newer. Either way the version becomes one millisecond more than what was accepted, so that accepted ones rise.
Of two pushed ones nobody can say: what the platform shows now is the newer. That ends: a push asks once, and what is fetched
for it asks for nothing.

A person's word about the receiver (`ReceiverCorrected`) names the event whose order it corrects:

    nothing accepted before                      that order is accepted, corrected
    another event accepted since                 Duplicate STALE: the person has not seen what the platform shows
    not later than what people said last         Duplicate EXACT for the same, STALE for another
    otherwise                                    accepted: an update, one millisecond newer
    the person is to be forgotten                Duplicate EXACT; what was said of the receiver is kept no more
"""

from __future__ import annotations

from typing import Literal, NamedTuple, cast

from schemas.records import (
    AfterSale,
    ChannelNotice,
    Duplicate,
    DuplicateKind,
    Order,
    ReceiverCorrected,
    Review,
    Seen,
    Source,
)

from . import corrections
from .kinds import subject

#: The kind of a notice of intake's own.
CONFLICT = "conflicting_content"

#: Raised whenever a mapper reads the same bytes as another order than before.
RULES = 1


class Reading(NamedTuple):
    """One message read: exactly one of `order`, `aftersale` and `review`; none of them in a `correction` that is to be forgotten.

    `order_id` is the key of what comes of it; `fingerprint` is of the content or of the review; `value` is the whole
    message.
    """

    order_id: str
    order: Order | None
    review: Review | None
    fingerprint: bytes
    value: bytes
    #: The hub fetched it, the platform did not push it.
    fetched: bool = False
    aftersale: AfterSale | None = None
    #: Of a message about an after-sale: its id, empty where it can't be read. None: it is about the order.
    aftersale_id: str | None = None
    #: Of a person's word about the receiver of `order`, which is as its platform showed it.
    correction: ReceiverCorrected | None = None
    #: Where a correction stands.
    source: Source | None = None

    @property
    def key(self) -> str:
        """Under which `seen` remembers it."""
        return subject(self.order_id, self.aftersale_id)


class Decision(NamedTuple):
    """The one outcome of a message: a record, its schema's name, the entry of `seen` to store (None: leave it).

    `notice`: the order is to be read again from its platform.
    """

    name: Literal["Order", "AfterSale", "Review", "Duplicate"]
    record: Order | AfterSale | Review | Duplicate
    seen: Seen | None
    notice: ChannelNotice | None = None


def dedup(reading: Reading, seen: Seen | None, reads_again: bool = False) -> Decision:
    """What becomes of a message, given what is known of its order or its after-sale.

    :param reads_again: whether the hub has what it takes to read the shop's orders and after-sales.
    """
    if reading.correction is not None:
        return _dedup_correction(reading, reading.correction, seen)
    found = reading.order or reading.aftersale
    if found is None:
        return _dedup_review(reading, seen)
    name: Literal["Order", "AfterSale"] = "Order" if reading.order is not None else "AfterSale"
    now: Seen = {
        "outcome": "ACCEPTED",
        "version": found["version"],
        "fingerprint": found["fingerprint"],
        "source": found["source"],
        "rules": RULES,
        "correction": None,
    }
    if seen is None or seen["outcome"] != "ACCEPTED":
        return Decision(name, found, now)
    if found["fingerprint"] == seen["fingerprint"]:
        # The platform confirmed the content at a newer time: whatever lies between the two is stale.
        newer: Seen | None = None
        if found["version"] > seen["version"] or seen["rules"] < RULES:
            newer = {**seen, "version": max(found["version"], seen["version"]), "rules": RULES}
        return Decision("Duplicate", _duplicate("EXACT", reading, found, seen, found["version"]), newer)
    if found["version"] // 1000 == seen["version"] // 1000:
        if reading.fetched or seen["rules"] < RULES:
            later = seen["version"] + 1
            dated: Order | AfterSale = {**found, "version": later}  # type: ignore[assignment]
            return _accepted(name, dated, {**now, "version": later}, seen)
        if not reads_again:
            return Decision("Review", _conflict(reading, found, seen), None)
        stale = _duplicate("STALE", reading, found, seen, found["version"])
        return Decision("Duplicate", {**stale, "read_again": True}, None, _notice(reading, found))
    if found["version"] < seen["version"]:
        return Decision("Duplicate", _duplicate("STALE", reading, found, seen, found["version"]), None)
    return _accepted(name, found, now, seen)


def _accepted(name: Literal["Order", "AfterSale"], found: Order | AfterSale, now: Seen, before: Seen) -> Decision:
    """An update: of an order whose receiver people have corrected, with theirs."""
    correction = before["correction"]
    if correction is None:
        return Decision(name, found, now)
    told, known = corrections.applied(cast(Order, found), correction)
    return Decision(name, told, {**now, "correction": known})


def _dedup_correction(reading: Reading, record: ReceiverCorrected, seen: Seen | None) -> Decision:
    order, known = reading.order, seen if seen is not None and seen["outcome"] == "ACCEPTED" else None
    before = known["correction"] if known is not None else None
    if order is None:
        kept = (
            {**known, "correction": corrections.forgotten(before)} if known is not None and before is not None else None
        )
        return Decision("Duplicate", _without_effect("EXACT", reading, record, known), cast(Seen | None, kept))
    if before is not None and record["decided_at_ms"] <= before["decided_at_ms"]:
        kind: DuplicateKind = "EXACT" if record["correction_id"] == before["correction_id"] else "STALE"
        return Decision("Duplicate", _without_effect(kind, reading, record, known), None)
    if known is not None and record["of"] != known["source"]:
        return Decision("Duplicate", _without_effect("STALE", reading, record, known), None)
    version = known["version"] + 1 if known is not None else order["version"]
    told, correction = corrections.applied(order, corrections.corrected(order, record, before))
    news: Order = {**told, "version": version, "correction_id": record["correction_id"]}
    now: Seen = {
        "outcome": "ACCEPTED",
        "version": version,
        "fingerprint": order["fingerprint"],
        "source": record["of"],
        "rules": RULES,
        "correction": correction,
    }
    return Decision("Order", news, now)


def _dedup_review(reading: Reading, seen: Seen | None) -> Decision:
    review = reading.review
    if review is None:
        raise ValueError(f"a reading has an order, an after-sale or a review: {reading.order_id}")
    if seen is not None and seen["outcome"] == "ACCEPTED":
        return Decision("Review", review, None)
    if seen is not None and seen["fingerprint"] == reading.fingerprint:
        return Decision("Duplicate", _duplicate("EXACT", reading, review, seen, seen["version"]), None)
    mark: Seen = {
        "outcome": "REVIEW",
        "version": 0,
        "fingerprint": reading.fingerprint,
        "source": review["source"],
        "rules": RULES,
        "correction": None,
    }
    return Decision("Review", review, mark)


def _conflict(reading: Reading, found: Order | AfterSale, seen: Seen) -> Review:
    first = seen["source"]
    where = f"{first['topic']}[{first['partition']}]@{first['offset']}"
    what = "order" if reading.order is not None else "after-sale"
    fix = (
        f"the event at {where} has the same version and other content: send the {what} as its platform shows it now; "
        "with the shop in PENSTOCK_SHOPS, for the workers too, and penstock gateway it is read again by itself"
    )
    return {
        "order_id": found["order_id"],
        "channel": found["channel"],
        "shop": found["shop"],
        "order_no": found["order_no"],
        "reasons": [{"code": CONFLICT, "field": "payload", "value": f"version {found['version']}", "fix": fix}],
        "event": reading.value,
        "received_at_ms": found["received_at_ms"],
        "source": found["source"],
    }


def _notice(reading: Reading, found: Order | AfterSale) -> ChannelNotice:
    """Without the event's bytes: they stand where its name says."""
    source = found["source"]
    return {
        "notice_id": f"intake/{source['topic']}/{source['partition']}/{source['offset']}",
        "order_id": found["order_id"],
        "channel": found["channel"],
        "shop": found["shop"],
        "order_no": found["order_no"],
        "kind": CONFLICT,
        "occurred_at_ms": found["version"],
        "received_at_ms": found["received_at_ms"],
        "payload": b"",
        "aftersale_id": reading.aftersale_id or "",
    }


def _duplicate(
    kind: DuplicateKind, reading: Reading, of: Order | AfterSale | Review, seen: Seen, version: int
) -> Duplicate:
    return {
        "order_id": of["order_id"],
        "channel": of["channel"],
        "kind": kind,
        "version": version,
        "first_source": seen["source"],
        "read_again": False,
        "received_at_ms": of["received_at_ms"],
        "source": of["source"],
        "aftersale_id": reading.aftersale_id or "",
    }


def _without_effect(kind: DuplicateKind, reading: Reading, record: ReceiverCorrected, known: Seen | None) -> Duplicate:
    """Of a correction."""
    order_id = record["order_id"]
    return {
        "order_id": order_id,
        "channel": order_id.partition(":")[0],
        "kind": kind,
        "version": known["version"] if known is not None else 0,
        "first_source": known["source"] if known is not None else record["of"],
        "read_again": False,
        "received_at_ms": record["decided_at_ms"],
        "source": cast(Source, reading.source),
        "aftersale_id": "",
    }
