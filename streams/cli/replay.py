"""``penstock replay``: the plan, the question, the bar, the way it ended."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from streams import audit
from streams.cli.common import Refused, connected, database_url, err, out
from streams.cluster import Cluster
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.replay.journal import Journal, Who, find
from streams.replay.log import Log, offsets_of
from streams.replay.only import Only
from streams.replay.plan import Plan, new_id
from streams.replay.planning import Asked, Described, Estimate, describe, estimate, find_ranges
from streams.replay.run import Outcome, Run
from streams.replay.target import Target
from streams.replay.to_file import ToFile
from streams.replay.to_sink import ToSink
from streams.replay.to_topic import ToTopic


class Form(StrEnum):
    """Of a file's lines."""

    JSON = "json"
    RAW = "raw"


class Going(NamedTuple):
    """How this run goes, which is no part of the plan."""

    rate: float | None
    dry_run: bool
    yes: bool
    who: Who


def replay(
    topic: Annotated[str | None, typer.Argument(help="Which topic's records; left out with --resume.")] = None,
    partition: Annotated[
        list[int] | None,
        typer.Option("--partition", "-p", help="Only this partition; may be repeated. All when left out."),
    ] = None,
    from_offset: Annotated[int | None, typer.Option(help="The first offset.")] = None,
    from_time: Annotated[
        str | None, typer.Option(help="From then on: 2026-11-11T00:00+08:00, or -2h (s, m, h, d).")
    ] = None,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="All that the topic holds.")] = False,
    to_offset: Annotated[int | None, typer.Option(help="The last offset; the present end when left out.")] = None,
    to_time: Annotated[str | None, typer.Option(help="Records before then; as --from-time.")] = None,
    into: Annotated[str, typer.Option(help="postgres, topic:NAME or file:PATH.")] = "",
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="order-id=ID, channel=NAME or warehouse=CODE; may be repeated: different ones must all hold."
        ),
    ] = None,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Records a second at the most.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")] = "",
    by: Annotated[str, typer.Option(help="Who, for the audit trail; your account when left out.")] = "",
    resume: Annotated[str, typer.Option(help="Go on with the replay of this id, from any machine.")] = "",
    create: Annotated[
        bool, typer.Option("--create", help="Make the target topic, with the source's partitions.")
    ] = False,
    force_with: Annotated[
        str, typer.Option(help="Replay into a topic of Penstock's own stages; say what the duplicates will do.")
    ] = "",
    form: Annotated[Form, typer.Option("--format", help="Of a file: decoded, or bytes in base64.")] = Form.JSON,
    unmask: Annotated[
        bool, typer.Option("--unmask", help="Names, phones, addresses and payloads go into the file.")
    ] = False,
) -> None:
    """Replay a range of a topic into the database, another topic or a file: each record once, however often it is interrupted.

    The end is fixed when the plan is made. Interrupt it with Ctrl-C or SIGTERM; --resume goes on, also after kill -9.
    Progress stands in Kafka, in the transaction of what was written. One replay of a topic into a target runs at a time.
    """
    who = Who(by or audit.operator(), reason)
    going = Going(rate, dry_run, yes, who)
    asked = Asked(partition or (), from_offset, from_time, from_beginning, to_offset, to_time)
    if resume:
        if topic or into or only or create or force_with or unmask or asked != Asked():
            raise Refused(
                "--resume goes on with the plan as it was made: give only --rate, --yes, --dry-run, --by or --reason with it"
            )
    elif not topic:
        raise Refused("name a topic, or --resume ID")
    elif not into:
        raise Refused("nothing says where to: add --into postgres, --into topic:NAME or --into file:PATH")
    cluster = connected()
    log = Log(cluster.settings)
    try:
        if resume:
            plan = find(cluster, resume)
        else:
            Only(topic or "", only or ())  # said before anything is looked up
            ranges = find_ranges(log, topic or "", asked)
            plan = Plan(
                new_id(topic or ""), topic or "", ranges, into, tuple(only or ()), form, unmask, force_with, create
            )
        code = asyncio.run(_replay(cluster, log, plan, going, resumed=bool(resume)))
    except ReplayStopped as exc:
        err.print(f"[red]error:[/] {escape(str(exc))}", soft_wrap=True)
        code = 1
    finally:
        log.close()
    if code:
        sys.exit(code)


async def _replay(cluster: Cluster, log: Log, plan: Plan, going: Going, *, resumed: bool) -> int:
    """Plan, question, run; the exit code."""
    stopping, signals = asyncio.Event(), list[int]()
    target = _target(cluster, log, plan, stopping)
    try:
        await target.check(resumed)
        described = describe(log, plan.topic, plan.ranges)
        found = estimate(log, plan.topic, plan.ranges, Only(plan.topic, plan.only), going.rate)
        _print_plan(plan, described, found, going.rate, resumed)
        if not plan.offsets:
            out.print("nothing to replay: the range holds no records")
            return 0
        if going.dry_run:
            out.print("dry run: nothing was changed")
            return 0
        if not going.yes:
            _ask()
    except BaseException:
        await target.close()
        raise

    def stop(number: int) -> None:
        signals.append(number)
        stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    journal = Journal(cluster, plan, going.who)
    with _Bar(plan) as bar:
        run = Run(cluster.settings, log, plan, target, journal, rate=going.rate, stopping=stopping, show=bar.show)
        outcome = await run.to_its_end(resumed=resumed)
    return _ended(plan, outcome, signals)


def _target(cluster: Cluster, log: Log, plan: Plan, stopping: asyncio.Event) -> Target:
    kind, _, name = plan.into.partition(":")
    if kind != "file" and (plan.form != Form.JSON or plan.unmask):
        raise ReplayRefused(f"--format and --unmask are for files; --into is {plan.into!r}")
    if kind != "topic" and (plan.create or plan.force_with):
        raise ReplayRefused(f"--create and --force-with are for topics; --into is {plan.into!r}")
    if kind == "topic" and name:
        return ToTopic(cluster, log, plan, name)
    if kind == "file" and name:
        return ToFile(plan, Path(name))
    if plan.into == "postgres":
        return _postgres(plan, stopping)
    raise ReplayRefused(f"--into is {plan.into!r}: write postgres, topic:NAME or file:PATH")


def _ask() -> None:
    if not sys.stdin.isatty():
        raise Refused("nobody is there to ask: add --yes to go ahead without")
    if not typer.confirm("Go ahead?"):
        raise Refused("not begun: nothing was changed")


def _print_plan(plan: Plan, described: Sequence[Described], found: Estimate, rate: float | None, resumed: bool) -> None:
    from streams.replay.when import shown

    out.print(f"{'Resuming replay' if resumed else 'Replay'} [bold]{plan.replay_id}[/]", highlight=False)
    table = Table(box=None, pad_edge=False)
    for column in ("topic", "partition", "from offset", "to offset", "first record", "last record"):
        table.add_column(column, justify="right" if "offset" in column else "left", no_wrap=True)
    for span, first_ms, last_ms in described:
        empty = span.start == span.end
        offsets = ("-", "-") if empty else (f"{span.start:,}", f"{span.end - 1:,}")
        table.add_row(plan.topic, str(span.partition), *offsets, shown(first_ms), shown(last_ms))
    out.print(table)
    about = "" if found.exact else "about "
    meant = f", of which {about}{found.meant:,} are meant" if plan.only else ""
    out.print(f"records  {about}{found.records:,} in {plan.offsets:,} offsets{meant}", highlight=False)
    basis = (
        f"at {rate:g} records/s"
        if rate is not None
        else "reading as fast as a sample was read; writing may take longer"
    )
    out.print(f"time     about {_duration(found.seconds)} ({basis})", highlight=False)
    out.print(f"into     {plan.into}", highlight=False, soft_wrap=True)
    out.print(f"only     {' and '.join(plan.only) or 'no filter'}", highlight=False, soft_wrap=True)


def _ended(plan: Plan, outcome: Outcome, signals: Sequence[int]) -> int:
    left_out = f", {outcome.left_out:,} left out by the filter" if plan.only else ""
    if outcome.undecodable:
        left_out += f" ({outcome.undecodable:,} of them could not be decoded)"
    for each in outcome.refusals:
        place = f"{each.record.topic}/{each.record.partition}@{each.record.offset}"
        err.print(f"[yellow]refused[/] {place}: {escape(each.error)}", soft_wrap=True, highlight=False)
    if outcome.refused:
        err.print(f"[yellow]{outcome.refused:,} records were refused by the target; the others are in[/]")
    if outcome.cause is None:
        out.print(f"done: {outcome.replayed:,} records replayed{left_out}", highlight=False)
        return 1 if outcome.refused else 0
    out.print(f"interrupted after {outcome.replayed:,} records: {outcome.cause}", highlight=False, soft_wrap=True)
    out.print(f"go on with: penstock replay --resume {plan.replay_id}", highlight=False, soft_wrap=True)
    return 128 + signals[0] if signals else 1


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5_400 else f"{seconds / 3600:,.1f} h"


class _Rate(ProgressColumn):
    """Records replayed a second."""

    def render(self, task: Task) -> Text:
        elapsed = task.elapsed or 0.0
        return Text(f"{task.fields['replayed'] / elapsed if elapsed else 0:,.0f} records/s")


class _Bar:
    """On standard error; by offsets, since how many records there are is known only at the end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        columns = (
            TextColumn("Replaying"),
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

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _postgres(plan: Plan, stopping: asyncio.Event) -> Target:
    from urllib.parse import urlsplit

    from connectors.postgres.faults import fault_of, reason_of
    from connectors.postgres.schema import status
    from connectors.postgres.sink import PostgresSink

    url = database_url()

    async def probe() -> None:
        try:
            version = (await status(url)).version
        except Exception as exc:
            # A URL that can't be read is a ValueError.
            if fault_of(exc) is None and not isinstance(exc, ValueError):
                raise
            raise ReplayRefused(
                f"the database cannot be reached: {reason_of(exc)}; PENSTOCK_DATABASE_URL names it"
            ) from exc
        if not version.fits:
            raise ReplayRefused(version.advice())

    # Without the password, and the same for whoever reaches it by the same address.
    where = urlsplit(url)
    identity = f"postgres:{where.netloc.rpartition('@')[2]}{where.path}"
    return ToSink(
        PostgresSink(url), plan, identity, probe, lambda line: err.print(f"[yellow]{escape(line)}[/]"), stopping
    )
