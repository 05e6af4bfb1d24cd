"""Criteria: compiled to functions that say what each candidate costs. The lower the better; whole numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from schemas.documents.parts import BASIS_POINTS
from schemas.documents.rules.document import (
    ByArrival,
    ByCapacity,
    ByDayLeft,
    ByDistance,
    ByFreight,
    ByGoodsCost,
    ByHandlingCost,
    ByLoad,
    ByPieces,
    ByPriority,
    ByProvince,
    ByRegion,
    BySequence,
    ByStock,
    ByTable,
    Criterion,
)

from ..tables.reasons import NO_CARRIER
from ..tables.reckoning import Offer, Reckoned
from .carriage import Carriage, of_warehouse, sender
from .facts import Facts
from .filters import loads
from .table_filters import Left, Rows
from .trace import UNKNOWN

#: (facts, the candidates, rows) -> cost of each, UNKNOWN where there is no figure, -UNKNOWN where there is no limit.
Costs = Callable[[Facts, Left, Rows], Sequence[int]]

#: Those that are better by more: their costs are negative.
BY_MORE = ("covers", "stock", "capacity_left", "day_left")


def name_of(each: Criterion) -> str:
    """As the document names it."""
    return str(each.__struct_config__.tag)


def compiled(each: Criterion, tables: Mapping[str, int], by: Carriage) -> Costs:
    """What a criterion costs.

    :param tables: name -> its place among ``Rows``.
    :param by: which carrier sends from a warehouse.
    """
    match each:
        case ByDistance():
            return lambda facts, left, rows: [UNKNOWN if it.metres is None else it.metres for it in left[0]]
        case ByPriority():
            return lambda facts, left, rows: [it.priority for it in left[0]]
        case ByPieces():
            return lambda facts, left, rows: [-covers for covers in left[1]]
        case ByStock():
            return lambda facts, left, rows: [-sum(it.sells.values()) for it in left[0]]
        case ByCapacity():
            return lambda facts, left, rows: [
                -UNKNOWN if it.max_open_units is None else it.open_units - it.max_open_units for it in left[0]
            ]
        case ByLoad():
            return lambda facts, left, rows: loads(left[0])
        case ByProvince():
            return _province
        case BySequence(warehouses=codes):
            return _sequence({code: place for place, code in enumerate(codes)})
        case ByTable(table=name):
            return _table(tables[name])
        case ByFreight():
            return _by_table(lambda it: _of_offer(sender(by, it), True))
        case ByArrival():
            return _by_table(lambda it: _of_offer(sender(by, it), False))
        case ByGoodsCost():
            return _by_table(lambda it: it.goods)
        case ByHandlingCost():
            return _by_table(lambda it: it.handling)
        case ByDayLeft():
            return _by_table(_less_left)
        case ByRegion():
            return _by_table(lambda it: it.served if isinstance(it.served, str) else it.served.priority)
        case _:
            raise TypeError(name_of(each))


def band(bands: Sequence[int], by_more: bool, cost: int) -> int:
    """The place of a figure among upper limits, as a cost of its own; an unknown one comes after all."""
    if cost in (UNKNOWN, -UNKNOWN):
        return len(bands) + 1 if cost > 0 else -len(bands) - 1
    return -bisect_left(bands, -cost) if by_more else bisect_left(bands, cost)


def points(costs: Sequence[int]) -> list[int]:
    """Each one's place between the worst (0) and the best (10,000), rounded down; an unknown one has none, an unlimited one all."""
    if not costs:
        return []
    best, worst = low, high = min(costs), max(costs)
    if low == -UNKNOWN or high == UNKNOWN:
        known = [cost for cost in costs if cost not in (UNKNOWN, -UNKNOWN)]
        best, worst = (min(known), max(known)) if known else (0, 0)
    span = worst - best
    if not span:
        return [0 if cost == UNKNOWN else BASIS_POINTS for cost in costs]
    if best == low and worst == high:
        return [(worst - cost) * BASIS_POINTS // span for cost in costs]
    return [
        0 if cost >= worst else BASIS_POINTS if cost <= best else (worst - cost) * BASIS_POINTS // span
        for cost in costs
    ]


def _by_table(figure: Callable[[Reckoned], int | str]) -> Costs:
    """By what tables say; a reason in place of a figure is none."""

    def costs(facts: Facts, left: Left, rows: Rows) -> Sequence[int]:
        found = [figure(of_warehouse(facts, it.code)) for it in left[0]]
        return [UNKNOWN if isinstance(each, str) else each for each in found]

    return costs


def _of_offer(offer: Offer | None, cost: bool) -> int | str:
    if offer is None:
        return NO_CARRIER
    return offer.freight if cost else offer.arrives


def _less_left(it: Reckoned) -> int | str:
    if it.left_today is None:
        return -UNKNOWN
    return it.left_today if isinstance(it.left_today, str) else -it.left_today


def _province(facts: Facts, left: Left, rows: Rows) -> Sequence[int]:
    here = facts.order.province
    return [0 if it.province == here and here else 1 for it in left[0]]


def _sequence(places: Mapping[str, int]) -> Costs:
    last = len(places)
    return lambda facts, left, rows: [places.get(it.code, last) for it in left[0]]


def _table(place: int) -> Costs:
    def costs(facts: Facts, left: Left, rows: Rows) -> Sequence[int]:
        row = rows[place] or {}
        return [row.get(it.code, UNKNOWN) for it in left[0]]

    return costs
