"""Balances and reservations, as the verifier keeps them. Slots: there may be millions of reservations."""

from __future__ import annotations

from collections.abc import Iterator

from streams.verify.orders import Order

RESERVED, COMMITTED, RELEASED, EXPIRED, REJECTED = "RESERVED", "COMMITTED", "RELEASED", "EXPIRED", "REJECTED"


class Level:
    """The balance of one SKU at one warehouse, in units."""

    __slots__ = ("is_sound", "on_hand", "reserved", "safety_stock", "sku", "warehouse")

    def __init__(self, sku: str, warehouse: str) -> None:
        self.sku, self.warehouse = sku, warehouse
        self.on_hand = self.reserved = self.safety_stock = 0
        # What is broken is said when it breaks, not at each command after that.
        self.is_sound = True

    def __str__(self) -> str:
        return f"{self.sku} at {self.warehouse} (on hand {self.on_hand}, reserved {self.reserved})"

    @property
    def sellable(self) -> int:
        """Units a new reservation may take: a closed sale has none by the same numbers."""
        return max(0, self.on_hand - self.reserved - self.safety_stock)


class Reservation:
    """One reservation; ``held``: a standing allocation counts on it; ``expires_at_ms``: None for one that waits for ever.

    ``rest``: what a Commit or Release of a part of it has left reserved, as a reservation of its own.
    """

    __slots__ = ("expires_at_ms", "held", "level", "order", "place", "quantity", "rest", "state")

    def __init__(
        self, order: Order, level: Level, quantity: int, state: str, place: int, expires_at_ms: int | None = None
    ) -> None:
        self.order, self.level, self.quantity, self.state, self.place = order, level, quantity, state, place
        self.expires_at_ms = expires_at_ms
        self.held = False
        self.rest: Reservation | None = None

    def chain(self) -> Iterator[Reservation]:
        """Itself, and what is left of it, and of that."""
        each: Reservation | None = self
        while each is not None:
            yield each
            each = each.rest
