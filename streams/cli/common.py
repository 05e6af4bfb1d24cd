"""What the commands share: where the cluster is, how to print, how an error ends a command."""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.terminal import Terminal, Text, plain, plain_lines, styled
from schemas.texts import UnknownLanguage, said

# What needs Kafka's client is imported where it is used: the list of commands, and many a mistake, need none of it.
if TYPE_CHECKING:
    from deploy.local import LocalKafka, LocalPostgres
    from streams.ops.cluster import Cluster
    from streams.settings import Settings

out = Terminal(unlimited=140)
err = Terminal(stderr=True)

AsRoot = Annotated[
    bool,
    typer.Option("--as-root", envvar="PENSTOCK_AS_ROOT", help="Run as root too: for a container that is thrown away."),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="For machines: one JSON value on standard output.")]


class Refused(Exception):
    """What was asked cannot be done as asked; the message says what to do."""


def not_as_root(command: str, asked: bool) -> None:
    """Raises Refused where root runs a command that reads what platforms send, unless that was asked for."""
    if os.geteuid() == 0 and not asked:
        raise Refused(
            f"penstock {command} was started by root: whoever found a fault in it would have the machine. Give it an account of its "
            f"own (useradd --system --create-home penstock, then sudo -u penstock penstock {command}), or ask for it with --as-root"
        )


def local_kafka(settings: Settings) -> LocalKafka:
    """The local stack's broker, whether it runs or not."""
    from deploy.local import LocalKafka

    return LocalKafka(settings.data / "kafka", console=err, closed=True)


def at_local(settings: Settings, kafka: LocalKafka) -> Settings:
    """Settings of who speaks to the local stack's broker, with what it asks."""
    return replace(settings, brokers=kafka.bootstrap, kafka={**settings.kafka, **kafka.client})


def local_postgres(settings: Settings) -> LocalPostgres:
    """The local stack's database, whether it runs or not."""
    from deploy.local import LocalPostgres

    return LocalPostgres(settings.data / "postgres")


def database_url() -> str:
    """The database of ``PENSTOCK_DATABASE_URL``, or the local stack's that ``penstock up`` runs.

    Raises:
        Refused: neither is there.
    """
    from streams.settings import Settings

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
    from streams.settings import Settings

    settings = Settings.from_env()
    if settings.brokers:
        warn_of(settings)
        return settings
    kafka = local_kafka(settings)
    if not kafka.is_running:
        raise Refused("no broker: run penstock up in another terminal, or set PENSTOCK_BROKERS to host:port of yours")
    return at_local(settings, kafka)


def warn_of(settings: Settings) -> None:
    """Says what would be sent unencrypted to other machines, and which variables are no settings."""
    from streams.settings import unknown

    for line in (*settings.in_clear(), *unknown()):
        err.print(Text(said(line), "yellow"), soft_wrap=True)


def connected() -> Cluster:
    """The cluster at the ``located`` broker, which answers.

    Raises:
        Refused: there is none.
        LocalStackError: it does not answer.
    """
    from deploy.local import check_brokers
    from streams.ops.cluster import Cluster

    settings = located()
    check_brokers(settings.brokers, properties=settings.kafka)
    return Cluster(settings)


def text_of(file: str) -> str:
    """A file's text, or standard input's for ``-``. Raises Refused."""
    try:
        # By bytes: what standard input is read as otherwise is the locale's, and some take any byte for text.
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as exc:
        raise Refused(f"{file} cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise Refused(f"{file} is not UTF-8: save it as UTF-8") from exc


@contextmanager
def clear_errors() -> Iterator[None]:
    """One line on standard error and exit code 2 for what a user can put right."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as exc:
        fault = str(exc) if isinstance(exc, (Refused, *_expected())) else _of_the_folder(exc)
        if fault is None:
            raise
        # One line stays one line however narrow the terminal.
        err.print(styled("[red]error:[/] {}", said(fault)), soft_wrap=True)
        sys.exit(2)


def _of_the_folder(exc: Exception) -> str | None:
    """What keeps us from the folder that everything is kept in, and what to do; None: something else went wrong."""
    if not isinstance(exc, OSError) or not isinstance(exc.filename, str):
        return None
    from streams.settings import Settings

    folder = Settings.from_env().data.absolute()
    if Path(exc.filename) not in (folder, *folder.parents) and folder not in Path(exc.filename).parents:
        return None
    return (
        f"cannot use {exc.filename}: {exc.strerror}; state, logs and the local stack are kept in {folder}: let this account write "
        "there, or name another folder in PENSTOCK_DATA"
    )


@contextmanager
def while_heard() -> Iterator[None]:
    """Whoever reads what is printed may have heard enough (``| head -1``): then the command ends, with exit code 0; nothing is wrong."""
    try:
        try:
            yield
        finally:
            # Here, and not when Python has ended and can only complain.
            sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_has_gone():
            raise
        # What is still to be printed goes nowhere.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.exit(0)


def _reader_has_gone() -> bool:
    """Whether it is what we print that broke, and not a connection."""
    watch = select.poll()
    watch.register(sys.stdout.fileno(), 0)
    return bool(watch.poll(0))


def _expected() -> tuple[type[Exception], ...]:
    """Errors whose message is written for the person at the terminal."""
    from deploy.local import LocalStackError
    from streams.aside.config.standing import ConfigRefused
    from streams.aside.facts import NoFacts
    from streams.aside.paging import BadCursor
    from streams.backup.errors import BackupRefused
    from streams.engine import EngineError
    from streams.ops.actor import NotAllowed
    from streams.ops.cluster import ClusterError
    from streams.ops.http import CannotServe
    from streams.replay.errors import ReplayRefused
    from streams.settings import InvalidSetting
    from streams.verify import VerifyError

    return (
        BackupRefused,
        BadCursor,
        CannotServe,
        ClusterError,
        ConfigRefused,
        EngineError,
        InvalidSetting,
        LocalStackError,
        NoFacts,
        NotAllowed,
        ReplayRefused,
        UnknownLanguage,
        VerifyError,
    )


def print_lines(text: str) -> None:
    """A text of several lines that somebody may keep in a file."""
    print(plain_lines(text), end="")


def print_json(value: Any) -> None:
    """On one line, for machines."""
    # Plain JSON has the same value: what a terminal would obey is escaped.
    print(plain(json.dumps(value, ensure_ascii=False, default=str)))
