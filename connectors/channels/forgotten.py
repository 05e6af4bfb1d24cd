"""What waited on the gateway's disk when its order's person was forgotten does not come to Kafka afterwards.

A platform's own bytes are nothing without the person and are held back, as replays do; of a parcel's step what is left goes. What came in
later than the order was named is news and goes as any: sinks and replays write it without the person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.channels.base import Outgoing
from schemas.codec import CODEC, CodecError
from schemas.topics import QUARANTINE
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.forgetting import is_all_raw, named, without_person

#: The audit's action; of which order, and from where.
ACTION = "person.held_back"


class SortedOut(NamedTuple):
    """``kept``: to be delivered. ``held``: the order that each of the others is about."""

    kept: list[Outgoing]
    held: list[str]


def named_at(cluster: Cluster) -> dict[str, int]:
    """Orders whose persons are forgotten, and since when: ms since the epoch. Raises ClusterError."""
    found = {}
    for record in named(cluster):
        try:
            _, fields = CODEC.decode(record.value or b"")
        except CodecError:
            continue
        found[fields["order_id"]] = fields["forgotten_at_ms"]
    return found


def sorted_out(records: Sequence[Outgoing], forgotten: Mapping[str, int]) -> SortedOut:
    """``forgotten``: as ``named_at`` gives it."""
    kept, held = [], []
    for record in records:
        order_id = _order_of(record, forgotten)
        if order_id is None or _received_ms(record) > forgotten[order_id]:
            kept.append(record)
        elif record.topic == QUARANTINE or is_all_raw(record.value):
            held.append(order_id)
        else:
            kept.append(record._replace(value=without_person(record.value) or b""))
    return SortedOut(kept, held)


def noted(order_id: str) -> Outgoing:
    """The audit's entry of what is held back, to be delivered in its place."""
    entry = audit.noted(ACTION, order_id, by="gateway", reason="its person was forgotten while it waited on disk")
    return Outgoing("audit", order_id, CODEC.encode("AuditEntry", entry))


def _order_of(record: Outgoing, forgotten: Mapping[str, int]) -> str | None:
    """The order that is forgotten and that the record is about; None: it is about none of them."""
    if record.key in forgotten or record.topic != QUARANTINE:
        return record.key if record.key in forgotten else None
    # What could not be read has perhaps no order's key: the number stands in it, whole.
    return next((order_id for order_id in forgotten if _names(record.value, order_id)), None)


def _names(value: bytes, order_id: str) -> bool:
    number = re.escape(order_id.partition(":")[2].encode())
    return re.search(rb"(?<![0-9A-Za-z])" + number + rb"(?![0-9A-Za-z])", value) is not None


def _received_ms(record: Outgoing) -> int:
    """When the gateway took it; 0 where it does not say."""
    if record.topic == QUARANTINE:
        said = dict(record.headers).get("timestamp", b"")
        return int(said) if said.isdigit() else 0
    try:
        _, fields = CODEC.decode(record.value)
    except CodecError:
        return 0
    return int(fields.get("received_at_ms", 0))
