"""What stands in a report, section by section: the same on the terminal and on the page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from connectors.report import words
from connectors.report.figures import KPIS, Dimension, Figures, Kpi, by_day, by_reason, movers, slices
from schemas.texts import said, word

#: Rows of a table by shop, or of reasons; what is beyond is in --json.
ROWS = 20


class Cell(str):
    """A cell with a mark: ``ok``, ``missed``."""

    mark: str = ""


class Table(NamedTuple):
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    #: Columns of numbers.
    numbers: Collection[int]
    #: What stands there where there are no rows.
    nothing: str


class List(NamedTuple):
    title: str
    lines: Sequence[str]
    nothing: str


class Content(NamedTuple):
    """All of it but the charts' drawing."""

    title: str
    about: str
    #: What is missing; empty: nothing.
    late: str
    #: Of all, by channel, by shop.
    kpis: Sequence[Table]
    #: Kind -> so many each day.
    trend_title: str
    trend: dict[str, list[int]]
    days: Sequence[str]
    reasons: Table
    slices: Sequence[tuple[str, int]]
    changed: List
    outages: List
    open: Table
    #: How the KPIs are defined.
    defined: str


def content(now: Figures, before: Figures, shops: Sequence[str], at: datetime) -> Content:
    """Of a week and the one before. ``at``: the moment of asking, in the zone that people live by."""
    days = now.week.days
    reasons = by_reason(now.exceptions)
    orders = sum(now.orders.values())
    of_shops = said(f"shops {', '.join(shops)}") if shops else said("all shops")
    return Content(
        title=said(f"Weekly report {now.week.name}"),
        about=said(
            f"{days[0]} to {days[-1]}, {of_shops}; {orders:,} new orders, {sum(before.orders.values()):,} the week before"
        ),
        late=words.lateness(now, at),
        kpis=[
            _overall(now, before),
            *[_by(now, dimension) for dimension in ("channel", "shop") if len(now.values(dimension)) > 1],
        ],
        trend_title=said("What went wrong, by day"),
        trend={words.reason(kind, ""): counts for kind, counts in by_day(now.exceptions, days).items()},
        days=[words.day(each) for each in days],
        reasons=Table(
            said("Why"),
            [said("reason"), said("this week"), said("week before")],
            _reasons(now, before),
            (1, 2),
            said("nothing went wrong that the tables know of"),
        ),
        slices=[(said("others") if what is None else words.reason(*what), count) for what, count in slices(reasons)],
        changed=List(
            said("What changed most"),
            [words.moved(each) for each in movers(now.exceptions, before.exceptions)],
            said("as many of everything as the week before"),
        ),
        outages=List(
            said("Outages"),
            [words.outage(each) for each in now.outages],
            said("none that the monitor saw"),
        ),
        open=Table(
            said("Worth a look: open the longest, now"),
            [said("order"), said("shop"), said("what"), said("since")],
            [
                [each.order_id, each.shop, words.reason(each.kind, each.reason), words.moment(each.since)]
                for each in now.open
            ],
            (),
            said("nothing is open"),
        ),
        defined=said(
            "Sync timeliness: accepted versions of orders that came in within 5 s of their change on the platform. Writeback success: of "
            "parcels whose writeback ended, those the platform took. Mean processing: from receipt to the first decision. "
            "Cross-warehouse: of pieces allocated, those that another warehouse sends than the first choice, which lacked them; what is "
            "moved between warehouses by hand is not in it. Logistics after-sales: of orders that left in the week, those whose buyers "
            "blame the way so far."
        ),
    )


def _overall(now: Figures, before: Figures) -> Table:
    rows = []
    for kpi in KPIS:
        its, was = now.kpi(kpi), before.kpi(kpi)
        shown = _marked(kpi, words.value(kpi, its), its.meets(kpi))
        counted = f"{its.of:,}"
        rows.append(
            [said(kpi.name), shown, words.target(kpi), words.value(kpi, was), words.change(kpi, its, was), counted]
        )
    heads = [said("KPI"), said("this week"), said("target"), said("week before"), said("change"), said("measured of")]
    return Table(said("KPIs"), heads, rows, (1, 2, 3, 4, 5), "")


def _by(now: Figures, dimension: Dimension) -> Table:
    rows = []
    for value in now.values(dimension)[:ROWS]:
        cells = [
            _marked(kpi, words.value(kpi, it), it.meets(kpi)) for kpi in KPIS for it in [now.kpi(kpi, dimension, value)]
        ]
        rows.append([word(value) or "-", *cells])
    title = said("By channel") if dimension == "channel" else said("By shop")
    heads = [said(dimension), *[said(kpi.name) for kpi in KPIS]]
    return Table(title, heads, rows, range(1, len(KPIS) + 1), "")


def _reasons(now: Figures, before: Figures) -> list[list[str]]:
    these, those = dict(by_reason(now.exceptions)), dict(by_reason(before.exceptions))
    both = [*these, *[what for what in those if what not in these]]
    return [[words.reason(*what), f"{these.get(what, 0):,}", f"{those.get(what, 0):,}"] for what in both[:ROWS]]


def _marked(kpi: Kpi, text: str, meets: bool | None) -> Cell:
    cell = Cell(text)
    cell.mark = "" if meets is None else "ok" if meets else "missed"
    return cell
