"""The state of one order, and the questions asked of it. Nothing here changes a state in place.

How the units of a line are accounted for, at any time before the order is closed:

    quantity = restocked_quantity + committed + outstanding

`restocked_quantity` are the units that need nothing more from a warehouse: refunded before they were shipped, or back
on the shelf. `outstanding` is what a new attempt has to plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.records import Order, OrderState, Part, PartState, Phase, Restock, StateLine
from streams.domain.routing.planning import Need

# A state made by an event that came before its order.
NOT_ARRIVED = -1

# Phases in which a decision stands or is being made, which an exit has to take back.
DECIDING: frozenset[Phase] = frozenset(("RESERVING", "ALLOCATED", "BACKORDERED"))
CLOSED: frozenset[Phase] = frozenset(("SHIPPED", "CANCELLED"))

# Parts that hold, or may hold, units in the inventory.
HOLDING: frozenset[PartState] = frozenset(("ASKED", "GRANTED"))


def awaited(order_id: str) -> OrderState:
    """The state of an order that something is known of before it has arrived."""
    return {
        "order_id": order_id,
        "channel": order_id.partition(":")[0],
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
    }


def has_arrived(state: OrderState) -> bool:
    """Whether the order itself has been seen, not only events about it."""
    return state["order_version"] != NOT_ARRIVED


def units_committed(parts: Iterable[Part]) -> dict[tuple[str, str], int]:
    """Units shipped per line and SKU."""
    units: dict[tuple[str, str], int] = {}
    for part in parts:
        if part["state"] == "COMMITTED":
            key = part["line_no"], part["sku"]
            units[key] = units.get(key, 0) + part["quantity"]
    return units


def open_lines(order: Order, parts: Sequence[Part]) -> list[StateLine]:
    """The lines of an order still to be shipped. A refund takes units that have not been shipped first."""
    committed = units_committed(parts)
    lines: list[StateLine] = []
    for line in order["lines"]:
        quantity, returned = line["quantity"], line["returned_quantity"]
        unshipped = quantity - committed.get((line["line_no"], line["sku"]), 0) if committed else quantity
        lines.append(
            {
                "line_no": line["line_no"],
                "sku": line["sku"],
                "quantity": quantity,
                "returned_quantity": returned,
                "restocked_quantity": max(0, min(returned, unshipped)),
            }
        )
    return lines


def closed_lines(state: OrderState) -> list[StateLine]:
    """The lines of an order nothing more will be shipped of: only committed units can still come back."""
    committed = units_committed(state["parts"])
    return [
        {
            **line,
            "restocked_quantity": max(0, line["quantity"] - committed.get((line["line_no"], line["sku"]), 0)),
        }
        for line in state["lines"]
    ]


def returned_lines(lines: Sequence[StateLine], order: Order) -> list[StateLine]:
    """The same lines with the returned quantities of a newer version."""
    returned = {line["line_no"]: line["returned_quantity"] for line in order["lines"]}
    return [
        {**line, "returned_quantity": max(line["returned_quantity"], returned.get(line["line_no"], 0))}
        for line in lines
    ]


def outstanding(lines: Sequence[StateLine], parts: Sequence[Part]) -> list[Need]:
    """What a warehouse still has to send of each line; lines that need nothing are left out."""
    committed = units_committed(parts)
    needs: list[Need] = []
    for line in lines:
        units = line["quantity"] - line["restocked_quantity"]
        if committed:
            units -= committed.get((line["line_no"], line["sku"]), 0)
        if units > 0:
            needs.append(Need(line["line_no"], line["sku"], units))
    return needs


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


def restocks(state: OrderState, at_ms: int) -> tuple[list[Restock], list[StateLine]]:
    """Restock commands for returned units that are not back on the shelf yet, and the lines with them accounted for.

    For closed orders. A line shipped from several warehouses returns to them in the order of its parts, each at most
    what it shipped. The command's id carries the line's total after it: the same return is never restocked twice.
    """
    commands: list[Restock] = []
    lines: list[StateLine] = []
    for line in state["lines"]:
        done = line["restocked_quantity"]
        back = line["returned_quantity"] - done
        if back > 0:
            shipped = [part for part in state["parts"] if part["state"] == "COMMITTED" and _serves(part, line)]
            # Units of this line that have come back before: not to be given to the same part again.
            skip = done - line["quantity"] + sum(part["quantity"] for part in shipped)
            for part in shipped:
                room = part["quantity"] - skip
                skip = max(0, -room)
                units = min(back, room)
                if units <= 0:
                    continue
                back -= units
                done += units
                commands.append(
                    {
                        "command_id": f"{state['order_id']}/return/{line['line_no']}/{done}",
                        "order_id": state["order_id"],
                        "sku": line["sku"],
                        "warehouse": part["warehouse"],
                        "quantity": units,
                        "requested_at_ms": at_ms,
                    }
                )
            line = {**line, "restocked_quantity": done}
        lines.append(line)
    return commands, lines


def _serves(part: Part, line: StateLine) -> bool:
    return part["line_no"] == line["line_no"] and part["sku"] == line["sku"]
