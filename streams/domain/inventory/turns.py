"""Who is frozen in a pool and who waits for it, in turn: an index, kept as that of expiries is.

A reservation stands in at most one of both; once its goods are there, or it is over, in none.
"""

from __future__ import annotations

from schemas.records import Reservation

from .serving import is_frozen, waits

_TURN_BYTES = 8
FROZEN, WAITING = b"F", b"W"


def turns_of(sku: str, kind: bytes) -> bytes:
    """What the keys of all those of one kind begin with, the lowest turn first. No SKU has a NUL in it."""
    return sku.encode() + b"\0" + kind


def turn_key(reservation: Reservation) -> bytes | None:
    """Its key; None: it neither is frozen nor waits."""
    its = reservation["pool"]
    if its is None:
        return None
    kind = FROZEN if is_frozen(reservation) else WAITING if waits(reservation) else None
    if kind is None:
        return None
    turn = its["turn"].to_bytes(_TURN_BYTES, "big")
    return turns_of(reservation["sku"], kind) + turn + reservation["reservation_id"].encode()


def reservation_in(key: bytes, sku: str) -> bytes:
    """Whose key it is."""
    return key[len(turns_of(sku, FROZEN)) + _TURN_BYTES :]
