"""What ``penstock replay`` shows: the plan, the bar, how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn

from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import err, out
from streams.ops.moments import local
from streams.replay.log import offsets_of
from streams.replay.plan import Plan
from streams.replay.planning import Described, Estimate
from streams.replay.run import Outcome


def print_plan(plan: Plan, described: Sequence[Described], found: Estimate, rate: float | None, resumed: bool) -> None:
    """What will be done, for a person to agree to."""
    out.print(
        styled("{} [bold]{}[/] of {}", word("Resuming replay" if resumed else "Replay"), plan.replay_id, plan.topic),
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False)
    for column in ("partition", "from offset", "to offset", "first record", "last record"):
        table.add_column(column, justify="right" if "offset" in column else "left", no_wrap=True)
    for span, first_ms, last_ms in described:
        empty = span.start == span.end
        offsets = ("-", "-") if empty else (f"{span.start:,}", f"{span.end - 1:,}")
        table.add_row(str(span.partition), *offsets, local(first_ms, "milliseconds"), local(last_ms, "milliseconds"))
    out.print(table)
    about = "" if found.exact else "about "
    meant = f", of which {about}{found.meant:,} are meant" if plan.only else ""
    out.print(
        f"records  {about}{found.records:,} in {sum(d.span.end - d.span.start for d in described):,} offsets{meant}",
    )
    basis = (
        f"at {rate:g} records/s"
        if rate is not None
        else "reading as fast as a sample was read; writing may take longer"
    )
    out.print(f"time     about {_duration(found.seconds)} ({basis})", soft_wrap=True)
    out.print(f"into     {plan.into}", soft_wrap=True)
    out.print(f"only     {' and '.join(plan.only) or 'no filter'}", soft_wrap=True)


def ended(plan: Plan, outcome: Outcome, signals: Sequence[int]) -> int:
    """Says how it ended; the exit code."""
    left_out = f", {outcome.left_out:,} left out by the filter" if plan.only else ""
    if outcome.undecodable:
        left_out += f" ({outcome.undecodable:,} of them could not be decoded)"
    for each in outcome.refusals:
        place = f"{each.record.topic}/{each.record.partition}@{each.record.offset}"
        err.print(styled("[yellow]refused[/] {}: {}", place, said(each.error)), soft_wrap=True)
    if outcome.refused:
        err.print(styled("[yellow]{:,} records were refused by the target; the others are in[/]", outcome.refused))
    if outcome.cause is None:
        out.print(f"done: {outcome.replayed:,} records replayed{left_out}")
        return 1 if outcome.refused else 0
    out.print(f"interrupted after {outcome.replayed:,} records: {outcome.cause}", soft_wrap=True)
    out.print(f"go on with: penstock replay --resume {plan.replay_id}", soft_wrap=True)
    return 128 + signals[0] if signals else 1


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5_400 else f"{seconds / 3600:,.1f} h"


class _Rate(ProgressColumn):
    """Records replayed a second."""

    def render(self, task: Task) -> Text:
        elapsed = task.elapsed or 0.0
        return Text(said(f"{task.fields['replayed'] / elapsed if elapsed else 0:,.0f} records/s"))


class Bar:
    """On standard error; by offsets, since how many records there are is known only at the end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        columns = (
            TextColumn(word("Replaying")),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            _Rate(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=err)
        self._task: TaskID = self._progress.add_task("", total=plan.offsets, replayed=0)

    def show(self, positions: Mapping[int, int], replayed: int) -> None:
        """From the first call on there is a bar: what is refused before it begins stays one line."""
        self._progress.start()
        self._progress.update(self._task, completed=offsets_of(self._plan.ranges, positions), replayed=replayed)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
