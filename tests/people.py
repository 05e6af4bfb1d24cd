"""People who may do everything, and those whom orders tell of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams.ops.actor import ALL_RIGHTS, Actor


def person(who: str) -> Actor:
    """Of that name, with all rights."""
    return Actor(who, ALL_RIGHTS)


def told_of(orders: Iterable[dict[str, Any]]) -> set[str]:
    """Names, phones, streets and remarks of orders; what is as short as a number or masked already could stand anywhere."""
    found: set[str] = set()
    for order in orders:
        to = order["receiver"]
        found |= {to["name"], to["phone"], to["address"], order["attributes"].get("buyer_note", "")}
    return {text for text in found if "*" not in text and len(text) > (2 if text.isascii() else 1)}
