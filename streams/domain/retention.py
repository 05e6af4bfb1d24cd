"""For how long a database's tables keep what tells of persons, by kind, in days; 0: for ever.

They count from the end: what is still to be sent, decided or settled is kept, however old it is. Six months are as long as the topics
keep what people work from, and longer than platforms take returns; a courier's words are of use while a parcel is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

KEPT_DAYS: Mapping[str, int] = MappingProxyType(
    {
        # Names, phones, addresses, remarks: since the order was closed.
        "receivers": 180,
        # Why a buyer wanted something back: since the after-sale was settled.
        "reasons": 180,
        # Couriers' words: since they were received.
        "traces": 90,
        # Original events and values quoted from them: since the review was decided.
        "reviews": 180,
        # Bytes of records that the database refused: since they were written.
        "refused": 180,
    }
)
_ENTRY = re.compile(r"(?P<kind>[a-z]+)=(?P<days>\d{1,5})")


def kept_days(text: str) -> dict[str, int]:
    """All kinds, with overrides such as ``receivers=30,traces=0``. Raises ValueError, with the entry and what it should be."""
    days = dict(KEPT_DAYS)
    for entry in filter(None, (part.strip() for part in text.split(","))):
        found = _ENTRY.fullmatch(entry)
        if found is None or found["kind"] not in days:
            raise ValueError(f"{entry!r}: write KIND=DAYS, such as receivers=90 (0: for ever), of {', '.join(days)}")
        days[found["kind"]] = int(found["days"])
    return days
