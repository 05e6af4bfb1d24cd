"""What follows an answer, as data; the same figures as the writeback's: again after 5 minutes, three attempts in all."""

from __future__ import annotations

import re
from typing import NamedTuple

_ENTRY = re.compile(r"(?P<attempts>\d{1,2}):(?P<seconds>\d{1,6})")
ATTEMPTS_MAX = 50


class Rules(NamedTuple):
    """What a deployment may choose: of what is the system's fault, attempts in all (the first included), and the wait between them."""

    attempts: int = 3
    wait_ms: int = 300_000


def rules(text: str) -> Rules:
    """``ATTEMPTS:SECONDS``, such as 3:300; empty: as it is. Raises ValueError, with what it should be."""
    if not text:
        return Rules()
    found = _ENTRY.fullmatch(text)
    if found is None or not 1 <= int(found["attempts"]) <= ATTEMPTS_MAX:
        raise ValueError(f"{text!r}: write ATTEMPTS:SECONDS, such as 3:300, with 1 to {ATTEMPTS_MAX} attempts")
    return Rules(int(found["attempts"]), int(found["seconds"]) * 1_000)
