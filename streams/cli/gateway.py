"""``penstock gateway``: what happens in the shops, into Kafka."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.common import Refused, located, out
from streams.cli.run import LogLevel
from streams.ops import logs

if TYPE_CHECKING:
    from connectors.shops import Shops
    from streams.ops.connection import Limits
    from streams.settings import Settings

logger = logging.getLogger(__name__)


def gateway(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Of pushes, /metrics, /live and /ready; 0 takes a free one."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at; TLS is the reverse proxy's in front.")] = "127.0.0.1",
    log_level: Annotated[LogLevel, typer.Option(help="What it prints.")] = LogLevel.INFO,
) -> None:
    """Take in what happens in the shops of PENSTOCK_SHOPS, until SIGTERM: pushes, message queues, pulls.

    A push is answered with success when Kafka has it, never before. While Kafka is away its platform is told to send it again; what a
    platform may not send again is kept on disk.
    """
    import uvloop

    from connectors.channels.spool import SpoolUnusable
    from connectors.logistics.carriers import InvalidCarriers
    from connectors.shops import load

    # Kafka need not be there yet: what is pushed meanwhile is not lost.
    settings = located()
    if settings.shops is None:
        raise Refused("no shops: set PENSTOCK_SHOPS to a TOML file of them; connectors/shops.py has its form")
    shops = load(settings.shops)
    logs.setup(log_level)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(settings, shops, host, settings.metrics_port if port is None else port))
    except (SpoolUnusable, InvalidCarriers) as exc:
        raise Refused(str(exc)) from exc


async def _run(settings: Settings, shops: Shops, host: str, port: int) -> None:
    from connectors.channels.gateway import Gateway
    from connectors.logistics.carriers import current
    from streams.cli.shipments import teller

    carriers = current(settings.data / "carriers").carriers

    def carrier_by(whose: str, code: str) -> str:
        known = carriers.called(whose, code)
        return known.code if known is not None else code

    def carrier_of(code: str) -> str:
        return carrier_by("kuaidi100", code)

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    limits = _limits(settings)
    tell = teller(settings)
    async with Gateway(
        settings, shops, port, host=host, carrier_of=carrier_of, carrier_by=carrier_by, tell=tell, limits=limits
    ) as it:
        out.print(
            f"gateway of {len(shops.shops)} shops at http://localhost:{it.port}/push; Ctrl-C stops", soft_wrap=True
        )
        await it.run(stop)


def _limits(settings: Settings) -> Limits:
    """Half of the open files are for who connects: the rest is Kafka's, the platforms' and the disk's."""
    from streams.ops.connection import Limits
    from streams.ops.ports import raise_file_limit
    from streams.settings import networks

    files = raise_file_limit()
    limits = Limits(trusted=networks(settings.trusted_proxies))
    if files // 2 < limits.connections:
        logger.warning(
            "at most %d open files: %d clients may connect; raise ulimit -n or LimitNOFILE to %d for %d",
            *(files, files // 2, 2 * limits.connections, limits.connections),
        )
        limits = limits._replace(connections=files // 2)
    return limits
