"""Who sends what a decision sends, for how much, and when it arrives: of each warehouse looked at, and of each parcel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..planning import PlannedPart
from ..tables.reckoning import NOTHING_KNOWN, Reckoned, Reckoning, Tables
from .carriage import Carriage, of_warehouse, sender, why_none
from .compiling import Rules
from .facts import Facts, parcel_of
from .trace import Decision


def sending(rules: Rules, tables: Tables, facts: Facts, decision: Decision) -> dict[str, Any]:
    """Plain values, by the strategy that decided: ``warehouses`` with the whole order's figures, ``parcels`` with their own.

    A figure that is not known is None, and ``why`` says which reasons there are.
    """
    by = carriage_by(rules, decision)
    return {
        "warehouses": [
            {"warehouse": each.code, **_figures(by, of_warehouse(facts, each.code))} for each in facts.warehouses
        ],
        "parcels": parcels(by, tables, facts, decision.parts),
    }


def carriers(rules: Rules, tables: Tables, facts: Facts, decision: Decision) -> dict[str, str]:
    """Of each warehouse that sends, who takes its parcel, as ``sending`` has it; without those whose parcel nobody takes.

    :param facts: with what these tables say.
    """
    by = carriage_by(rules, decision)
    chosen = decision.attempts[-1].chosen
    if len(chosen) == 1:
        # Its parcel is the whole order, of which the facts know all.
        offers = {chosen[0]: sender(by, of_warehouse(facts, chosen[0]))}
    else:
        offers = {code: sender(by, found) for code, _, found in _reckoned(tables, facts, decision.parts)}
    return {code: offer.carrier for code, offer in offers.items() if offer is not None}


def carriage_by(rules: Rules, decision: Decision) -> Carriage:
    """How the strategy that decided chooses."""
    return next(choice.carriage for choice in rules.choices if choice.name == decision.attempts[-1].strategy)


def parcels(by: Carriage, tables: Tables, facts: Facts, parts: Sequence[PlannedPart]) -> list[dict[str, Any]]:
    """What leaves, one from each warehouse that sends, each with its own figures."""
    return [
        {"warehouse": code, "pieces": pieces, **_figures(by, found)}
        for code, pieces, found in _reckoned(tables, facts, parts)
    ]


def _reckoned(tables: Tables, facts: Facts, parts: Sequence[PlannedPart]) -> Iterator[tuple[str, int, Reckoned]]:
    """Each warehouse that sends, its pieces, and what tables say of its parcel."""
    lines: dict[str, list[tuple[str, int]]] = {}
    for part in parts:
        lines.setdefault(part.warehouse, []).append((part.sku, part.quantity))
    for code, its in lines.items():
        found = Reckoning(tables, parcel_of(facts.order, tuple(its)), (code,), facts.now_ms, {})
        yield code, sum([units for _, units in its]), found.get(code, NOTHING_KNOWN)


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
