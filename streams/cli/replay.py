"""``penstock replay``: the plan, the question, the bar, the way it ended."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from schemas.terminal import Text, styled
from schemas.texts import said
from streams.cli.asking import confirmed
from streams.cli.common import Refused, connected, database_url, err, out
from streams.cli.replay_screen import Bar, ended, print_plan
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.forgetting import named
from streams.ops.sinks import Record
from streams.replay.errors import ReplayRefused, ReplayStopped
from streams.replay.journal import Journal, Who, find
from streams.replay.log import Log, Range
from streams.replay.only import Only
from streams.replay.plan import Plan, new_id
from streams.replay.planning import Asked, check_installation, describe, estimate, find_ranges, still_held
from streams.replay.progress import positions
from streams.replay.run import Run
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
    asked = Asked(partition or (), from_offset, from_time, from_beginning, to_offset, to_time)
    if resume:
        if topic or into or only or create or force_with or unmask or form != Form.JSON or asked != Asked():
            raise Refused(
                "--resume goes on with the plan as it was made: give only --rate, --yes, --dry-run, --by or --reason with it"
            )
    elif not topic:
        raise Refused("name a topic, or --resume ID")
    elif not into:
        raise Refused("nothing says where to: add --into postgres, --into topic:NAME or --into file:PATH")
    cluster = connected()
    going = Going(rate, dry_run, yes, Who(audit.operator(cluster, by), reason))
    log = Log(cluster.settings)
    try:
        check_installation(log)
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
        err.print(styled("[red]error:[/] {}", said(str(exc))), soft_wrap=True)
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
        ranges = _left(cluster, log, plan) if resumed else plan.ranges
        found = estimate(log, plan.topic, ranges, Only(plan.topic, plan.only), going.rate)
        print_plan(plan, describe(log, plan.topic, ranges), found, going.rate, resumed)
        if not plan.offsets or going.dry_run:
            out.print(
                "dry run: nothing was changed" if plan.offsets else "nothing to replay: the range holds no records"
            )
            await target.close()
            return 0
        confirmed("Go ahead?", going.yes)
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
    with Bar(plan) as bar:
        run = Run(cluster.settings, log, plan, target, journal, rate=going.rate, stopping=stopping, show=bar.show)
        outcome = await run.to_its_end(resumed=resumed)
    return ended(plan, outcome, signals)


def _target(cluster: Cluster, log: Log, plan: Plan, stopping: asyncio.Event) -> Target:
    kind, _, name = plan.into.partition(":")
    if kind != "file" and (plan.form != Form.JSON or plan.unmask):
        raise ReplayRefused(f"--format and --unmask are for files; --into is {plan.into!r}")
    if kind != "topic" and (plan.create or plan.force_with):
        raise ReplayRefused(f"--create and --force-with are for topics; --into is {plan.into!r}")
    forgotten = named(cluster)
    orders = {record.key for record in forgotten if record.key}
    if kind == "topic" and name:
        return ToTopic(cluster, log, plan, name, orders, _tell)
    if kind == "file" and name:
        return ToFile(plan, Path(name), orders)
    if plan.into == "postgres":
        return _postgres(plan, stopping, forgotten)
    raise ReplayRefused(f"--into is {plan.into!r}: write postgres, topic:NAME or file:PATH")


def _left(cluster: Cluster, log: Log, plan: Plan) -> tuple[Range, ...]:
    """What an interrupted replay has still to do, as far as the log holds it."""
    reached = positions(cluster.settings, plan.replay_id, plan.topic, plan.ranges, settled=False)
    return still_held(log, plan.topic, [Range(r.partition, reached[r.partition], r.end) for r in plan.ranges])


def _tell(line: str) -> None:
    err.print(Text(said(line), "yellow"))


def _postgres(plan: Plan, stopping: asyncio.Event, forgotten: Sequence[Record]) -> Target:
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
    return ToSink(PostgresSink(url), plan, identity, probe, _tell, stopping, forgotten)
