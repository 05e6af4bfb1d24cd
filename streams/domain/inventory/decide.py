"""Inventory: one command in, one decision out. One partition owns a SKU, so its balance has a single writer.

The agent's part, in order:
1. Find the balance: `stock[command["sku"]]`.
2. Find what is known of the command: `prior_key(name, command)` names the table and the key; of one about a part of a
   reservation also whether `rest_key(command)` is known.
3. Decide.
4. Store `stock`, `reservation` and `rest` (by reservation id) and `applied` (by command id) where they are not None.
5. Send each result under `result_key`, each alert under its SKU, and `availability(before, after)` when levels changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from schemas.records import Applied, Availability, Reservation, Stock

from .backorders import await_stock, forget_stock
from .counts import adjust, receive, restock, set_safety_stock, transfer
from .reservations import commit, expire, release, reserve
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
}

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
}


def decide(
    stock: Stock | None,
    command_name: str,
    command: Mapping[str, Any],
    prior: Prior,
    at_ms: int,
    rest_known: bool = False,
) -> StockDecision:
    """Decide one command on the balance of its SKU.

    :param prior: what the table named by `prior_key` holds for the command, None when nothing.
    :param rest_known: whether the reservations know `rest_key(command)` already.
    :param at_ms: the command's time in the log; goes into results and alerts.
    :raises KeyError: for a command nobody knows.
    :raises InvariantViolation: when the stored balance can't carry a command that must be possible.
    """
    if rest_known:
        return HANDLERS[command_name](stock, command, prior, at_ms, rest_known)
    return HANDLERS[command_name](stock, command, prior, at_ms)


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
    """What other stages may know of a balance; None when no level changed (who waits is nobody's business)."""
    if after is None or (before is not None and after["levels"] == before["levels"]):
        return None
    return {"sku": after["sku"], "version": after["version"], "levels": after["levels"]}
