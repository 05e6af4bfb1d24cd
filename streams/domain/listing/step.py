"""One decision of the listing stage while it is being made, and what comes out of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.records import Listed, ListingDead, ListingPending, ListingRequest, ListingResult, Listings, PartStock
from streams.domain.listing.state import REASON_MAX, is_told, request_id

#: How much sooner than the others a shop's requests go first: what closes a sale, what lowers it.
_CLOSING_MS, _LOWERING_MS = 3_600_000, 60_000
#: Of what is the platform's fault: again after so long, twice as long each time, up to the last. It is never given up: an old number sells
#: what is gone. `ListingLagging` tells a person.
AGAIN_MS, AGAIN_MAX_MS = 2_000, 300_000
#: The platform lets it be changed at another time (a resource slot, an activity).
HELD_MS = 600_000


class Decision(NamedTuple):
    """What one event does. ``state`` is the very object handed in when nothing changed; ``status``: it, where anybody may want it."""

    state: Listings | None
    status: Listings | None = None
    requests: tuple[ListingRequest, ...] = ()
    dead: tuple[ListingDead, ...] = ()
    parts: tuple[PartStock, ...] = ()


class Step:
    """The SKU's next state and what will be sent. Lives for one decision."""

    def __init__(self, state: Listings, at_ms: int) -> None:
        self.before = state
        self.state = state
        self.at_ms = at_ms
        self.requests: list[ListingRequest] = []
        self.dead: list[ListingDead] = []
        self.parts: list[PartStock] = []

    def find(self, place: str) -> Listed | None:
        """As it stands now."""
        return next((it for it in self.state["listed"] if it["place"]["place"] == place), None)

    def update(self, **changes: Any) -> None:
        """Replaces fields of the state."""
        self.state = {**self.state, **changes}  # type: ignore[typeddict-item]

    def change(self, listed: Listed, **changes: Any) -> Listed:
        """Replaces fields of one place; what is then in the state is returned."""
        changed: Listed = {**listed, **changes}  # type: ignore[typeddict-item]
        name = listed["place"]["place"]
        self.update(listed=[changed if it["place"]["place"] == name else it for it in self.state["listed"]])
        return changed

    def request(self, listed: Listed, quantity: int) -> None:
        """Has a quantity told."""
        attempt = listed["attempt"] + 1
        known = None if listed["doubt"] else listed["told"]
        pending: ListingPending = {"number": listed["number"] + 1, "quantity": quantity}
        it = self.change(
            listed,
            phase="REQUESTED",
            number=listed["number"] + 1,
            sent=quantity,
            sent_at_ms=self.at_ms,
            pending=[*listed["pending"], pending],
            attempt=attempt,
            next_at_ms=None,
            seen=None,
            differs=0,
        )
        sooner = 0
        if quantity == 0:
            sooner = _CLOSING_MS
        elif known is None or quantity < known:
            sooner = _LOWERING_MS
        self.requests.append(
            {
                "request_id": request_id(it),
                "sku": self.state["sku"],
                "number": it["number"],
                "place": it["place"],
                "quantity": quantity,
                "told": known,
                "attempt": attempt,
                "again": listed["doubt"],
                "changed_at_ms": it["changed_at_ms"],
                "due_ms": it["changed_at_ms"] - sooner,
                "by": it["by"],
                "requested_at_ms": self.at_ms,
            }
        )

    def die(self, listed: Listed, result: ListingResult) -> None:
        """It wants a person."""
        reason = result["reason"][:REASON_MAX]
        it = self.change(
            listed, phase="DEAD", outcome=result["outcome"], code=result["code"], reason=reason, next_at_ms=None
        )
        self.dead.append(
            {
                "sku": self.state["sku"],
                "place": it["place"]["place"],
                "channel": it["place"]["channel"],
                "shop": it["place"]["shop"],
                "number": result["number"],
                "quantity": result["quantity"],
                "attempts": it["attempt"],
                "outcome": result["outcome"],
                "code": result["code"],
                "reason": reason,
                "at_ms": self.at_ms,
            }
        )

    def decision(self, known: Listings | None) -> Decision:
        """What came of it; ``known`` is the state that was handed in."""
        state, parts = self.state, tuple(self.parts)
        if state is self.before or state == self.before:
            return Decision(known, parts=parts)
        tells = is_told(state) or is_told(self.before)
        return Decision(state, state if tells else None, tuple(self.requests), tuple(self.dead), parts)
