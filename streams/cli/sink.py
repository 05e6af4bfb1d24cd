"""`penstock sink`: keeps a store outside Kafka up to date with the topics, in a process and a consumer group of its own."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.common import Refused, connected, database_url, out
from streams.ops import audit, logs
from streams.settings import Settings

if TYPE_CHECKING:
    from connectors.driver.sinks import SinkMetrics
    from streams.ops.sinks import Sink

    #: What else is to be done while a sink is driven.
    Beside = Callable[[Settings, SinkMetrics], Coroutine[None, None, None]]

Group = Annotated[str, typer.Option(help="Consumer group; several processes of one group share the partitions.")]
Port = Annotated[int, typer.Option("--metrics-port", min=0, max=65_535, help="Prometheus metrics; 0: none.")]
Batch = Annotated[int, typer.Option(min=1, help="Records of one flush at the most.")]


#: A loop that has not turned for so long hangs: the longest call on it is a batch turned into rows.
_HANGS_S = 120.0


def sink_postgres(
    group: Group = "penstock-sink-postgres",
    metrics_port: Port = 0,
    batch: Batch = 5_000,
    timeout_s: Annotated[
        float,
        typer.Option("--timeout", min=1, help="Seconds of a statement, or of silence, after which it counts as away."),
    ] = 60.0,
) -> None:
    """Keep the tables of PENSTOCK_DATABASE_URL (or of penstock up's Postgres) up to date, until SIGTERM.

    Each record counts once, whatever is killed. While the database is away it waits, and goes on by itself. Once a day it empties what
    has told of persons for longer than PENSTOCK_TABLE_DAYS.
    """
    from connectors.postgres import PostgresSink
    from connectors.postgres.retention import Sweep
    from streams.domain.retention import kept_days

    url = database_url()

    def beside(settings: Settings, metrics: SinkMetrics) -> Coroutine[None, None, None]:
        return Sweep(url).keep(kept_days(settings.table_days), metrics.emptied)

    _drive("sink", lambda s: PostgresSink(url, hub=s.app_id, timeout_s=timeout_s), group, metrics_port, batch, beside)


def sink_files(
    folder: Annotated[
        Path | None, typer.Option(file_okay=False, help="Where to write; the data folder's files/ when left out.")
    ] = None,
    unmask: Annotated[bool, typer.Option("--unmask", help="Write names, phones, addresses and raw payloads.")] = False,
    group: Group = "penstock-sink-files",
    metrics_port: Port = 0,
    batch: Batch = 5_000,
) -> None:
    """Write the topics as JSON lines, by topic and day (FOLDER/orders/2026-11-24/*.jsonl), until SIGTERM.

    Each record stands in them once, whatever is killed.
    """
    from connectors.files import FilesSink

    cluster = connected()
    kept = folder or cluster.settings.data / "files"
    if unmask:
        audit.read(cluster, "sink files", "sink files", by=audit.operator(cluster), folder=kept.absolute())
    _drive("sink-files", lambda _: FilesSink(kept, unmask=unmask), group, metrics_port, batch)


def _drive(
    process: str,
    make: Callable[[Settings], Sink],
    group: str,
    metrics_port: int,
    batch: int,
    beside: Beside | None = None,
) -> None:
    """``process``: as its rights are called."""
    from connectors.driver.fetcher import FetchFailed
    from streams.ops.rights import own_topics
    from streams.ops.sinks import SinkError

    cluster = connected()
    cluster.create_topics(own_topics(process, cluster.settings))
    # What it says is what an operator at night needs: paused, resumed, set aside, missing.
    logs.setup("warning")
    try:
        asyncio.run(_run(make(cluster.settings), cluster.settings, group, metrics_port, batch, beside))
    except (SinkError, FetchFailed) as exc:
        raise Refused(str(exc)) from exc


async def _run(
    sink: Sink, settings: Settings, group: str, metrics_port: int, batch: int, beside: Beside | None
) -> None:
    from prometheus_client import CollectorRegistry

    from connectors.driver.sinks import Driver, Options, SinkMetrics
    from streams.ops.http import Heartbeat, serve

    metrics = SinkMetrics(sink.name, CollectorRegistry())
    kafka = {"log_level": 0, **settings.kafka, "bootstrap.servers": settings.brokers}
    driver = Driver(sink, Options(kafka, group, batch), metrics)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, driver.stop)
    beat = Heartbeat("the event loop", _HANGS_S)

    def ready() -> tuple[bool, str]:
        if not driver.is_up:
            return False, "the store is away"
        again = f"; it was set back, and {driver.lacking:,} offsets are brought in again" if driver.lacking else ""
        return True, f"the store takes what it is given{again}"

    if metrics_port:
        serve(metrics_port, metrics.registry, live=beat, ready=ready, host=settings.metrics_host)
    out.print(f"sink {sink.name} reads {len(sink.topics)} topics at {settings.brokers} as group {group}")
    tasks = [asyncio.create_task(work) for work in (beat.keep(), *([beside(settings, metrics)] if beside else ()))]
    try:
        await driver.run()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
