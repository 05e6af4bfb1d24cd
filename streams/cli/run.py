"""Commands that run something until it is done or stopped."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from deploy.local import broker
from streams import logs
from streams.cli.common import connected, err, out
from streams.cluster import Cluster
from streams.settings import Settings
from streams.workers import Workers


class LogLevel(StrEnum):
    """Of Python's logging, by the names it has on the command line."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def worker(
    slot: Annotated[
        str, typer.Option(help="Name of this worker's folder of state; two workers never share one.")
    ] = "0",
    log_level: Annotated[LogLevel, typer.Option(help="What it prints.")] = LogLevel.WARNING,
) -> None:
    """Run one worker in the foreground until SIGTERM: it finishes its cycle, leaves the group and ends."""
    import faust

    from streams.app import build
    from streams.engine import probes
    from streams.http import serve

    cluster = connected()
    cluster.create_topics()
    settings = cluster.settings
    (settings.data / slot).mkdir(parents=True, exist_ok=True)
    app = build(settings, worker=slot)
    _let_garbage_collection_wait()
    logs.setup(log_level)
    if settings.metrics_port:
        metrics = app.engine_metrics
        serve(settings.metrics_port, metrics.registry, live=probes.live(metrics), ready=probes.ready(app))
    faust.Worker(app, quiet=True, redirect_stdouts=False, override_logging=False).execute_from_commandline()


def up(
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
) -> None:
    """Run Kafka and workers in the foreground until Ctrl-C or SIGTERM."""
    settings = Settings.from_env()
    with (
        _stopped_by_signals() as stopped,
        broker(settings.data / "kafka", console=err, properties=settings.kafka) as at,
    ):
        settings = replace(settings, brokers=at)
        Cluster(settings).create_topics()
        crew = Workers(settings, workers)
        crew.start()
        out.print(f"Kafka answers at [bold]{at}[/]; {workers} workers; logs and state in {settings.data}")
        out.print(
            "In another terminal: penstock topics list, penstock tail orders, penstock order show ID. Ctrl-C stops."
        )
        while not stopped.wait(1.0):
            for line in crew.check():
                err.print(f"[yellow]{line}[/]")
        out.print("stopping: workers finish their cycle and leave the group")
        crew.stop()
    out.print("stopped")


def demo(
    orders: Annotated[
        Path | None,
        typer.Option(help="Real orders: a .csv.gz in the layout of UCI's Online Retail.", exists=True, dir_okay=False),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Orders to generate when no file is given.")] = 20_000,
    rate: Annotated[float, typer.Option(min=0, help="Events published a second; 0: as fast as possible.")] = 1_000,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same orders.")] = 11,
    kills: Annotated[int, typer.Option(min=0, help="Workers killed with SIGKILL while it runs, at random times.")] = 0,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the data, to look at it with penstock up afterwards.")
    ] = False,
) -> None:
    """The main job: five channels' raw orders in, exact allocations out, proven at the end."""
    from streams.demo.run import Demo, Plan

    settings = Settings.from_env()
    with TemporaryDirectory(prefix="penstock-demo-") as scratch:
        # A demo of its own starts from nothing; on an existing cluster it adds to what is there.
        settings = replace(settings, data=settings.data if keep else Path(scratch))
        with (
            _stopped_by_signals() as stopped,
            broker(settings.data / "kafka", console=err, properties=settings.kafka) as at,
        ):
            plan = Plan(file=orders, count=count, rate=rate, workers=workers, seed=seed, kills=kills)
            good = Demo(replace(settings, brokers=at), plan, out, stopped).run()
    if keep:
        out.print(f"kept in {settings.data}: penstock up serves it")
    if not good:
        sys.exit(1)


def _let_garbage_collection_wait() -> None:
    """A batch makes tens of thousands of short-lived dicts and no cycles: the collector would look at them for nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set: the command then ends in order."""
    stopped = threading.Event()
    before = {s: signal.signal(s, lambda *_: stopped.set()) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
