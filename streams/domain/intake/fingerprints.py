"""What makes two events the same: 8 bytes of BLAKE2b over a compact JSON text, easy to repeat in any language."""

from __future__ import annotations

from hashlib import blake2b

from schemas.json_text import compact
from schemas.records import ChannelEvent, Reason
from streams.domain.channels import Snapshot

FINGERPRINT_BYTES = 8


def content_fingerprint(snapshot: Snapshot, order_id: str, shop: str) -> bytes:
    """Of the content: all of the order but version, arrival and place. Neither key order nor line order matters."""
    lines = [list(line.values()) for line in snapshot.lines]
    if len(lines) > 1:
        lines.sort()
    attributes = snapshot.attributes
    content = [
        order_id,
        shop,
        snapshot.status,
        snapshot.hold_reason,
        snapshot.currency,
        snapshot.total_minor,
        snapshot.placed_at_ms,
        snapshot.paid_at_ms,
        snapshot.ship_by_ms,
        list(snapshot.receiver.values()),
        lines,
        sorted(attributes.items()),
        snapshot.not_before_ms,
        snapshot.collect_minor,
    ]
    return blake2b(compact(content), digest_size=FINGERPRINT_BYTES).digest()


def review_fingerprint(event: ChannelEvent, reasons: list[Reason]) -> bytes:
    """Of the payload and the reasons: an event sent again after one of its faults was mended is news."""
    envelope = [event["channel"], event["shop"], event["order_no"], event["kind"], event["content_type"]]
    found = [list(reason.values()) for reason in reasons]
    digest = blake2b(compact([envelope, found]), digest_size=FINGERPRINT_BYTES)
    digest.update(event["payload"])
    return digest.digest()
