"""Puts the console's server to work: database, Kafka, what it may ask of them."""

from __future__ import annotations

import asyncio
import signal
from socket import socket

import uvloop

from schemas.terminal import Text
from schemas.texts import said
from streams.cli.common import Refused, database_url, err, located, out
from streams.ops import logs
from streams.ops.ports import bind
from streams.settings import Settings


def run(host: str, port: int) -> None:
    """Returns when it was told to stop and has answered. Raises CannotServe."""
    logs.setup("info")
    listening = bind("serve the console", host, port)
    settings, url = _there()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, url, host, listening))
    out.print("stopped")


def _there() -> tuple[Settings, str]:
    """Settings, with a broker where there is one, and the database's URL, empty where there is none; what is missing is said."""
    settings, url = Settings.from_env(), ""
    try:
        settings = located()
    except Refused as exc:
        _warn(f"nothing can be changed or put on record: {exc}")
    try:
        url = database_url()
    except Refused as exc:
        _warn(f"nothing can be shown: {exc}")
    return settings, url


async def _run(settings: Settings, url: str, host: str, listening: socket) -> None:
    from connectors.console.app import build
    from connectors.console.services import services
    from connectors.console.serving import serve
    from streams.cli.console_deeds import Deeds

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shown = f"[{host}]" if ":" in host else host
    out.print(f"the console is at http://{shown}:{listening.getsockname()[1]}; Ctrl-C stops", soft_wrap=True)
    app = build(services(url, Deeds(settings), settings.app_id))
    await serve(app, listening, stop, proxies=settings.trusted_proxies)


def _warn(line: str) -> None:
    err.print(Text(said(line), "yellow"), soft_wrap=True)
