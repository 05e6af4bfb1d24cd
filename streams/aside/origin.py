"""Records that stand in quarantine by reference: read back from where they stood, and held against the hash that was kept."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from streams.aside.quarantine import Item
from streams.ops.cluster import Cluster


class Gone(Exception):
    """The record is not there any more; the message is for the person who asked for it."""


def recalled(cluster: Cluster, item: Item) -> Item:
    """The item with its record's key and value, whether quarantine holds them or only a reference.

    Raises:
        Gone: its topic has dropped the record, or another one stands there.
    """
    if not item.is_reference:
        return item
    origin = item.origin
    message = cluster.at(*origin) if origin is not None else None
    if message is None:
        raise Gone(f"{item.place} only names its record, and {origin} has dropped it: discard the item")
    value = message.value() or b""
    if hashlib.sha256(value).hexdigest() != item.headers["sha256"]:
        raise Gone(f"{item.place} only names its record, and another one stands at {origin} now: discard the item")
    return replace(item, key=message.key(), value=message.value())
