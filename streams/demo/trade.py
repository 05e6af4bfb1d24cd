"""Buyers at the platforms: orders that are placed, paid, changed, cancelled, held, at given moments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from connectors.channels.reconcile.compare import shown
from connectors.generator import Item, generate


class Change(NamedTuple):
    """A snapshot that a platform is to show ``due_s`` seconds after the beginning."""

    due_s: float
    channel: str
    shop: str
    order_no: str
    payload: dict[str, Any]


def trade(
    orders: int, seed: int, items: Sequence[Item], start_ms: int, rate: float, gap_s: float, first_serial: int = 1
) -> list[Change]:
    """``orders`` of all channels, ``rate`` new ones a second; what happens to an order later follows ``gap_s`` apart.

    Platforms date by the second: a gap above one keeps an order's versions apart. A platform shows no older snapshot after a newer one,
    so what the generator lets arrive late is left out; so is what a platform never tells anybody (``_is_told``).
    """
    before: dict[str, str] = {}
    steps: Counter[str] = Counter()
    slots: dict[str, float] = {}
    changes = []
    events = generate(
        orders, seed, start_ms=start_ms, items=items, duplicate_rate=0, malformed_rate=0, first_serial=first_serial
    )
    for raw in events:
        status = shown(raw.event["channel"], raw.event["payload"], 0).status
        if raw.note == "late" or not _is_told(raw.event["channel"], before.get(raw.key), status):
            continue
        before[raw.key] = status
        slot = slots.setdefault(raw.key, len(slots) / rate)
        event = raw.event
        due_s = slot + steps[raw.key] * gap_s
        steps[raw.key] += 1
        changes.append(Change(due_s, event["channel"], event["shop"], event["order_no"], json.loads(event["payload"])))
    return sorted(changes, key=lambda change: change.due_s)


def _is_told(channel: str, before: str | None, status: str) -> bool:
    """JD dates an order by its state alone: no other edit is seen there. PDD has no message for one, nor for what is not paid or held."""
    if channel == "jd":
        return status != before
    if channel == "pdd":
        return status not in (before, "UNPAID", "HOLD") and (status != "CANCELLED" or before is not None)
    return True
