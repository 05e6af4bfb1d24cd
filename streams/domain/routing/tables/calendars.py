"""Warehouses' calendars: when a parcel is ready, and when it leaves. Minutes of China's time (``clock``).

A parcel is handled while the warehouse is open; it leaves at the carrier's first cut-off after that on a day on which the warehouse works
and nothing is out, or at once where the carrier has no cut-off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from schemas.documents.calendars.document import Calendar as Row
from schemas.documents.calendars.document import Document, Holidays, Weekdays

from .clock import DAY_MINUTES, day_in, minute_in, time_in, weekday_of, year_days

#: So many days ahead are looked at: longer than any holiday.
HORIZON_DAYS = 60
_MONDAY = 0

Windows = tuple[tuple[int, int], ...]


class Calendar:
    """One warehouse's, compiled. Equal to itself alone."""

    def __init__(
        self,
        handling: int,
        weekly: tuple[Windows, ...],
        days: Mapping[int, Windows],
        cut_offs: Mapping[str, tuple[tuple[int, ...], ...]],
        outages: Windows,
        known: Windows | None,
    ) -> None:
        self.handling = handling
        #: Of each day of the week, Monday first: minutes of the day from when to when it is open, joined and ascending.
        self.weekly = weekly
        #: Days of their own.
        self.days = days
        #: By carrier, "" for all others: of each day of the week the minutes of the day, ascending.
        self.cut_offs = cut_offs
        #: Minutes from when to when, joined and ascending.
        self.outages = outages
        #: Days from when to when holidays are known; None: it keeps none.
        self.known = known


class Leaving(NamedTuple):
    """A parcel that is given to a warehouse now: minutes of China's time."""

    ready: int
    leaves: int
    #: The holidays of a day that was looked at are not known.
    unsure: bool


#: By warehouse.
Calendars = Mapping[str, Calendar]


def compiled(documents: Sequence[Document]) -> Calendars:
    """Documents without faults; of two calendars of one warehouse the first counts. Holidays are those of the calendar's own document."""
    found: dict[str, Calendar] = {}
    for document in documents:
        for row in document.calendars:
            found.setdefault(row.warehouse, _calendar(row, document.holidays))
    return found


def windows(calendar: Calendar, day: int) -> Windows:
    """From when to when it works on a day, outages aside."""
    found = calendar.days.get(day)
    if found is None:
        found = calendar.weekly[weekday_of(day)]
    midnight = day * DAY_MINUTES
    opened = tuple([(midnight + opens, midnight + closes) for opens, closes in found])
    for begins, ends in calendar.outages:
        if begins < midnight + DAY_MINUTES and ends > midnight:
            opened = _without(opened, begins, ends)
    return opened


@lru_cache(maxsize=4096)
def leaving(calendar: Calendar, carrier: str, minute: int) -> Leaving | None:
    """When a parcel that is given to a warehouse now leaves it with a carrier; None: not within ``HORIZON_DAYS``."""
    ready = _ready(calendar, minute)
    if ready is None:
        return None
    cut_offs = calendar.cut_offs.get(carrier) or calendar.cut_offs.get("")
    leaves = ready if cut_offs is None else _cut_off(calendar, cut_offs, ready, minute // DAY_MINUTES + HORIZON_DAYS)
    if leaves is None:
        return None
    return Leaving(ready, leaves, _is_unsure(calendar, minute // DAY_MINUTES, leaves // DAY_MINUTES))


@lru_cache(maxsize=4096)
def opening(calendar: Calendar, minute: int) -> int | None:
    """The first minute from now on in which it works; None: none within ``HORIZON_DAYS``."""
    today = minute // DAY_MINUTES
    for day in range(today, today + HORIZON_DAYS):
        for opens, closes in windows(calendar, day):
            if closes > minute:
                return max(opens, minute)
    return None


def holidays_known_until(documents: Sequence[Document]) -> int | None:
    """The first minute (UTC+8) of the first year that is unknown to a document whose calendars keep holidays, from its first year on.

    From then on plain days of the week are taken, with a mark. None: no calendar keeps holidays.
    """
    unknown: list[int] = []
    for document in documents:
        known = {each.year for each in document.holidays}
        if known and any(row.holidays for row in document.calendars):
            unknown.append(next(year for year in count(min(known)) if year not in known))
    return year_days(min(unknown))[0] * DAY_MINUTES if unknown else None


def _ready(calendar: Calendar, minute: int) -> int | None:
    left = calendar.handling
    today = minute // DAY_MINUTES
    for day in range(today, today + HORIZON_DAYS):
        for opens, closes in windows(calendar, day):
            begins = opens if opens > minute else minute
            if begins >= closes:
                continue
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
    return None


def _cut_off(calendar: Calendar, cut_offs: tuple[tuple[int, ...], ...], ready: int, last: int) -> int | None:
    # What is ready at midnight was made ready on the day before, and may leave at its 24:00.
    for day in range((ready - 1) // DAY_MINUTES, last):
        times = cut_offs[weekday_of(day)]
        if not times or not windows(calendar, day):
            continue
        for time in times:
            at = day * DAY_MINUTES + time
            if at >= ready and not any(begins <= at < ends for begins, ends in calendar.outages):
                return at
    return None


def _is_unsure(calendar: Calendar, first: int, last: int) -> bool:
    if calendar.known is None:
        return False
    return not any(begins <= first and last < ends for begins, ends in calendar.known)


def _without(opened: Windows, begins: int, ends: int) -> Windows:
    left: list[tuple[int, int]] = []
    for opens, closes in opened:
        if opens < min(closes, begins):
            left.append((opens, min(closes, begins)))
        if max(opens, ends) < closes:
            left.append((max(opens, ends), closes))
    return tuple(left)


def _joined(found: list[tuple[int, int]]) -> Windows:
    """Ascending, and none touching the next."""
    joined: list[tuple[int, int]] = []
    for begins, ends in sorted(found):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((begins, ends))
    return tuple(joined)


def _calendar(row: Row, holidays: Sequence[Holidays]) -> Calendar:
    hours: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for each in row.weekly:
        for day in each.days:
            hours[day - 1].append((time_in(each.opens) or 0, time_in(each.closes) or 0))
    weekly = tuple([_joined(each) for each in hours])
    days: dict[int, Windows] = {}
    if row.holidays:
        for year in holidays:
            days |= dict.fromkeys(_days(year.off), ())
            days |= dict.fromkeys(_days(year.worked), weekly[_MONDAY])
    days |= dict.fromkeys(_days(row.closed), ())
    own: dict[int, list[tuple[int, int]]] = {}
    for extra in row.extra:
        for day in _days((extra.day,)):
            own.setdefault(day, []).append((time_in(extra.opens) or 0, time_in(extra.closes) or 0))
    days |= {day: _joined(each) for day, each in own.items()}
    outages = _joined([(minute_in(each.from_) or 0, minute_in(each.until) or 0) for each in row.outages])
    known = _joined([year_days(each.year) for each in holidays]) if row.holidays else None
    return Calendar(row.handling_minutes, weekly, days, _cut_offs(row), outages, known)


def _cut_offs(row: Row) -> Mapping[str, tuple[tuple[int, ...], ...]]:
    found: dict[str, list[list[int]]] = {}
    for each in row.cut_offs:
        times = found.setdefault(each.carrier or "", [[] for _ in range(7)])
        for day in _weekdays(each.days):
            times[day - 1].append(time_in(each.at) or 0)
    return {carrier: tuple([tuple(sorted(day)) for day in times]) for carrier, times in found.items()}


def _weekdays(days: Weekdays | None) -> Sequence[int]:
    return range(1, 8) if days is None else days


def _days(texts: Sequence[str]) -> list[int]:
    return [day for day in map(day_in, texts) if day is not None]
