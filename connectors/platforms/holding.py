"""Whether a platform holds an order now, as its own snapshot says: the mapper that reads it for intake is asked, and nobody else."""

from __future__ import annotations

from schemas.records import Reason
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import read_object
from streams.domain.channels.settings import DEFAULT


def hold_reason(channel: str, payload: bytes) -> str:
    """Why (``refund_open``, ``group_forming``); empty: it does not, or the snapshot is one that intake would put in review."""
    reasons: list[Reason] = []
    document = read_object(payload, reasons)
    snapshot = MAPPERS[channel](document, reasons, DEFAULT) if document is not None else None
    if snapshot is None or reasons or snapshot.status != "HOLD":
        return ""
    return snapshot.hold_reason or "held"
