"""What intake must make of its input, by a model as plain as its documentation: how many outcomes of each kind an order has.

Reads the raw payloads itself; of the domain it knows nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from schemas.codec import CODEC
from tests.simulation.orders import SKUS, Event

_TOPICS = {"Order": "orders", "Review": "orders.review", "Duplicate": "orders.duplicates"}


class Known(NamedTuple):
    """What was last made of an order."""

    accepted: bool
    version: str
    content: Any


def outcomes_of(events: Iterable[Event]) -> Counter[tuple[str, bytes]]:
    """(topic, key) -> number of records."""
    known: dict[str, Known] = {}
    made: Counter[tuple[str, bytes]] = Counter()
    for _, topic, key, value, unfit, _ in events:
        if topic.startswith("channel.") and not unfit:
            trade = json.loads(CODEC.decode(value)[1]["payload"])
            outcome, known[key] = _decide(trade, known.get(key))
            made[_TOPICS[outcome], key.encode()] += 1
    return made


def _decide(trade: dict[str, Any], before: Known | None) -> tuple[str, Known]:
    version = trade["modified"]
    content = {name: value for name, value in trade.items() if name != "modified"}
    sold = {line["outer_sku_id"] for line in trade["orders"]["order"]}
    if trade["status"] != "TRADE_CLOSED" and not sold <= set(SKUS):
        if before is not None and before.accepted:
            return "Review", before
        if before is not None and before.content == trade:
            return "Duplicate", before
        return "Review", Known(False, "", trade)
    if before is None or not before.accepted:
        return "Order", Known(True, version, content)
    if content == before.content:
        return "Duplicate", before._replace(version=max(version, before.version))
    if version < before.version:
        return "Duplicate", before
    if version == before.version:
        return "Review", before
    return "Order", Known(True, version, content)
