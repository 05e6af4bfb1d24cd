"""``penstock delivery run``: the process that tells delivery orders to warehouses' systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatching import CallTimeout, Level, Port, Ready, dispatch
from streams.cli.run import LogLevel

if TYPE_CHECKING:
    from connectors.shops import Shops


def run(
    port: Port = None,
    limits: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="TOML of rates and breakers that overrides connectors/warehouse/limits.toml."
        ),
    ] = None,
    call_timeout: CallTimeout = 30.0,
    log_level: Level = LogLevel.WARNING,
) -> None:
    """Tell delivery orders to the systems of PENSTOCK_SHOPS, each once, and take them back, until SIGTERM.

    Several processes share the work. What the systems report comes in at penstock gateway.
    """

    def ready(known: Shops) -> Ready:
        from connectors.warehouse import run as warehouse

        book = warehouse.limits_book(known.wms, limits)
        return Ready(
            f"{len(known.wms)} warehouse systems; Ctrl-C stops",
            lambda settings, options: warehouse.run(settings, known, book, options),
        )

    dispatch("deliveries", port, call_timeout, log_level, ready)
