"""Orders as the workers know them, and what a person may tell about one; what would come of it, by the saga's own pure functions."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from schemas.records import (
    OperatorAction,
    OperatorDecision,
    OrderState,
    ParcelLine,
    ReturnedLine,
    ReturnReceived,
    Shipped,
)
from streams.aside.tables import keys, rows
from streams.aside.telling import Telling, new_id
from streams.domain.allocation.decide import decide
from streams.domain.allocation.step import AllocationDecision, View
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

#: As typed -> as decided.
VERBS: dict[str, OperatorAction] = {"hold": "HOLD", "release": "RELEASE_HOLD", "cancel": "CANCEL"}
_LIKE_MAX = 5


def states(cluster: Cluster, order_ids: Collection[str]) -> dict[str, OrderState]:
    """Order id -> its state, of those that are known."""
    return rows(cluster, "order_state", keys=order_ids)


def like(cluster: Cluster, text: str) -> tuple[list[str], int]:
    """The first order ids that have this in them, and how many there are in all."""
    found = sorted(name for name in keys(cluster, "order_state") if text in name) if text else []
    return found[:_LIKE_MAX], len(found)


def foretold(state: OrderState, record_name: str, record: Any) -> AllocationDecision:
    """What the saga would answer now; what it would plan is not in it, for the plan needs the stock that the workers see."""
    return decide(state, record_name, record, View(lambda sku: (), (), {}), now_ms())


def decision(order_id: str, verb: str, *, by: Actor, because: str, decision_id: str = "") -> Telling:
    """A person holds, releases or cancels an order. ``by``: who acts."""
    record: OperatorDecision = {
        "decision_id": decision_id or new_id(),
        "order_id": order_id,
        "action": VERBS[verb],
        "by": by.who,
        "reason": because,
        "decided_at_ms": now_ms(),
        "task": "",
        "roles": [],
    }
    details = {"decision_id": record["decision_id"]}
    entry = audit.entry(f"order.{verb}", order_id, by=by, reason=because, details=details)
    return Telling("orders.decisions", "OperatorDecision", record, entry)


def parcel(
    order_id: str,
    *,
    by: Actor,
    warehouse: str,
    carrier: str,
    tracking_no: str = "",
    lines: Sequence[ParcelLine] = (),
    because: str = "",
    shipment_id: str = "",
    shipped_at_ms: int | None = None,
) -> Telling:
    """A parcel left a warehouse. Without lines: with all that the warehouse has of the order. ``by``: who acts."""
    record: Shipped = {
        "shipment_id": shipment_id or new_id(),
        "order_id": order_id,
        "warehouse": warehouse,
        "carrier": carrier,
        "tracking_no": tracking_no,
        "shipped_at_ms": now_ms() if shipped_at_ms is None else shipped_at_ms,
        "lines": list(lines),
    }
    details = {
        **{name: record[name] for name in ("shipment_id", "warehouse", "carrier", "tracking_no")},
        "lines": in_words(lines),
    }
    return Telling(
        "shipments", "Shipped", record, audit.entry("order.ship", order_id, by=by, reason=because, details=details)
    )


def receipt(
    order_id: str,
    *,
    by: Actor,
    warehouse: str,
    lines: Sequence[ReturnedLine],
    because: str = "",
    return_id: str = "",
    shipment_id: str = "",
    received_at_ms: int | None = None,
) -> Telling:
    """Goods came back and were counted. ``by``: who acts."""
    record: ReturnReceived = {
        "return_id": return_id or new_id(),
        "order_id": order_id,
        "shipment_id": shipment_id,
        "warehouse": warehouse,
        "lines": list(lines),
        "received_at_ms": now_ms() if received_at_ms is None else received_at_ms,
    }
    details = {"return_id": record["return_id"], "warehouse": warehouse, "lines": in_words(lines)}
    entry = audit.entry("return.receive", order_id, by=by, reason=because, details=details)
    return Telling("returns", "ReturnReceived", record, entry)


def units_of(state: OrderState, units: Iterable[tuple[str, int]]) -> list[ParcelLine]:
    """Lines of a parcel, of (line number or SKU, units): a SKU is of whichever line of the order has it."""
    skus = {line["line_no"]: line["sku"] for line in state["lines"]}
    return [
        {"line_no": name if name in skus else "", "sku": skus.get(name, name), "quantity": quantity}
        for name, quantity in units
    ]


def in_words(lines: Iterable[Any]) -> str:
    """`2 x TS-RED, 1 x MUG DEFECTIVE`."""
    graded = (f"{x['quantity']} x {x['sku']} {x.get('grade', '')}".rstrip().removesuffix(" SELLABLE") for x in lines)
    return ", ".join(graded)


def now_ms() -> int:
    """For the records of people; what is decided by time goes by the log's."""
    return time.time_ns() // 1_000_000
