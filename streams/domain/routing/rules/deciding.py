"""Compiled rules and facts in, one decision out, with its whole trace.

1. The first strategy whose conditions the order meets is tried; those before it are told with the condition that failed.
2. Warehouses that may not send, or that a filter refuses, are told with figure and limit; the others are ranked.
3. Those that send are found (``splitting``). What sends the whole order decides; else ``then`` says whether the next one is tried.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..planning import PlannedPart
from .compiling import Choice, Rules
from .criteria import band, points
from .facts import Facts, WarehouseFacts
from .splitting import Sender, parts_of, split
from .table_filters import Rows
from .trace import (
    DISABLED,
    FULL,
    NOT_SET_UP,
    NOTHING_TO_SELL,
    UNKNOWN,
    Attempt,
    Decision,
    Looked,
    Margin,
    PassedOver,
)

#: A candidate as it is compared: costs, bands or its negative score, then its code; and its place among the facts' warehouses.
_Ranked = tuple[tuple[int, ...], str, int]
_TO_BE_RANKED = Looked("", "", None, None, 0, (), (), None)


def decide(rules: Rules, facts: Facts) -> Decision:
    """Which warehouses send an order of at least one line."""
    wanted: dict[str, int] = {}
    for line in facts.order.lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    pieces = sum(wanted.values())
    attempts: list[Attempt] = []
    passed: list[PassedOver] = []
    parts: tuple[PlannedPart, ...] = ()
    unplaced: dict[str, int] = {}
    for choice in rules.choices:
        failed = _first_that_fails(choice, facts)
        if failed is not None:
            passed.append(failed)
            continue
        attempt, parts, unplaced = _try(choice, facts, wanted, pieces)
        attempts.append(attempt)
        if attempt.result == "all":
            break
        if (choice.then.partial if attempt.result == "part" else choice.then.none) == "backorder":
            break
    return Decision(parts, unplaced, tuple(attempts), tuple(passed), rules.digest, facts.versions)


def _first_that_fails(choice: Choice, facts: Facts) -> PassedOver | None:
    for number, condition in enumerate(choice.when):
        if not condition.meets(facts):
            return PassedOver(choice.name, number, condition.actual(facts))
    return None


def _try(
    choice: Choice, facts: Facts, wanted: dict[str, int], pieces: int
) -> tuple[Attempt, tuple[PlannedPart, ...], dict[str, int]]:
    warehouses = facts.warehouses if not choice.keep_back else _kept_back(facts.warehouses, choice.keep_back)
    looked, ranked = _look(choice, facts, warehouses, wanted, pieces)
    lines = facts.order.lines

    best = _best_alone(looked, ranked, pieces, choice.allocate.split == "in_order")
    if best is not None:
        code = looked[best].warehouse
        parts = tuple([PlannedPart(line.line_no, line.sku, code, line.quantity) for line in lines])
        return _attempt(choice, "all", looked, ranked, (code,), False), parts, {}
    if not ranked:
        return _attempt(choice, "none", looked, ranked, (), False), (), wanted

    senders = [_sender(warehouses[place], looked[place]) for _, _, place in ranked]
    found = split(lines, senders, choice.allocate)
    if not any(found.left):
        chosen = tuple([senders[place].code for place, _ in found.taken])
        return (
            _attempt(choice, "all", looked, ranked, chosen, found.capped),
            parts_of(lines, senders, found),
            {},
        )
    unplaced: dict[str, int] = {}
    for line, units in zip(lines, found.left, strict=True):
        if units:
            unplaced[line.sku] = unplaced.get(line.sku, 0) + units
    return _attempt(choice, "part", looked, ranked, (), found.capped), (), unplaced


def _kept_back(warehouses: Sequence[WarehouseFacts], pieces: int) -> tuple[WarehouseFacts, ...]:
    return tuple(
        [
            each._replace(sells={sku: units - pieces for sku, units in each.sells.items() if units > pieces})
            for each in warehouses
        ]
    )


def _look(
    choice: Choice, facts: Facts, warehouses: Sequence[WarehouseFacts], wanted: dict[str, int], pieces: int
) -> tuple[list[Looked], list[_Ranked]]:
    """Every warehouse, refused or with its costs; and the candidates, best first."""
    looked: list[Looked] = []
    places: list[int] = []
    some: list[WarehouseFacts] = []
    cover: list[int] = []
    for warehouse in warehouses:
        code, sells, _, _, enabled, set_up, used, most, _ = warehouse
        covers = 0
        if not set_up:
            looked.append(Looked(code, NOT_SET_UP, None, None, 0, (), (), None))
            continue
        if not enabled:
            looked.append(Looked(code, DISABLED, None, None, 0, (), (), None))
            continue
        if most is not None and most <= used:
            looked.append(Looked(code, FULL, used, most, 0, (), (), None))
            continue
        for sku, units in wanted.items():
            has = sells.get(sku, 0)
            covers += has if has < units else units
        if not covers:
            looked.append(Looked(code, NOTHING_TO_SELL, 0, pieces, 0, (), (), None))
            continue
        if most is not None and covers > most - used:
            covers = most - used
        places.append(len(looked))
        looked.append(_TO_BE_RANKED)
        some.append(warehouse)
        cover.append(covers)
    if not some:
        return looked, []

    rows: Rows = tuple([lookup(facts) for lookup in choice.lookups])
    for name, check in choice.checks:
        refused = check(facts, (some, cover), pieces, rows)
        for at, actual, limit in refused:
            looked[places[at]] = Looked(some[at].code, name, actual, limit, cover[at], (), (), None)
        if refused:
            gone = [at for at, _, _ in refused]
            kept = [at for at in range(len(some)) if at not in gone]
            places, some, cover = [places[at] for at in kept], [some[at] for at in kept], [cover[at] for at in kept]
    return looked, _ranked(
        choice, looked, places, [costs(facts, (some, cover), rows) for costs in choice.costs], some, cover
    )


def _ranked(
    choice: Choice,
    looked: list[Looked],
    places: Sequence[int],
    columns: Sequence[Sequence[int]],
    some: Sequence[WarehouseFacts],
    cover: Sequence[int],
) -> list[_Ranked]:
    """The candidates, best first; each with its entry among what was looked at. ``columns``: a criterion each, the costs of all."""
    ranked: list[_Ranked] = []
    costs = list(zip(*columns, strict=True))
    parts = list(zip(*_parts(choice, columns), strict=True))
    for at, place in enumerate(places):
        code, its = some[at].code, parts[at] if parts else ()
        if choice.weights:
            score = 0
            for number, weight in enumerate(choice.weights):
                score += weight * its[number]
            looked[place] = Looked(code, "", None, None, cover[at], costs[at], its, score)
            ranked.append(((-score,), code, place))
        else:
            looked[place] = Looked(code, "", None, None, cover[at], costs[at], its, None)
            ranked.append((its or costs[at], code, place))
    ranked.sort()
    return ranked


def _parts(choice: Choice, columns: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """What is made of the costs: points or bands; nothing where they decide themselves."""
    if choice.weights:
        return [points(column) for column in columns]
    if not choice.bands:
        return []
    return [
        column if limits is None else [band(limits[0], limits[1], cost) for cost in column]
        for limits, column in zip(choice.bands, columns, strict=True)
    ]


def _best_alone(looked: Sequence[Looked], ranked: Sequence[_Ranked], pieces: int, by_rank: bool) -> int | None:
    """The place of the first that sends the whole order; where rank alone decides, only of the first of all."""
    for _, _, place in ranked:
        if looked[place].covers == pieces:
            return place
        if by_rank:
            return None
    return None


def _sender(warehouse: WarehouseFacts, looked: Looked) -> Sender:
    most = warehouse.max_open_units
    return Sender(warehouse.code, warehouse.sells, None if most is None else most - warehouse.open_units, looked.covers)


def _attempt(
    choice: Choice,
    result: str,
    looked: Sequence[Looked],
    ranked: Sequence[_Ranked],
    chosen: tuple[str, ...],
    capped: bool,
) -> Attempt:
    first: Looked | None = None
    second: Looked | None = None
    by_rank = choice.allocate.split == "in_order"
    if chosen:
        for _, code, place in ranked:
            each = looked[place]
            if code == chosen[0]:
                first = each
            elif code not in chosen and (second is None or (not by_rank and each.covers > second.covers)):
                second = each
    margin = None if first is None or second is None else _margin(choice, first, second, by_rank)
    runner_up = "" if second is None else second.warehouse
    return Attempt(choice.name, result, tuple(looked), chosen, runner_up, margin, capped)  # type: ignore[arg-type]


def _margin(choice: Choice, first: Looked, second: Looked, by_rank: bool) -> Margin:
    if not by_rank and first.covers != second.covers:
        return Margin("covers", first.covers - second.covers)
    if choice.weights:
        score = (first.score or 0) - (second.score or 0)
        return Margin("score", score) if score else Margin("warehouse", None)
    for name, one, other in zip(choice.criteria, first.parts or first.costs, second.parts or second.costs, strict=True):
        if one != other:
            unclear = UNKNOWN in (abs(one), abs(other))
            return Margin(name, None if unclear else other - one)
    return Margin("warehouse", None)
