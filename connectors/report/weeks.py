"""Weeks as a report has them: from a Monday's midnight to the next one's, in the zone that people live by (``PENSTOCK_TZ``)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

_WEEK = re.compile(r"(\d{4})-?W(\d{2})")


class InvalidWeek(ValueError):
    """The text names no week; the message says how one is written."""


class Week(NamedTuple):
    """Of ISO 8601's calendar."""

    monday: date

    @property
    def name(self) -> str:
        """``2026-W48``."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def days(self) -> tuple[date, ...]:
        return tuple([self.monday + timedelta(days=each) for each in range(7)])

    @property
    def before(self) -> Week:
        return Week(self.monday - timedelta(days=7))

    @property
    def after(self) -> Week:
        return Week(self.monday + timedelta(days=7))

    def midnights(self, zone: tzinfo | None) -> list[datetime]:
        """When each of its days begins, and when the last one ends: a day on which clocks change has 23 hours, or 25.

        :param zone: None: the system's.
        """
        days = [self.monday + timedelta(days=each) for each in range(8)]
        return [
            datetime(day.year, day.month, day.day, tzinfo=zone)
            if zone is not None
            else datetime(day.year, day.month, day.day).astimezone()
            for day in days
        ]


def named(text: str) -> Week:
    """``2026-W48``, or a day of it, ``2026-11-25``. Raises InvalidWeek."""
    found = _WEEK.fullmatch(text)
    try:
        day = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else date.fromisoformat(text)
    except ValueError as exc:
        raise InvalidWeek(f"{text!r} is no week: write it as 2026-W48, or a day of it as 2026-11-25") from exc
    return of(day)


def of(day: date) -> Week:
    return Week(day - timedelta(days=day.weekday()))


def last(now: datetime) -> Week:
    """The last one that is over. ``now``: in the zone that people live by."""
    return of(now.date()).before
