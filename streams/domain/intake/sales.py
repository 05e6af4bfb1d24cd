"""Intake of after-sales: what a platform shows of one becomes an AfterSale; what is wrong with it is said, all of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from schemas.json_text import compact
from schemas.records import AfterSale, ChannelEvent, Reason, Source
from streams.domain.aftersales import MAPPERS, Sale
from streams.domain.channels.payload import read_object, shown

from .dates import AHEAD_MS, ahead
from .fingerprints import FINGERPRINT_BYTES
from .kinds import KINDS, subject


def read_sale(event: ChannelEvent, doc: Mapping[str, Any], reasons: list[Reason]) -> Sale | None:
    """The after-sale of an event's payload, checked; every problem is appended to `reasons`. None: a channel nobody reads."""
    mapper = MAPPERS.get(event["channel"])
    if mapper is None:
        return None
    sale = mapper(doc, reasons)
    if sale.order_no and sale.order_no != event["order_no"]:
        fix = f"the payload is of another order than the envelope's {shown(event['order_no'])}"
        _blame(reasons, "order_no_mismatch", "payload order number", sale.order_no, fix)
    if sale.version > event["received_at_ms"] + AHEAD_MS:
        reasons.append(ahead(sale.version))
    line_nos = [line["line_no"] for line in sale.lines if line["line_no"]]
    for line_no in sorted({it for it in line_nos if line_nos.count(it) > 1}):
        _blame(reasons, "duplicate_line", f"lines[{line_no}]", line_no, "a line number occurs once: merge the lines")
    return sale


def subject_of(event: ChannelEvent, key: str) -> str:
    """What an event is of, as `seen` is kept: its key, or its after-sale's under it; without id where none can be read."""
    kind = KINDS.get(event["kind"])
    if kind is None or not kind.aftersale:
        return key
    unread: list[Reason] = []
    doc, mapper = read_object(event["payload"], unread), MAPPERS.get(event["channel"])
    return subject(key, mapper(doc, unread).aftersale_id if doc is not None and mapper is not None else "")


def aftersale_of(sale: Sale, order_id: str, event: ChannelEvent, source: Source) -> AfterSale:
    """The record of a sale that has no reason against it."""
    return {
        "aftersale_id": sale.aftersale_id,
        "order_id": order_id,
        "channel": event["channel"],
        "shop": event["shop"],
        "order_no": event["order_no"],
        "version": sale.version,
        "fingerprint": _fingerprint(sale, order_id, event["shop"]),
        "kind": sale.kind,
        "state": sale.state,
        "platform_state": sale.platform_state,
        "before_shipping": sale.before_shipping,
        "received": sale.received,
        "currency": sale.currency,
        "amount_minor": sale.amount_minor,
        "whole": sale.whole,
        "lines": sale.lines,
        "reason": sale.reason,
        "reason_code": sale.reason_code,
        "reason_class": sale.reason_class,
        "tracking_no": sale.tracking_no,
        "asked_at_ms": sale.asked_at_ms,
        "received_at_ms": event["received_at_ms"],
        "source": source,
    }


def _fingerprint(sale: Sale, order_id: str, shop: str) -> bytes:
    """Of the content: all of it but the version. Line order does not matter."""
    lines = sorted(list(line.values()) for line in sale.lines)
    content = [order_id, shop, *sale._replace(version=0, lines=lines)]  # type: ignore[arg-type]
    return blake2b(compact(content), digest_size=FINGERPRINT_BYTES).digest()


def _blame(reasons: list[Reason], code: str, field: str, value: object, fix: str) -> None:
    reasons.append({"code": code, "field": field, "value": shown(value), "fix": fix})
