"""What is known of an order and its parcels, and the questions asked of it. Nothing here changes a state in place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from math import gcd

from schemas.records import (
    Order,
    OrderAllocated,
    Parcel,
    ParcelLine,
    Shipped,
    ToCollect,
    WarehousePart,
    Writeback,
    WritebackPhase,
)
from streams.domain.channels import CHANNELS

from .policy import DEADLINE_OTHERWISE_MS, WARN_GRACE_MS, Rules

#: A state made by an event that came before its order.
NOT_ARRIVED = -1

#: The state is one record, written whole with each change: so much of it is kept, and no more.
PARCELS_MAX = 200
COMMANDS_MAX = 50
WAREHOUSES_MAX = 50
#: Characters of a platform's words: some answer with a page.
REASON_MAX = 500

#: Nothing more happens to these by themselves; DEAD still wants a person.
SETTLED: frozenset[WritebackPhase] = frozenset(("WRITTEN", "ABANDONED"))
#: The platform has been asked, or will be asked again soon: the order's next parcel waits.
UNDER_WAY: frozenset[WritebackPhase] = frozenset(("REQUESTED", "RETRYING"))


def awaited(order_id: str) -> Writeback:
    """The state of an order of which something is known before it has arrived."""
    channel, _, order_no = order_id.partition(":")
    return {
        "order_id": order_id,
        "channel": channel,
        "shop": "",
        "order_no": order_no,
        "order_version": NOT_ARRIVED,
        "status": "UNPAID",
        "hold_reason": None,
        "ship_by_ms": None,
        "paid_at_ms": None,
        "collect_minor": None,
        "currency": "",
        "receiver": None,
        "lines": [],
        "shared": False,
        "bundles": {},
        "parts": [],
        "parcels": [],
        "commands": [],
    }


def has_arrived(state: Writeback) -> bool:
    """Whether the order itself has been read."""
    return state["order_version"] != NOT_ARRIVED


def adopted(state: Writeback, order: Order) -> Writeback:
    """The state with a newer version of its order."""
    sent = [
        (line, line["quantity"] - line["cancelled_quantity"] - line["returned_quantity"]) for line in order["lines"]
    ]
    lines: list[ParcelLine] = [
        {"line_no": line["line_no"], "sku": line["sku"], "quantity": units}
        for line, units in sent
        if units > 0 and line["sent_by"] == "MERCHANT"
    ]
    return {
        **state,
        "channel": order["channel"],
        "shop": order["shop"],
        "order_no": order["order_no"],
        "order_version": order["version"],
        "status": order["status"],
        "hold_reason": order["hold_reason"],
        "ship_by_ms": order["ship_by_ms"],
        # A platform that names no time of payment: the clock has run since the order was placed.
        "paid_at_ms": order["placed_at_ms"] if order["paid_at_ms"] is None else order["paid_at_ms"],
        "collect_minor": order["collect_minor"],
        "currency": order["currency"],
        "receiver": order["receiver"],
        "lines": lines,
        "bundles": {line["line_no"]: line["bundle_line_no"] for line in order["lines"] if line["bundle_line_no"]},
        "shared": any(units > 0 and line["sent_by"] not in ("MERCHANT", "NOBODY") for line, units in sent),
    }


def allocated(state: Writeback, allocation: OrderAllocated) -> Writeback:
    """The state with what each warehouse ships by a new allocation.

    A warehouse it does not name keeps its share of before: it may have shipped it already, and its parcel be read later.
    """
    attempt = allocation["attempt"]
    if any(part["attempt"] > attempt for part in state["parts"]):
        return state
    parts: dict[str, list[ParcelLine]] = {}
    amounts: dict[str, list[ToCollect]] = {}
    carriers: dict[str, str] = {}
    for part in allocation["parts"]:
        line: ParcelLine = {"line_no": part["line_no"], "sku": part["sku"], "quantity": part["quantity"]}
        parts.setdefault(part["warehouse"], []).append(line)
        if part["collect_minor"] is not None:
            amounts.setdefault(part["warehouse"], []).append({**line, "collect_minor": part["collect_minor"]})
        if part["carrier"] is not None:
            # What was reserved last comes last: one parcel leaves, and what was planned last knew of it all.
            carriers[part["warehouse"]] = part["carrier"]
    kept = [part for part in state["parts"] if part["warehouse"] not in parts]
    new: list[WarehousePart] = [
        {
            "warehouse": warehouse,
            "attempt": attempt,
            "lines": lines,
            "to_collect": amounts.get(warehouse, []),
            "carrier": carriers.get(warehouse),
        }
        for warehouse, lines in parts.items()
    ]
    return {**state, "parts": [*kept, *new][-WAREHOUSES_MAX:]}


def left(shipped: Shipped) -> Parcel:
    """A parcel as its shipment tells of it."""
    return {
        "shipment_id": shipped["shipment_id"],
        "warehouse": shipped["warehouse"],
        "carrier": shipped["carrier"],
        "tracking_no": shipped["tracking_no"],
        "lines": list(shipped["lines"]),
        "shipped_at_ms": shipped["shipped_at_ms"],
        "phase": "WAITING",
        "parcel_no": 0,
        "attempt": 0,
        "requests": 0,
        "outcome": None,
        "code": "",
        "reason": "",
        "next_at_ms": None,
        "held_since_ms": None,
        "warned": False,
        "by": "system",
        "collect_minor": None,
    }


def content(state: Writeback, parcel: Parcel) -> Sequence[ParcelLine] | None:
    """What is in a parcel: as told, else all that its warehouse ships of the order; None while that is not known."""
    if parcel["lines"]:
        return parcel["lines"]
    return next((part["lines"] for part in state["parts"] if part["warehouse"] == parcel["warehouse"]), None)


def carrier_of(state: Writeback, parcel: Parcel) -> str:
    """Who takes a parcel: as told, else whom the rules chose for its warehouse; empty while that is not known."""
    chosen = (part["carrier"] for part in state["parts"] if part["warehouse"] == parcel["warehouse"])
    return parcel["carrier"] or next(chosen, None) or ""


def submitted(state: Writeback, parcel: Parcel, lines: Sequence[ParcelLine]) -> list[ParcelLine]:
    """What the platform is told of a parcel with these lines: parts of combined goods as the line they were bought as.

    Such a line is told once, with the first parcel that has a part of it; with a later one only where that has nothing else.
    """
    bundles = state["bundles"]
    if not bundles:
        return list(lines)
    before: set[str] = set()
    for other in state["parcels"]:
        if other["shipment_id"] != parcel["shipment_id"] and other["phase"] == "WRITTEN":
            before.update(
                bundles[line["line_no"]] for line in content(state, other) or () if line["line_no"] in bundles
            )
    told: dict[str, ParcelLine] = {}
    for line in lines:
        whole = bundles.get(line["line_no"], "")
        told[whole or line["line_no"]] = _bundled(state, whole) if whole else line
    return [line for line_no, line in told.items() if line_no not in before] or list(told.values())


def _bundled(state: Writeback, line_no: str) -> ParcelLine:
    """A line of combined goods; its units as far as those of its parts say: their greatest common divisor."""
    parts = (line["quantity"] for line in state["lines"] if state["bundles"].get(line["line_no"]) == line_no)
    return {"line_no": line_no, "sku": "", "quantity": gcd(*parts) or 1}


def remainder(state: Writeback, parcel: Parcel) -> list[ParcelLine]:
    """What of the order is in none of its other parcels."""
    others = (content(state, other) or () for other in state["parcels"] if other is not parcel)
    gone = _units(line for lines in others for line in lines)
    return [
        {**line, "quantity": units}
        for line in state["lines"]
        if (units := line["quantity"] - gone.get(_key(line), 0)) > 0
    ]


def is_whole_order(state: Writeback, parcel: Parcel, lines: Sequence[ParcelLine]) -> bool:
    """Whether a parcel with these lines is all that the order ships."""
    alone = all(
        other["shipment_id"] == parcel["shipment_id"] or other["phase"] == "ABANDONED" for other in state["parcels"]
    )
    return alone and not state["shared"] and _within(state["lines"], lines)


def taken_before(state: Writeback, parcel: Parcel) -> int:
    """How many of the order's other parcels the platform has taken.

    What a parcel is told with depends on it: some platforms ship an order with its first parcel, and take others only then. One that was
    given up is none of them.
    """
    others = (other for other in state["parcels"] if other["shipment_id"] != parcel["shipment_id"])
    return sum(other["phase"] == "WRITTEN" and other["requests"] > 0 for other in others)


def told_with(state: Writeback, parcel: Parcel) -> str | None:
    """The shipment with which the platform was told this parcel's number already, for the same goods; None when there is none.

    Other goods under the same number are another submission: platforms that ship by line want both.
    """
    number = _plain(parcel["tracking_no"])
    if not number:
        return None
    for other in state["parcels"]:
        if other["phase"] != "WRITTEN" or _plain(other["tracking_no"]) != number:
            continue
        mine, told = content(state, parcel), content(state, other)
        same_share = not parcel["lines"] and not other["lines"] and parcel["warehouse"] == other["warehouse"]
        if same_share or (mine is not None and told is not None and _within(mine, told)):
            return other["shipment_id"]
    return None


def ship_by_ms(state: Writeback, parcel: Parcel) -> int:
    """Until when the platform must know the number: the order's own deadline, else the channel's default."""
    if state["ship_by_ms"] is not None:
        return state["ship_by_ms"]
    since_ms = parcel["shipped_at_ms"] if state["paid_at_ms"] is None else state["paid_at_ms"]
    channel = CHANNELS.get(state["channel"])
    return since_ms + (channel.ship_within_ms if channel is not None else DEADLINE_OTHERWISE_MS)


def warn_at_ms(state: Writeback, parcel: Parcel, rules: Rules) -> int | None:
    """When its deadline is near; None when there is nothing to warn of (any more)."""
    if parcel["warned"] or parcel["phase"] in SETTLED or state["status"] == "CANCELLED":
        return None
    return max(ship_by_ms(state, parcel) - rules.near_ms, parcel["shipped_at_ms"] + WARN_GRACE_MS)


def due_ms(state: Writeback | None, rules: Rules) -> int | None:
    """When the order is next to be looked at, with nothing else happening; None: never."""
    times: list[int] = []
    for parcel in state["parcels"] if state is not None else ():
        if parcel["next_at_ms"] is not None:
            times.append(parcel["next_at_ms"])
        warn_ms = warn_at_ms(state, parcel, rules) if state is not None else None
        if warn_ms is not None:
            times.append(warn_ms)
    return min(times, default=None)


def needs_receiver(state: Writeback) -> bool:
    """Whether a waybill may still have to be made for the order: personal data is kept no longer."""
    if state["status"] not in ("SHIPPED", "CANCELLED"):
        return True
    return any(not parcel["tracking_no"] and parcel["phase"] not in SETTLED for parcel in state["parcels"])


def _key(line: ParcelLine) -> tuple[str, str]:
    return line["line_no"], line["sku"]


def _units(lines: Iterable[ParcelLine]) -> Mapping[tuple[str, str], int]:
    units: dict[tuple[str, str], int] = {}
    for line in lines:
        units[_key(line)] = units.get(_key(line), 0) + line["quantity"]
    return units


def _within(lines: Sequence[ParcelLine], others: Sequence[ParcelLine]) -> bool:
    """Whether all these units are among the others."""
    there = _units(others)
    return all(units <= there.get(key, 0) for key, units in _units(lines).items())


def _plain(number: str) -> str:
    """A waybill number without what people add to it: spaces, full-width digits, case."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()
