"""Which warehouses serve an order: the fewest, then the nearest.

1. A warehouse that covers the whole order alone: the nearest of them.
2. Else the warehouse that covers most of what is left, the nearer on a tie; again until nothing is left.
3. What is left when no warehouse adds a unit is missing. An order is never planned in part: the caller backorders it.

Ties fall by distance (an unknown one comes last), then by the warehouse's priority (lower first), then by its name.
Sellable units, the warehouse's `enabled` and its `max_open_units` bound what it covers. The greedy choice does not
always find the fewest warehouses when two or more are needed; it finds a plan in microseconds, and the trace shows why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.records import (
    ComparedEffect,
    ComparedRole,
    ComparedSide,
    Considered,
    DecidedBy,
    Missing,
    StockLevel,
    TracedByRules,
    Warehouse,
)

from .geography import distance_km
from .shelves import for_sale

_FAR = float("inf")


class Need(NamedTuple):
    """Units of one order line that a warehouse has to send."""

    line_no: str
    sku: str
    quantity: int


class PlannedPart(NamedTuple):
    """Units of one line from one warehouse: what one Reserve asks for."""

    line_no: str
    sku: str
    warehouse: str
    quantity: int


class Beside(NamedTuple):
    """Two versions of a rule document on the same facts; fields as in DecisionCompared."""

    document: str
    role: ComparedRole
    trial_ms: int | None
    effect: ComparedEffect
    currency: str
    stands: ComparedSide
    tried: ComparedSide
    equal: bool


class Plan(NamedTuple):
    """Who sends what, every warehouse looked at, best first, and what nobody can send."""

    parts: tuple[PlannedPart, ...]
    considered: list[Considered]
    missing: list[Missing]
    #: How a rule document decided; None: the rule of this module did.
    by_rules: TracedByRules | None = None
    decided_by: DecidedBy | None = None
    #: Of warehouses that send, the carrier that the rules chose.
    carriers: Mapping[str, str] = {}
    #: What versions that are tried make of the same order; none: nothing is tried.
    beside: tuple[Beside, ...] = ()
    #: Who would send first, had every warehouse the goods: what another sends is sent from there for want of stock. None: nothing is sent.
    first_choice: str | None = None


class _Candidate:
    """A warehouse while a plan is made. `covers` is in units of the whole order, `distance` is inf where unknown."""

    __slots__ = ("covers", "distance", "free", "name", "open_units", "priority", "reason", "sells")

    def __init__(self, name: str, priority: int, distance: float, open_units: int) -> None:
        self.name = name
        self.priority = priority
        self.distance = distance
        self.open_units = open_units
        self.sells: dict[str, int] = {}
        self.free: int | None = None
        self.covers = 0
        self.reason = ""


def plan(
    needs: Sequence[Need],
    levels: Mapping[str, Sequence[StockLevel]],
    warehouses: Sequence[Warehouse],
    load: Mapping[str, int],
    destination: str,
    country: str = "",
) -> Plan:
    """Plan an order.

    :param needs: one per line, quantities above 0.
    :param levels: what each warehouse holds, per SKU of the order.
    :param load: open (reserved, not yet shipped) units per warehouse, against `max_open_units`.
    :param destination: the receiver's province or city; any name `geography.centre_of` knows.
    :param country: ISO 3166-1 alpha-2 of the receiver's; where the destination is not known, it is where that is.
    """
    wanted: dict[str, int] = {}
    for _, sku, quantity in needs:
        wanted[sku] = wanted.get(sku, 0) + quantity
    total = sum(wanted.values())
    candidates = _candidates(wanted, levels, warehouses, load, destination, country)

    whole = [candidate for candidate in candidates if candidate.covers == total]
    if whole:
        chosen = min(whole, key=_nearest)
        name = chosen.name
        return Plan(
            tuple(PlannedPart(line_no, sku, name, quantity) for line_no, sku, quantity in needs),
            _considered(candidates, total, {name: "covers the whole order"}),
            [],
            first_choice=_first_choice(candidates, total),
        )
    return _split(needs, wanted, total, candidates)


def _candidates(
    wanted: Mapping[str, int],
    levels: Mapping[str, Sequence[StockLevel]],
    warehouses: Sequence[Warehouse],
    load: Mapping[str, int],
    destination: str,
    country: str,
) -> list[_Candidate]:
    """Every warehouse with what it could send of the order; one that can't send anything says why."""
    found: dict[str, _Candidate] = {}
    for warehouse in warehouses:
        name = warehouse["warehouse"]
        distance = distance_km(destination, warehouse["latitude"], warehouse["longitude"], country)
        open_units = load.get(name, 0)
        candidate = _Candidate(name, warehouse["priority"], _FAR if distance is None else distance, open_units)
        found[name] = candidate
        limit = warehouse["max_open_units"]
        if not warehouse["enabled"]:
            candidate.reason = "disabled"
            candidate.free = 0
        elif limit is not None:
            candidate.free = limit - open_units if limit > open_units else 0
            if not candidate.free:
                candidate.reason = "full: no open units left"

    for sku, quantity in wanted.items():
        for level in levels[sku]:
            units = for_sale(level)
            if units <= 0:
                continue
            seller = found.get(level["warehouse"])
            if seller is None:
                # Stock at a warehouse nobody has set up: worth a line in the trace, not a parcel.
                seller = found[level["warehouse"]] = _Candidate(level["warehouse"], 0, _FAR, 0)
                seller.reason = "not set up"
                seller.free = 0
            seller.sells[sku] = units
            seller.covers += units if units < quantity else quantity

    for candidate in found.values():
        if candidate.free is not None and candidate.covers > candidate.free:
            candidate.covers = candidate.free
    return list(found.values())


def _first_choice(candidates: Sequence[_Candidate], total: int) -> str:
    """Who would send first, had every warehouse the goods: the nearest whose open units leave room for the order, or for most of it."""
    may = [each for each in candidates if each.free != 0]
    return min(may, key=lambda it: (0 if it.free is None else max(0, total - it.free), *_nearest(it))).name


def _nearest(candidate: _Candidate) -> tuple[float, int, str]:
    return candidate.distance, candidate.priority, candidate.name


def _split(needs: Sequence[Need], wanted: dict[str, int], total: int, candidates: list[_Candidate]) -> Plan:
    """Share the order between warehouses, the one that covers most of what is left first."""
    taken: dict[str, dict[str, int]] = {}
    reasons: dict[str, str] = {}
    left = dict(wanted)
    remaining = list(candidates)
    while left and remaining:
        best = min(remaining, key=lambda candidate: (-_covers(candidate, left), *_nearest(candidate)))
        units = _covers(best, left)
        if not units:
            break
        remaining.remove(best)
        reasons[best.name] = f"adds {units} of the {sum(left.values())} units left"
        taken[best.name] = _take(best, left)

    missing: list[Missing] = [{"sku": sku, "shortfall": units} for sku, units in left.items()]
    if missing:
        return Plan((), _considered(candidates, total, {}), missing)
    return Plan(
        _parts(needs, taken),
        _considered(candidates, total, reasons),
        [],
        first_choice=_first_choice(candidates, total),
    )


def _covers(candidate: _Candidate, left: Mapping[str, int]) -> int:
    """Units of what is left that this warehouse could send."""
    units = sum(min(quantity, candidate.sells.get(sku, 0)) for sku, quantity in left.items())
    return units if candidate.free is None else min(units, candidate.free)


def _take(candidate: _Candidate, left: dict[str, int]) -> dict[str, int]:
    """Take what the warehouse can send out of `left`, SKU by SKU in the order of the lines."""
    free = candidate.free
    taken: dict[str, int] = {}
    for sku, quantity in list(left.items()):
        units = min(quantity, candidate.sells.get(sku, 0))
        if free is not None:
            units = min(units, free)
            free -= units
        if not units:
            continue
        taken[sku] = units
        if units == quantity:
            del left[sku]
        else:
            left[sku] = quantity - units
    return taken


def _parts(needs: Sequence[Need], taken: dict[str, dict[str, int]]) -> tuple[PlannedPart, ...]:
    """Hand the units taken per warehouse and SKU to the lines, in order."""
    parts: list[PlannedPart] = []
    for line_no, sku, quantity in needs:
        for name, units in taken.items():
            share = min(quantity, units.get(sku, 0))
            if share:
                parts.append(PlannedPart(line_no, sku, name, share))
                units[sku] -= share
                quantity -= share
    return tuple(parts)


def _considered(candidates: list[_Candidate], total: int, chosen: Mapping[str, str]) -> list[Considered]:
    """Why each warehouse sends or does not, the chosen first, then those that would cover most."""
    alone = len(chosen) == 1
    ranked = sorted(
        candidates,
        key=lambda each: (each.name not in chosen, -each.covers, each.distance, each.priority, each.name),
    )
    return [
        {
            "warehouse": each.name,
            "covers": each.covers,
            "distance_km": None if each.distance == _FAR else each.distance,
            "open_units": each.open_units,
            "chosen": each.name in chosen,
            "reason": chosen.get(each.name) or each.reason or _why_not(each.covers, total, bool(chosen), alone),
        }
        for each in ranked
    ]


def _why_not(covers: int, total: int, planned: bool, alone: bool) -> str:
    if not covers:
        return "nothing of this order to sell"
    if not planned:
        return "covers a part, and the rest is nowhere"
    if covers == total:
        return "covers the whole order, but a nearer one does too"
    return "covers only a part" if alone else "adds less than the chosen ones"
