"""``penstock writeback run``: the process that tells tracking numbers to the platforms."""

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
            dir_okay=False, help="TOML of rates and breakers that overrides connectors/logistics/limits.toml."
        ),
    ] = None,
    call_timeout: CallTimeout = 30.0,
    log_level: Level = LogLevel.WARNING,
) -> None:
    """Tell tracking numbers to the platforms of PENSTOCK_SHOPS, each parcel once, until SIGTERM.

    Without a number an e-waybill is obtained first. Several processes share the work.
    """

    def ready(known: Shops) -> Ready:
        from connectors.logistics import run as logistics
        from connectors.logistics.limits import limits_book

        book = limits_book(limits)
        return Ready(
            f"{len(known.shops)} shops, {len(known.logistics)} logistics accounts; Ctrl-C stops",
            lambda settings, options: logistics.run(settings, known, book, options),
        )

    dispatch("dispatcher", port, call_timeout, log_level, ready)
