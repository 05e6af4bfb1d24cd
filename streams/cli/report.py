"""``penstock report``: what a week was like, for who runs the shops."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.table import Table
from schemas.terminal import Text
from streams.cli.common import JsonFlag, Refused, database_url, err, out, print_json
from streams.cli.db import run
from streams.settings import zone

if TYPE_CHECKING:
    from connectors.report.content import Table as Section

_STYLES = {"ok": "green", "missed": "red"}


def weekly(
    week: Annotated[
        str, typer.Option(metavar="WEEK", help="Such as 2026-W48, or a day of it; the last whole one when left out.")
    ] = "",
    shop: Annotated[list[str] | None, typer.Option(help="Only of this shop; may be repeated.")] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE.html", help="Write it as a page with its charts.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a week: KPIs against target and week before, exceptions by day and reason, what changed, outages, orders worth a look.

    It is read from the database. Example: penstock report weekly --to week.html
    """
    from connectors.report import weeks
    from connectors.report.asking import asked
    from connectors.report.content import content

    if to is not None and to.suffix.lower() not in (".html", ".htm"):
        raise Refused(f"--to {to} is no .html: the report is written as a page")
    at = datetime.now(zone()).astimezone(zone())
    try:
        wanted = weeks.named(week) if week else weeks.last(at)
    except weeks.InvalidWeek as exc:
        raise Refused(str(exc)) from exc
    if wanted.midnights(zone())[0] > at:
        raise Refused(f"{wanted.name} has not begun yet: it begins on {wanted.monday}")
    shops = list(dict.fromkeys(shop or ()))
    with err.status("reading the week"):
        now, before = run(asked(database_url(), [wanted, wanted.before], shops, zone()))
    if as_json:
        from connectors.report.machines import plain

        print_json(plain(now, before, shops))
    found = content(now, before, shops, at)
    if to is not None:
        from connectors.report.page import page

        try:
            to.write_text(page(found), encoding="utf-8")
        except OSError as exc:
            raise Refused(f"{to} cannot be written: {exc.strerror}") from exc
        err.print(f"the report of {wanted.name} is in {to}", soft_wrap=True)
    if as_json or to is not None:
        return
    out.print(Text(found.title, "bold"))
    out.print(Text(found.about), soft_wrap=True)
    if found.late:
        err.print(Text(found.late, "yellow"), soft_wrap=True)
    for section in (*found.kpis, found.reasons):
        _print(section)
    for lines in (found.changed, found.outages):
        out.print()
        out.print(Text(lines.title, "bold"))
        for line in lines.lines or [lines.nothing]:
            out.print(Text(line), soft_wrap=True)
    _print(found.open)


def _print(section: Section) -> None:
    out.print()
    out.print(Text(section.title, "bold"))
    if not section.rows:
        out.print(Text(section.nothing))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for at, head in enumerate(section.heads):
        table.add_column(head, justify="right" if at in section.numbers else "left")
    for row in section.rows:
        marks = [getattr(cell, "mark", "") for cell in row]
        table.add_row(*(Text(cell, _STYLES.get(mark, "")) for cell, mark in zip(row, marks, strict=True)))
    out.print(table)
