"""One record of a topic, as the verifier looks at it, and places in the log packed into numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

_OFFSET_BITS = 48
_NO_HEADERS: Mapping[str, str] = {}


class Entry(NamedTuple):
    """One record. Channel events and quarantined records stay undecoded: ``name`` and ``record`` are empty."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    name: str
    record: Mapping[str, Any]
    value: bytes | None = None
    headers: Mapping[str, str] = _NO_HEADERS
    #: Its time in the log, ms.
    at_ms: int = 0


def pack(partition: int, offset: int) -> int:
    """Partition and offset in one int: a million of them is a third of a million tuples."""
    return partition << _OFFSET_BITS | offset


def unpack(place: int) -> tuple[int, int]:
    """The (partition, offset) that was packed."""
    return place >> _OFFSET_BITS, place & (1 << _OFFSET_BITS) - 1
