"""What is wrong with days, times and calendars beyond their form."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from schemas.documents.calendars.document import Calendar, CutOff, ExtraDay, Holidays, Opening
from schemas.documents.faults import Fault, Path

from ..codes import code_faults
from .claims import of_years, repeated
from .clock import day_in, minute_in, time_in, year_days


def day_faults(text: str, path: Path) -> Iterator[Fault]:
    """A day as documents write it."""
    if day_in(text) is None:
        yield Fault(path, text, "is no day: write it as 2026-10-01")


def of_calendars(
    rows: Sequence[tuple[int, Calendar]],
    holidays: Sequence[tuple[int, Holidays]],
    warehouses: Collection[str] | None = None,
    *,
    has_holidays: bool = True,
) -> Iterator[Fault]:
    """All faults of the rows whose own form is right.

    :param has_holidays: whether the document lists holidays of any year, be their form right or not.
    """
    for at, row in rows:
        path: Path = ("calendars", at)
        yield from code_faults(row.warehouse, (*path, "warehouse"), warehouses)
        if row.holidays and not has_holidays:
            yield Fault((*path, "holidays"), True, "keeps holidays, and this document lists none: add [[holidays]]")
        yield from _of_calendar(row, path)
    yield from repeated(of_years(holidays), {})
    for at, year in holidays:
        yield from _of_year(year, ("holidays", at))


def _of_calendar(row: Calendar, path: Path) -> Iterator[Fault]:
    for number, opening in enumerate(row.weekly):
        yield from _of_hours(opening, (*path, "weekly", number))
    yield from _of_days(row.closed, (*path, "closed"))
    for number, extra in enumerate(row.extra):
        place: Path = (*path, "extra", number)
        yield from day_faults(extra.day, (*place, "day"))
        yield from _of_hours(extra, place)
        if extra.day in row.closed:
            yield Fault((*place, "day"), extra.day, "is closed too: leave one of them")
    for number, cut_off in enumerate(row.cut_offs):
        yield from _of_cut_off(cut_off, (*path, "cut_offs", number))
    for number, outage in enumerate(row.outages):
        place = (*path, "outages", number)
        begins, ends = minute_in(outage.from_), minute_in(outage.until)
        for field, text, minute in (("from", outage.from_, begins), ("until", outage.until, ends)):
            if minute is None:
                yield Fault((*place, field), text, "is no moment: write it as 2026-11-30T10:00, in China's time")
        if begins is not None and ends is not None and ends <= begins:
            yield Fault((*place, "until"), outage.until, f"is not after from, {outage.from_}")


def _of_cut_off(row: CutOff, path: Path) -> Iterator[Fault]:
    yield from _of_time(row.at, (*path, "at"))


def _of_hours(row: Opening | ExtraDay, path: Path) -> Iterator[Fault]:
    yield from _of_time(row.opens, (*path, "opens"))
    yield from _of_time(row.closes, (*path, "closes"))
    opens, closes = time_in(row.opens), time_in(row.closes)
    if opens is not None and closes is not None and closes <= opens:
        says = f"is not after opens, {row.opens}: hours past midnight are two days'"
        yield Fault((*path, "closes"), row.closes, says)


def _of_time(text: str, path: Path) -> Iterator[Fault]:
    if time_in(text) is None:
        yield Fault(path, text, "is no time of a day: write it as 08:00, at most 24:00")


def _of_days(days: Sequence[str], path: Path) -> Iterator[Fault]:
    for at, text in enumerate(days):
        yield from day_faults(text, (*path, at))
        if text in days[:at]:
            yield Fault((*path, at), text, "is named twice: leave one")


def _of_year(row: Holidays, path: Path) -> Iterator[Fault]:
    begins, ends = year_days(row.year)
    for field, days in (("off", row.off), ("worked", row.worked)):
        place: Path = (*path, field)
        yield from _of_days(days, place)
        for at, text in enumerate(days):
            day = day_in(text)
            if day is not None and not begins <= day < ends:
                yield Fault((*place, at), text, f"is no day of {row.year}")
    for at, text in enumerate(row.worked):
        if text in row.off:
            yield Fault((*path, "worked", at), text, "is off too: leave one of them")
