"""Ends a process of the hub in order when the one that started it is gone, however that one ended.

The starter holds the writing end of a pipe, its processes the reading end: it ends with the starter, whom no signal handler helps
against ``kill -9``.
"""

from __future__ import annotations

import os
import signal
from functools import cache
from threading import Thread

_FD = "PENSTOCK_LEASH_FD"


@cache
def tied() -> int:
    """The reading end for the processes that this one starts: to be handed to each, and named in its environment by ``named``."""
    reading, _ = os.pipe()
    return reading


def named() -> dict[str, str]:
    """What says to a process which of its files it is."""
    return {_FD: str(tied())}


def heed() -> None:
    """SIGTERM for this process when its starter is gone; nothing for one that was started without a leash."""
    # Not for what this process starts: that has, or has not, a leash of its own.
    fd = os.environ.pop(_FD, "")
    if fd.isdecimal():
        Thread(target=_wait, args=(int(fd),), name="leash", daemon=True).start()


def _wait(fd: int) -> None:
    try:
        # Nothing is ever written.
        os.read(fd, 1)
    except OSError:
        return  # no file of this process: an environment that was copied
    os.kill(os.getpid(), signal.SIGTERM)
