"""``penstock delivery run``: the process that tells delivery orders to warehouses' systems."""

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
            dir_okay=False, help="TOML of rates and breakers that overrides connectors/warehouse/limits.toml."
        ),
    ] = None,
    call_timeout: Annotated[float, typer.Option(min=1, max=60, help="Seconds a system may take to answer.")] = 30.0,
    log_level: Annotated[LogLevel, typer.Option(help="What it prints.")] = LogLevel.WARNING,
) -> None:
    """Tell delivery orders to the systems of PENSTOCK_SHOPS, each once, and take them back, until SIGTERM.

    Several processes share the work. What the systems report comes in at penstock gateway.
    """
    from connectors import shops
    from connectors.driver.dispatch.process import Options
    from connectors.driver.fetcher import FetchFailed
    from connectors.logistics.carriers import InvalidCarriers
    from connectors.warehouse.run import limits_book
    from connectors.warehouse.run import run as dispatched
    from streams.ops.rights import own_topics

    settings = Settings.from_env()
    if settings.shops is None:
        raise Refused(
            "PENSTOCK_SHOPS is not set: set it to a TOML file of your shops; connectors/shops.py has its form"
        )
    known = shops.load(settings.shops)
    book = limits_book(known.wms, limits)
    cluster = connected()
    cluster.create_topics(own_topics("deliveries", cluster.settings))
    logs.setup(log_level)
    options = Options(settings.metrics_port if port is None else port, call_timeout)
    out.print(f"{len(known.wms)} warehouse systems; Ctrl-C stops", soft_wrap=True)
    try:
        asyncio.run(dispatched(cluster.settings, known, book, options))
    except (FetchFailed, InvalidCarriers) as exc:
        raise Refused(str(exc)) from exc
