"""Intake: a channel's raw event becomes one canonical order, or one review with every reason found. Pure.

read_event   bytes of one message -> Reading: the Order, or the Review; nothing in a payload makes it raise
dedup        Reading, what is already known of that id -> Decision: the record to send, and the new `seen` entry
"""

from __future__ import annotations

from collections.abc import Container
from typing import Literal, cast

from schemas.codec import CODEC, Codec
from schemas.records import ChannelEvent, Order, Reason, Review, Source
from streams.domain.channels import MAPPERS, Snapshot
from streams.domain.channels.payload import read_object, shown

from .dedup import Reading
from .fingerprints import content_fingerprint, review_fingerprint

# What a parcel's label needs. Orders that are not to be shipped now may lack it: PDD hides it during its risk review.
LABEL_FIELDS: tuple[Literal["name", "phone", "address"], ...] = ("name", "phone", "address")

# A whole snapshot that the platform pushed, or that the hub fetched.
PUSHED, FETCHED = "order", "order.fetched"

# 500 lines with four faults each would make a review too large for Kafka.
MAX_REASONS = 100


class NotAChannelEvent(ValueError):
    """The message is no ChannelEvent at all (a tombstone, another record): there is no order to put in review."""


def read_event(
    value: bytes | None,
    key: bytes | str | None,
    source: Source,
    known_skus: Container[str],
    codec: Codec = CODEC,
) -> Reading:
    """One message of a channel topic -> the order in it, or its review.

    :param value: the message: a ChannelEvent in the project's Avro encoding.
    :param key: the message key; must be the order id, or else the order's other events are in another partition.
    :param source: where the message stands.
    :param known_skus: SKUs that ever had a stock record.
    :raises NotAChannelEvent: a tombstone or another record.
    :raises schemas.codec.CodecError: not Avro, an unknown fingerprint, a corrupt body.
    """
    if value is None:
        raise NotAChannelEvent("a tombstone: the message has no value")
    name, decoded = codec.decode(value)
    if name != "ChannelEvent":
        raise NotAChannelEvent(f"a {name} stands where a ChannelEvent belongs")
    event = cast(ChannelEvent, decoded)
    reasons: list[Reason] = []
    order_id = f"{event['channel']}:{event['order_no']}"
    key_text = key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else (key or "")
    _check_envelope(event, order_id, key_text, reasons)
    snapshot = _map(event, reasons)
    if snapshot is not None:
        _check_order(snapshot, event["order_no"], known_skus, reasons)
        if not reasons:
            order = _order(snapshot, order_id, event, source)
            return Reading(order_id, order, None, order["fingerprint"], value, event["kind"] == FETCHED)
    # A review goes by the message's own key: its partition is where a repetition of it will come.
    review_id = key_text or order_id
    if len(reasons) > MAX_REASONS:
        more = f"and {len(reasons) - MAX_REASONS} more"
        del reasons[MAX_REASONS:]
        _blame(reasons, "more_reasons", "payload", more, "correct the ones above first")
    review = _review(review_id, event, reasons, value, source)
    return Reading(review_id, None, review, review_fingerprint(event, reasons), value)


def _check_envelope(event: ChannelEvent, order_id: str, key: str, reasons: list[Reason]) -> None:
    if event["channel"] not in MAPPERS:
        _blame(reasons, "unknown_channel", "channel", event["channel"], f"one of {', '.join(MAPPERS)}")
    if not event["order_no"]:
        _blame(reasons, "missing_field", "order_no", "", "the envelope names the platform's order number")
    if not event["shop"]:
        _blame(reasons, "missing_field", "shop", "", "the envelope names the shop")
    if event["kind"] not in (PUSHED, FETCHED):
        fix = f"{PUSHED!r} or {FETCHED!r}: a snapshot of the whole order"
        _blame(reasons, "unknown_kind", "kind", event["kind"], fix)
    if event["content_type"].split(";")[0].strip().lower() != "application/json":
        _blame(reasons, "unknown_content_type", "content_type", event["content_type"], "send application/json")
    if key != order_id:
        _blame(reasons, "key_mismatch", "message key", key, f"the key is the order id, here {shown(order_id)}")


def _map(event: ChannelEvent, reasons: list[Reason]) -> Snapshot | None:
    doc = read_object(event["payload"], reasons)
    mapper = MAPPERS.get(event["channel"])
    return mapper(doc, reasons) if mapper and doc is not None else None


def _check_order(snapshot: Snapshot, order_no: str, known_skus: Container[str], reasons: list[Reason]) -> None:
    """What every channel's order must keep, whoever mapped it; what the mapper could not read is not blamed twice."""
    if snapshot.order_no and snapshot.order_no != order_no:
        fix = f"the payload is another order than the envelope's {shown(order_no)}"
        _blame(reasons, "order_no_mismatch", "payload order number", snapshot.order_no, fix)
    if snapshot.status == "PAID":
        receiver = snapshot.receiver
        for field in LABEL_FIELDS:
            if not receiver[field]:
                _blame(reasons, "missing_field", f"receiver.{field}", "", "ask the buyer, or fetch the order again")
        if not (receiver["province"] or receiver["city"]):
            _blame(reasons, "missing_field", "receiver.city", "", "ask the buyer: neither province nor city is known")
    if not snapshot.lines and snapshot.status != "CANCELLED" and not reasons:
        _blame(reasons, "no_goods_lines", "lines", "", "nothing in it can be shipped: take it out of the feed")
    # A cancelled order ships nothing, so goods nobody knows do no harm: review would only delay the release.
    skus_matter = snapshot.status != "CANCELLED"
    line_nos: set[str] = set()
    for line in snapshot.lines:
        line_no, sku = line["line_no"], line["sku"]
        if line_no and line_no in line_nos:
            _blame(
                reasons, "duplicate_line", f"lines[{line_no}]", line_no, "a line number occurs once: merge the lines"
            )
        line_nos.add(line_no)
        if skus_matter and sku and sku not in known_skus:
            fix = "receive stock for it, or correct the listing's seller SKU; then send the event again"
            _blame(reasons, "unknown_sku", f"lines[{line_no}].sku", sku, fix)
        if line["returned_quantity"] > line["quantity"] > 0:
            value = f"{line['returned_quantity']} of {line['quantity']}"
            _blame(reasons, "returned_too_many", f"lines[{line_no}].returned_quantity", value, "check the refunds")


def _order(snapshot: Snapshot, order_id: str, event: ChannelEvent, source: Source) -> Order:
    return {
        "order_id": order_id,
        "channel": event["channel"],
        "shop": event["shop"],
        "order_no": event["order_no"],
        "version": snapshot.version,
        "fingerprint": content_fingerprint(snapshot, order_id, event["shop"]),
        "status": snapshot.status,
        "hold_reason": snapshot.hold_reason,
        "currency": snapshot.currency,
        "total_minor": snapshot.total_minor,
        "placed_at_ms": snapshot.placed_at_ms,
        "paid_at_ms": snapshot.paid_at_ms,
        "ship_by_ms": snapshot.ship_by_ms,
        "receiver": snapshot.receiver,
        "lines": snapshot.lines,
        "attributes": snapshot.attributes,
        "received_at_ms": event["received_at_ms"],
        "source": source,
    }


def _review(order_id: str, event: ChannelEvent, reasons: list[Reason], value: bytes, source: Source) -> Review:
    return {
        "order_id": order_id,
        "channel": event["channel"],
        "shop": event["shop"],
        "order_no": event["order_no"],
        "reasons": reasons,
        "event": value,
        "received_at_ms": event["received_at_ms"],
        "source": source,
    }


def _blame(reasons: list[Reason], code: str, field: str, value: str, fix: str) -> None:
    reasons.append({"code": code, "field": field, "value": shown(value), "fix": fix})
