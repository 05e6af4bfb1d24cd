"""How a point in time is written on the command line."""

from __future__ import annotations

import re
import time
from datetime import datetime

from streams.cli.common import Refused

_AGO = re.compile(r"-(\d{1,6})([smhd])")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def moment_ms(text: str | None, option: str) -> int | None:
    """ms since the epoch: of ``2026-11-24T21:00+08:00``, or ``-2h``: so long ago.

    Raises:
        Refused: neither, or a time without its zone.
    """
    if text is None:
        return None
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return time.time_ns() // 1_000_000 - int(ago[1]) * _UNIT_MS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(f"{option} is {text!r}: write a time with its zone, 2026-11-24T21:00+08:00, or -2h (s, m, h, d)")
    return int(moment.timestamp() * 1_000)


def age(seconds: float) -> str:
    """Short: ``45s``, ``12m``, ``3h``, ``2d``."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)}{unit}"
    return f"{max(0, int(seconds))}s"
