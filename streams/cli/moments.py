"""Points in time on the command line, for commands that can do without one."""

from __future__ import annotations

import time

from streams.replay import when


def moment_ms(text: str | None, option: str) -> int | None:
    """ms since the epoch, of what ``penstock replay`` takes too. Raises ReplayRefused."""
    return when.moment_ms(text, time.time_ns() // 1_000_000, option) if text is not None else None


def age(seconds: float) -> str:
    """Short: ``45s``, ``12m``, ``3h``, ``2d``."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)}{unit}"
    return f"{max(0, int(seconds))}s"
