"""How a point in time is written on the command line."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from streams.cli.common import Refused

_AGO = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def moment_ms(text: str | None, option: str) -> int | None:
    """ms since the epoch: of ``2026-11-24``, ``2026-11-24T21:00`` (UTC unless it says otherwise), or ``90m`` ago.

    Raises:
        Refused: neither.
    """
    if text is None:
        return None
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return time.time_ns() // 1_000_000 - int(ago[1]) * _SECONDS[ago[2]] * 1_000
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{option} is {text!r}: write 2026-11-24, 2026-11-24T21:00 (UTC), or 90s, 30m, 2h, 7d ago"
        ) from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1_000)


def age(seconds: float) -> str:
    """Short: ``45s``, ``12m``, ``3h``, ``2d``."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)}{unit}"
    return f"{max(0, int(seconds))}s"
