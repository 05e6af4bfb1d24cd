"""One worker of a chaos run, as a process of its own: the real app, with what the harness has armed it with.

    python -m tests.chaos.worker penstock --slot 0 [--mutant NAME]
    python -m tests.chaos.worker counting --slot 0 [--mutant NAME]

Armed through its environment (all optional):
    KILL_AT, STOP_AT        "step:n": SIGKILL, or SIGSTOP, on the n-th entry into a step of the engine's cycle
    CLOCK_AHEAD             "ms:s": the host's clock steps ahead by so many ms (back: negative), so many seconds after the start; what the
                            worker writes is dated by it, unless the broker dates it
    NO_SPACE                a file: while it is there, writing the local state fails as on a full disk
    WITHOUT                 a channel: the worker is of a version that has not heard of it (counting: of its second topic)
    METRICS_FILE            where the port of the worker's metrics is written
    SESSION_TIMEOUT_MS, TRANSACTION_TIMEOUT_MS, PATIENCE_S, BATCH_SIZE, GROUP_PROTOCOL, MUTANT
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import faust
from confluent_kafka import Producer
from prometheus_client import start_http_server

import schemas.topics
import streams.engine.log_clock
import streams.engine.transaction
from streams import engine
from streams.engine.errors import StateFault
from streams.engine.store import Store
from streams.engine.transaction import PARTITION_UNASSIGNED


def penstock(slot: str) -> Any:
    from streams.app import build
    from streams.settings import Settings

    return build(Settings.from_env(), worker=slot)


def counting(slot: str) -> Any:
    from tests.engine.counting_app import make_app

    return make_app()


APPS: dict[str, Callable[[str], Any]] = {"penstock": penstock, "counting": counting}


def main() -> None:
    parser = argparse.ArgumentParser(description="One worker of a chaos run.")
    parser.add_argument("app", choices=sorted(APPS))
    parser.add_argument("--slot", default="0", help="name of its folder of state")
    parser.add_argument("--mutant", default=os.environ.get("MUTANT", ""), help="break the engine in this way first")
    args = parser.parse_args()
    if channel := os.environ.get("WITHOUT"):
        be_without(channel)
    if args.mutant:
        from tests.chaos.mutants import MUTANTS

        MUTANTS[args.mutant].install()
    if flag := os.environ.get("NO_SPACE"):
        fill_the_disk_while(Path(flag))
    if os.environ.get("CLOCK_AHEAD"):
        streams.engine.transaction.Producer = streams.engine.log_clock.Producer = HostDated  # type: ignore[misc]
    app = APPS[args.app](args.slot)
    app.engine_options = options(app.engine_options)
    app.engine_metrics = getattr(app, "engine_metrics", None) or engine.Metrics()
    if path := os.environ.get("METRICS_FILE"):
        # Port 0: the system chooses, and the file says which.
        server, _ = start_http_server(0, "127.0.0.1", app.engine_metrics.registry)
        draft = Path(f"{path}.{os.getpid()}")
        draft.write_text(str(server.server_port))
        draft.rename(path)
    logging.getLogger("streams").setLevel(logging.WARNING)
    faust.Worker(app, loglevel="WARNING", quiet=True, redirect_stdouts=False).execute_from_commandline()


def be_without(channel: str) -> None:
    """Makes this process one of a version before the channel. Before anything else has looked at the channels."""
    assert "streams.topology" not in sys.modules
    schemas.topics.CHANNELS = tuple(c for c in schemas.topics.CHANNELS if c != channel)
    os.environ["MORE"] = ""


def options(built: engine.Options) -> engine.Options:
    """The app's own, with the harness's times and arms."""
    env = os.environ
    return replace(
        built,
        group_protocol=env.get("GROUP_PROTOCOL", built.group_protocol),
        session_timeout_ms=int(env.get("SESSION_TIMEOUT_MS", "4000")),
        transaction_timeout_ms=int(env.get("TRANSACTION_TIMEOUT_MS", "5000")),
        fault_patience_s=float(env.get("PATIENCE_S", "20")),
        batch_size_max=int(env.get("BATCH_SIZE", built.batch_size_max)),
        on_step=on_step(env.get("KILL_AT", ""), env.get("STOP_AT", "")),
        clock_ms=HOST_MS,
    )


def on_step(kill_at: str, stop_at: str) -> Callable[[str], None] | None:
    """Signals this process at the steps named; None when it is not armed."""
    wanted = {}
    for spec, number in ((kill_at, signal.SIGKILL), (stop_at, signal.SIGSTOP)):
        step, _, nth = spec.partition(":")
        if step:
            wanted[step, int(nth or 1)] = number
    if not wanted:
        return None
    entered: Counter[str] = Counter()

    def signalled(name: str) -> None:
        entered[name] += 1
        number = wanted.get((name, entered[name]))
        if number is not None:
            os.kill(os.getpid(), number)

    return signalled


def clock(spec: str) -> Callable[[], int]:
    """The host's clock, in ms, stepping once."""
    ahead_ms, _, after_s = spec.partition(":")
    steps_at = time.monotonic() + float(after_s or 0)
    return lambda: time.time_ns() // 1_000_000 + (int(ahead_ms or 0) if time.monotonic() >= steps_at else 0)


HOST_MS = clock(os.environ.get("CLOCK_AHEAD", ""))


class HostDated(Producer):
    """Dates what it writes by the host's clock, as librdkafka does by the system's."""

    def produce(self, topic: str, **message: Any) -> None:
        super().produce(topic, **{"timestamp": HOST_MS(), **message})

    def produce_batch(self, topic: str, messages: list[dict[str, Any]], partition: int = PARTITION_UNASSIGNED) -> int:
        # One by one: librdkafka's batches have no room for a date.
        for message in messages:
            self.produce(topic, partition=partition, **message)
        return len(messages)


def fill_the_disk_while(flag: Path) -> None:
    """An injected ENOSPC, where no small file system can be mounted."""
    write = Store.write

    def full(self: Store, *args: Any, **kwargs: Any) -> None:
        if flag.exists():
            raise StateFault("cannot write the state: IO error: No space left on device (injected)")
        write(self, *args, **kwargs)

    Store.write = full  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
