"""Shopify's stock, as GraphQL resolves it: ``inventoryItem`` and ``inventorySetQuantities``.

From API version 2026-04 on ``changeFromQuantity`` has to be given (null: compared with nothing), and the directive ``@idempotent`` is
checked when the mutation runs. The same key with the same input returns the first result; with another input it is refused. With which
code a call without a key is answered is not known: here it is an error of GraphQL's.
"""

from __future__ import annotations

import json
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo
from graphql.execution.values import get_directive_values

from connectors.simulators.shelf import Shelf, Slot
from connectors.simulators.shopify_paging import View, gid, number

_MOST = 1_000_000_000
_REASONS = frozenset(("correction", "cycle_count_available", "other", "received", "restock", "shrinkage"))
Info = GraphQLResolveInfo[Any]


def item_view(shelf: Shelf, shop: str, item: int) -> View:
    """An inventory item and, by location, what is available of it."""

    def level(_info: Info, locationId: str) -> View | None:
        location = number("Location", locationId)
        slot = shelf.find(shop, str(item), "", str(location))
        return None if slot is None else _level(slot, item, location)

    return {"id": gid("InventoryItem", item), "inventoryLevel": level}


def _level(slot: Slot, item: int, location: int) -> View:
    def quantities(_info: Info, names: list[str]) -> list[View]:
        known = {"available": slot.quantity, "on_hand": slot.quantity + slot.sold, "committed": slot.sold}
        return [{"name": name, "quantity": known[name]} for name in names if name in known]

    return {
        "id": gid("InventoryLevel", f"{location}?inventory_item_id={item}"),
        "location": {"id": gid("Location", location)},
        "quantities": quantities,
    }


def set_quantities(shelf: Shelf, shop: str, info: Info, asked: dict[str, Any]) -> View:
    """The mutation's payload. Raises GraphQLError without an idempotency key."""
    directive = info.schema.get_directive("idempotent")
    given = get_directive_values(directive, info.field_nodes[0], info.variable_values) if directive else None
    if not given or not given["key"]:
        raise GraphQLError("The @idempotent directive is required for this mutation.")
    key, wanted = (shop, str(given["key"])), json.dumps(asked, sort_keys=True)
    if key in shelf.keys:
        before, payload = shelf.keys[key]
        if before != wanted:
            return _no("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "The key was used with other parameters.")
        found: View = payload
        return found
    payload = _carried_out(shelf, shop, key[1], asked)
    # What failed is not remembered as done: the platform has a code of its own for its repetition.
    if not payload["userErrors"]:
        shelf.keys[key] = wanted, payload
    return payload


def _carried_out(shelf: Shelf, shop: str, key: str, asked: dict[str, Any]) -> View:
    if asked["name"] not in ("available", "on_hand"):
        return _no("INVALID_NAME", "The quantity name is invalid.")
    if asked["reason"] not in _REASONS:
        return _no("INVALID_REASON", "The reason is invalid.")
    found: list[tuple[Slot, int]] = []
    for each in asked["quantities"]:
        if "changeFromQuantity" not in each:
            return _no("COMPARE_QUANTITY_REQUIRED", "changeFromQuantity must be given.")
        if each["quantity"] < 0:
            return _no("INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative.")
        if each["quantity"] > _MOST:
            return _no("INVALID_QUANTITY_TOO_HIGH", "The quantity is too high.")
        item, location = number("InventoryItem", each["inventoryItemId"]), number("Location", each["locationId"])
        slot = shelf.find(shop, str(item), "", str(location))
        if slot is None:
            return _no("ITEM_NOT_STOCKED_AT_LOCATION", "The item is not stocked at the location.")
        compared = each["changeFromQuantity"]
        if compared is not None and compared != slot.quantity:
            return _no("CHANGE_FROM_QUANTITY_STALE", "The quantity has changed.")
        found.append((slot, each["quantity"]))
    for slot, quantity in found:
        shelf.put(slot, quantity, key)
    return {"inventoryAdjustmentGroup": {"id": gid("InventoryAdjustmentGroup", len(shelf.keys) + 1)}, "userErrors": []}


def _no(code: str, message: str) -> View:
    return {
        "inventoryAdjustmentGroup": None,
        "userErrors": [{"code": code, "field": ["input"], "message": message}],
    }
