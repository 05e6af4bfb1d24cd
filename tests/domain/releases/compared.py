"""Records of ``decisions.compared``, for tests of what reads them."""

from __future__ import annotations

from typing import Any

from schemas.records import DecisionCompared

SINCE_MS = 1_000


def side(version: int | None, outcome: str = "ALLOCATED", **more: Any) -> dict[str, Any]:
    sends = outcome == "ALLOCATED"
    told: dict[str, Any] = {"version": version, "outcome": outcome, "warehouses": ["HZ"] if sends else []}
    told |= {"freight_minor": None, "arrival_minutes": None, "backordered": 2 * (outcome == "BACKORDERED")}
    told |= {"over_capacity": 0, "below_safety": 0, "error": "" if outcome in ("ALLOCATED", "BACKORDERED") else "X"}
    return {**told, "micros": 50, "trace": None, **more}


def compared(
    tried: str = "ALLOCATED",
    stands: str = "ALLOCATED",
    *,
    number: int = 1,
    role: str = "SHARE",
    version: int = 2,
    since_ms: int | None = SINCE_MS,
    document: str = "rules/default",
    **more: Any,
) -> DecisionCompared:
    """``more``: of the version that is tried."""
    record: Any = {
        "order_id": f"taobao:{number}",
        "channel": "taobao",
        "shop": "tea",
        "order_version": 1,
        "attempt": 1,
        "document": document,
        "role": role,
        "trial_ms": since_ms if role == "SHARE" else None,
        "effect": "TRIED" if role == "SHARE" else "STANDS",
        "currency": "CNY",
        "stands": side(1, stands),
        "tried": side(version, tried, **more),
        "equal": tried == stands,
        "at_ms": 5,
    }
    found: DecisionCompared = record
    return found
