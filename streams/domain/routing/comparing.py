"""Versions of a rule document side by side: what each makes of one order, and in what they differ.

Who is only tried may fail: an error ends its own side. Freight and arrival of both sides are by the same tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.records import ComparedOutcome, ComparedSide

from .book import Turn, plan_by
from .planning import Plan
from .rules.carriage import ANY_CARRIER, Carriage
from .rules.facts import Facts
from .rules.sending import carriage_by, parcels
from .tables.reckoning import Tables
from .trace import with_round

#: Microseconds of a clock that only goes on; what it counts from does not matter.
Stopwatch = Callable[[], int]

#: Why a version that is released and not to be had says nothing.
CANNOT_BE_USED = "cannot be used"

_NO_PLAN = Plan((), [], [])


class Said(NamedTuple):
    """What one version makes of an order."""

    #: None: the built-in rule.
    version: int | None
    plan: Plan
    #: As it saw them.
    facts: Facts
    carriage: Carriage
    tables: Tables | None
    #: None: nobody took the time.
    micros: int | None
    #: Why it says nothing, and its plan is none; empty: it does.
    error: str = ""


def said_by(its: Turn, facts: Facts, stopwatch: Stopwatch | None) -> Said:
    """The version whose turn it is. Raises what its rules raise."""
    began = 0 if stopwatch is None else stopwatch()
    plan, seen, decision = plan_by(its, facts)
    took = None if stopwatch is None else stopwatch() - began
    rules, tables = its.compiled
    return Said(its.by["version"], plan, seen, carriage_by(rules, decision), tables, took)


def said_by_builtin(facts: Facts, planned: Callable[[], Plan], stopwatch: Stopwatch | None) -> Said:
    """The built-in rule, which looks at no tables."""
    began = 0 if stopwatch is None else stopwatch()
    plan = planned()
    took = None if stopwatch is None else stopwatch() - began
    return Said(None, plan, facts, ANY_CARRIER, None, took)


def tried_by(its: Turn, facts: Facts, stopwatch: Stopwatch | None) -> Said:
    """A version whose errors are its own."""
    try:
        return said_by(its, facts, stopwatch)
    except Exception as error:  # whatever is wrong with it: what is tried ends no order
        # Not its text: that may quote the order.
        return _nothing(its.by["version"], facts, type(error).__name__)


def unusable(version: int, facts: Facts) -> Said:
    """A version that is released, and cannot be had or not be used."""
    return _nothing(version, facts, CANNOT_BE_USED)


def are_equal(one: Said, other: Said) -> bool:
    """Whether both send the same pieces from the same warehouses, or let the order wait."""
    return not one.error and not other.error and sorted(one.plan.parts) == sorted(other.plan.parts)


def side(said: Said, tables: Tables | None, *, trace: bool) -> ComparedSide:
    """As it is recorded.

    :param tables: what freight and arrival are told by; None: they are not known.
    :param trace: with the reasons.
    """
    plan = said.plan
    freight, arrival = _carried(said, tables)
    over, below = breaches(plan, said.facts)
    waits = not said.error and not plan.parts
    told = plan if plan.by_rules is None else plan._replace(considered=[])
    return {
        "version": said.version,
        "outcome": _outcome(said),
        "warehouses": sorted({part.warehouse for part in plan.parts}),
        "freight_minor": freight,
        "arrival_minutes": arrival,
        "backordered": sum([line.quantity for line in said.facts.order.lines]) if waits else 0,
        "over_capacity": over,
        "below_safety": below,
        "error": said.error,
        "micros": said.micros,
        "trace": with_round(None, 1, told) if trace and not said.error else None,
    }


def breaches(plan: Plan, facts: Facts) -> tuple[int, int]:
    """Pieces that a plan asks for beyond what warehouses may have open, and beyond what they may sell.

    The inventory refuses the latter in the end; that rules plan neither is theirs to keep, and this counts it anew.
    """
    about = {each.code: each for each in facts.warehouses}
    by_sender: dict[str, int] = {}
    by_shelf: dict[tuple[str, str], int] = {}
    for part in plan.parts:
        shelf = part.warehouse, part.sku
        by_sender[part.warehouse] = by_sender.get(part.warehouse, 0) + part.quantity
        by_shelf[shelf] = by_shelf.get(shelf, 0) + part.quantity
    over = below = 0
    for code, units in by_sender.items():
        most = about[code].max_open_units if code in about else None
        if most is not None:
            over += min(units, max(0, about[code].open_units + units - most))
    for (code, sku), units in by_shelf.items():
        sells = about[code].sells.get(sku, 0) if code in about else 0
        below += max(0, units - sells)
    return over, below


def _carried(said: Said, tables: Tables | None) -> tuple[int | None, int | None]:
    """Freight of all parcels, and minutes until the last arrives; None where it is not known of one."""
    if tables is None or not said.plan.parts:
        return None, None
    its = parcels(said.carriage, tables, said.facts, said.plan.parts)
    return _if_known(sum, [each["freight"] for each in its]), _if_known(max, [each["arrives"] for each in its])


def _if_known(of: Callable[[Sequence[int]], int], figures: Sequence[int | None]) -> int | None:
    known = [each for each in figures if each is not None]
    return of(known) if len(known) == len(figures) else None


def _outcome(said: Said) -> ComparedOutcome:
    if said.error:
        return "UNDECIDED" if said.error == CANNOT_BE_USED else "FAILED"
    return "ALLOCATED" if said.plan.parts else "BACKORDERED"


def _nothing(version: int, facts: Facts, why: str) -> Said:
    return Said(version, _NO_PLAN, facts, ANY_CARRIER, None, None, why)
