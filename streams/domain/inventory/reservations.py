"""A reservation resolves once: reserve, then commit (shipped), release (cancelled, replanned) or expire.

A Commit or Release that is about a part of the units resolves the reservation for these, and opens another one, `rest_id`,
for the others, in the same step: in between nobody can take them, and each of the two resolves once.

Every repetition is answered in words from the stored outcome and moves nothing. A resolution of what was never reserved
is answered NEVER_RESERVED and remembered, so that a Reserve that comes after it takes no units nobody would give back.

What is frozen in a pool (`pools`) is a reservation at no warehouse yet, and resolves as any other.
"""

from __future__ import annotations

from typing import Any

from schemas.records import Answer, Commit, Expire, Release, Reservation, ReservationState, Reserve, Stock
from streams.domain.named import Named

from . import pools
from .backorders import wake
from .serving import is_frozen, waits
from .stock import InvariantViolation, StockDecision, level_at, move, sellable

Resolution = Release | Commit | Expire

_AGAIN: dict[ReservationState, Answer] = {
    "COMMITTED": "ALREADY_COMMITTED",
    "RELEASED": "ALREADY_RELEASED",
    "EXPIRED": "ALREADY_EXPIRED",
    "REJECTED": "NEVER_RESERVED",
}


def reserve(stock: Stock | None, command: Reserve, prior: Reservation | None, at_ms: int) -> StockDecision:
    """Grant the whole quantity at the warehouse asked for, or reject it with the fresh numbers of every warehouse."""
    if prior is not None:
        return StockDecision(results=(_repeated(stock, command, prior, at_ms),))
    quantity = command["quantity"]
    if not 0 < quantity <= sellable(level_at(stock, command["warehouse"])):
        return StockDecision(
            reservation=_reservation(command, quantity, "REJECTED", command["expires_at_ms"]),
            results=(_rejected(stock, command, at_ms),),
        )
    moved, alerts = move(stock, command["sku"], command["warehouse"], at_ms, reserved=quantity)
    return StockDecision(
        stock=moved,
        reservation=_reservation(command, quantity, "RESERVED", command["expires_at_ms"]),
        results=(_reserved(command, quantity, at_ms),),
        alerts=alerts,
    )


def release(
    stock: Stock | None, command: Release, prior: Reservation | None, at_ms: int, rest_known: bool = False
) -> StockDecision:
    """Give the units back to sale."""
    if prior is not None and waits(prior):
        return pools.wait_no_more(stock, command, prior)._replace(
            results=(_resolved(command, 0, "NEVER_RESERVED", at_ms),)
        )
    if prior is None or prior["state"] != "RESERVED":
        return _unresolvable(command, prior, at_ms)
    return _resolve_part(stock, command, prior, "RELEASED", at_ms, rest_known)


def commit(
    stock: Stock | None, command: Commit, prior: Reservation | None, at_ms: int, rest_known: bool = False
) -> StockDecision:
    """The units have left the building: off the reservation and off the shelf."""
    if prior is None or prior["state"] != "RESERVED":
        return _unresolvable(command, prior, at_ms)
    return _resolve_part(stock, command, prior, "COMMITTED", at_ms, rest_known)


def expire(stock: Stock | None, command: Expire, prior: Reservation | None, at_ms: int) -> StockDecision:
    """Give the units back because their time is over. That is judged here, by the log's time: the tick proposed."""
    if prior is None or prior["state"] != "RESERVED":
        return _unresolvable(command, prior, at_ms)
    if prior["expires_at_ms"] is None or at_ms < prior["expires_at_ms"]:
        return StockDecision(results=(_reserved(command, prior["quantity"], at_ms),))
    return _resolve(stock, command, prior, "EXPIRED", at_ms)


def _resolve_part(
    stock: Stock | None, command: Release | Commit, prior: Reservation, state: Answer, at_ms: int, rest_known: bool
) -> StockDecision:
    units = prior["quantity"] if command["quantity"] is None else command["quantity"]
    rest = prior["quantity"] - units
    if not rest:
        return _resolve(stock, command, prior, state, at_ms)
    if units <= 0 or rest < 0 or not command["rest_id"]:
        raise InvariantViolation(
            f"{command['command_id']} is about {units} units of {prior['quantity']}, the rest as {command['rest_id']!r}"
        )
    if rest_known:
        # It was resolved before it was made (its Release was read first): nobody would give its units back.
        return _resolve(stock, command, prior, state, at_ms, units=units)
    return _resolve(stock, command, prior, state, at_ms, units=units, rest=rest)


def _resolve(
    stock: Stock | None,
    command: Resolution,
    prior: Reservation,
    state: Answer,
    at_ms: int,
    *,
    units: int | None = None,
    rest: int = 0,
) -> StockDecision:
    """Resolve a reservation for `units` of it (None: all), of which `rest` others stay reserved."""
    if stock is None or prior["sku"] != command["sku"]:
        raise InvariantViolation(
            f"{prior['reservation_id']} holds {prior['sku']}, which {command['command_id']} does not find"
        )
    if units is None:
        units = prior["quantity"]
    on_hand = -units if state == "COMMITTED" else 0
    reserved = rest - prior["quantity"]
    left: Reservation | None = _rest(command, prior, rest) if rest else None
    resolved: Reservation = {**prior, "quantity": units, "state": state, "resolved_by": command["command_id"]}  # type: ignore[typeddict-item]
    if prior["pool"] is not None:
        stock, its, others = pools.resolved(stock, prior, units, rest, is_sent=state == "COMMITTED")
        resolved = {**resolved, "pool": its}
        left = left and {**left, "pool": others}
    if not is_frozen(prior):
        moved, alerts = move(stock, prior["sku"], prior["warehouse"], at_ms, on_hand=on_hand, reserved=reserved)
    elif state == "COMMITTED":
        raise InvariantViolation(f"{command['command_id']} says sent, and {prior['reservation_id']} has no goods yet")
    else:
        moved, alerts = stock, ()
    moved, arrived = wake(moved, at_ms)
    return StockDecision(
        stock=moved,
        reservation=resolved,
        rest=left,
        results=(_resolved(_where(command, prior), units, state, at_ms), *arrived),
        alerts=alerts,
    )


def _where(command: Resolution, prior: Reservation) -> Any:
    """The command with where the reservation is: whoever asked may not know yet that its goods are there."""
    return command if prior["pool"] is None else {**command, "warehouse": prior["warehouse"]}


def _rest(command: Any, prior: Reservation, quantity: int) -> Reservation:
    """What stays reserved: with the same time to expire, under an id of its own."""
    return {
        **prior,
        "reservation_id": command["rest_id"],
        "quantity": quantity,
        "command_id": command["command_id"],
    }


def _unresolvable(command: Resolution, prior: Reservation | None, at_ms: int) -> StockDecision:
    """The answer to a resolution that finds nothing to resolve."""
    if prior is None:
        return StockDecision(
            reservation={**_reservation(command, 0, "REJECTED", None), "resolved_by": command["command_id"]},
            results=(_resolved(command, 0, "NEVER_RESERVED", at_ms),),
        )
    return StockDecision(results=(_resolved(command, prior["quantity"], _AGAIN[prior["state"]], at_ms),))


def _repeated(stock: Stock | None, command: Reserve, prior: Reservation, at_ms: int) -> Named:
    if prior["state"] == "RESERVED":
        return _reserved(command, prior["quantity"], at_ms)
    if prior["state"] == "REJECTED":
        return _rejected(stock, command, at_ms)
    return _resolved(command, prior["quantity"], _AGAIN[prior["state"]], at_ms)


def _reservation(
    command: Reserve | Resolution, quantity: int, state: ReservationState, expires_at_ms: int | None
) -> Reservation:
    return {
        "reservation_id": command["reservation_id"],
        "order_id": command["order_id"],
        "sku": command["sku"],
        "warehouse": command["warehouse"],
        "quantity": quantity,
        "state": state,
        "expires_at_ms": expires_at_ms,
        "command_id": command["command_id"],
        "resolved_by": None,
        "pool": None,
    }


def _reserved(command: Reserve | Resolution, quantity: int, at_ms: int) -> Named:
    return (
        "Reserved",
        {
            "command_id": command["command_id"],
            "reservation_id": command["reservation_id"],
            "order_id": command["order_id"],
            "sku": command["sku"],
            "warehouse": command["warehouse"],
            "quantity": quantity,
            "at_ms": at_ms,
        },
    )


def _rejected(stock: Stock | None, command: Reserve, at_ms: int) -> Named:
    quantity = command["quantity"]
    return (
        "ReservationRejected",
        {
            "command_id": command["command_id"],
            "reservation_id": command["reservation_id"],
            "order_id": command["order_id"],
            "sku": command["sku"],
            "warehouse": command["warehouse"],
            "quantity": quantity,
            "shortfall": max(0, quantity - sellable(level_at(stock, command["warehouse"]))),
            "levels": stock["levels"] if stock is not None else [],
            "at_ms": at_ms,
        },
    )


def _resolved(command: Reserve | Resolution, quantity: int, answer: Answer, at_ms: int) -> Named:
    return (
        "ReservationResolved",
        {
            "command_id": command["command_id"],
            "reservation_id": command["reservation_id"],
            "order_id": command["order_id"],
            "sku": command["sku"],
            "warehouse": command["warehouse"],
            "quantity": quantity,
            "answer": answer,
            "at_ms": at_ms,
        },
    )
