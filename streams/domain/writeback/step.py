"""One decision of the writeback while it is being made, and what comes out of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from schemas.records import Parcel, Writeback, WritebackDead, WritebackOutcome, WritebackRequest
from streams.domain.named import Named

from .collecting import collects_unknown
from .policy import Rules
from .state import carrier_of, content, has_arrived, is_whole_order, needs_receiver, ship_by_ms, submitted, taken_before


class Decision(NamedTuple):
    """What one event does. ``state`` is the very object handed in when nothing changed.

    ``statuses`` are WritebackChanged and WritebackDeadlineNear, by name.
    """

    state: Writeback | None
    requests: tuple[WritebackRequest, ...] = ()
    statuses: tuple[Named, ...] = ()
    dead: tuple[WritebackDead, ...] = ()


class Step:
    """The order's next state and what will be sent. Lives for one decision."""

    __slots__ = ("at_ms", "before", "dead", "requests", "rules", "state", "warnings")

    def __init__(self, state: Writeback, rules: Rules, at_ms: int) -> None:
        self.before = state
        self.state = state
        self.rules = rules
        self.at_ms = at_ms
        self.requests: list[WritebackRequest] = []
        self.warnings: list[Named] = []
        self.dead: list[WritebackDead] = []

    def change(self, parcel: Parcel, **changes: Any) -> Parcel:
        """Replaces fields of one parcel; what is then in the state is returned."""
        changed: Parcel = {**parcel, **changes}  # type: ignore[typeddict-item]
        parcels = [changed if p["shipment_id"] == parcel["shipment_id"] else p for p in self.state["parcels"]]
        self.state = {**self.state, "parcels": parcels}
        return changed

    def request(self, parcel: Parcel) -> None:
        """Asks for a parcel to be told to the platform."""
        state = self.state
        asked = self.change(
            parcel,
            phase="REQUESTED",
            carrier=carrier_of(state, parcel),
            parcel_no=1 + taken_before(state, parcel),
            attempt=parcel["attempt"] + 1,
            requests=parcel["requests"] + 1,
            reason="",
            next_at_ms=None,
        )
        lines = content(state, parcel) or ()
        self.requests.append(
            {
                "request_id": request_id(asked),
                "order_id": state["order_id"],
                "channel": state["channel"],
                "shop": state["shop"],
                "order_no": state["order_no"],
                "shipment_id": asked["shipment_id"],
                "warehouse": asked["warehouse"],
                "carrier": asked["carrier"],
                "tracking_no": asked["tracking_no"],
                "lines": submitted(state, parcel, lines),
                "parcel_no": asked["parcel_no"],
                "whole_order": is_whole_order(state, parcel, lines),
                "collect_minor": state["collect_minor"],
                "parcel_collect_minor": asked["collect_minor"],
                "currency": state["currency"],
                "receiver": None if asked["tracking_no"] else state["receiver"],
                "attempt": asked["attempt"],
                "ship_by_ms": ship_by_ms(state, asked),
                "shipped_at_ms": asked["shipped_at_ms"],
                "by": asked["by"],
                "requested_at_ms": self.at_ms,
            }
        )

    def written(self, parcel: Parcel, outcome: WritebackOutcome, code: str, reason: str) -> None:
        """The platform knows its number."""
        told = {"outcome": outcome, "code": code, "reason": reason}
        self.change(parcel, phase="WRITTEN", next_at_ms=None, held_since_ms=None, **told)

    def die(self, parcel: Parcel, outcome: WritebackOutcome, code: str, reason: str) -> None:
        """Gives a parcel up, for a person."""
        ended = {"outcome": outcome, "code": code, "reason": reason, "next_at_ms": None, "held_since_ms": None}
        dead = self.change(parcel, phase="DEAD", **ended)
        state = self.state
        self.dead.append(
            {
                "order_id": state["order_id"],
                "channel": state["channel"],
                "shop": state["shop"],
                "order_no": state["order_no"],
                "shipment_id": dead["shipment_id"],
                "warehouse": dead["warehouse"],
                "carrier": dead["carrier"],
                "tracking_no": dead["tracking_no"],
                "attempts": dead["attempt"],
                "outcome": outcome,
                "code": code,
                "reason": reason,
                "ship_by_ms": ship_by_ms(state, dead),
                "at_ms": self.at_ms,
            }
        )

    def warn(self, parcel: Parcel) -> None:
        """Says once that a parcel's deadline is near."""
        self.change(parcel, warned=True)
        state = self.state
        self.warnings.append(
            (
                "WritebackDeadlineNear",
                {
                    "order_id": state["order_id"],
                    "channel": state["channel"],
                    "shop": state["shop"],
                    "shipment_id": parcel["shipment_id"],
                    "phase": parcel["phase"],
                    "ship_by_ms": ship_by_ms(state, parcel),
                    "reason": parcel["reason"] or "the request has no answer yet",
                    "at_ms": self.at_ms,
                },
            )
        )

    def decision(self, known: Writeback | None) -> Decision:
        """What came of it; ``known`` is the state that was handed in."""
        state = self.state
        if state["receiver"] is not None and not needs_receiver(state):
            state = {**state, "receiver": None}
        if state is self.before or state == self.before:
            return Decision(known)
        told = {parcel["shipment_id"]: parcel for parcel in self.before["parcels"]}
        changed = [parcel for parcel in state["parcels"] if _is_news(told.get(parcel["shipment_id"]), parcel)]
        statuses = [("WritebackChanged", self._status(parcel)) for parcel in changed]
        return Decision(state, tuple(self.requests), (*statuses, *self.warnings), tuple(self.dead))

    def _status(self, parcel: Parcel) -> dict[str, Any]:
        state = self.state
        same = ("shipment_id", "warehouse", "carrier", "tracking_no", "phase", "attempt", "requests", "outcome", "code")
        return {
            "order_id": state["order_id"],
            "channel": state["channel"],
            "shop": state["shop"],
            **{field: parcel[field] for field in same},  # type: ignore[literal-required]
            "reason": parcel["reason"],
            "ship_by_ms": ship_by_ms(state, parcel),
            "shipped_at_ms": parcel["shipped_at_ms"],
            "next_at_ms": parcel["next_at_ms"],
            "held_since_ms": parcel["held_since_ms"],
            "at_ms": self.at_ms,
        }


def request_id(parcel: Parcel) -> str:
    """Of the parcel's newest request."""
    return f"{parcel['shipment_id']}#{parcel['requests']}"


def obstacle(state: Writeback, parcel: Parcel) -> str | None:
    """Why a parcel cannot be told now, in words; None when it can.

    An order that the platform already shows as shipped is none: the platform answers that itself.
    """
    if not has_arrived(state):
        return "its order has not been read yet"
    if state["status"] == "HOLD":
        return f"the platform holds the order: {state['hold_reason'] or 'no reason given'}"
    if state["status"] == "UNPAID":
        return "the platform shows the order as not paid"
    if content(state, parcel) is None:
        return (
            f"what is in it is not known: no allocation names {parcel['warehouse']}, and the shipment no lines; "
            "redrive it to send what the order has left"
        )
    if not carrier_of(state, parcel):
        return (
            f"its carrier is not known: neither its shipment names one, nor do rules for {parcel['warehouse']}; "
            "redrive it with a carrier"
        )
    if not parcel["tracking_no"] and collects_unknown(state, parcel):
        return (
            f"what its carrier is to collect is not known: no allocation names {parcel['warehouse']}; "
            "make the waybill by hand, and redrive it with its number"
        )
    if not parcel["tracking_no"] and state["receiver"] is None:
        return "it needs a waybill, and the receiver is not kept any more; redrive it with a tracking number"
    return None


def _is_news(before: Parcel | None, after: Parcel) -> bool:
    # That the deadline is near is told by a record of its own.
    return before is None or {**before, "warned": False} != {**after, "warned": False}
