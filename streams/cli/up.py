"""``penstock up``: the whole hub on this machine, in the foreground."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Annotated
from urllib.parse import urlsplit

import typer

from deploy.local import POSTGRES_VERSION, LocalPostgres
from deploy.local.process import is_free
from schemas.terminal import Text, styled
from schemas.texts import said
from streams.cli.common import AsRoot, Refused, err, not_as_root, out, warn_of
from streams.cli.run import ConsolePort, check_slot, console_port, database, kafka, stopped_by_signals
from streams.demo.edge import Edge
from streams.ops.cluster import Cluster
from streams.ops.processes import ConsoleProcess, HubProcess, SinkProcess
from streams.ops.shops import systems
from streams.ops.supervisor import GivenUp, Supervised, Supervisor
from streams.ops.workers import Workers
from streams.settings import Settings


def up(
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    no_database: Annotated[
        bool, typer.Option("--no-database", help="Neither Postgres, nor its sink and console.")
    ] = False,
    with_simulators: Annotated[
        bool,
        typer.Option(
            "--with-simulators",
            help="Simulated platforms too, and all that speaks to them: a hub to try, without accounts.",
        ),
    ] = False,
    console: ConsolePort = 9460,
    as_root: AsRoot = False,
) -> None:
    """Run Kafka, Postgres, workers, the sink and the console in the foreground until Ctrl-C or SIGTERM.

    What dies is said and started again; what dies again and again ends all, with exit code 1. With PENSTOCK_SHOPS, tracking numbers
    are told to the platforms too.
    """
    not_as_root("up", as_root)
    settings = Settings.from_env()
    warn_of(settings)
    if with_simulators and settings.shops:
        raise Refused(
            f"--with-simulators, and PENSTOCK_SHOPS is {settings.shops}: real shops or simulated ones, not both"
        )
    for slot in range(workers):
        check_slot(settings.data, str(slot))
    _check_ports(_processes(settings, workers, sink=not no_database, edge=with_simulators))
    with (
        stopped_by_signals() as stopped,
        kafka(settings) as (settings, broker),
        nullcontext("") if no_database else database(settings) as store,
    ):
        url = store if isinstance(store, str) else store.url
        settings = replace(settings, database_url=url)
        Cluster(settings).create_topics()
        edge = Edge(settings) if with_simulators else None
        crew = _processes(settings, workers, sink=bool(url), edge=with_simulators)
        pages = ConsoleProcess(settings, console_port(console)) if url else None
        if pages is not None:
            crew.append(pages)
        for process in crew:
            process.start()
        supervised: list[Supervised] = [*crew]
        if edge is not None:
            edge.start()
            looking = HubProcess(replace(edge.settings, metrics_port=0), "reconcile", ("reconcile",))
            looking.start()
            crew = [*crew, *edge.processes, looking]
            supervised += [*edge.supervised(partial(_say_how_to_order, edge)), looking]
        where = (settings.brokers, ", ".join(process.name for process in crew), settings.data)
        out.print(styled("Kafka answers at [bold]{}[/]; running: {}; logs and state in {}", *where), soft_wrap=True)
        if edge is not None:
            _say_how_to_order(edge)
        if broker is not None:
            out.print(
                "It asks for a password, which penstock commands find; penstock kafka properties has it for others."
            )
        if url:
            out.print(
                "the tables are kept up to date by penstock sink postgres; penstock db status shows how far it is"
            )
        if pages is not None:
            out.print(
                styled("the console is at [bold]{}[/]; penstock console user add makes who may sign in", pages.url),
                soft_wrap=True,
            )
        if isinstance(store, LocalPostgres):
            out.print(
                f"the database is the bundled Postgres {POSTGRES_VERSION}, which is for trials: nobody updates or backs it up. "
                "For real data name your own with PENSTOCK_DATABASE_URL."
            )
        out.print("In another terminal: penstock status, penstock tail orders, penstock order show ID. Ctrl-C stops.")
        servers = [server for server in (broker, store) if server is not None and not isinstance(server, str)]
        given_up = _supervised(Supervisor(servers, supervised, _say), stopped)
        out.print("stopping: workers finish their cycle and leave the group")
        for process in reversed(crew):
            process.ask_to_stop()
        for process in reversed(crew):
            process.ended()
    out.print("stopped")
    if given_up:
        sys.exit(1)


def _check_ports(processes: Sequence[HubProcess]) -> None:
    """Raises Refused where one of them would find its port taken at each of its starts."""
    for process in processes:
        if process.port and not is_free(process.port):
            raise Refused(
                f"the metrics of {process.name} are to be at port {process.port}, which is taken: "
                "by another penstock up, perhaps; set another PENSTOCK_METRICS_PORT"
            )


def _processes(settings: Settings, workers: int, *, sink: bool, edge: bool) -> list[HubProcess]:
    """All that needs Kafka; each has a port of its own for its metrics, in this order. ``edge``: it brings what speaks to platforms."""
    port = settings.metrics_port

    def ports_from(number: int) -> Settings:
        return replace(settings, metrics_port=port + number if port else 0)

    found: list[HubProcess] = [*Workers(settings, workers).processes]
    if not edge:
        found += Workers(ports_from(workers + 1), 1, "writeback").processes
    if systems(settings.shops) and not edge:
        found += Workers(ports_from(workers + 3), 1, "warehouse").processes
        found.append(HubProcess(ports_from(workers + 4), "delivery run", ("delivery", "run")))
    if sink:
        found.append(SinkProcess(settings, "postgres", ports_from(workers).metrics_port))
    if settings.shops and not edge:
        found.append(HubProcess(ports_from(workers + 2), "writeback run", ("writeback", "run")))
    return found


def _say_how_to_order(edge: Edge) -> None:
    """Where each simulated platform is, by an order of it to begin with."""
    out.print("the platforms are simulated; to place an order there, from Penstock's folder:")
    for channel, shops in groupby(edge.shops.shops, lambda shop: shop.channel):
        found = list(shops)
        at = urlsplit(found[0].url)
        out.print(
            f"  curl --data @deploy/examples/orders/{channel}.json {at.scheme}://{at.netloc}/_sim/orders"
            f"    # {channel}: {', '.join(shop.shop for shop in found)}",
            soft_wrap=True,
        )


def _supervised(supervisor: Supervisor, stopped: threading.Event) -> bool:
    """Until ``stopped``; True when it was given up before."""
    while not stopped.wait(1.0):
        try:
            supervisor.check()
        except GivenUp as exc:
            err.print(Text(said(str(exc)), "red"), soft_wrap=True)
            return True
    return False


def _say(line: str) -> None:
    err.print(Text(said(line), "yellow"), soft_wrap=True)
