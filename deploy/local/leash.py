"""Stops a folder's server when the process that started it is gone: reads its stdin to the end, which comes with that.

A server must not outlive a test run or a demo that was killed; a signal handler can't see to it, the closed pipe can.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.local.kafka import LocalKafka
from deploy.local.postgres import LocalPostgres
from deploy.local.process import LocalProcess

SERVERS: dict[str, type[LocalProcess]] = {server.name: server for server in (LocalKafka, LocalPostgres)}


def main() -> None:
    sys.stdin.buffer.read()
    SERVERS[sys.argv[1]](Path(sys.argv[2])).stop()


if __name__ == "__main__":
    main()
