"""The local stack: a real Kafka from pip alone. ``with broker(folder) as bootstrap: ...``

Settings, all optional:
    PENSTOCK_BROKERS   addresses of an existing cluster: it is used, nothing is started
    PENSTOCK_CACHE     where the broker's jars are kept (default: the user's cache folder)
    PENSTOCK_MAVEN     URL of another Maven repository to download them from
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from deploy.local.errors import (
    AlreadyRunning,
    BrokerDied,
    BrokerNotAnswering,
    BrokerUnreachable,
    DownloadFailed,
    LocalStackError,
    PortTaken,
)
from deploy.local.kafka import LocalKafka
from deploy.local.reach import check_brokers

__all__ = [
    "AlreadyRunning",
    "BrokerDied",
    "BrokerNotAnswering",
    "BrokerUnreachable",
    "DownloadFailed",
    "LocalKafka",
    "LocalStackError",
    "PortTaken",
    "broker",
    "check_brokers",
    "existing_brokers",
]


def existing_brokers() -> str | None:
    """The cluster ``PENSTOCK_BROKERS`` names, if it names one."""
    return os.environ.get("PENSTOCK_BROKERS", "").strip() or None


@contextmanager
def broker(
    data_dir: Path,
    port: int | None = None,
    console: Console | None = None,
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
