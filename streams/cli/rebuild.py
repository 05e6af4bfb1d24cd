"""``penstock rebuild --shadow``: recompute all decisions beside the live ones; exit code 1 when one differs."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import JsonFlag, Refused, connected, err, out, print_json
from streams.replay.shadow.report import Report

_SHOWN = 20


def rebuild(
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Beside the live system, changing nothing of it. The only way there is.")
    ] = False,
    app_id: Annotated[str, typer.Option(help="The shadow's own app id; the live one with -shadow when left out.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the shadow's tables, to look at them.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Recompute every decision from the recorded logs and report any difference (there must be none).

    Reads only: no group is joined, nothing is produced. Needs the logs whole: where retention has cut them it says so.
    """
    if not shadow:
        raise Refused("a rebuild in place would replace the live decisions, which nobody should: add --shadow")
    # Decisions take Faust with them, which the other commands are spared.
    from streams.replay.shadow.run import rebuild as run

    settings = connected().settings
    app_id = app_id or f"{settings.app_id}-shadow"
    columns = (
        TextColumn(word("Rebuilding")),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with (
        _ended_in_order(),
        Progress(*columns, console=err, transient=True, disable=as_json or not err.is_terminal) as bar,
    ):
        task = bar.add_task("", total=None)
        report = run(
            settings,
            app_id,
            keep=keep,
            begin=lambda total: bar.update(task, total=total),
            advance=lambda count: bar.advance(task, count),
        )
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report)
        if keep:
            out.print(f"the shadow's tables are kept in {settings.data / app_id}", soft_wrap=True)
    if not report.ok:
        sys.exit(1)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does: the shadow's folder is deleted on the way out."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(report: Report) -> None:
    for stage in ("intake", "inventory", "allocation"):
        differing = report.difference_counts[stage]
        colour = "bold red" if differing else "green"
        out.print(f"{stage:11} {report.agreed[stage]:>10,} agree ", Text(said(f"{differing:,} differ"), colour))
    for note, count in report.notes.items():
        if count:
            out.print(f"{count:,} {said(note)}")
    for d in report.differences[:_SHOWN]:
        out.print(styled("  {} [bold]{}[/] ({}): {}", d.place, d.key, d.stage, said(d.text)), soft_wrap=True)
    total = report.difference_counts.total()
    if total > min(_SHOWN, len(report.differences)):
        out.print(f"  and {total - min(_SHOWN, len(report.differences)):,} more")
    colour = "green" if report.ok else "bold red"
    out.print(Text(said(f"rebuild: {total:,} differences in {report.seconds:.1f} s"), colour))
