"""Which reservations are due: an index in order of time, and the command a tick proposes for each.

A tick decides nothing. It puts Expire commands into the log; whether a reservation is over is decided when the command
is read back, by its time in the log. So a replay of the log decides the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.records import Expire, Reservation

_TIME_BYTES = 8


def expiry_key(expires_at_ms: int, reservation_id: str) -> bytes:
    """Eight bytes of time, big-endian, then the id: keys sort by time, and a key says whose it is."""
    return expires_at_ms.to_bytes(_TIME_BYTES, "big") + reservation_id.encode()


def due(keys: Iterable[bytes], at_ms: int) -> Iterator[str]:
    """The reservation ids due at `at_ms`, from keys in ascending order; stops reading at the first that is not due."""
    limit = at_ms.to_bytes(_TIME_BYTES, "big")
    for key in keys:
        if key[:_TIME_BYTES] > limit:
            return
        yield key[_TIME_BYTES:].decode()


def expire_command(reservation: Reservation, at_ms: int) -> Expire:
    """The proposal to end a reservation, as of `at_ms`."""
    return {
        "command_id": f"{reservation['reservation_id']}/expire",
        "reservation_id": reservation["reservation_id"],
        "order_id": reservation["order_id"],
        "sku": reservation["sku"],
        "warehouse": reservation["warehouse"],
        "requested_at_ms": at_ms,
    }
