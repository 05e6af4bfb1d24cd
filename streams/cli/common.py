"""What the commands share: where the cluster is, how to print, how an error ends a command."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from deploy.local import LocalKafka, LocalPostgres, LocalStackError, check_brokers
from streams.engine import EngineError
from streams.ops.cluster import Cluster, ClusterError
from streams.ops.http import CannotServe
from streams.replay.errors import ReplayRefused
from streams.settings import InvalidSetting, Settings
from streams.verify import VerifyError

#: Wide where nobody's screen limits it: a log, a pipe.
out = Console(width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True, highlight=False)

JsonFlag = Annotated[bool, typer.Option("--json", help="For machines: one JSON value on standard output.")]

#: Errors whose message is written for the person at the terminal.
EXPECTED = (CannotServe, ClusterError, EngineError, InvalidSetting, LocalStackError, ReplayRefused, VerifyError)


class Refused(Exception):
    """What was asked cannot be done as asked; the message says what to do."""


def local_kafka(settings: Settings) -> LocalKafka:
    """The local stack's broker, whether it runs or not."""
    return LocalKafka(settings.data / "kafka", console=err)


def local_postgres(settings: Settings) -> LocalPostgres:
    """The local stack's database, whether it runs or not."""
    return LocalPostgres(settings.data / "postgres")


def database_url() -> str:
    """The database of ``PENSTOCK_DATABASE_URL``, or the local stack's that ``penstock up`` runs.

    Raises:
        Refused: neither is there.
    """
    settings = Settings.from_env()
    if settings.database_url:
        return settings.database_url
    postgres = local_postgres(settings)
    if not postgres.is_running:
        raise Refused(
            "no database: run penstock up in another terminal, "
            "or set PENSTOCK_DATABASE_URL to postgresql://user:password@host/name of yours"
        )
    return postgres.url


def located() -> Settings:
    """Settings that name a broker: that of ``PENSTOCK_BROKERS``, or the local stack's that ``penstock up`` runs. It is not asked.

    Raises:
        Refused: neither is there.
    """
    settings = Settings.from_env()
    if settings.brokers:
        return settings
    kafka = local_kafka(settings)
    if not kafka.is_running:
        raise Refused("no broker: run penstock up in another terminal, or set PENSTOCK_BROKERS to host:port of yours")
    return replace(settings, brokers=kafka.bootstrap)


def connected() -> Cluster:
    """The cluster at the ``located`` broker, which answers.

    Raises:
        Refused: there is none.
        LocalStackError: it does not answer.
    """
    settings = located()
    check_brokers(settings.brokers, properties=settings.kafka)
    return Cluster(settings)


@contextmanager
def clear_errors() -> Iterator[None]:
    """One line on standard error and exit code 2 for what a user can put right."""
    try:
        yield
    except (Refused, *EXPECTED) as exc:
        # Messages may hold brackets, and one line stays one line however narrow the terminal.
        err.print(f"[red]error:[/] {escape(str(exc))}", soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has gone (| head): nothing is wrong.
        sys.stderr.close()
        sys.exit(0)


def print_json(value: Any) -> None:
    """On one line, for machines."""
    print(json.dumps(value, ensure_ascii=False, default=str))
