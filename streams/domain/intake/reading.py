"""Intake: a channel's raw event becomes one canonical order or after-sale, or one review with every reason found. Pure.

read_event   bytes of one message -> Reading: the Order, the AfterSale, or the Review; nothing in a payload makes it raise
dedup        Reading, what is already known of that id -> Decision: the record to send, and the new `seen` entry
"""

from __future__ import annotations

from collections.abc import Container
from types import MappingProxyType
from typing import Any, Literal, cast

from schemas.codec import CODEC, Codec
from schemas.records import ChannelEvent, Order, OrderLine, Reason, ReceiverCorrected, Review, Source
from streams.domain.channels import MAPPERS, Snapshot
from streams.domain.channels.fields import MAX_QUANTITY
from streams.domain.channels.payload import read_object, shown
from streams.domain.channels.settings import DEFAULT, ChannelSettings
from streams.domain.channels.snapshot import to_send

from .bundles import Bundles, opened
from .dates import wrong_dates
from .dedup import Reading
from .fingerprints import content_fingerprint, review_fingerprint
from .kinds import KINDS
from .sales import aftersale_of, read_sale

# What a parcel's label needs. Orders that are not to be shipped now may lack it: PDD hides it during its risk review.
LABEL_FIELDS: tuple[Literal["name", "phone", "address"], ...] = ("name", "phone", "address")

# A whole snapshot that the platform pushed, or that the hub fetched.
PUSHED, FETCHED = "order", "order.fetched"

# A carrier collects the order's amount and its fee, which is a few per cent, or 100 units of money for a small order.
COLLECT_TIMES_MAX, COLLECT_MORE_MAX_MINOR = 2, 100_00

# 500 lines with four faults each would make a review too large for Kafka.
MAX_REASONS = 100


class NotAChannelEvent(ValueError):
    """The message is no ChannelEvent at all (a tombstone, another record), nor a correction of one: there is no order to put in review."""


def read_event(
    value: bytes | None,
    key: bytes | str | None,
    source: Source,
    known_skus: Container[str],
    codec: Codec = CODEC,
    settings: ChannelSettings = DEFAULT,
    bundles: Bundles = MappingProxyType({}),
) -> Reading:
    """One message of a channel topic -> the order or the after-sale in it, or its review.

    :param value: the message: a ChannelEvent in the project's Avro encoding, or a ReceiverCorrected with one in it.
    :param key: the message key; must be the order id, or else the order's other events are in another partition.
    :param source: where the message stands.
    :param known_skus: SKUs that ever had a stock record.
    :param settings: what the merchant says of its shops.
    :param bundles: combined goods by their SKU, as the merchant's table names them.
    :raises NotAChannelEvent: a tombstone or another record; a correction of another order's event, or of one that is in review by now.
    :raises schemas.codec.CodecError: not Avro, an unknown fingerprint, a corrupt body.
    """
    if value is None:
        raise NotAChannelEvent("a tombstone: the message has no value")
    name, decoded = codec.decode(value)
    if name == "ReceiverCorrected":
        record = cast(ReceiverCorrected, decoded)
        inner = record["event"] and read_event(record["event"], key, source, known_skus, codec, settings, bundles)
        return _correction(record, inner or None, value, key, source)
    if name != "ChannelEvent":
        raise NotAChannelEvent(f"a {name} stands where a ChannelEvent belongs")
    event = cast(ChannelEvent, decoded)
    reasons: list[Reason] = []
    order_id = f"{event['channel']}:{event['order_no']}"
    key_text = key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else (key or "")
    _check_envelope(event, order_id, key_text, reasons)
    kind, doc = KINDS.get(event["kind"]), read_object(event["payload"], reasons)
    aftersale_id: str | None = None
    if doc is None:
        aftersale_id = "" if kind is not None and kind.aftersale else None
    elif kind is not None and kind.aftersale:
        sale = read_sale(event, doc, reasons)
        aftersale_id = sale.aftersale_id if sale is not None else ""
        if sale is not None and not reasons:
            found = aftersale_of(sale, order_id, event, source)
            return Reading(order_id, None, None, found["fingerprint"], value, kind.fetched, found, aftersale_id)
    else:
        snapshot = _map(event, doc, reasons, settings)
        if snapshot is not None:
            lines = opened(snapshot.lines, bundles)
            sent = snapshot if lines is snapshot.lines else snapshot._replace(lines=lines)
            _check_order(sent, event["order_no"], known_skus, reasons)
            reasons.extend(wrong_dates(sent, event["received_at_ms"]))
            if not reasons:
                order = _order(snapshot, lines, order_id, event, source)
                return Reading(order_id, order, None, order["fingerprint"], value, event["kind"] == FETCHED)
    # A review goes by the message's own key: its partition is where a repetition of it will come.
    review_id = key_text or order_id
    if len(reasons) > MAX_REASONS:
        more = f"and {len(reasons) - MAX_REASONS} more"
        del reasons[MAX_REASONS:]
        _blame(reasons, "more_reasons", "payload", more, "correct the ones above first")
    review = _review(review_id, event, reasons, value, source)
    return Reading(review_id, None, review, review_fingerprint(event, reasons), value, aftersale_id=aftersale_id)


def _correction(
    record: ReceiverCorrected, inner: Reading | None, value: bytes, key: bytes | str | None, source: Source
) -> Reading:
    """A person's word about an order's receiver: with the order as its platform showed it, or to be forgotten."""
    order_id = record["order_id"]
    if (key.encode() if isinstance(key, str) else key) != order_id.encode():
        raise NotAChannelEvent(f"a correction of {order_id} stands under another key")
    if inner is not None and (inner.order is None or inner.order_id != order_id):
        found = ", ".join(reason["code"] for reason in inner.review["reasons"]) if inner.review is not None else ""
        raise NotAChannelEvent(f"what it corrects is no order {order_id} that is accepted: {found or inner.key}")
    order = inner.order if inner is not None else None
    return Reading(order_id, order, None, b"", value, correction=record, source=source)


def _check_envelope(event: ChannelEvent, order_id: str, key: str, reasons: list[Reason]) -> None:
    if event["channel"] not in MAPPERS:
        _blame(reasons, "unknown_channel", "channel", event["channel"], f"one of {', '.join(MAPPERS)}")
    if not event["order_no"]:
        _blame(reasons, "missing_field", "order_no", "", "the envelope names the platform's order number")
    if not event["shop"]:
        _blame(reasons, "missing_field", "shop", "", "the envelope names the shop")
    if event["kind"] not in KINDS:
        fix = f"one of {', '.join(KINDS)}: a snapshot of the whole order or after-sale"
        _blame(reasons, "unknown_kind", "kind", event["kind"], fix)
    if event["content_type"].split(";")[0].strip().lower() != "application/json":
        _blame(reasons, "unknown_content_type", "content_type", event["content_type"], "send application/json")
    if key != order_id:
        _blame(reasons, "key_mismatch", "message key", key, f"the key is the order id, here {shown(order_id)}")


def _map(event: ChannelEvent, doc: dict[str, Any], reasons: list[Reason], settings: ChannelSettings) -> Snapshot | None:
    mapper = MAPPERS.get(event["channel"])
    return mapper(doc, reasons, settings) if mapper else None


def _check_order(snapshot: Snapshot, order_no: str, known_skus: Container[str], reasons: list[Reason]) -> None:
    """What every channel's order must keep, whoever mapped it; what the mapper could not read is not blamed twice."""
    if snapshot.order_no and snapshot.order_no != order_no:
        fix = f"the payload is another order than the envelope's {shown(order_no)}"
        _blame(reasons, "order_no_mismatch", "payload order number", snapshot.order_no, fix)
    if snapshot.status == "PAID" and any(map(to_send, snapshot.lines)):
        _check_label(snapshot, reasons)
    if not snapshot.lines and snapshot.status != "CANCELLED" and not reasons:
        _blame(reasons, "no_goods_lines", "lines", "", "nothing in it can be shipped: take it out of the feed")
    _check_lines(snapshot, known_skus, reasons)
    collect = snapshot.collect_minor
    if collect is not None and collect > COLLECT_TIMES_MAX * snapshot.total_minor + COLLECT_MORE_MAX_MINOR:
        fix = f"far more than the order's {snapshot.total_minor}: fetch the order again"
        _blame(reasons, "contradiction", "collect", str(collect), fix)


def _check_label(snapshot: Snapshot, reasons: list[Reason]) -> None:
    receiver = snapshot.receiver
    for field in LABEL_FIELDS:
        # Empty ciphertext: the platform shows none of it, and prints the label itself.
        if not receiver[field] and receiver["forms"].get(field) != "cipher":
            _blame(reasons, "missing_field", f"receiver.{field}", "", "ask the buyer, or fetch the order again")
    if not (receiver["province"] or receiver["city"]):
        _blame(reasons, "missing_field", "receiver.city", "", "ask the buyer: neither province nor city is known")
    if not receiver["country"]:
        fix = "ask the buyer: the country is none that is known"
        _blame(reasons, "missing_field", "receiver.country", receiver["province"], fix)


def _check_lines(snapshot: Snapshot, known_skus: Container[str], reasons: list[Reason]) -> None:
    """Line numbers, SKUs and counts. Goods that nobody knows do no harm where nothing is to be sent: review would only delay the rest."""
    line_nos: set[str] = set()
    for line in snapshot.lines:
        line_no, sku, quantity = line["line_no"], line["sku"], line["quantity"]
        if line_no and line_no in line_nos:
            _blame(
                reasons, "duplicate_line", f"lines[{line_no}]", line_no, "a line number occurs once: merge the lines"
            )
        line_nos.add(line_no)
        if sku and sku not in known_skus and snapshot.status != "CANCELLED" and to_send(line):
            fix = "receive stock for it, or correct the listing's seller SKU; then send the event again"
            _blame(reasons, "unknown_sku", f"lines[{line_no}].sku", sku, fix)
        if quantity > MAX_QUANTITY:
            fix = f"at most {MAX_QUANTITY}: of combined goods, look at how many pieces are in one"
            _blame(reasons, "out_of_range", f"lines[{line_no}].quantity", str(quantity), fix)
        if line["returned_quantity"] > quantity > 0:
            value = f"{line['returned_quantity']} of {quantity}"
            _blame(reasons, "returned_too_many", f"lines[{line_no}].returned_quantity", value, "check the refunds")
        if line["shipped_quantity"] + line["cancelled_quantity"] > quantity:
            value = f"{line['shipped_quantity']} shipped and {line['cancelled_quantity']} cancelled of {quantity}"
            fix = "more than were ordered: fetch the order again"
            _blame(reasons, "contradiction", f"lines[{line_no}].shipped_quantity", value, fix)


def _order(snapshot: Snapshot, lines: list[OrderLine], order_id: str, event: ChannelEvent, source: Source) -> Order:
    """The fingerprint is of what the platform showed: that the merchant's table opens a bundle now makes no other content."""
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
        "not_before_ms": snapshot.not_before_ms,
        "collect_minor": snapshot.collect_minor,
        "receiver": snapshot.receiver,
        "lines": lines,
        "attributes": snapshot.attributes,
        "received_at_ms": event["received_at_ms"],
        "source": source,
        "correction_id": "",
        "receiver_from": "",
        "platform_receiver": None,
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
