"""What a week comes to: KPIs, exceptions by day and by reason, what changed against the week before. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeVar

from connectors.report.weeks import Week
from streams.domain.routing.crossing import CROSS_WAREHOUSE_TARGET

K = TypeVar("K", str, tuple[str, str])
Dimension = Literal["all", "channel", "shop"]
#: Of a pie: what is rarer is shown together.
SLICES = 8
#: Of what changed most.
MOVERS = 5


class Kpi(NamedTuple):
    """One of the mission's figures, with its target."""

    name: str
    target: float
    #: Which side of the target is good.
    at_least: bool
    #: ``share`` of one, or ``seconds``.
    unit: Literal["share", "seconds"]


KPIS = (
    Kpi("sync timeliness", 0.995, True, "share"),
    Kpi("writeback success", 0.99, True, "share"),
    Kpi("mean processing", 30 * 60, False, "seconds"),
    Kpi("cross-warehouse", CROSS_WAREHOUSE_TARGET, False, "share"),
    Kpi("logistics after-sales", 0.02, False, "share"),
)


class Measured(NamedTuple):
    """A KPI over some records, or pieces: ``total`` is the number of those that count, or the sum of their seconds."""

    total: float
    of: int

    @property
    def value(self) -> float | None:
        """None: there was nothing to measure."""
        return self.total / self.of if self.of else None

    def meets(self, kpi: Kpi) -> bool | None:
        if self.value is None:
            return None
        return self.value >= kpi.target if kpi.at_least else self.value <= kpi.target


NOTHING = Measured(0, 0)


class Exceptions(NamedTuple):
    """So many of one kind and reason on a day in a shop."""

    day: date
    #: ``review``, ``writeback``, ``no stock``, ``held`` or ``refused row``.
    kind: str
    #: The reason's code; empty where the kind says all.
    code: str
    channel: str
    shop: str
    number: int


class Outage(NamedTuple):
    """An interface that did not answer; ``until`` None: it still does not."""

    interface: str
    since: datetime
    until: datetime | None
    error: str


class Open(NamedTuple):
    """An order that somebody should look at."""

    order_id: str
    shop: str
    #: As of exceptions.
    kind: str
    reason: str
    since: datetime


class Figures(NamedTuple):
    """All of one week that is asked of the tables."""

    week: Week
    #: (kpi, dimension, its value) -> measured.
    kpis: Mapping[tuple[str, Dimension, str], Measured]
    #: Orders that were accepted for the first time, by day.
    orders: Mapping[date, int]
    exceptions: Sequence[Exceptions]
    outages: Sequence[Outage]
    open: Sequence[Open]
    #: How far the tables are: what came later is not in them. None: they were never written to.
    written_until: datetime | None

    def kpi(self, kpi: Kpi, dimension: Dimension = "all", value: str = "") -> Measured:
        return self.kpis.get((kpi.name, dimension, value), NOTHING)

    def values(self, dimension: Dimension) -> list[str]:
        """All channels, or shops, that anything was measured of."""
        return sorted({value for _, its, value in self.kpis if its == dimension})


class Mover(NamedTuple):
    """A reason that came more or less often than the week before."""

    kind: str
    code: str
    now: int
    before: int
    #: The shop that most of the difference comes from, and how much of it; empty: none does.
    shop: str
    of_shop: int


def by_day(exceptions: Iterable[Exceptions], days: Sequence[date]) -> dict[str, list[int]]:
    """Kind -> so many each day, the most frequent kind first."""
    counts: Counter[tuple[str, date]] = Counter()
    kinds: Counter[str] = Counter()
    for each in exceptions:
        counts[each.kind, each.day] += each.number
        kinds[each.kind] += each.number
    return {kind: [counts[kind, day] for day in days] for kind, _ in _most(kinds)}


def by_reason(exceptions: Iterable[Exceptions]) -> list[tuple[tuple[str, str], int]]:
    """(kind, code) -> so many, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in exceptions:
        counts[each.kind, each.code] += each.number
    return _most(counts)


def slices(reasons: Sequence[tuple[tuple[str, str], int]]) -> list[tuple[tuple[str, str] | None, int]]:
    """What a pie shows: the most frequent, and the rest together as None."""
    if len(reasons) <= SLICES:
        return list(reasons)
    return [*reasons[: SLICES - 1], (None, sum(count for _, count in reasons[SLICES - 1 :]))]


def movers(now: Collection[Exceptions], before: Collection[Exceptions]) -> list[Mover]:
    """Reasons whose number changed most, the largest change first."""
    these, those = dict(by_reason(now)), dict(by_reason(before))
    found = []
    for kind, code in {*these, *those}:
        change = these.get((kind, code), 0) - those.get((kind, code), 0)
        if change:
            shop, of_shop = _moved_by(now, before, kind, code, change)
            found.append(Mover(kind, code, these.get((kind, code), 0), those.get((kind, code), 0), shop, of_shop))
    return sorted(found, key=lambda it: (-abs(it.now - it.before), it.kind, it.code))[:MOVERS]


def _moved_by(
    now: Iterable[Exceptions], before: Iterable[Exceptions], kind: str, code: str, change: int
) -> tuple[str, int]:
    of_shops: Counter[str] = Counter()
    for sign, them in ((1, now), (-1, before)):
        for each in them:
            if (each.kind, each.code) == (kind, code):
                of_shops[each.shop] += sign * each.number
    # In the direction of the whole change.
    shop, moved = max(sorted(of_shops.items()), key=lambda item: item[1] * (1 if change > 0 else -1))
    return (shop, moved) if shop else ("", 0)


def outages(changes: Iterable[tuple[str, datetime, bool, str]], begins: datetime, ends: datetime) -> list[Outage]:
    """Those that reach into a span, of (interface, when, healthy, error) in time's order."""
    down: dict[str, tuple[datetime, str]] = {}
    found: list[Outage] = []
    for interface, at, healthy, error in changes:
        if not healthy:
            down.setdefault(interface, (at, error))
        elif interface in down:
            since, why = down.pop(interface)
            if at > begins and since < ends:
                found.append(Outage(interface, since, at, why))
    found += [Outage(interface, since, None, why) for interface, (since, why) in down.items() if since < ends]
    return sorted(found, key=lambda it: (it.since, it.interface))


def _most(counts: Counter[K]) -> list[tuple[K, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
