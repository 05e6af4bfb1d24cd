"""Shopify: ``inventorySetQuantities`` of ``available``, with compare-and-set and an idempotency key.

Source: the reference, Admin API 2026-10.

``available`` has nothing of what unpaid or open orders took (``committed``): the plain number is put.

1. It is compared with what the hub knows it told; where that is not known, it is read first. It stands already: nothing is called.
2. Stale (Shopify has sold some meanwhile, as a rule): it is read, and compared with that.
3. The key is the request's and what it is compared with. The same key with the same input returns the first result, with no second effect:
   a repetition after a lost answer gives back nothing that was sold in between.

``changeFromQuantity`` and ``@idempotent`` are of API version 2026-04: a shop whose URL names an older one is called with that for these.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec

from connectors.endings import Refused, Unavailable
from connectors.platforms.shopify import Shopify
from connectors.shops import Shop
from schemas.records import ListingPlace

from .base import Asked

_VERSION = re.compile(r"(?<=/admin/api/)(\d{4}-\d{2})(?=/)")
_OLDEST = "2026-04"
_TRIES = 4
PUT = """mutation put($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}"""
SHOWN = """query shown($item: ID!, $location: ID!) {
  inventoryItem(id: $item) {
    inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity } }
  }
}"""
#: Compared with what it is not any more.
_STALE = frozenset(("CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"))
#: The same key is under way.
_CONCURRENT = "IDEMPOTENCY_CONCURRENT_REQUEST"
#: The key was used for what failed, or for something else: another one is.
_KEY_USED = frozenset(("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"))
_FIXES = {
    "ITEM_NOT_STOCKED_AT_LOCATION": "item and location: activate the item at that location in Shopify",
    "INVALID_LOCATION": "location: the number of a location of this shop",
    "INVALID_INVENTORY_ITEM": "item: the number of the inventory item, which is not the variant's",
    "NON_MUTABLE_INVENTORY_ITEM": "item: Shopify lets nobody change its stock; is it tracked there?",
}


class _Problem(msgspec.Struct):
    """A userError."""

    code: str | None = None
    message: str = ""


class _Payload(msgspec.Struct):
    """Of inventorySetQuantities."""

    userErrors: list[_Problem]


class _Put(msgspec.Struct):
    """The answer to a put."""

    inventorySetQuantities: _Payload


class _Quantity(msgspec.Struct):
    """One of an item's quantities."""

    name: str
    quantity: int


class _Level(msgspec.Struct):
    """An item at a location."""

    quantities: list[_Quantity]


class _Item(msgspec.Struct):
    """An inventory item."""

    inventoryLevel: _Level | None


class _Shown(msgspec.Struct):
    """The answer to the question."""

    inventoryItem: _Item | None


_put, _shown = msgspec.json.Decoder(_Put), msgspec.json.Decoder(_Shown)


class ShopifyStock(Shopify):
    """One Shopify shop's stock."""

    def __init__(self, shop: Shop, **settings: Any) -> None:
        found = _VERSION.search(shop.url)
        if found is not None and found[1] < _OLDEST:
            shop = replace(shop, url=_VERSION.sub(_OLDEST, shop.url))
        super().__init__(shop, **settings)

    async def put(self, asked: Asked) -> bool:
        compared, used = asked.told, 0
        for _ in range(_TRIES):
            if compared is None:
                compared = await self.shown(asked.place)
                if compared == asked.quantity:
                    return False
            problem = await self._put(asked, compared, used)
            code = "" if problem is None else problem.code or ""
            if problem is None:
                return True
            if code in _STALE:
                compared = None
            elif code in _KEY_USED:
                used += 1
            elif code == _CONCURRENT:
                raise Unavailable("shopify is at the same request already", code)
            else:
                reason = f"shopify answered inventorySetQuantities with {code or 'a no that has no code'}"
                raise Refused(
                    f"{reason}: {_FIXES.get(code, 'see what it says')}", code, self._words(problem.message)
                ) from None
        raise Unavailable(f"shopify's quantity changed {_TRIES} times while it was put", "CHANGE_FROM_QUANTITY_STALE")

    async def shown(self, place: ListingPlace) -> int:
        variables = {"item": _item(place), "location": _location(place)}
        reply, answer = await self._ask("inventoryItem", SHOWN, variables, _shown)
        if answer.inventoryItem is None:
            raise Refused(f"shopify has no inventory item {place['item']}: item: its number", "INVALID_INVENTORY_ITEM")
        level = answer.inventoryItem.inventoryLevel
        if level is None:
            code = "ITEM_NOT_STOCKED_AT_LOCATION"
            raise Refused(f"shopify has no stock of {place['item']} at {place['location']}: {_FIXES[code]}", code)
        found = [each.quantity for each in level.quantities if each.name == "available"]
        if len(found) != 1:
            raise self._unreadable(reply, "no available quantity")
        return found[0]

    async def _put(self, asked: Asked, compared: int, used: int) -> _Problem | None:
        """The platform's no; None: it stands."""
        quantity = {
            "inventoryItemId": _item(asked.place),
            "locationId": _location(asked.place),
            "quantity": asked.quantity,
            "changeFromQuantity": compared,
        }
        about = {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": f"penstock://listing/{asked.key}",
            "quantities": [quantity],
        }
        key = f"{asked.key}:{compared}" + (f":{used}" if used else "")
        variables: dict[str, Any] = {"input": about, "key": key}
        _, answer = await self._ask("inventorySetQuantities", PUT, variables, _put, effect=True)
        return next(iter(answer.inventorySetQuantities.userErrors), None)


def _item(place: ListingPlace) -> str:
    return f"gid://shopify/InventoryItem/{place['item']}"


def _location(place: ListingPlace) -> str:
    return f"gid://shopify/Location/{place['location']}"
