"""What is known of an order and its delivery orders, and the questions asked of it. Nothing here changes a state in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schemas.records import Deliveries, Delivery, DeliveryPart, DeliveryPhase, Goods, Merged, Order, ParcelLine
from streams.domain.channels import CHANNELS

#: A state made by an event that came before its order.
NOT_ARRIVED = -1
#: The state is one record, written whole with each change: so much of it is kept, and no more.
DELIVERIES_MAX = 100
REPORTS_MAX = 500
COMMANDS_MAX = 50
REASON_MAX = 500
#: For a channel that is none of ours: the shortest.
_DEADLINE_OTHERWISE_MS = 24 * 3_600_000

#: The system may have it, or has it: goods of it may leave.
AT_WAREHOUSE: frozenset[DeliveryPhase] = frozenset(("REQUESTED", "RETRYING", "CREATED", "CANCELLING", "TOO_LATE"))
#: Nothing more happens to these by themselves, and nothing of them is open.
SETTLED: frozenset[DeliveryPhase] = frozenset(("CANCELLED", "SHIPPED", "ELSEWHERE", "ABANDONED"))


def awaited(order_id: str) -> Deliveries:
    """The state of an order, or of a document, of which nothing is known yet."""
    channel, _, order_no = order_id.partition(":")
    return {
        "order_id": order_id,
        "channel": channel,
        "shop": "",
        "order_no": order_no,
        "order_version": NOT_ARRIVED,
        "status": "UNPAID",
        "currency": "",
        "placed_at_ms": 0,
        "paid_at_ms": None,
        "ship_by_ms": None,
        "receiver": None,
        "receiver_from": "",
        "goods": {},
        "deliveries": [],
        "reports": {},
        "pages": [],
        "commands": [],
    }


def adopted(state: Deliveries, order: Order) -> Deliveries:
    """The state with a newer version of its order."""
    goods: dict[str, Goods] = {
        line["line_no"]: {"title": line["title"], "unit_price_minor": line["unit_price_minor"]}
        for line in order["lines"]
    }
    return {
        **state,
        "channel": order["channel"],
        "shop": order["shop"],
        "order_no": order["order_no"],
        "order_version": order["version"],
        "status": order["status"],
        "currency": order["currency"],
        "placed_at_ms": order["placed_at_ms"],
        "paid_at_ms": order["paid_at_ms"],
        "ship_by_ms": order["ship_by_ms"],
        "receiver": order["receiver"],
        "receiver_from": order["receiver_from"],
        "goods": {**state["goods"], **goods},
    }


def planned(
    code: str,
    warehouse: str,
    version: int,
    parts: Sequence[DeliveryPart],
    carrier: str,
    allocated_at_ms: int,
    merged: Merged | None = None,
) -> Delivery:
    """A delivery order that nobody has been told of."""
    return {
        "delivery_id": code,
        "warehouse": warehouse,
        "order_version": version,
        "parts": list(parts),
        "carrier": carrier,
        "allocated_at_ms": allocated_at_ms,
        "phase": "WAITING",
        "cancel": "",
        "action": "CREATE",
        "sent": False,
        "requests": 0,
        "attempt": 0,
        "outcome": None,
        "code": "",
        "reason": "",
        "progress": "",
        "next_at_ms": None,
        "wms_id": "",
        "left": [],
        "parcels": 0,
        "by": "system",
        "merged": merged,
    }


def asked(delivery: Delivery) -> Counter[tuple[str, str]]:
    """Units that it is to send, by line and SKU."""
    units: Counter[tuple[str, str]] = Counter()
    for part in delivery["parts"]:
        units[part["line_no"], part["sku"]] += part["quantity"]
    return units


def remaining(delivery: Delivery) -> Counter[tuple[str, str]]:
    """Those that have not left."""
    units = asked(delivery)
    for line in delivery["left"]:
        units[line["line_no"], line["sku"]] -= line["quantity"]
    return +units


def as_lines(units: Counter[tuple[str, str]]) -> list[ParcelLine]:
    """The same as lines."""
    return [{"line_no": line_no, "sku": sku, "quantity": count} for (line_no, sku), count in units.items() if count > 0]


def collects(delivery: Delivery) -> int | None:
    """What the carrier collects; None: it is paid another way."""
    amounts = [part["collect_minor"] for part in delivery["parts"] if part["collect_minor"] is not None]
    return sum(amounts) if amounts else None


def ship_by_ms(state: Deliveries, delivery: Delivery) -> int:
    """Until when it must have left: the order's own deadline, else the channel's default."""
    if state["ship_by_ms"] is not None:
        return state["ship_by_ms"]
    since_ms = delivery["allocated_at_ms"] if state["paid_at_ms"] is None else state["paid_at_ms"]
    channel = CHANNELS.get(state["channel"])
    return since_ms + (channel.ship_within_ms if channel is not None else _DEADLINE_OTHERWISE_MS)


def due_ms(state: Deliveries | None) -> int | None:
    """When the order is next to be looked at, with nothing else happening; None: never."""
    times = [each["next_at_ms"] for each in (state["deliveries"] if state else ()) if each["next_at_ms"] is not None]
    return min(times, default=None)


def needs_receiver(state: Deliveries) -> bool:
    """Whether a delivery order may still have to be made: personal data is kept no longer."""
    if state["order_version"] == NOT_ARRIVED or not state["deliveries"]:
        return state["status"] not in ("SHIPPED", "CANCELLED")
    return any(each["phase"] not in SETTLED for each in state["deliveries"])
