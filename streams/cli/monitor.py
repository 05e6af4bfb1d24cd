"""``penstock monitor`` and ``penstock check``: the cluster-wide watch, and one look at every interface."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from deploy.local.errors import DatabaseUnreachable
from schemas.records import HealthCheck
from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said, word
from streams.cli.common import JsonFlag, connected, local_postgres, located, out, print_json
from streams.cli.run import LogLevel
from streams.settings import Settings


def monitor(
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Of /metrics, /live and /ready; 0 takes a free one.")
    ] = None,
    kpi_window: Annotated[int, typer.Option(min=1, help="Minutes the KPIs look back over.")] = 60,
    log_level: Annotated[LogLevel, typer.Option(help="What it prints.")] = LogLevel.INFO,
) -> None:
    """Watch the whole hub until SIGTERM: its metrics, lag and KPIs for Prometheus, and every interface's health."""
    from streams.aside.guarding import end_trial
    from streams.monitor.interfaces import interfaces
    from streams.monitor.process import Monitor
    from streams.ops import logs
    from streams.ops.rights import own_topics

    cluster = connected()
    found = interfaces(_with_database(cluster.settings))
    cluster.create_topics(own_topics("monitor", cluster.settings))
    logs.setup(log_level)

    async def run() -> None:
        at = port if port is not None else cluster.settings.metrics_port
        watch = Monitor(cluster.settings, found, at, kpi_window * 60, partial(end_trial, cluster))
        out.print(
            f"metrics at http://localhost:{watch.port}/metrics; {len(found.all)} interfaces are asked every "
            f"{found.interval_s:g} s; Ctrl-C stops",
            soft_wrap=True,
        )
        await watch.run()

    asyncio.run(run())


def check(as_json: JsonFlag = False) -> None:
    """Ask every interface once whether it answers; exit code 1 when one does not."""
    from streams.monitor.health import check_once
    from streams.monitor.interfaces import interfaces

    # A broker that is down is what this command is to show: it need not be up.
    settings = located()
    done = asyncio.run(check_once(interfaces(_with_database(settings)).all, settings))
    if as_json:
        print_json([{name: value for name, value in it.items() if name != "changed"} for it in done])
    else:
        out.print(checks_table(done))
    if not all(it["healthy"] for it in done):
        sys.exit(1)


def _with_database(settings: Settings) -> Settings:
    """With the local stack's database, where it has one and no other is named. Down it is asked all the same."""
    if settings.database_url:
        return settings
    try:
        return replace(settings, database_url=local_postgres(settings).url)
    except DatabaseUnreachable:
        return settings  # none was ever started


def checks_table(checks: list[HealthCheck]) -> Table:
    """One line an interface."""
    table = Table("interface", "kind", "answers", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("ms", justify="right", no_wrap=True)
    table.add_column("why not")
    for it in checks:
        answers = Text(word("yes"), "green") if it["healthy"] else Text(word("no"), "bold red")
        table.add_row(Text(it["interface"]), it["kind"], answers, f"{it['took_ms']:,}", Text(said(it["error"])))
    return table
