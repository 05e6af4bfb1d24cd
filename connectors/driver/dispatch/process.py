"""A dispatcher as a process: until SIGTERM or Ctrl-C, when calls under way are finished and told.

Live: the event loop turns. Ready: it has partitions of the requests, and its connector can make calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from connectors.driver.dispatch.contract import Contract
from connectors.driver.dispatch.dispatcher import HELD_MAX, Dispatcher
from connectors.driver.dispatch.metrics import CallMetrics
from streams.ops.http import Heartbeat, serve
from streams.settings import Settings
from streams.topology import group_id

_HANGS_S = 120.0


class Options(NamedTuple):
    """How it runs. ``port`` 0: no metrics; ``call_s``: how long a system may take to answer."""

    port: int = 0
    call_s: float = 30.0
    held_max: int = HELD_MAX


async def run(
    contract: Contract,
    settings: Settings,
    metrics: CallMetrics,
    options: Options,
    away: Callable[[], str] = lambda: "",
    *beside: Coroutine[Any, Any, None],
) -> None:
    """``away``: why no call can be made now; empty: some can. ``beside``: what runs as long, such as looking for newer data.

    Raises:
        FetchFailed: the consumer can't go on.
        CannotServe: the port is taken.
    """
    kafka = {"log_level": 0, **settings.kafka, "bootstrap.servers": settings.brokers}
    dispatcher = Dispatcher(contract, kafka, group_id(settings.app_id, contract.name), metrics, options.held_max)
    beat = Heartbeat("the event loop", _HANGS_S)

    def ready() -> tuple[bool, str]:
        why = away() or dispatcher.waits
        return not why, why or "requests are dealt with"

    server = None
    if options.port:
        server = serve(options.port, metrics.registry, live=beat, ready=ready, host=settings.metrics_host)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, dispatcher.stop)
    tasks = [asyncio.create_task(it) for it in (beat.keep(), *beside)]
    try:
        await dispatcher.run()
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        if server is not None:
            await asyncio.to_thread(server.close)
