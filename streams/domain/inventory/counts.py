"""Commands that count stock: receive, adjust, restock, transfer, set a safety stock or a pool. Each is applied once, by its id.

A command that would break the balance is refused in words: an outcome, not a fault.
"""

from __future__ import annotations

from schemas.records import Adjust, Applied, Receive, Restock, SetPool, SetSafetyStock, Stock, StockAnswer, Transfer
from streams.domain.named import Named

from . import pools, quotas
from .backorders import wake
from .stock import UNITS_MAX, Moved, StockDecision, empty_stock, level_at, move

Count = Receive | Adjust | Restock | SetSafetyStock | Transfer | SetPool

_REFUSED = "REFUSED: "


def receive(stock: Stock | None, command: Receive, prior: Applied | None, at_ms: int) -> StockDecision:
    """Goods came in."""
    return _arrive(stock, command, command["quantity"], prior, at_ms)


def restock(stock: Stock | None, command: Restock, prior: Applied | None, at_ms: int) -> StockDecision:
    """Goods a customer sent back stand on the shelf again."""
    return _arrive(stock, command, command["quantity"], prior, at_ms)


def adjust(stock: Stock | None, command: Adjust, prior: Applied | None, at_ms: int) -> StockDecision:
    """A count found more or fewer units than were known."""
    if prior is not None:
        return _again(command, prior, at_ms)
    delta = command["delta"]
    level = level_at(stock, command["warehouse"])
    counted = level["on_hand"] + delta
    if counted < 0:
        return _refuse(command, f"on hand would be {counted}", at_ms)
    if counted < level["reserved"]:
        return _refuse(command, f"{level['reserved']} units are reserved, on hand would be {counted}", at_ms)
    if counted > UNITS_MAX:
        return _refuse(command, f"on hand would be {counted}, above {UNITS_MAX}", at_ms)
    return _apply(command, move(stock, command["sku"], command["warehouse"], at_ms, on_hand=delta), at_ms)


def transfer(stock: Stock | None, command: Transfer, prior: Applied | None, at_ms: int) -> StockDecision:
    """Units are at another warehouse: off one balance and on the other in one step, so that none is lost or sold twice in between."""
    if prior is not None:
        return _again(command, prior, at_ms)
    quantity, source, target = command["quantity"], command["warehouse"], command["to"]
    if quantity <= 0:
        return _refuse(command, f"a quantity of {quantity}", at_ms)
    if source == target:
        return _refuse(command, f"from {source} to itself", at_ms)
    level = level_at(stock, source)
    if (free := level["on_hand"] - level["reserved"]) < quantity:
        return _refuse(command, f"{free} of {level['on_hand']} units at {source} are not reserved", at_ms)
    if (counted := level_at(stock, target)["on_hand"] + quantity) > UNITS_MAX:
        return _refuse(command, f"on hand at {target} would be {counted}, above {UNITS_MAX}", at_ms)
    gone = move(stock, command["sku"], source, at_ms, on_hand=-quantity)
    there = move(gone.stock, command["sku"], target, at_ms, on_hand=quantity)
    return _apply(command, Moved(there.stock, (*gone.alerts, *there.alerts)), at_ms)


def set_safety_stock(stock: Stock | None, command: SetSafetyStock, prior: Applied | None, at_ms: int) -> StockDecision:
    """How many units a warehouse keeps back. What is reserved already stays reserved."""
    if prior is not None:
        return _again(command, prior, at_ms)
    quantity = command["quantity"]
    if quantity < 0:
        return _refuse(command, f"a safety stock of {quantity} units", at_ms)
    return _apply(command, move(stock, command["sku"], command["warehouse"], at_ms, safety_stock=quantity), at_ms)


def set_pool(stock: Stock | None, command: SetPool, prior: Applied | None, at_ms: int) -> StockDecision:
    """What a document says may be sold before it is there. What is sold of the same sale stays sold."""
    if prior is not None:
        return _again(command, prior, at_ms)
    base = stock if stock is not None else empty_stock(command["sku"])
    if why := pools.refusal(base["pool"], command["pool"]):
        alert = quotas.alert(command["sku"], base["pool"] or command["pool"], "POOL_REFUSED", at_ms, why)
        return _refuse(command, why, at_ms)._replace(pool_alerts=(alert,))
    after = pools.with_pool(base, pools.as_wanted(base["pool"], command["pool"]))
    return _apply(command, Moved(after, ()), at_ms)


def _arrive(
    stock: Stock | None, command: Receive | Restock, quantity: int, prior: Applied | None, at_ms: int
) -> StockDecision:
    if prior is not None:
        return _again(command, prior, at_ms)
    if quantity <= 0:
        return _refuse(command, f"a quantity of {quantity}", at_ms)
    counted = level_at(stock, command["warehouse"])["on_hand"] + quantity
    if counted > UNITS_MAX:
        return _refuse(command, f"on hand would be {counted}, above {UNITS_MAX}", at_ms)
    return _apply(command, move(stock, command["sku"], command["warehouse"], at_ms, on_hand=quantity), at_ms)


def _apply(command: Count, moved: Moved, at_ms: int) -> StockDecision:
    stock, arrived = wake(moved.stock, at_ms)
    return StockDecision(
        stock=stock,
        applied={"command_id": command["command_id"], "answer": "APPLIED", "at_ms": at_ms},
        results=(_answered(command, "APPLIED", "", at_ms), *arrived),
        alerts=moved.alerts,
    )


def _refuse(command: Count, reason: str, at_ms: int) -> StockDecision:
    return StockDecision(
        applied={"command_id": command["command_id"], "answer": _REFUSED + reason, "at_ms": at_ms},
        results=(_answered(command, "REFUSED", reason, at_ms),),
    )


def _again(command: Count, prior: Applied, at_ms: int) -> StockDecision:
    """The stored outcome is the answer: refused stays refused, whatever has arrived since."""
    if prior["answer"].startswith(_REFUSED):
        return StockDecision(results=(_answered(command, "REFUSED", prior["answer"].removeprefix(_REFUSED), at_ms),))
    return StockDecision(results=(_answered(command, "ALREADY_APPLIED", "", at_ms),))


def _answered(command: Count, answer: StockAnswer, reason: str, at_ms: int) -> Named:
    return (
        "StockCommandAnswered",
        {
            "command_id": command["command_id"],
            "order_id": command.get("order_id", ""),
            "sku": command["sku"],
            "warehouse": command["warehouse"],
            "answer": answer,
            "reason": reason,
            "at_ms": at_ms,
        },
    )
