"""Stops a folder's server when the process that started it is gone: the pipe that comes from there ends with it.

A server must not outlive a test run or a demo that was killed; a signal handler can't see to it, the closed pipe can.
"""

from __future__ import annotations

from pathlib import Path

from deploy.local.kafka import LocalKafka
from deploy.local.postgres import LocalPostgres
from deploy.local.process import LocalProcess

SERVERS: dict[str, type[LocalProcess]] = {server.name: server for server in (LocalKafka, LocalPostgres)}


def stop(name: str, folder: str) -> None:
    SERVERS[name](Path(folder)).stop()
