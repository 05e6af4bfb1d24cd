"""China's time as whole numbers: one time all over the country, no summer time. Minutes and days since 1970-01-01T00:00+08:00."""

from __future__ import annotations

from datetime import date

DAY_MINUTES = 1_440
_MINUTE_MS = 60_000
_AHEAD_MINUTES = 480
#: 1970-01-01 as ``date.toordinal`` counts.
_EPOCH = 719_163


def minute_of(at_ms: int) -> int:
    """The minute in which a moment (milliseconds since the epoch) lies."""
    return at_ms // _MINUTE_MS + _AHEAD_MINUTES


def moment_ms(minute: int) -> int:
    """When a minute begins, in milliseconds since the epoch."""
    return (minute - _AHEAD_MINUTES) * _MINUTE_MS


def weekday_of(day: int) -> int:
    """0 is Monday. The epoch was a Thursday."""
    return (day + 3) % 7


def day_in(text: str) -> int | None:
    """The day that a text such as 2026-10-01 names; None: none."""
    if len(text) != 10:
        return None
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        return None


def time_in(text: str) -> int | None:
    """The minute of the day that a text such as 08:00 names, 24:00 among them; None: none."""
    if len(text) != 5 or text[2] != ":" or not (text[:2] + text[3:]).isdecimal() or not text.isascii():
        return None
    hours, minutes = int(text[:2]), int(text[3:])
    found = hours * 60 + minutes
    return found if minutes < 60 and found <= DAY_MINUTES else None


def minute_in(text: str) -> int | None:
    """The minute that a text such as 2026-11-30T10:00 names; None: none."""
    day, time = day_in(text[:10]), time_in(text[11:])
    return None if day is None or time is None or text[10] not in "T " else day * DAY_MINUTES + time


def year_days(year: int) -> tuple[int, int]:
    """Its first day, and the first of the next."""
    return date(year, 1, 1).toordinal() - _EPOCH, date(year + 1, 1, 1).toordinal() - _EPOCH
