"""Times as platforms take them, and a long window in pieces as long as a platform allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_CHINA_S = 8 * 3600


def host_ms() -> int:
    """This host's clock, since the epoch: for who has nothing better."""
    return time.time_ns() // 1_000_000


_clock = host_ms


def now_ms() -> int:
    """Since the epoch: by the host's clock until a process goes by another (``connectors/clock.py``)."""
    return _clock()


@contextmanager
def going_by(clock: Callable[[], int]) -> Iterator[None]:
    """Within it ``now_ms`` is this clock's, in the whole process."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before


def china(at_s: int) -> str:
    """Seconds since the epoch -> yyyy-MM-dd HH:mm:ss on a clock at GMT+8."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at_s + _CHINA_S))


def windows(start_ms: int, end_ms: int, max_ms: int) -> Iterator[tuple[int, int]]:
    """From ``start_ms`` to ``end_ms`` in windows of whole seconds, as (start, end) in seconds, none longer than ``max_ms``.

    Both ends count, so that one window's last second is the next one's first: a row on it comes twice, and none is lost.
    """
    start, end, most = start_ms // 1000, -(-end_ms // 1000), max(1, max_ms // 1000)
    if end_ms < start_ms:
        return
    # One second is a window too.
    yield start, min(start + most, end)
    while (start := start + most) < end:
        yield start, min(start + most, end)
