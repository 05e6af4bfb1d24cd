"""Balances and warehouses as they are known, and what a person may tell about them. ``by``: who acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import Adjust, Receive, SetSafetyStock, Stock, Transfer, Warehouse
from streams.aside.orders import now_ms
from streams.aside.tables import newest, rows
from streams.aside.telling import Telling, new_id
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

COMMANDS = "inventory.commands"


def warehouses(cluster: Cluster) -> dict[str, Warehouse]:
    """Code -> settings."""
    return newest(cluster, "config.warehouses")


def balances(cluster: Cluster, sku: str | None = None) -> dict[str, Stock]:
    """SKU -> its balance at every warehouse and who waits for it; of one SKU, or of all."""
    return rows(cluster, "stock", keys=None if sku is None else {sku})


def receive(sku: str, warehouse: str, quantity: int, *, by: Actor, because: str = "", command_id: str = "") -> Telling:
    """Goods arrived."""
    record: Receive = {
        "command_id": command_id or new_id(),
        "sku": sku,
        "warehouse": warehouse,
        "quantity": quantity,
        "requested_at_ms": now_ms(),
    }
    return _telling("Receive", record, by, because)


def adjust(sku: str, warehouse: str, delta: int, *, by: Actor, because: str, command_id: str = "") -> Telling:
    """Units were found, or are missing."""
    record: Adjust = {
        "command_id": command_id or new_id(),
        "order_id": "",
        "sku": sku,
        "warehouse": warehouse,
        "delta": delta,
        "reason": because,
        "requested_at_ms": now_ms(),
    }
    return _telling("Adjust", record, by, because)


def transfer(
    sku: str, source: str, target: str, quantity: int, *, by: Actor, because: str = "", command_id: str = ""
) -> Telling:
    """Units are at another warehouse now."""
    record: Transfer = {
        "command_id": command_id or new_id(),
        "sku": sku,
        "warehouse": source,
        "to": target,
        "quantity": quantity,
        "requested_at_ms": now_ms(),
    }
    return _telling("Transfer", record, by, because)


def safety(sku: str, warehouse: str, quantity: int, *, by: Actor, because: str = "", command_id: str = "") -> Telling:
    """How many units are held back from sale from now on."""
    record: SetSafetyStock = {
        "command_id": command_id or new_id(),
        "sku": sku,
        "warehouse": warehouse,
        "quantity": quantity,
        "requested_at_ms": now_ms(),
    }
    return _telling("SetSafetyStock", record, by, because)


_ACTIONS = {
    "Receive": "stock.receive",
    "Adjust": "stock.adjust",
    "Transfer": "stock.transfer",
    "SetSafetyStock": "stock.safety",
}


def _telling(name: str, record: Mapping[str, Any], by: Actor, because: str) -> Telling:
    details = {field: value for field, value in record.items() if field not in ("sku", "reason", "requested_at_ms")}
    entry = audit.entry(_ACTIONS[name], f"sku:{record['sku']}", by=by, reason=because, details=details)
    return Telling(COMMANDS, name, record, entry)
