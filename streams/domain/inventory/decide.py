"""Inventory: one command in, one decision out. One partition owns a SKU, so its balance has a single writer.

The agent's part, in order:
1. Find the balance: `stock[command["sku"]]`.
2. Find what is known of the command: `prior_key(name, command)` names the table and the key; of one about a part of a
   reservation also whether `rest_key(command)` is known.
3. Decide. What a pool lets come further with it is looked up by turn (`serving.Turns`), where there is somebody.
4. Store `stock`, `reservation`, `rest` and `others` (by reservation id, in this order) and `applied` (by command id), each where it is
   there; keep the turns of those that are frozen or wait.
5. Send each result under `result_key`, each alert under its SKU, and `availability(before, after)` when levels or the pool changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from schemas.records import Applied, Availability, Reservation, Stock

from .backorders import await_stock, forget_stock, wake_the_others
from .counts import adjust, receive, restock, set_pool, set_safety_stock, transfer
from .pools import freeze
from .reservations import commit, expire, release, reserve
from .serving import NO_TURNS, Turns, served
from .stock import StockDecision

Prior = Reservation | Applied | None

HANDLERS: dict[str, Callable[..., StockDecision]] = {
    "Reserve": reserve,
    "Release": release,
    "Commit": commit,
    "Expire": expire,
    "Receive": receive,
    "Adjust": adjust,
    "Restock": restock,
    "SetSafetyStock": set_safety_stock,
    "Transfer": transfer,
    "AwaitStock": await_stock,
    "ForgetStock": forget_stock,
    "SetPool": set_pool,
    "Freeze": freeze,
}

# Commands that bring no goods: nobody is woken for them who was not by the handler.
_NO_GOODS = frozenset(("AwaitStock", "ForgetStock", "Freeze"))

# Waiting is a set of order ids: asking twice is asking once, so nothing needs to be remembered.
_PRIORS: dict[str, tuple[Literal["reservations", "applied"], str] | None] = {
    "Reserve": ("reservations", "reservation_id"),
    "Release": ("reservations", "reservation_id"),
    "Commit": ("reservations", "reservation_id"),
    "Expire": ("reservations", "reservation_id"),
    "Receive": ("applied", "command_id"),
    "Adjust": ("applied", "command_id"),
    "Restock": ("applied", "command_id"),
    "SetSafetyStock": ("applied", "command_id"),
    "Transfer": ("applied", "command_id"),
    "AwaitStock": None,
    "ForgetStock": None,
    "SetPool": ("applied", "command_id"),
    "Freeze": ("reservations", "reservation_id"),
}


def decide(
    stock: Stock | None,
    command_name: str,
    command: Mapping[str, Any],
    prior: Prior,
    at_ms: int,
    rest_known: bool = False,
    turns: Turns = NO_TURNS,
) -> StockDecision:
    """Decide one command on the balance of its SKU.

    :param prior: what the table named by `prior_key` holds for the command, None when nothing.
    :param rest_known: whether the reservations know `rest_key(command)` already.
    :param at_ms: the command's time in the log; goes into results and alerts.
    :param turns: who is in the SKU's pool; looked at only where its balance says that somebody is.
    :raises KeyError: for a command nobody knows.
    :raises InvariantViolation: when the stored balance can't carry a command that must be possible.
    """
    if rest_known:
        decision = HANDLERS[command_name](stock, command, prior, at_ms, rest_known)
    else:
        decision = HANDLERS[command_name](stock, command, prior, at_ms)
    if decision.stock is None or decision.stock["pool"] is None:
        return decision
    before = stock["pool"] if stock is not None else None
    came_first = decision.stock["pool"]["frozen"] or decision.stock["pool"]["waiting"]
    decision = served(decision, before, turns, at_ms, command.get("reservation_id", ""))
    if decision.stock is None or not came_first or command_name in _NO_GOODS:
        return decision
    after, arrived = wake_the_others(decision.stock, at_ms)
    return decision._replace(stock=after, results=(*decision.results, *arrived))


def prior_key(command_name: str, command: Mapping[str, Any]) -> tuple[Literal["reservations", "applied"], str] | None:
    """The table and key under which the outcome of this command may already stand; None when it needs none."""
    place = _PRIORS[command_name]
    return place and (place[0], command[place[1]])


def rest_key(command: Mapping[str, Any]) -> str:
    """The reservation that a command about a part of another one leaves; empty for all other commands."""
    return str(command.get("rest_id", ""))


def result_key(record: Mapping[str, Any]) -> str:
    """The key of a result: the order it is about, the SKU when it is about none."""
    return str(record["order_id"] or record["sku"])


def availability(before: Stock | None, after: Stock | None) -> Availability | None:
    """What other stages may know of a balance; None when no level changed, nor the pool (who waits is nobody's business)."""
    if after is None or (
        before is not None and after["levels"] == before["levels"] and after["pool"] == before["pool"]
    ):
        return None
    return {"sku": after["sku"], "version": after["version"], "levels": after["levels"], "pool": after["pool"]}
