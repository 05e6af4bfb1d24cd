"""``penstock console``: its server, until SIGTERM. Imported with the list of commands, so it imports nothing itself."""

from __future__ import annotations

from typing import Annotated

import typer


def console(
    context: typer.Context,
    port: Annotated[
        int,
        typer.Option(min=0, max=65_535, envvar="PENSTOCK_CONSOLE_PORT", help="Of pages and /api; 0 takes a free one."),
    ] = 9460,
    host: Annotated[
        str,
        typer.Option(envvar="PENSTOCK_CONSOLE_HOST", help="Address to listen at; TLS is the reverse proxy's in front."),
    ] = "127.0.0.1",
) -> None:
    """Without a command: the server. Without a database it says so in every answer; without Kafka it shows, and changes nothing."""
    if context.invoked_subcommand is None:
        from streams.cli.console_run import run

        run(host, port)
