"""The platform's clock: milliseconds that never go back, and its texts at GMT+8."""

from __future__ import annotations

import time
from calendar import timegm

_FORMAT = "%Y-%m-%d %H:%M:%S"
_OFFSET_S = 8 * 3600


class Clock:
    """``offset_ms`` is how far the platform is ahead of this machine."""

    def __init__(self, offset_ms: int = 0) -> None:
        self.offset_ms = offset_ms
        self._last_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since the epoch; never earlier than what it said before."""
        self._last_ms = max(self._last_ms, time.time_ns() // 1_000_000 + self.offset_ms)
        return self._last_ms


def local(at_ms: int) -> str:
    """ms -> ``yyyy-MM-dd HH:mm:ss`` at GMT+8, as Taobao and JD write times."""
    return time.strftime(_FORMAT, time.gmtime(at_ms // 1000 + _OFFSET_S))


def from_local(text: str) -> int | None:
    """The way back, in ms; None if it is no such text."""
    try:
        return (timegm(time.strptime(text, _FORMAT)) - _OFFSET_S) * 1000
    except ValueError:
        return None
