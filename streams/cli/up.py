"""``penstock up``: the whole hub on this machine, in the foreground."""

from __future__ import annotations

import sys
import threading
from contextlib import nullcontext
from dataclasses import replace
from typing import Annotated

import typer

from deploy.local import POSTGRES_VERSION, LocalPostgres
from schemas.terminal import Text, styled
from streams.cli.common import AsRoot, err, not_as_root, out, warn_of
from streams.cli.run import database, kafka, stopped_by_signals
from streams.ops.cluster import Cluster
from streams.ops.processes import HubProcess, SinkProcess
from streams.ops.supervisor import GivenUp, Supervisor
from streams.ops.workers import Workers
from streams.settings import Settings


def up(
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    no_database: Annotated[bool, typer.Option("--no-database", help="Neither Postgres nor its sink.")] = False,
    as_root: AsRoot = False,
) -> None:
    """Run Kafka, Postgres, workers and the sink in the foreground until Ctrl-C or SIGTERM.

    What dies is said and started again; what dies again and again ends all, with exit code 1. With PENSTOCK_SHOPS, tracking numbers
    are told to the platforms too.
    """
    not_as_root("up", as_root)
    settings = Settings.from_env()
    warn_of(settings)
    with (
        stopped_by_signals() as stopped,
        kafka(settings) as (settings, broker),
        nullcontext("") if no_database else database(settings) as store,
    ):
        url = store if isinstance(store, str) else store.url
        settings = replace(settings, database_url=url)
        Cluster(settings).create_topics()
        crew = _processes(settings, workers, sink=bool(url))
        for process in crew:
            process.start()
        where = (settings.brokers, workers, settings.data)
        out.print(styled("Kafka answers at [bold]{}[/]; {} workers; logs and state in {}", *where))
        if broker is not None:
            out.print(
                "It asks for a password, which penstock commands find; penstock kafka properties has it for others."
            )
        if url:
            out.print(
                "the tables are kept up to date by penstock sink postgres; penstock db status shows how far it is"
            )
        if isinstance(store, LocalPostgres):
            out.print(
                f"the database is the bundled Postgres {POSTGRES_VERSION}, which is for trials: nobody updates or backs it up. "
                "For real data name your own with PENSTOCK_DATABASE_URL."
            )
        out.print("In another terminal: penstock status, penstock tail orders, penstock order show ID. Ctrl-C stops.")
        servers = [server for server in (broker, store) if server is not None and not isinstance(server, str)]
        given_up = _supervised(Supervisor(servers, crew, _say), stopped)
        out.print("stopping: workers finish their cycle and leave the group")
        for process in reversed(crew):
            process.ask_to_stop()
        for process in reversed(crew):
            process.ended()
    out.print("stopped")
    if given_up:
        sys.exit(1)


def _processes(settings: Settings, workers: int, *, sink: bool) -> list[HubProcess]:
    """All that needs Kafka; each has a port of its own for its metrics, in this order."""
    port = settings.metrics_port

    def ports_from(number: int) -> Settings:
        return replace(settings, metrics_port=port + number if port else 0)

    found: list[HubProcess] = [*Workers(settings, workers).processes]
    found += Workers(ports_from(workers + 1), 1, "writeback").processes
    if sink:
        found.append(SinkProcess(settings, "postgres", ports_from(workers).metrics_port))
    if settings.shops:
        found.append(HubProcess(ports_from(workers + 2), "writeback run", ("writeback", "run")))
    return found


def _supervised(supervisor: Supervisor, stopped: threading.Event) -> bool:
    """Until ``stopped``; True when it was given up before."""
    while not stopped.wait(1.0):
        try:
            supervisor.check()
        except GivenUp as exc:
            err.print(Text(str(exc), "red"), soft_wrap=True)
            return True
    return False


def _say(line: str) -> None:
    err.print(Text(line, "yellow"), soft_wrap=True)
