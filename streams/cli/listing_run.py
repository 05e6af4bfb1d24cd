"""``penstock listing run``: the process that tells the platforms what shops show of the stock."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.common import Refused, connected, out
from streams.cli.run import LogLevel
from streams.ops import logs
from streams.settings import Settings


def run(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Of /metrics, /live and /ready; PENSTOCK_METRICS_PORT otherwise."),
    ] = None,
    limits: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="TOML of rates and breakers that overrides connectors/channels/stock/limits.toml."
        ),
    ] = None,
    call_timeout: Annotated[float, typer.Option(min=1, max=60, help="Seconds a platform may take to answer.")] = 30.0,
    log_level: Annotated[LogLevel, typer.Option(help="What it prints.")] = LogLevel.WARNING,
) -> None:
    """Tell the platforms of PENSTOCK_SHOPS what their shops show, the newest number of each SKU, until SIGTERM.

    Several processes share the work. Which shops show what, a document of listings says.
    """
    from connectors import shops
    from connectors.channels.stock.run import limits_book
    from connectors.channels.stock.run import run as dispatched
    from connectors.driver.dispatch.process import Options
    from connectors.driver.fetcher import FetchFailed
    from streams.ops.rights import own_topics

    settings = Settings.from_env()
    if settings.shops is None:
        raise Refused(
            "PENSTOCK_SHOPS is not set: set it to a TOML file of your shops; connectors/shops.py has its form"
        )
    known = shops.load(settings.shops)
    book = limits_book(limits)
    cluster = connected()
    cluster.create_topics(own_topics("listings", cluster.settings))
    logs.setup(log_level)
    options = Options(settings.metrics_port if port is None else port, call_timeout)
    out.print(f"{len(known.shops)} shops; Ctrl-C stops", soft_wrap=True)
    try:
        asyncio.run(dispatched(cluster.settings, known, book, options))
    except FetchFailed as exc:
        raise Refused(str(exc)) from exc
