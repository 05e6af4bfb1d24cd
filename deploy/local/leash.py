"""Stops a folder's broker when the process that started it is gone: reads its stdin to the end, which comes with that.

A broker must not outlive a test run or a demo that was killed; a signal handler can't see to it, the closed pipe can.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.local.kafka import LocalKafka


def main() -> None:
    sys.stdin.buffer.read()
    LocalKafka(Path(sys.argv[1])).stop()


if __name__ == "__main__":
    main()
