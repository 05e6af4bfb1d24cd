"""``penstock writeback run``, ``delivery run``, ``listing run``: what the processes that tell slow systems have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from streams.cli.common import Refused, connected, out
from streams.cli.run import LogLevel
from streams.ops import logs
from streams.settings import Settings

if TYPE_CHECKING:
    from connectors.driver.dispatch.process import Options
    from connectors.shops import Shops

Port = Annotated[
    int | None,
    typer.Option(min=0, max=65_535, help="Of /metrics, /live and /ready; PENSTOCK_METRICS_PORT otherwise."),
]
CallTimeout = Annotated[
    float, typer.Option(min=1, max=60, help="Seconds a platform, or a warehouse's system, may take to answer.")
]
Level = Annotated[LogLevel, typer.Option(help="What it prints.")]


class Ready(NamedTuple):
    """A process that has what it needs: what it says of it, and its work until SIGTERM."""

    says: str
    work: Callable[[Settings, Options], Coroutine[Any, Any, None]]


def shops_of(settings: Settings) -> Shops:
    """Those of PENSTOCK_SHOPS. Raises Refused."""
    from connectors import shops

    if settings.shops is None:
        raise Refused(
            "PENSTOCK_SHOPS is not set: set it to a TOML file of your shops; connectors/shops.py has its form"
        )
    return shops.load(settings.shops)


def dispatch(
    process: str, port: int | None, call_timeout: float, log_level: LogLevel, ready: Callable[[Shops], Ready]
) -> None:
    """Runs a process of ``deploy/processes.py`` with the shops of PENSTOCK_SHOPS. Raises Refused."""
    from connectors.driver.dispatch.process import Options
    from connectors.driver.fetcher import FetchFailed
    from connectors.logistics.carriers import InvalidCarriers
    from streams.ops.rights import own_topics

    settings = Settings.from_env()
    it = ready(shops_of(settings))
    cluster = connected()
    cluster.create_topics(own_topics(process, cluster.settings))
    logs.setup(log_level)
    options = Options(settings.metrics_port if port is None else port, call_timeout)
    out.print(it.says, soft_wrap=True)
    try:
        asyncio.run(it.work(cluster.settings, options))
    except (FetchFailed, InvalidCarriers) as exc:
        raise Refused(str(exc)) from exc
