"""What one step of a trial shows: the outcome with its reasons, where the order stands after it, and which units moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from schemas.records import Order, OrderState, OrderStatus, Reason
from schemas.topics import QUARANTINE
from streams.domain.allocation.order_state import key_of, outstanding, units_cancelled, units_committed
from streams.domain.reference.currencies import digits_of
from streams.replay.trial.hub import Told

Outcome = Literal["accepted", "duplicate", "stale", "review", "refused"]


class Step(NamedTuple):
    """One step. Units are by ``SKU@WAREHOUSE``: ``reserved`` is what stands reserved after it, the other three are what it moved."""

    step: int
    outcome: Outcome
    reasons: Sequence[Reason]
    #: None for all that follows: no order is known yet.
    status: str | None
    hold_reason: str | None
    phase: str | None
    lines: Sequence[Mapping[str, Any]]
    receiver: Mapping[str, Any] | None
    reserved: Mapping[str, int]
    released: Mapping[str, int]
    committed: Mapping[str, int]
    restocked: Mapping[str, int]
    notes: Sequence[str]


def outcome(told: Sequence[Told]) -> tuple[Outcome, list[Reason]]:
    """What became of a record, by what was told since."""
    for each in told:
        if each.topic == QUARANTINE:
            fix = "the program cannot decide this: it would be kept in quarantine; report it"
            return "refused", [reason("cannot_be_decided", each.record["topic"], each.record["error"], fix)]
        if each.name == "Review":
            return "review", list(each.record["reasons"])
        if each.name == "Duplicate":
            version = str(each.record["version"])
            if each.record["read_again"]:
                fix = "nothing to do: the order is read again from its platform, and what that shows counts"
                return "stale", [reason("read_again", "version", version, fix)]
            if each.record["kind"] == "STALE":
                return "stale", [reason("stale", "version", version, "nothing to do: a newer one was accepted before")]
            return "duplicate", [reason("exact_duplicate", "version", version, "nothing to do: it says nothing new")]
    return "accepted", []


def reason(code: str, field: str, value: str, fix: str) -> Reason:
    """As a review gives it."""
    return {"code": code, "field": field, "value": value, "fix": fix}


def hold_reason(state: OrderState | None) -> str | None:
    """Why it is held now: by its platform, by an after-sale, by its date; None when it is not."""
    return state["hold_reason"] or None if state is not None and state["phase"] == "HELD" else None


def status(shown: OrderStatus, state: OrderState | None) -> OrderStatus:
    """The order's status by all that is known: its platform's word, but for what the hub holds, releases, has sent or cancelled itself."""
    match state["phase"] if state is not None else None:
        case "HELD":
            return "HOLD"
        case "SHIPPED" | "CANCELLED" as closed:
            return closed
        case "RESERVING" | "ALLOCATED" | "BACKORDERED" if shown == "HOLD":
            return "PAID"
        case "ALLOCATED" if shown == "CANCELLED":
            return "SHIPPED"  # closed after its platform had shown it as sent: the warehouse's word is awaited
        case _:
            return shown


def lines(state: OrderState | None) -> list[dict[str, Any]]:
    """Every line in units; ``to_ship`` is what this merchant's warehouses still have to send."""
    if state is None:
        return []
    committed, cancelled = units_committed(state["parts"]), units_cancelled(state)
    given_up = state["phase"] == "CANCELLED"
    open_units = {} if given_up else {(need.line_no, need.sku): need.quantity for need in outstanding(state)}
    found: list[dict[str, Any]] = []
    for line in state["lines"]:
        key = key_of(line)
        shipped = max(line["shipped_quantity"], committed.get(key, 0) + line["elsewhere_quantity"])
        never = max(line["cancelled_quantity"], cancelled.get(key, 0))
        found.append(
            {
                "line_no": line["line_no"],
                "sku": line["sku"],
                "ordered": line["quantity"],
                "to_ship": open_units.get(key, 0),
                "shipped": shipped,
                # What its platform cancelled of it may have left already.
                "cancelled": max(0, line["quantity"] - shipped if given_up else min(never, line["quantity"] - shipped)),
                "returned": max(line["returned_quantity"], line["restocked_quantity"]),
                "sent_by": line["sent_by"],
            }
        )
    return found


def receiver(order: Order | None) -> dict[str, Any] | None:
    """As a label has it: the town belongs to the address."""
    if order is None:
        return None
    found: dict[str, Any] = {**order["receiver"]}
    if not found["address"].startswith(found["town"]):
        found["address"] = found["town"] + found["address"]
    return found


def reserved(reservations: Iterable[Mapping[str, Any]], order_id: str) -> dict[str, int]:
    """Units that stand reserved for an order."""
    return _units(each for each in reservations if each["order_id"] == order_id and each["state"] == "RESERVED")


def resolved(told: Sequence[Told], *answers: str) -> dict[str, int]:
    """Units of the reservations that ended so."""
    return _units(t.record for t in told if t.name == "ReservationResolved" and t.record["answer"] in answers)


def restocked(told: Sequence[Told]) -> dict[str, int]:
    """Units that went back to sale."""
    applied = {
        t.record["command_id"] for t in told if t.name == "StockCommandAnswered" and t.record["answer"] == "APPLIED"
    }
    return _units(t.record for t in told if t.name == "Restock" and t.record["command_id"] in applied)


def notes(told: Sequence[Told]) -> list[str]:
    """What was said on the way, in words."""
    said: list[str] = []
    for _, name, record in told:
        match name:
            case "Order":
                said.extend(_terms(record))
            case "OrderStatusChanged":
                said.append(f"{record['status']}: {record['reason']}")
            case "OrderBackordered":
                short = ", ".join(f"{each['shortfall']} x {each['sku']}" for each in record["missing"])
                said.append(f"backordered: {record['reason']}; missing: {short}")
            case "AllocationReleased":
                said.append(f"allocation released: {record['reason']}")
            case "StockAlert":
                said.append(f"{record['kind']}: {record['sku']} at {record['warehouse']}")
            case "StockCommandAnswered" if record["answer"] == "REFUSED":
                said.append(
                    f"refused: {record['command_id']} of {record['sku']} at {record['warehouse']}: {record['reason']}"
                )
            case "ChannelNotice":
                said.append(f"the order is read again from its platform: {record['kind']}")
            case "Adjust":
                said.append(
                    f"adjusted by {record['delta']}: {record['sku']} at {record['warehouse']}, {record['reason']}"
                )
            case "AfterSale":
                said.append(
                    f"after-sale {record['aftersale_id']}: {record['kind']} {record['state']} ({record['platform_state']})"
                )
    return said


def _terms(order: Mapping[str, Any]) -> Iterable[str]:
    """What a warehouse has to keep to besides lines and receiver."""
    if order["collect_minor"] is not None:
        yield f"cash on delivery: {_amount(order['collect_minor'], order['currency'])} to collect"
    if order["not_before_ms"] is not None:
        yield f"not before {datetime.fromtimestamp(order['not_before_ms'] / 1000, UTC):%F %T} UTC"


def _amount(minor: int, currency: str) -> str:
    digits = digits_of(currency) or 0
    whole, part = divmod(minor, 10**digits)
    return f"{whole}{f'.{part:0{digits}}' if digits else ''} {currency}"


def _units(records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    units: dict[str, int] = {}
    for record in records:
        place = f"{record['sku']}@{record['warehouse']}"
        units[place] = units.get(place, 0) + record["quantity"]
    return dict(sorted(units.items()))
