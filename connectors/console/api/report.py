"""The weekly report, as ``penstock report weekly`` makes it, of the shops that somebody may see."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from connectors.console.api.orders import Text
from connectors.console.asking import Used, Who, asks
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission
from connectors.console.problems import Problem, Speaks
from connectors.report import content, weeks
from connectors.report.asking import TIMEOUT_S, asked_on
from schemas.texts import speaking
from streams.settings import zone

router = APIRouter(tags=["report"])


class ReportCell(BaseModel):
    """``mark``: ok, missed, or empty."""

    text: str
    mark: str


class ReportTable(BaseModel):
    """``numbers``: the columns of numbers; ``nothing`` is said where there are no rows."""

    title: str
    heads: list[str]
    rows: list[list[ReportCell]]
    numbers: list[int]
    nothing: str


class ReportList(BaseModel):
    """Sentences."""

    title: str
    lines: list[str]
    nothing: str


class TrendLine(BaseModel):
    """So many each day of the week."""

    name: str
    counts: list[int]


class ReportSlice(BaseModel):
    """A part of all that went wrong."""

    name: str
    count: int


class WeeklyReport(BaseModel):
    """In the language of who asks; figures are written out as the command writes them."""

    week: str
    before: str
    #: Null where the next one has not begun.
    after: str | None
    title: str
    about: str
    #: What is missing; empty: nothing.
    late: str
    kpis: list[ReportTable]
    trend_title: str
    days: list[str]
    trend: list[TrendLine]
    reasons: ReportTable
    slices: list[ReportSlice]
    changed: ReportList
    outages: ReportList
    open: ReportTable
    defined: str
    as_of: datetime | None
    behind_s: float | None


@router.get("/report/weekly", **asks(Permission.REPORT_READ))
async def weekly_report(
    used: Used,
    who: Who,
    speaks: Speaks,
    week: Annotated[str, Query(max_length=20)] = "",
    shop: Text = "",
) -> WeeklyReport:
    """A week, ``2026-W48`` or a day of it, the last whole one where none is named; of all shops that may be seen, or one of them."""
    at = datetime.now(zone()).astimezone(zone())
    try:
        wanted = weeks.named(week) if week else weeks.last(at)
        # What is not in the calendar has no week before it, or none behind.
        begins, behind = wanted.midnights(zone())[0], wanted.after
        before = wanted.before
    except (weeks.InvalidWeek, OverflowError):
        raise Problem("wrong_value", field="week") from None
    if begins > at:
        raise Problem("wrong_value", field="week")
    if shop and shop not in who.shops:
        raise Problem("not_found")
    shops = [shop] if shop else [] if who.shops.everywhere else sorted(who.shops.names)
    async with used.reports, used.store.reading(who.shops, for_s=TIMEOUT_S) as connection:
        its, earlier = await asked_on(connection, [wanted, before], shops, zone())
        fresh = await freshness(connection, used.hub)
    with speaking(speaks):
        found = content.content(its, earlier, shops, at)
    return WeeklyReport(
        week=wanted.name,
        before=before.name,
        after=behind.name if behind.midnights(zone())[0] <= at else None,
        kpis=[_table(each) for each in found.kpis],
        trend=[TrendLine(name=name, counts=counts) for name, counts in found.trend.items()],
        slices=[ReportSlice(name=name, count=count) for name, count in found.slices],
        reasons=_table(found.reasons),
        changed=_list(found.changed),
        outages=_list(found.outages),
        open=_table(found.open),
        days=list(found.days),
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
        **{name: getattr(found, name) for name in ("title", "about", "late", "trend_title", "defined")},
    )


def _table(it: content.Table) -> ReportTable:
    rows = [[ReportCell(text=cell, mark=getattr(cell, "mark", "")) for cell in row] for row in it.rows]
    return ReportTable(title=it.title, heads=list(it.heads), rows=rows, numbers=sorted(it.numbers), nothing=it.nothing)


def _list(it: content.List) -> ReportList:
    return ReportList(title=it.title, lines=list(it.lines), nothing=it.nothing)
