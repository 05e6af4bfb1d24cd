"""An order that no warehouse sends alone, shared between those that rank: most first, in their order, or the fewest there can be.

A warehouse takes line by line, lines of one SKU together, what it has and may still have open. With ``keep_together`` it takes a line, or
the lines of a bundle, whole or not at all. With ``min_value`` neither a parcel nor what is left after it may be worth less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from schemas.documents.rules.document import Allocate

from ..planning import PlannedPart
from .facts import LineFacts

#: So many sets of warehouses are tried for the fewest; then most_first decides.
SETS_MAX = 1_000


class Sender(NamedTuple):
    """A candidate in its rank."""

    code: str
    sells: Mapping[str, int]
    #: Pieces that may still be open there; None: no limit.
    free: int | None
    #: Pieces of the whole order that it could send.
    covers: int


class Split(NamedTuple):
    """Who takes how much: (place of the sender, pieces of each line), the first choice first; and what is left of each line."""

    taken: tuple[tuple[int, tuple[int, ...]], ...]
    left: tuple[int, ...]
    capped: bool = False


class _Order(NamedTuple):
    """The lines as they are shared: ``groups`` of places, each taken in one go; whole ones where they are kept together."""

    lines: tuple[LineFacts, ...]
    groups: tuple[tuple[int, ...], ...]
    whole: bool
    least: int


def split(lines: tuple[LineFacts, ...], senders: Sequence[Sender], allocate: Allocate) -> Split:
    """Share an order.

    :param senders: by rank, the best first.
    """
    order = _Order(
        lines, _groups(lines, allocate.keep_together), allocate.keep_together != "nothing", allocate.min_value or 0
    )
    most = allocate.max_parcels or len(senders)
    if allocate.split == "in_order":
        return _in_order(order, senders, most)
    if allocate.split == "fewest":
        found, capped = _fewest(order, senders, most)
        if found is not None:
            return found
        return _most_first(order, senders, most)._replace(capped=capped)
    return _most_first(order, senders, most)


def parts_of(lines: Sequence[LineFacts], senders: Sequence[Sender], taken: Split) -> tuple[PlannedPart, ...]:
    """What each line gets from whom, line by line."""
    return tuple(
        [
            PlannedPart(line.line_no, line.sku, senders[place].code, units[at])
            for at, line in enumerate(lines)
            for place, units in taken.taken
            if units[at]
        ]
    )


def _groups(lines: Sequence[LineFacts], keep: str) -> tuple[tuple[int, ...], ...]:
    """Lines of one SKU stand together, or of one bundle; else each stands alone."""
    groups: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        bundle = keep == "bundle" and line.bundle
        name = f"sku {line.sku}" if keep == "nothing" else f"bundle {line.bundle}" if bundle else f"line {at}"
        groups.setdefault(name, []).append(at)
    return tuple([tuple(group) for group in groups.values()])


def _take(order: _Order, sender: Sender, left: Sequence[int]) -> tuple[int, ...] | None:
    """Pieces of each line that a warehouse takes of what is left; None: nothing, or too little worth."""
    taken = [0] * len(left)
    shelf = dict(sender.sells)
    free = sum(left) if sender.free is None else sender.free
    for group in order.groups:
        if order.whole and not _fits(order, shelf, free, group, left):
            continue
        for at in group:
            sku = order.lines[at].sku
            units = min(left[at], shelf.get(sku, 0), free)
            if units:
                taken[at] = units
                shelf[sku] -= units
                free -= units
    if not any(taken):
        return None
    rest = [before - units for before, units in zip(left, taken, strict=True)]
    if order.least and (_worth(order, taken) < order.least or (any(rest) and _worth(order, rest) < order.least)):
        return None
    return tuple(taken)


def _fits(order: _Order, shelf: Mapping[str, int], free: int, group: Sequence[int], left: Sequence[int]) -> bool:
    needed: dict[str, int] = {}
    for at in group:
        sku = order.lines[at].sku
        needed[sku] = needed.get(sku, 0) + left[at]
    return sum(needed.values()) <= free and all(shelf.get(sku, 0) >= units for sku, units in needed.items())


def _worth(order: _Order, units: Sequence[int]) -> int:
    return sum([each * line.unit_price_minor for each, line in zip(units, order.lines, strict=True)])


def _less(left: Sequence[int], taken: Sequence[int]) -> tuple[int, ...]:
    return tuple([before - units for before, units in zip(left, taken, strict=True)])


def _whole(order: _Order) -> tuple[int, ...]:
    return tuple([line.quantity for line in order.lines])


def _in_order(order: _Order, senders: Sequence[Sender], most: int) -> Split:
    left = _whole(order)
    found: list[tuple[int, tuple[int, ...]]] = []
    for place, sender in enumerate(senders):
        if len(found) == most or not any(left):
            break
        taken = _take(order, sender, left)
        if taken is not None:
            found.append((place, taken))
            left = _less(left, taken)
    return Split(tuple(found), left)


def _most_first(order: _Order, senders: Sequence[Sender], most: int) -> Split:
    left = _whole(order)
    found: list[tuple[int, tuple[int, ...]]] = []
    remaining = list(range(len(senders)))
    while any(left) and len(found) < most:
        best, best_taken, best_units = -1, left, 0
        for place in remaining:
            taken = _take(order, senders[place], left)
            units = 0 if taken is None else sum(taken)
            # Of equal ones the first: it ranks before the others.
            if taken is not None and units > best_units:
                best, best_taken, best_units = place, taken, units
        if best < 0:
            break
        remaining.remove(best)
        found.append((best, best_taken))
        left = _less(left, best_taken)
    return Split(tuple(found), left)


def _fewest(order: _Order, senders: Sequence[Sender], most: int) -> tuple[Split | None, bool]:
    """The smallest set that sends all, each taking in the order of their rank; of such sets the one that ranks first."""
    pieces = sum(_whole(order))
    by_most = sorted([sender.covers for sender in senders], reverse=True)
    tried = 0
    for size in range(1, min(most, len(senders)) + 1):
        if sum(by_most[:size]) < pieces:
            continue
        for places in combinations(range(len(senders)), size):
            if tried == SETS_MAX:
                return None, True
            tried += 1
            found = _by_these(order, senders, places)
            if found is not None:
                return found, False
    return None, False


def _by_these(order: _Order, senders: Sequence[Sender], places: Sequence[int]) -> Split | None:
    if sum([senders[place].covers for place in places]) < sum(_whole(order)):
        return None
    left = _whole(order)
    found: list[tuple[int, tuple[int, ...]]] = []
    for place in places:
        taken = _take(order, senders[place], left)
        if taken is None:
            return None
        found.append((place, taken))
        left = _less(left, taken)
    return None if any(left) else Split(tuple(found), left)
