"""Tables as a merchant writes them, read into their types: a test spells out only what it is about."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def document(kind: type[T], **fields: Any) -> T:
    return msgspec.convert({"version": 1, "name": "x", **fields}, kind)


def calendar(**fields: Any) -> dict[str, Any]:
    """Mondays to Fridays from 08:00 to 18:00."""
    hours = {"days": [1, 2, 3, 4, 5], "opens": "08:00", "closes": "18:00"}
    return {"warehouse": "HZ1", "handling_minutes": 60, "weekly": [hours], **fields}


def zone(**fields: Any) -> dict[str, Any]:
    return {"regions": ["*"], "first": 1000, "first_fee": 500, **fields}


def template(*zones: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"warehouse": "HZ1", "carrier": "zto", "zones": [*zones], **fields}
