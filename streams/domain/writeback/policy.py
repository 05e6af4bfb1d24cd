"""The rules of the writeback as data: what follows each outcome.

Sources: the mission's rule that a first failure is tried again after 5 minutes and that there are at most 3 attempts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, get_args

from schemas.records import WritebackOutcome

_SECOND_MS = 1_000
_HOUR_MS = 3_600_000

#: More attempts than this are no retry any more: the platform's or the hub's fault wants a person.
ATTEMPTS_MAX = 10
#: A parcel that came late is warned of only when it is still not told after this long.
WARN_GRACE_MS = 60 * _SECOND_MS


class Policy(NamedTuple):
    """What follows an outcome: attempts in all (the first included), and how long each next one waits. Then it is dead."""

    attempts: int
    wait_ms: int


#: What no repetition heals goes to a person at once: it stays wrong until somebody corrects it.
AT_ONCE = Policy(attempts=1, wait_ms=0)

SUCCESS: frozenset[WritebackOutcome] = frozenset(("SHIPPED", "ALREADY_SHIPPED"))

POLICIES: Mapping[WritebackOutcome, Policy] = MappingProxyType(
    {
        "RETRYABLE": Policy(attempts=3, wait_ms=300 * _SECOND_MS),
        "NUMBER_WRONG": AT_ONCE,
        "CARRIER_WRONG": AT_ONCE,
        "REQUEST_WRONG": AT_ONCE,
        "ORDER_FORBIDS": AT_ONCE,
    }
)

#: For a channel that is none of ours: the shortest.
DEADLINE_OTHERWISE_MS = 24 * _HOUR_MS


class Rules(NamedTuple):
    """What a deployment may choose."""

    policies: Mapping[WritebackOutcome, Policy] = POLICIES
    #: A parcel not told so long before its deadline is warned of.
    near_ms: int = 2 * _HOUR_MS
    #: A parcel whose order the platform holds is tried again after so long, as often as it takes.
    held_ms: int = 30 * 60 * _SECOND_MS


_ENTRY = re.compile(r"(?P<outcome>[A-Z_]+)=(?P<attempts>\d{1,4})(?::(?P<seconds>\d{1,7}))?")


def policies(text: str) -> Mapping[WritebackOutcome, Policy]:
    """The table with overrides such as ``RETRYABLE=3:300,ORDER_FORBIDS=2:3600``: attempts in all, seconds between them.

    Raises:
        ValueError: with the entry, and what it should be.
    """
    table = dict(POLICIES)
    names = {name: name for name in get_args(WritebackOutcome) if name not in SUCCESS}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        found = _ENTRY.fullmatch(entry)
        if found is None or found["outcome"] not in names or not 1 <= int(found["attempts"]) <= ATTEMPTS_MAX:
            raise ValueError(
                f"{entry!r}: write OUTCOME=ATTEMPTS:SECONDS, such as RETRYABLE=3:300, "
                f"of {', '.join(names)}, with 1 to {ATTEMPTS_MAX} attempts"
            )
        outcome: WritebackOutcome = names[found["outcome"]]
        seconds = found["seconds"]
        wait_ms = int(seconds) * _SECOND_MS if seconds else POLICIES["RETRYABLE"].wait_ms
        table[outcome] = Policy(int(found["attempts"]), wait_ms)
    return MappingProxyType(table)
