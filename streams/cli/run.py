"""Commands that run something until it is done or stopped."""

from __future__ import annotations

import asyncio
import faulthandler
import fcntl
import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from deploy.local import DatabaseMissing, LocalKafka, LocalPostgres, check_brokers, existing_brokers
from deploy.local.process import free_ports, is_free
from schemas.private import private_folder
from schemas.terminal import Text
from schemas.texts import said
from streams.cli.common import (
    AsRoot,
    Refused,
    at_local,
    connected,
    err,
    local_kafka,
    local_postgres,
    not_as_root,
    out,
    warn_of,
)
from streams.ops import logs
from streams.settings import Settings


class LogLevel(StrEnum):
    """Of Python's logging, by the names it has on the command line."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


ConsolePort = Annotated[
    int,
    typer.Option(
        "--console-port",
        min=0,
        max=65_535,
        envvar="PENSTOCK_CONSOLE_PORT",
        help="Of the console; where it is taken, or 0, a free one.",
    ),
]


class WorkerGroup(StrEnum):
    """The groups of stages, by their names in ``streams.topology``."""

    DECISIONS = "decisions"
    WRITEBACK = "writeback"
    WAREHOUSE = "warehouse"
    LISTING = "listing"


def worker(
    slot: Annotated[
        str, typer.Option(help="Name of this worker's folder of state; two workers never share one.")
    ] = "0",
    group: Annotated[WorkerGroup, typer.Option(help="Whose stages it runs.")] = WorkerGroup.DECISIONS,
    log_level: Annotated[LogLevel, typer.Option(help="What it prints.")] = LogLevel.WARNING,
) -> None:
    """Run one worker in the foreground until SIGTERM: it finishes its cycle, leaves the group and ends.

    SIGUSR1: it prints where each of its threads stands, and goes on.
    """
    # What dies in native code says in its log where its threads stood.
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    import faust

    from streams.app import build
    from streams.engine import probes
    from streams.ops.http import serve
    from streams.ops.rights import WORKERS, own_topics

    cluster = connected()
    cluster.create_topics(own_topics(WORKERS[group.value], cluster.settings))
    settings = cluster.settings
    home = slot if group is WorkerGroup.DECISIONS else f"{group.value}-{slot}"
    check_slot(settings.data, home)
    private_folder(settings.data / home)
    app = build(settings, worker=home, group=group.value)
    _let_garbage_collection_wait()
    logs.setup(log_level)
    if settings.metrics_port:
        metrics = app.engine_metrics  # type: ignore[attr-defined]
        well = {"live": probes.live(metrics), "ready": probes.ready(app)}
        serve(settings.metrics_port, metrics.registry, **well, host=settings.metrics_host)
    runner = faust.Worker(app, quiet=True, redirect_stdouts=False, override_logging=False)
    # It would write escape sequences between the log's lines.
    runner.spinner = None
    runner.execute_from_commandline()


def check_slot(data: Path, home: str) -> None:
    """Raises Refused where another worker has its state in that folder open."""
    try:
        with open(data / home / "state" / "LOCK", "r+b") as lock:
            # RocksDB's own, which ends with its process.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(
            f"a worker has the slot {home} in {data}: stop it (or the penstock up that runs there), give this one another --slot, "
            "or set another PENSTOCK_DATA"
        ) from None
    except OSError:
        # Nobody has ever run there, or what is wrong with the folder is said when it is used.
        return


@contextmanager
def kafka(settings: Settings) -> Iterator[tuple[Settings, LocalKafka | None]]:
    """Settings that name a broker which answers: the existing one of ``PENSTOCK_BROKERS``, else the local stack's, stopped at the end.

    None where it is not the local stack's. Raises LocalStackError.
    """
    if existing := existing_brokers():
        check_brokers(existing, properties=settings.kafka)
        yield replace(settings, brokers=existing), None
    else:
        with local_kafka(settings) as own:
            yield at_local(settings, own), own


@contextmanager
def database(settings: Settings) -> Iterator[LocalPostgres | str]:
    """A migrated database: the existing one of ``PENSTOCK_DATABASE_URL``, else the local stack's, stopped at the end.

    An existing one is not migrated here: that is its owner's decision (``penstock db migrate``). Empty, with a line that says so,
    where this Python has no Postgres of its own.
    """
    from connectors.postgres import roles
    from connectors.postgres.schema import migrate

    if settings.database_url:
        yield settings.database_url
        return
    try:
        postgres = local_postgres(settings)
        postgres.start()
    except DatabaseMissing as exc:
        err.print(Text(said(f"without a database: {exc}"), "yellow"), soft_wrap=True)
        yield ""
        return
    try:
        # The console reads as roles, whose rights come with the tables.
        asyncio.run(roles.make(postgres.url))
        asyncio.run(migrate(postgres.url))
        yield postgres
    finally:
        postgres.stop()


def console_port(wanted: int) -> int:
    """The port for a console: the one that is wanted, or another where that is taken, or is 0."""
    return wanted if wanted and is_free(wanted) else free_ports(1)[0]


def demo(
    orders: Annotated[
        Path | None,
        typer.Option(help="Real orders: a .csv.gz in the layout of UCI's Online Retail.", exists=True, dir_okay=False),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Orders to generate when no file is given.")] = 20_000,
    rate: Annotated[float, typer.Option(min=0, help="Events published a second; 0: as fast as possible.")] = 1_000,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same orders.")] = 11,
    kills: Annotated[int, typer.Option(min=0, help="Workers killed with SIGKILL while it runs, at random times.")] = 0,
    round_trip: Annotated[
        int, typer.Option(min=0, help="Orders placed at simulated platforms, shipped and told back before; 0: none.")
    ] = 600,
    no_database: Annotated[
        bool, typer.Option("--no-database", help="Neither Postgres, nor its sink and console, nor its death half-way.")
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Keep the data, to look at it afterwards: penstock up serves it, with the console's accounts.",
        ),
    ] = False,
    console: ConsolePort = 9460,
    as_root: AsRoot = False,
) -> None:
    """The main job: five channels' raw orders in, exact allocations out, proven at the end."""
    not_as_root("demo", as_root)
    from streams.cli.look import print_history, verified
    from streams.cli.rules_compared import print_compared
    from streams.demo.console import DemoConsole
    from streams.demo.run import Demo, Plan

    settings = Settings.from_env()
    warn_of(settings)
    with TemporaryDirectory(prefix="penstock-demo-") as scratch:
        # A demo of its own starts from nothing; on an existing cluster it adds to what is there.
        settings = replace(settings, data=settings.data if keep else Path(scratch))
        with (
            stopped_by_signals() as stopped,
            kafka(settings) as (settings, _),
            # One that others use is not killed: the demo's is always its own.
            nullcontext("") if no_database else database(replace(settings, database_url="")) as store,
        ):
            postgres = None if isinstance(store, str) else store
            if postgres is not None:
                settings = replace(settings, database_url=postgres.url)
            pages = DemoConsole(settings, console_port(console), out) if postgres is not None else None
            if pages is not None:
                pages.make_accounts(said_now=not keep)
            plan = Plan(orders, count, rate, workers, seed, kills, round_trip)
            prove = partial(verified, settled=True)
            compare = partial(print_compared, settings.database_url)
            good = Demo(settings, plan, out, stopped, postgres, pages, print_history, prove, compare).run()
    if keep:
        out.print(f"kept in {settings.data}: penstock up serves it", soft_wrap=True)
    if pages is not None:
        pages.say_afterwards(kept=keep)
    if not good:
        sys.exit(1)


def _let_garbage_collection_wait() -> None:
    """A batch makes tens of thousands of short-lived dicts and no cycles: the collector would look at them for nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set: the command then ends in order."""
    stopped = threading.Event()
    before = {s: signal.signal(s, lambda *_: stopped.set()) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
