"""Stock and open pieces as they would have been: a plain ledger in memory, held to the invariant of the real one at every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.records import StockLevel
from streams.domain.inventory.stock import InvariantViolation
from streams.domain.routing.planning import PlannedPart


class _Shelf:
    """Pieces of one SKU at one warehouse. ``older``: those of the reserved ones that were so when the period began."""

    __slots__ = ("older", "on_hand", "reserved", "safety_stock")

    def __init__(self, on_hand: int = 0, reserved: int = 0, safety_stock: int = 0) -> None:
        self.on_hand, self.reserved, self.safety_stock, self.older = on_hand, reserved, safety_stock, reserved

    @property
    def sellable(self) -> int:
        return max(0, self.on_hand - self.reserved - self.safety_stock)


class Ledger:
    """Of all SKUs. ``0 <= reserved <= on_hand`` at every warehouse, after every step.

    Attributes:
        load: open (reserved, not yet shipped) pieces per warehouse.
        cut_short: pieces that the record takes from a shelf where the simulation has promised them to somebody.
    """

    def __init__(self, balances: Mapping[str, Sequence[StockLevel]]) -> None:
        self._shelves = {
            sku: {each["warehouse"]: _Shelf(each["on_hand"], each["reserved"], each["safety_stock"]) for each in levels}
            for sku, levels in balances.items()
        }
        self.load: dict[str, int] = {}
        for levels in balances.values():
            for level in levels:
                self._opens(level["warehouse"], level["reserved"])
        self._held: dict[str, tuple[PlannedPart, ...]] = {}
        self.cut_short = 0

    def levels(self, skus: Iterable[str]) -> dict[str, list[StockLevel]]:
        """What each warehouse has of each SKU."""
        found: dict[str, list[StockLevel]] = {}
        for sku in skus:
            shelves = self._shelves.get(sku, {}).items()
            found[sku] = [
                {
                    "warehouse": code,
                    "on_hand": shelf.on_hand,
                    "reserved": shelf.reserved,
                    "safety_stock": shelf.safety_stock,
                    "open": shelf.sellable > 0,
                }
                for code, shelf in shelves
            ]
        return found

    def sellable(self, sku: str) -> int:
        """Pieces that could be reserved, over all warehouses; of a disabled or full one too."""
        return sum([shelf.sellable for shelf in self._shelves.get(sku, {}).values()])

    def holds(self, order_id: str) -> tuple[PlannedPart, ...]:
        """What is reserved for an order."""
        return self._held.get(order_id, ())

    def reserve(self, order_id: str, parts: Sequence[PlannedPart]) -> None:
        """Raises InvariantViolation: a shelf has less than is asked for, which no sound plan does."""
        for part in parts:
            shelf = self._shelf(part.sku, part.warehouse)
            if part.quantity > shelf.sellable:
                raise InvariantViolation(f"{part} was planned for {order_id}, and {shelf.sellable} can be sold there")
            shelf.reserved += part.quantity
            self._opens(part.warehouse, part.quantity)
        self._held[order_id] = (*self.holds(order_id), *parts)

    def release(self, order_id: str) -> list[str]:
        """Gives back what an order holds; its SKUs."""
        parts = self._held.pop(order_id, ())
        for part in parts:
            self._shelf(part.sku, part.warehouse).reserved -= part.quantity
            self._opens(part.warehouse, -part.quantity)
        return list(dict.fromkeys(part.sku for part in parts))

    def ship(self, order_id: str, warehouse: str, lines: Iterable[tuple[str, int]]) -> None:
        """What an order holds leaves, from where the simulation reserved it. Of an order from before, what the record says.

        :param lines: SKU and pieces, for an order that the simulation has not planned.
        """
        if order_id in self._held:
            for part in self._held.pop(order_id):
                shelf = self._shelf(part.sku, part.warehouse)
                shelf.reserved -= part.quantity
                shelf.on_hand -= part.quantity
                self._opens(part.warehouse, -part.quantity)
            return
        for sku, quantity in lines:
            shelf = self._shelf(sku, warehouse)
            units = min(quantity, shelf.older)
            shelf.older -= units
            shelf.reserved -= units
            self._opens(warehouse, -units)
            self._add(sku, warehouse, -quantity)

    def stock(self, name: str, command: Mapping[str, Any]) -> list[str]:
        """A command from outside: Receive, Restock, Adjust, Transfer, SetSafetyStock. The SKUs of which there may be more now."""
        sku, warehouse = str(command["sku"]), str(command["warehouse"])
        match name:
            case "Receive" | "Restock":
                self._add(sku, warehouse, command["quantity"])
            case "Adjust":
                self._add(sku, warehouse, command["delta"])
            case "Transfer":
                self._add(sku, warehouse, -command["quantity"])
                self._add(sku, str(command["to"]), command["quantity"])
            case "SetSafetyStock":
                self._shelf(sku, warehouse).safety_stock = command["quantity"]
            case _:
                return []
        return [sku]

    def _add(self, sku: str, warehouse: str, pieces: int) -> None:
        """Never below what is reserved: what is promised to somebody stays, and is counted."""
        shelf = self._shelf(sku, warehouse)
        wanted = shelf.on_hand + pieces
        shelf.on_hand = max(wanted, shelf.reserved)
        self.cut_short += shelf.on_hand - wanted

    def _shelf(self, sku: str, warehouse: str) -> _Shelf:
        return self._shelves.setdefault(sku, {}).setdefault(warehouse, _Shelf())

    def _opens(self, warehouse: str, pieces: int) -> None:
        self.load[warehouse] = self.load.get(warehouse, 0) + pieces
