"""Points in time as people type them: ISO 8601 with its zone, or so long ago (``-2h``)."""

from __future__ import annotations

import re
from datetime import datetime

from streams.replay.errors import ReplayRefused

_AGO = re.compile(r"-(\d{1,6})([smhd])")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def moment_ms(text: str, now_ms: int, option: str) -> int:
    """Milliseconds since the epoch. A naive time is refused: whose midnight it means decides which orders are replayed.

    Raises:
        ReplayRefused: naming the option, its value and the fix.
    """
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now_ms - int(ago[1]) * _UNIT_MS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ReplayRefused(
            f"{option} is {text!r}: write a time such as 2026-11-11T00:00+08:00, or -2h (s, m, h, d) for two hours ago"
        ) from None
    if moment.tzinfo is None:
        naive = moment.isoformat(timespec="seconds")
        raise ReplayRefused(
            f"{option} is {text!r}, without a time zone: write {naive}+08:00 for China, {naive}Z for UTC"
        )
    return round(moment.timestamp() * 1000)
