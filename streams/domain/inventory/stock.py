"""The balance of one SKU: what each warehouse holds, who has reserved it, when its sale closes.

    sellable = max(0, on_hand - reserved - safety_stock)     units
    invariant: 0 <= reserved <= on_hand                      at every warehouse, after every command

The sale is open at a warehouse while `on_hand - reserved > safety_stock`, which is 0 where none is set: it closes with the
last piece that can be sold, and reopens with the next. Both raise an alert once, at the crossing. A warehouse that never had
the SKU counts as open: its first piece is no news.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from schemas.records import Applied, PoolAlert, Reservation, Stock, StockAlert, StockLevel
from streams.domain.named import Named

# Counts travel as Avro `int`: 32 bits, signed.
UNITS_MAX = 2**31 - 1


class InvariantViolation(Exception):
    """A balance that can't be: a fault of the program or of the stored state, never an outcome of a command."""


class StockDecision(NamedTuple):
    """What one command does. Everything but `stock` and the outcomes is sent; `None` means: nothing to store.

    `rest`: the reservation that was opened for what a command about a part of the units leaves reserved.
    `others`: reservations of the SKU's pool that came further along with it, as they are now; `reservation` may be among them.
    """

    stock: Stock | None = None
    reservation: Reservation | None = None
    rest: Reservation | None = None
    applied: Applied | None = None
    results: tuple[Named, ...] = ()
    alerts: tuple[StockAlert, ...] = ()
    others: tuple[Reservation, ...] = ()
    pool_alerts: tuple[PoolAlert, ...] = ()


class Moved(NamedTuple):
    """A balance after a movement at one warehouse, and the alerts of that movement."""

    stock: Stock
    alerts: tuple[StockAlert, ...]


def empty_stock(sku: str) -> Stock:
    """The balance of a SKU nobody has counted yet."""
    return {"sku": sku, "version": 0, "levels": [], "waiting": [], "pool": None}


def sellable(level: StockLevel) -> int:
    """Units a new reservation may take at this warehouse."""
    units = level["on_hand"] - level["reserved"] - level["safety_stock"]
    return units if units > 0 else 0


def sellable_total(levels: Sequence[StockLevel]) -> int:
    """Units a new reservation may take over all warehouses."""
    return sum(map(sellable, levels))


def level_at(stock: Stock | None, warehouse: str) -> StockLevel:
    """The level at a warehouse; an empty one where the SKU has never been."""
    if stock is not None:
        for level in stock["levels"]:
            if level["warehouse"] == warehouse:
                return level
    return {"warehouse": warehouse, "on_hand": 0, "reserved": 0, "safety_stock": 0, "open": True}


def move(
    stock: Stock | None,
    sku: str,
    warehouse: str,
    at_ms: int,
    *,
    on_hand: int = 0,
    reserved: int = 0,
    safety_stock: int | None = None,
) -> Moved:
    """Add `on_hand` and `reserved` units (signed) at one warehouse; set its safety stock where one is given.

    :raises InvariantViolation: when the result breaks `0 <= reserved <= on_hand`.
    """
    before = level_at(stock, warehouse)
    held = before["on_hand"] + on_hand
    promised = before["reserved"] + reserved
    safety = before["safety_stock"] if safety_stock is None else safety_stock
    free = held - promised
    after: StockLevel = {
        "warehouse": warehouse,
        "on_hand": held,
        "reserved": promised,
        "safety_stock": safety,
        "open": free > safety,
    }
    check_level(sku, after)
    alerts: tuple[StockAlert, ...] = ()
    if after["open"] != before["open"]:
        alerts = (
            {
                "sku": sku,
                "warehouse": warehouse,
                "kind": "SALE_REOPENED" if after["open"] else "SALE_CLOSED",
                "sellable": sellable(after),
                "safety_stock": safety,
                "at_ms": at_ms,
            },
        )
    base = stock if stock is not None else empty_stock(sku)
    return Moved({**base, "version": base["version"] + 1, "levels": _with_level(base["levels"], after)}, alerts)


def _with_level(levels: Sequence[StockLevel], after: StockLevel) -> list[StockLevel]:
    """The levels with one replaced or added, still sorted by warehouse."""
    warehouse = after["warehouse"]
    changed = list(levels)
    for index, level in enumerate(changed):
        if level["warehouse"] == warehouse:
            changed[index] = after
            return changed
        if level["warehouse"] > warehouse:
            changed.insert(index, after)
            return changed
    changed.append(after)
    return changed


def check_level(sku: str, level: StockLevel) -> None:
    """:raises InvariantViolation: naming the SKU, the warehouse and the numbers."""
    if not 0 <= level["reserved"] <= level["on_hand"] <= UNITS_MAX or level["safety_stock"] < 0:
        raise InvariantViolation(
            f"{sku} at {level['warehouse']}: on_hand {level['on_hand']}, reserved {level['reserved']},"
            f" safety_stock {level['safety_stock']}; 0 <= reserved <= on_hand <= {UNITS_MAX} must hold"
        )


def check_stock(stock: Stock) -> None:
    """Check a whole balance, as after a restore.

    :raises InvariantViolation: also when a warehouse stands twice or out of order.
    """
    previous = ""
    for level in stock["levels"]:
        check_level(stock["sku"], level)
        if previous >= level["warehouse"] and previous:
            raise InvariantViolation(f"{stock['sku']}: warehouse {level['warehouse']} stands after {previous}")
        previous = level["warehouse"]
