"""Who sends what a decision sends, for how much, and when it arrives: of each warehouse looked at, and of each parcel."""

from __future__ import annotations

from typing import Any

from ..tables.reckoning import Reckoned, Tables, reckoned
from .carriage import Carriage, of_warehouse, sender, why_none
from .compiling import Rules
from .facts import Facts, parcel_of
from .trace import Decision


def sending(rules: Rules, tables: Tables, facts: Facts, decision: Decision) -> dict[str, Any]:
    """Plain values, by the strategy that decided: ``warehouses`` with the whole order's figures, ``parcels`` with their own.

    A figure that is not known is None, and ``why`` says which reasons there are.
    """
    by = next(choice.carriage for choice in rules.choices if choice.name == decision.attempts[-1].strategy)
    lines: dict[str, list[tuple[str, int]]] = {}
    for part in decision.parts:
        lines.setdefault(part.warehouse, []).append((part.sku, part.quantity))
    parcels = []
    for code, its in lines.items():
        found = reckoned(tables, parcel_of(facts.order, tuple(its)), [code], facts.now_ms, {})[code]
        parcels.append({"warehouse": code, "pieces": sum([units for _, units in its]), **_figures(by, found)})
    return {
        "warehouses": [
            {"warehouse": each.code, **_figures(by, of_warehouse(facts, each.code))} for each in facts.warehouses
        ],
        "parcels": parcels,
    }


def _figures(by: Carriage, it: Reckoned) -> dict[str, Any]:
    offer = sender(by, it)
    if offer is None:
        return {
            "carrier": None,
            "freight": None,
            "leaves": None,
            "arrives": None,
            "why": [why_none(by, it)],
            "mark": "",
        }
    figures = {"freight": offer.freight, "leaves": offer.leaves, "arrives": offer.arrives}
    why = dict.fromkeys([each for each in figures.values() if isinstance(each, str)])
    known = {name: None if isinstance(each, str) else each for name, each in figures.items()}
    return {"carrier": offer.carrier, **known, "why": [*why], "mark": offer.mark}
