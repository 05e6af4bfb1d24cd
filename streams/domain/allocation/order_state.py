"""The state of one order, and the questions asked of it. Nothing here changes a state in place.

How the units of a line are accounted for, of lines that this merchant sends:

    wanted   = quantity - cancelled                     to reach the buyer, by whomever
    sent     = max(committed + elsewhere, shipped)      have left; `shipped` is what the platform shows
    to send  = wanted - sent                            what a new attempt has to plan
    unclear  = shipped - committed - elsewhere          shown as sent by the platform, by no warehouse

`committed` are units of parts that a parcel carried. `elsewhere` are units that the platform showed as sent when no
warehouse of ours had been asked for them: others sent them, for sure. What is unclear may have left our shelf (somebody
has told the platform, the warehouse's word is still to come): such units stay reserved, and are not sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schemas.records import Order, OrderLine, OrderState, Part, PartState, Phase, StateLine
from streams.domain.routing.planning import Need

# A state made by an event that came before its order.
NOT_ARRIVED = -1

# Phases in which a decision stands or is being made, which an exit has to take back.
DECIDING: frozenset[Phase] = frozenset(("RESERVING", "ALLOCATED", "BACKORDERED"))
CLOSED: frozenset[Phase] = frozenset(("SHIPPED", "CANCELLED", "ELSEWHERE"))

# Parts that hold, or may hold, units in the inventory.
HOLDING: frozenset[PartState] = frozenset(("ASKED", "GRANTED"))
# Parts that stay in the state when a new attempt begins: a parcel of theirs may have left, or may still turn up.
KEPT: frozenset[PartState] = frozenset(("GRANTED", "COMMITTED", "RELEASED"))
# Parts that were announced and released are remembered, so that a parcel that left all the same is known. The newest of them.
RELEASED_MAX = 20

Key = tuple[str, str]
"""Line and SKU: a line that is another SKU by now is another line."""


_NOTHING_KNOWN: OrderState = {
    "order_id": "",
    "channel": "",
    "shop": "",
    "order_version": NOT_ARRIVED,
    "phase": "UNPAID",
    "hold_released": False,
    "province": "",
    "country": "",
    "lines": [],
    "attempt": 0,
    "round": 0,
    "parts": [],
    "trace": None,
    "received_at_ms": 0,
    "shipments": [],
    "shipped_warehouses": [],
    "waiting": [],
    "status": None,
    "hold_reason": "",
    "since_ms": 0,
    "not_before_ms": None,
    "ship_by_ms": None,
    "collect_minor": None,
    "receiver_mark": "",
    "cancelled_by_operator": None,
    "parcels": [],
    "returns": [],
    "aftersales": [],
    "platform_hold": "",
    "released_reasons": "",
    "receipts": [],
    "held_by": "",
    "decisions": [],
    "routing": None,
    "decided_by": None,
    "placed_at_ms": None,
    "flow": None,
    "merge": None,
}


def awaited(order_id: str) -> OrderState:
    """The state of an order that something is known of before it has arrived."""
    return {**_NOTHING_KNOWN, "order_id": order_id, "channel": order_id.partition(":")[0]}


def has_arrived(state: OrderState) -> bool:
    """Whether the order itself has been seen, not only events about it."""
    return state["order_version"] != NOT_ARRIVED


def key_of(line: StateLine | OrderLine | Part) -> Key:
    """What a line and its parts have in common."""
    return line["line_no"], line["sku"]


def units_in(parts: Iterable[Part], states: Iterable[PartState]) -> dict[Key, int]:
    """Units per line and SKU of the parts in some states."""
    units: dict[Key, int] = {}
    for part in parts:
        if part["state"] in states:
            key = part["line_no"], part["sku"]
            units[key] = units.get(key, 0) + part["quantity"]
    return units


def units_committed(parts: Sequence[Part]) -> dict[Key, int]:
    """Units that parcels carried, per line and SKU."""
    return units_in(parts, ("COMMITTED",)) if parts else {}


def lines_of(order: Order, state: OrderState) -> list[StateLine]:
    """The lines of a version of the order, with what is known of them from before.

    A line that the version does not show any more stays, with nothing wanted of it, when units of it have left. Units that
    were shown as sent and are shown as cancelled now were closed after they had left: they stay sent.
    """
    known = {key_of(line): line for line in state["lines"]} if state["lines"] else {}
    committed = units_committed(state["parts"])
    asked: dict[Key, int] | None = None
    everything = order["status"] == "SHIPPED"
    lines: list[StateLine] = []
    for line in order["lines"]:
        key = line["line_no"], line["sku"]
        old = known.pop(key, None) if known else None
        quantity, shipped, cancelled = line["quantity"], line["shipped_quantity"], line["cancelled_quantity"]
        if everything:
            shipped = max(shipped, quantity - cancelled)
        if old is not None and (kept := _closed_after_sent(old, shipped, cancelled, committed.get(key, 0))):
            shipped, cancelled = max(shipped, min(old["shipped_quantity"], quantity)), cancelled - kept
        elsewhere = 0
        if shipped:
            if asked is None:
                asked = _units_asked_for(state)
            elsewhere = _elsewhere(old, shipped, committed.get(key, 0), asked.get(key, 0))
        lines.append(
            {
                "line_no": key[0],
                "sku": key[1],
                "quantity": quantity,
                "returned_quantity": line["returned_quantity"],
                "restocked_quantity": old["restocked_quantity"] if old is not None else 0,
                "cancelled_quantity": cancelled,
                "shipped_quantity": shipped,
                "asked_back_quantity": line["asked_back_quantity"],
                "sent_by": line["sent_by"],
                "bundle_line_no": line["bundle_line_no"],
                "elsewhere_quantity": elsewhere,
                "unit_price_minor": line["unit_price_minor"],
            }
        )
    for key, gone in known.items():
        if key in committed or gone["restocked_quantity"]:
            nothing: StateLine = {
                **gone,
                "quantity": 0,
                "cancelled_quantity": 0,
                "shipped_quantity": 0,
                "elsewhere_quantity": 0,
            }
            lines.append(nothing)
    return lines


def _closed_after_sent(old: StateLine, shipped: int, cancelled: int, committed: int) -> int:
    """Units shown as sent before and as cancelled now, of which no parcel here tells: closing an order calls nothing back."""
    unseen = old["shipped_quantity"] - max(shipped, committed)
    return max(0, min(unseen, cancelled - old["cancelled_quantity"]))


def _elsewhere(old: StateLine | None, shipped: int, committed: int, asked: int) -> int:
    """Units that others sent for sure: shown as sent, and neither in a parcel nor asked of a warehouse of ours."""
    before = min(old["elsewhere_quantity"], shipped) if old is not None else 0
    return before + max(0, shipped - before - committed - asked)


def announced(state: OrderState) -> list[Part]:
    """The parts that a warehouse has heard of: not those of a round under way, nor those whose goods are not there yet."""
    parts = [part for part in state["parts"] if part["warehouse"]]
    if state["phase"] != "RESERVING":
        return parts
    current = f"{state['order_id']}/{state['attempt']}."
    return [part for part in parts if not part["reservation_id"].startswith(current)]


def _units_asked_for(state: OrderState) -> dict[Key, int]:
    """Units whose parcel may have left without our knowing: asked of a warehouse, or in a parcel that waits for its reservation."""
    units = units_in(announced(state), ("GRANTED", "RELEASED"))
    for parcel in state["parcels"]:
        content = parcel["lines"] or state["lines"]
        for line in content:
            key = line["line_no"], line["sku"]
            units[key] = units.get(key, 0) + line["quantity"]
    return units


def wanted(line: StateLine, cancelled: Mapping[Key, int]) -> int:
    """Units of a line that are to reach the buyer from this merchant.

    :param cancelled: what after-sales have cancelled, `units_cancelled`.
    """
    if line["sent_by"] != "MERCHANT":
        return 0
    never = line["cancelled_quantity"]
    if cancelled:
        never = max(never, cancelled.get((line["line_no"], line["sku"]), 0))
    return max(0, line["quantity"] - never)


def units_cancelled(state: OrderState) -> dict[Key, int]:
    """Units that after-sales have cancelled before they were sent."""
    units: dict[Key, int] = {}
    for known in state["aftersales"]:
        for line in known["cancels"]:
            key = line["line_no"], line["sku"]
            units[key] = units.get(key, 0) + line["quantity"]
    return units


def outstanding(state: OrderState) -> list[Need]:
    """What a warehouse still has to send of each line; lines that need nothing are left out."""
    parts, aftersales = state["parts"], state["aftersales"]
    committed = units_committed(parts)
    cancelled = units_cancelled(state) if aftersales else {}
    needs: list[Need] = []
    for line in state["lines"]:
        # `wanted`, without a call: this runs several times an order.
        if line["sent_by"] != "MERCHANT":
            continue
        units = line["quantity"] - line["cancelled_quantity"]
        if cancelled:
            units = wanted(line, cancelled)
        if committed or line["shipped_quantity"]:
            key = line["line_no"], line["sku"]
            units -= max(committed.get(key, 0) + line["elsewhere_quantity"], line["shipped_quantity"])
        if units > 0:
            needs.append(Need(line["line_no"], line["sku"], units))
    return needs


def unheld(state: OrderState, parts: Sequence[Part]) -> list[Need]:
    """What an attempt asks for: what is to be sent, without what these parts hold and the platform does not show as sent."""
    needs = outstanding(state)
    held = units_in(parts, HOLDING) if parts else {}
    if not held:
        return needs
    unclear = units_unclear(state)
    free = {key: max(0, units - unclear.get(key, 0)) for key, units in held.items()}
    return [
        Need(need.line_no, need.sku, units)
        for need in needs
        if (units := need.quantity - free.get((need.line_no, need.sku), 0)) > 0
    ]


def units_left(state: OrderState) -> dict[Key, int]:
    """The most that may be held for each line: what is wanted and has, for sure, not left yet."""
    committed, cancelled = units_committed(state["parts"]), units_cancelled(state)
    left: dict[Key, int] = {}
    for line in state["lines"]:
        key = line["line_no"], line["sku"]
        left[key] = max(0, wanted(line, cancelled) - committed.get(key, 0) - line["elsewhere_quantity"])
    return left


def units_unclear(state: OrderState) -> dict[Key, int]:
    """Units shown as sent by the platform that no warehouse has told of, where there are any."""
    if not any(line["shipped_quantity"] for line in state["lines"]):
        return {}
    committed = units_committed(state["parts"])
    unclear: dict[Key, int] = {}
    for line in state["lines"]:
        units = line["shipped_quantity"] - line["elsewhere_quantity"] - committed.get(key_of(line), 0)
        if units > 0:
            unclear[key_of(line)] = units
    return unclear


def units_overrun(state: OrderState) -> dict[Key, int]:
    """Units that parcels carried beyond what the platform shows as ordered of this merchant, where there are any."""
    overrun: dict[Key, int] = {}
    committed = units_committed(state["parts"])
    for line in state["lines"] if committed else ():
        ordered = line["quantity"] - line["cancelled_quantity"] if line["sent_by"] == "MERCHANT" else 0
        units = committed.get(key_of(line), 0) - ordered
        if units > 0:
            overrun[key_of(line)] = units
    return overrun


def are_other_goods(state: OrderState) -> bool:
    """Whether a line of which units have left is, in part, to be sent as goods that were never asked of a warehouse.

    Its SKU was corrected since, or the table of its bundle: whether what left stands for them nobody says.
    """
    committed = units_committed(state["parts"])
    if not committed:
        return False
    whole = {key_of(line): line["bundle_line_no"] or line["line_no"] for line in state["lines"]}
    begun = {whole[key] for key in committed if key in whole}
    known = {key_of(part) for part in state["parts"]}
    needs = ((need.line_no, need.sku) for need in outstanding(state))
    return any(key not in known and whole[key] in begun for key in needs)


def is_under_way(state: OrderState) -> bool:
    """Whether anything has left for the buyer, as a warehouse or the platform has it."""
    return is_under_way_here(state) or any(line["shipped_quantity"] for line in state["lines"])


def is_under_way_here(state: OrderState) -> bool:
    """Whether a parcel of this merchant's has left."""
    return any(part["state"] == "COMMITTED" for part in state["parts"])


def is_others(state: OrderState) -> bool:
    """Whether no line is this merchant's to send."""
    for line in state["lines"]:
        if line["sent_by"] == "MERCHANT":
            return False
    return bool(state["lines"])


def part_of(state: OrderState | None, reservation_id: str) -> Part | None:
    """The part a reservation serves, None when the order does not, or no longer, know it."""
    if state is not None:
        for part in state["parts"]:
            if part["reservation_id"] == reservation_id:
                return part
    return None


def with_part(parts: Sequence[Part], reservation_id: str, part_state: PartState) -> list[Part]:
    """The parts with one in another state."""
    return [{**part, "state": part_state} if part["reservation_id"] == reservation_id else part for part in parts]


def carrier_chosen(state: OrderState, warehouse: str) -> str:
    """Whom the rules chose last to take the order from a warehouse; empty: nobody."""
    chosen = [part["carrier"] for part in state["parts"] if part["warehouse"] == warehouse and part["carrier"]]
    return chosen[-1] if chosen else ""


def kept(parts: Sequence[Part]) -> list[Part]:
    """The parts that a new round or attempt leaves in the state: also what waits for its pool, and that a pool had nothing for it."""
    staying = [part for part in parts if part["state"] in KEPT or part["pool"] is not None]
    released = [part for part in staying if part["state"] == "RELEASED"]
    for part in released[:-RELEASED_MAX]:
        staying.remove(part)
    return staying


def rest_of(reservation_id: str) -> str:
    """The reservation that a Commit or Release of a part of it leaves."""
    return f"{reservation_id}/rest"
