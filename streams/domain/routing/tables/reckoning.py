"""What all tables say of an order's warehouses: which carriers could send it, for how much, by when, and what else rules ask for.

Figures are of the whole order in one parcel from one warehouse: what a warehouse is compared by, whether it sends all of it or a part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .calendars import Calendar, Calendars, leaving, opening
from .capacity import Capacities, Capacity, handling_minor, lacking, left_of_day
from .carriers import Carriers, Limits, reaching, unfit
from .clock import DAY_MINUTES, minute_of
from .coverage import NOWHERE, Coverage, Match, match
from .freight import Freight, Template, Zone, price, zone_of
from .goods import NO_PRODUCTS, Goods, Products, cost_minor, goods_of
from .reasons import (
    CLOSED,
    HOLIDAYS_UNKNOWN,
    NO_CALENDAR,
    NO_COST,
    NO_COUNT,
    NO_ETA,
    NO_FREIGHT,
    NO_HANDLING,
    NO_PRODUCT,
    NOT_COVERED,
    OTHER_CURRENCY,
)
from .regions import Region
from .transit import Times, Transit, minutes_at, times_of

#: So many lanes (a warehouse to a region) are kept joined.
_LANES_MAX = 50_000
_LAST = 1 << 62


class Parcel(NamedTuple):
    """What is to be sent, where to, and what it is worth."""

    #: (SKU, pieces) of each line.
    lines: tuple[tuple[str, int], ...]
    region: Region
    amount_minor: int | None
    currency: str


class Offer(NamedTuple):
    """A carrier that takes the parcel from a warehouse. A figure that is not known is a text: the reason."""

    carrier: str
    #: Minor units of the order's currency.
    freight: int | str
    #: Minutes from now until it leaves the warehouse, and until it arrives.
    leaves: int | str
    arrives: int | str
    #: HOLIDAYS_UNKNOWN, or nothing.
    mark: str


class Reckoned(NamedTuple):
    """What tables say of one warehouse for one order. A figure that is not known is a text: the reason."""

    #: The cheapest carrier first, then the fastest, then by code; what is not known comes last.
    by_cost: tuple[Offer, ...] = ()
    #: The fastest first, then the cheapest.
    by_time: tuple[Offer, ...] = ()
    #: Carriers that do not take it: (carrier, reason), by carrier.
    unable: tuple[tuple[str, str], ...] = ()
    served: Match | str = NOT_COVERED
    #: Minutes until it works; 0: it does.
    opens: int | str = NO_CALENDAR
    #: Pieces that it may still be given today; None: it has no limit.
    left_today: int | str | None = NO_COUNT
    #: The first ability that it lacks; NO_PRODUCT where it is not known what is needed; empty: none.
    lacks: str = NO_PRODUCT
    abilities: tuple[str, ...] = ()
    #: Minor units of the order's currency: of the goods from there, and of handling them there.
    goods: int | str = NO_COST
    handling: int | str = NO_HANDLING


#: Where no table has been looked at.
NOTHING_KNOWN = Reckoned()
NONE_KNOWN: Mapping[str, Reckoned] = {}


class _Lane(NamedTuple):
    """A carrier from a warehouse to a region, of all tables."""

    carrier: str
    limits: Limits
    template: Template | None
    zone: Zone | None
    times: tuple[Times, ...]


class Tables:
    """All tables, compiled. What they join to is kept beside them, and never changes what they say."""

    def __init__(
        self,
        *,
        products: Products = NO_PRODUCTS,
        freight: Freight | None = None,
        transit: Transit | None = None,
        calendars: Calendars | None = None,
        coverage: Coverage = NOWHERE,
        capacity: Capacities | None = None,
        carriers: Carriers | None = None,
        versions: Mapping[str, int | str] | None = None,
    ) -> None:
        """``versions``: of each document, for the record."""
        self.products = products
        self.freight = freight or {}
        self.transit = transit or {}
        self.calendars = calendars or {}
        self.coverage = coverage
        self.capacity = capacity or {}
        self.carriers = carriers or {}
        self.versions = versions or {}
        self._lanes: dict[tuple[str, str], tuple[_Lane, ...]] = {}

    def lanes(self, warehouse: str, region: Region) -> tuple[_Lane, ...]:
        """Carriers from a warehouse to a region, by their codes."""
        at = (warehouse, region.keys[0])
        found = self._lanes.get(at)
        if found is None:
            if len(self._lanes) >= _LANES_MAX:
                self._lanes.clear()
            found = self._lanes[at] = tuple(
                [
                    self._lane(warehouse, region, carrier, limits)
                    for carrier, limits in reaching(self.carriers, warehouse, region)
                ]
            )
        return found

    def _lane(self, warehouse: str, region: Region, carrier: str, limits: Limits) -> _Lane:
        template = self.freight.get((warehouse, carrier))
        zone = None if template is None else zone_of(template, region)
        return _Lane(carrier, limits, template, zone, times_of(self.transit, warehouse, carrier, region))


class Reckoning:
    """What tables say of each warehouse, reckoned when it is asked for: most of those that are set up have nothing to sell."""

    def __init__(
        self, tables: Tables, parcel: Parcel, warehouses: Sequence[str], now_ms: int, given: Mapping[str, int]
    ) -> None:
        """``given``: pieces that each was given today (UTC+8); who is not named, of that nobody knows."""
        self._tables = tables
        self._parcel = parcel
        self._warehouses = warehouses
        self._minute = minute_of(now_ms)
        self._given = given
        self._goods: Goods | None = None
        self._found: dict[str, Reckoned] = {}

    def get(self, code: str, otherwise: Reckoned) -> Reckoned:
        """Of one warehouse; ``otherwise``: it was not asked about."""
        found = self._found.get(code)
        if found is None:
            if code not in self._warehouses:
                return otherwise
            found = self._found[code] = self._reckoned(code)
        return found

    def values(self) -> list[Reckoned]:
        """Of all, in the order in which they were asked about."""
        return [self.get(code, NOTHING_KNOWN) for code in self._warehouses]

    def _reckoned(self, code: str) -> Reckoned:
        products, parcel = self._tables.products, self._parcel
        if self._goods is None:
            self._goods = goods_of(products, parcel.lines)
        cost = cost_minor(products, parcel.lines, code, parcel.currency)
        return _of_warehouse(self._tables, code, parcel, self._goods, cost, self._minute, self._given.get(code))


def offers(
    tables: Tables, warehouse: str, parcel: Parcel, goods: Goods, minute: int
) -> tuple[list[Offer], list[tuple[str, str]]]:
    """Carriers that take a parcel, by their codes, and those that do not, with the reason."""
    found: list[Offer] = []
    unable: list[tuple[str, str]] = []
    calendar = tables.calendars.get(warehouse)
    for lane in tables.lanes(warehouse, parcel.region):
        why = unfit(lane.limits, goods)
        if why:
            unable.append((lane.carrier, why))
        else:
            found.append(_offer(lane, parcel, goods, calendar, minute))
    return found, unable


def _offer(lane: _Lane, parcel: Parcel, goods: Goods, calendar: Calendar | None, minute: int) -> Offer:
    cost: int | str
    if lane.template is None or lane.zone is None:
        cost = NO_FREIGHT
    elif lane.template.currency != parcel.currency:
        cost = OTHER_CURRENCY
    else:
        cost = price(lane.template, lane.zone, goods, parcel.amount_minor)
    if calendar is None:
        return Offer(lane.carrier, cost, NO_CALENDAR, NO_CALENDAR, "")
    left = leaving(calendar, lane.carrier, minute)
    if left is None:
        return Offer(lane.carrier, cost, CLOSED, CLOSED, "")
    takes = minutes_at(lane.times, minute)
    arrives: int | str = NO_ETA if takes is None else left.leaves - minute + takes
    return Offer(lane.carrier, cost, left.leaves - minute, arrives, HOLIDAYS_UNKNOWN if left.unsure else "")


def _of_warehouse(
    tables: Tables, code: str, parcel: Parcel, goods: Goods, cost: int | None, minute: int, given: int | None
) -> Reckoned:
    found, unable = offers(tables, code, parcel, goods, minute)
    by_cost = found if len(found) < 2 else sorted(found, key=_cost_first)
    by_time = found if len(found) < 2 else sorted(found, key=_time_first)
    calendar = tables.calendars.get(code)
    capacity = tables.capacity.get(code)
    served = match(tables.coverage, code, parcel.region)
    opens = None if calendar is None else opening(calendar, minute)
    return Reckoned(
        by_cost=tuple(by_cost),
        by_time=tuple(by_time),
        unable=tuple(unable),
        served=NOT_COVERED if served is None else served,
        opens=NO_CALENDAR if calendar is None else CLOSED if opens is None else opens - minute,
        left_today=None if capacity is None else left_of_day(capacity, minute // DAY_MINUTES, given),
        lacks=NO_PRODUCT if goods.needs is None else lacking(capacity, goods.needs),
        abilities=() if capacity is None else capacity.abilities,
        goods=NO_COST if cost is None else cost,
        handling=_handling(capacity, goods.pieces, parcel.currency),
    )


def _handling(capacity: Capacity | None, pieces: int, currency: str) -> int | str:
    found = None if capacity is None else handling_minor(capacity, pieces)
    if capacity is None or found is None:
        return NO_HANDLING
    return found if capacity.currency == currency else OTHER_CURRENCY


def _cost_first(offer: Offer) -> tuple[int, int, str]:
    cost, time = offer.freight, offer.arrives
    return _LAST if isinstance(cost, str) else cost, _LAST if isinstance(time, str) else time, offer.carrier


def _time_first(offer: Offer) -> tuple[int, int, str]:
    cost, time = offer.freight, offer.arrives
    return _LAST if isinstance(time, str) else time, _LAST if isinstance(cost, str) else cost, offer.carrier
