"""The calendars document (仓库日历): when warehouses work, and when parcels leave them. All times are China's, UTC+8.

Days are written 2026-10-01, times of a day 08:00 (24:00 is its end), moments 2026-11-30T10:00, days of the week 1 (Monday) to 7.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import FEW_MAX, ROWS_MAX, Name, Part, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1

Weekdays = Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(min_length=1, max_length=7)]
Days = Annotated[tuple[Name, ...], Meta(max_length=1_000)]


class Opening(Part, kw_only=True, frozen=True):
    """Days of the week, and from when to when it works on them. Several of one day add up."""

    days: Weekdays
    opens: Name
    closes: Name


class ExtraDay(Part, kw_only=True, frozen=True):
    """One day's own hours, in place of what the week and the holidays say."""

    day: Name
    opens: Name
    closes: Name


class CutOff(Part, kw_only=True, frozen=True):
    """When parcels leave, on days that it works: what is ready then goes along. ``carrier`` left out: whoever has none of its own.

    ``days`` left out: every day. A carrier without any takes a parcel as soon as it is ready.
    """

    at: Name
    carrier: Name | None = None
    days: Weekdays | None = None


class Outage(Part, kw_only=True, frozen=True):
    """From one moment until another nothing is done there, and nothing leaves."""

    from_: Name
    until: Name
    reason: Remark = ""


class Calendar(Part, kw_only=True, frozen=True):
    """One warehouse.

    handling_minutes: open minutes from an order's being given to it until the parcel is ready. holidays: whether it keeps those of the
    document. closed: days on which it does not work.
    """

    warehouse: Name
    handling_minutes: Annotated[int, Meta(ge=0, le=100_000)]
    weekly: Annotated[tuple[Opening, ...], Meta(min_length=1, max_length=FEW_MAX)]
    cut_offs: Annotated[tuple[CutOff, ...], Meta(max_length=FEW_MAX)] = ()
    holidays: bool = False
    closed: Days = ()
    extra: Annotated[tuple[ExtraDay, ...], Meta(max_length=1_000)] = ()
    outages: Annotated[tuple[Outage, ...], Meta(max_length=1_000)] = ()


class Holidays(Part, kw_only=True, frozen=True):
    """A year's public holidays, and the days at a weekend that are worked for them (调休); those have Monday's hours.

    Of a year that has no entry nothing is known: it is decided by plain days of the week, and marked so.
    """

    year: Annotated[int, Meta(ge=2000, le=2999)]
    off: Days
    worked: Days = ()


class Document(Part, frozen=True):
    """Calendars: one a warehouse."""

    version: Literal[1]
    name: Name
    calendars: Annotated[tuple[Calendar, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    description: Remark = ""
    holidays: Annotated[tuple[Holidays, ...], Meta(max_length=FEW_MAX)] = ()
    kind: Literal["calendars"] = "calendars"


FORM = Form("calendars", Document, VERSION, ROWS_MAX)
