"""The local stack: a real Kafka and a real Postgres from pip alone. ``with broker(folder) as bootstrap: ...``

Settings, all optional:
    PENSTOCK_BROKERS   addresses of an existing cluster: it is used, nothing is started
    PENSTOCK_DATABASE_URL   an existing Postgres: it is used, nothing is started
    PENSTOCK_CACHE     where the broker's jars are kept, and the archive of their classes (default: the user's cache folder)
    PENSTOCK_MAVEN     URL of another Maven repository to download them from
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import (
    AlreadyRunning,
    BrokerDied,
    BrokerNotAnswering,
    BrokerUnreachable,
    DatabaseDied,
    DatabaseMissing,
    DatabaseNotAnswering,
    DatabaseUnreachable,
    DownloadFailed,
    LocalStackError,
    PortTaken,
)
from deploy.local.kafka import LocalKafka
from deploy.local.postgres import VERSION as POSTGRES_VERSION
from deploy.local.postgres import LocalPostgres
from deploy.local.reach import check_brokers
from schemas.terminal import Terminal

__all__ = [
    "POSTGRES_VERSION",
    "AlreadyRunning",
    "BrokerDied",
    "BrokerNotAnswering",
    "BrokerUnreachable",
    "DatabaseDied",
    "DatabaseMissing",
    "DatabaseNotAnswering",
    "DatabaseUnreachable",
    "DownloadFailed",
    "LocalKafka",
    "LocalPostgres",
    "LocalStackError",
    "PortTaken",
    "broker",
    "check_brokers",
    "database",
    "existing_brokers",
]


def existing_brokers() -> str | None:
    """The cluster ``PENSTOCK_BROKERS`` names, if it names one."""
    return os.environ.get("PENSTOCK_BROKERS", "").strip() or None


@contextmanager
def broker(
    data_dir: Path,
    port: int | None = None,
    console: Terminal | None = None,
    properties: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """The address of a broker that answers: the existing one of ``PENSTOCK_BROKERS``, else an own one in ``data_dir``.

    An own one is stopped at the end; ``properties`` are the client's (TLS, SASL) towards an existing one.
    Raises LocalStackError.
    """
    if existing := existing_brokers():
        check_brokers(existing, properties=properties)
        yield existing
    else:
        with LocalKafka(data_dir, port, console) as kafka:
            yield kafka.bootstrap


@contextmanager
def database(data_dir: Path, settings: Mapping[str, str | int] | None = None) -> Iterator[str]:
    """The URL of a database: the existing one of ``PENSTOCK_DATABASE_URL``, else one of an own Postgres in ``data_dir``.

    An own one is stopped at the end; ``settings`` are Postgres' own. Raises LocalStackError.
    """
    if existing := os.environ.get("PENSTOCK_DATABASE_URL", "").strip():
        yield existing
    else:
        with LocalPostgres(data_dir, settings=settings) as postgres:
            yield postgres.url
