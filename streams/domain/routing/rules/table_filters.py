"""Filters by what tables say of warehouses. Where a figure is not known a warehouse is refused, and the reason stands in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from schemas.documents.rules.document import (
    Able,
    ArrivesWithin,
    BeforeCutOff,
    Covered,
    Filter,
    HasDayLeft,
    LeavesMargin,
    SentBy,
    WorksWithin,
)

from ..tables.clock import DAY_MINUTES, minute_of
from ..tables.coverage import Match
from ..tables.reasons import NO_COST, NOT_COVERED
from ..tables.reckoning import Reckoned
from .carriage import Carriage, of_warehouse, sender, why_none
from .facts import Facts, Value, WarehouseFacts

#: Places of warehouses in the rows that the order has of the strategy's tables; None: it has no row.
Rows = tuple[Mapping[str, int] | None, ...]
#: What is left of the warehouses, and the pieces that each covers.
Left = tuple[Sequence[WarehouseFacts], Sequence[int]]
#: (facts, what is left, pieces of the order, rows) -> place of each that is refused, its figure and the limit.
Check = Callable[[Facts, Left, int, Rows], list[tuple[int, Value, Value]]]
#: (facts, what tables say of one warehouse) -> its figure and the limit where it is refused; None: it is not.
_Asks = Callable[[Facts, Reckoned], tuple[Value, Value] | None]


def compiled(each: Filter, by: Carriage) -> Check:
    """:param by: which carrier sends from a warehouse."""
    match each:
        case Covered(narrowest=narrowest):
            return _narrowest if narrowest else _each(_covered)
        case ArrivesWithin(minutes=minutes):
            return _each(_arrives(minutes, by))
        case BeforeCutOff(by=until):
            return _each(_leaves_today(by) if until == "today" else _leaves_in_time(by))
        case WorksWithin(minutes=minutes):
            return _each(lambda facts, it: _above(it.opens, minutes))
        case HasDayLeft(at_least=least):
            return _each(lambda facts, it: None if it.left_today is None else _below(it.left_today, least))
        case SentBy():
            return _each(_sent(by))
        case Able(in_=names):
            return _able(names or ())
        case LeavesMargin(minor=least):
            return _each(_margin(least, by))
        case _:
            raise TypeError(str(each.__struct_config__.tag))


def margin(facts: Facts, it: Reckoned, by: Carriage) -> int | str:
    """The order's amount less goods, handling and freight, in its minor units; or why that is not known."""
    amount, offer = facts.order.total_minor, sender(by, it)
    if amount is None:
        return NO_COST
    if isinstance(it.goods, str):
        return it.goods
    if isinstance(it.handling, str):
        return it.handling
    if offer is None:
        return why_none(by, it)
    return offer.freight if isinstance(offer.freight, str) else amount - it.goods - it.handling - offer.freight


def _each(asks: _Asks) -> Check:
    """A check that asks of each warehouse by itself."""

    def check(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
        refused: list[tuple[int, Value, Value]] = []
        for at, warehouse in enumerate(left[0]):
            found = asks(facts, of_warehouse(facts, warehouse.code))
            if found is not None:
                refused.append((at, found[0], found[1]))
        return refused

    return check


def _above(figure: int | str, limit: int) -> tuple[Value, Value] | None:
    return (figure, limit) if isinstance(figure, str) or figure > limit else None


def _below(figure: int | str, limit: int) -> tuple[Value, Value] | None:
    return (figure, limit) if isinstance(figure, str) or figure < limit else None


def _covered(facts: Facts, it: Reckoned) -> tuple[Value, Value] | None:
    return (NOT_COVERED, None) if isinstance(it.served, str) else None


def _narrowest(facts: Facts, left: Left, pieces: int, rows: Rows) -> list[tuple[int, Value, Value]]:
    served = [of_warehouse(facts, each.code).served for each in left[0]]
    best = max([each.depth for each in served if isinstance(each, Match)], default=0)
    return [
        (at, each if isinstance(each, str) else each.depth, best)
        for at, each in enumerate(served)
        if isinstance(each, str) or each.depth < best
    ]


def _arrives(minutes: int, by: Carriage) -> _Asks:
    def asks(facts: Facts, it: Reckoned) -> tuple[Value, Value] | None:
        offer = sender(by, it)
        return _above(why_none(by, it) if offer is None else offer.arrives, minutes)

    return asks


def _leaves_today(by: Carriage) -> _Asks:
    def asks(facts: Facts, it: Reckoned) -> tuple[Value, Value] | None:
        offer = sender(by, it)
        # Until the day's last minute.
        left = DAY_MINUTES - 1 - minute_of(facts.now_ms) % DAY_MINUTES
        return _above(why_none(by, it) if offer is None else offer.leaves, left)

    return asks


def _leaves_in_time(by: Carriage) -> _Asks:
    def asks(facts: Facts, it: Reckoned) -> tuple[Value, Value] | None:
        ship_by = facts.order.ship_by_ms
        if ship_by is None:
            return None
        offer = sender(by, it)
        return _above(why_none(by, it) if offer is None else offer.leaves, minute_of(ship_by) - minute_of(facts.now_ms))

    return asks


def _sent(by: Carriage) -> _Asks:
    return lambda facts, it: (why_none(by, it), None) if sender(by, it) is None else None


def _able(names: Sequence[str]) -> Check:
    def asks(facts: Facts, it: Reckoned) -> tuple[Value, Value] | None:
        lacks = it.lacks or next((name for name in names if name not in it.abilities), "")
        return (lacks, None) if lacks else None

    return _each(asks)


def _margin(least: int, by: Carriage) -> _Asks:
    return lambda facts, it: _below(margin(facts, it, by), least)
