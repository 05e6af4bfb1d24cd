"""``penstock listing run``: the process that tells the platforms what shops show of the stock."""

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
            dir_okay=False, help="TOML of rates and breakers that overrides connectors/channels/stock/limits.toml."
        ),
    ] = None,
    call_timeout: CallTimeout = 30.0,
    log_level: Level = LogLevel.WARNING,
) -> None:
    """Tell the platforms of PENSTOCK_SHOPS what their shops show, the newest number of each SKU, until SIGTERM.

    Several processes share the work. Which shops show what, a document of listings says.
    """

    def ready(known: Shops) -> Ready:
        from connectors.channels.stock import run as stock

        book = stock.limits_book(limits)
        return Ready(
            f"{len(known.shops)} shops; Ctrl-C stops",
            lambda settings, options: stock.run(settings, known, book, options),
        )

    dispatch("listings", port, call_timeout, log_level, ready)
