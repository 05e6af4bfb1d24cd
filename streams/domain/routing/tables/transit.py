"""Transit times: how long a carrier takes from a warehouse to a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.documents.transit.document import Document

from .clock import DAY_MINUTES, day_in
from .regions import Region, key_of

#: What counts from a minute on: (that minute, minutes of transit), the latest first.
Times = tuple[tuple[int, int], ...]
#: By warehouse and carrier, then by the key of a region.
Transit = Mapping[tuple[str, str], Mapping[str, Times]]

_ALWAYS = -(1 << 62)


def compiled(documents: Sequence[Document]) -> Transit:
    """Documents without faults; of two rows for one region from one day on the first counts."""
    found: dict[tuple[str, str], dict[str, dict[int, int]]] = {}
    for document in documents:
        for row in document.transit:
            day = day_in(row.from_)
            since = _ALWAYS if day is None else day * DAY_MINUTES
            takes = (row.days or 0) * DAY_MINUTES if row.minutes is None else row.minutes
            regions = found.setdefault((row.warehouse, row.carrier), {})
            for name in row.regions:
                regions.setdefault(key_of(name) or name, {}).setdefault(since, takes)
    return {
        lane: {key: tuple(sorted(times.items(), reverse=True)) for key, times in regions.items()}
        for lane, regions in found.items()
    }


def times_of(transit: Transit, warehouse: str, carrier: str, region: Region) -> tuple[Times, ...]:
    """What is known for a region, the narrowest first."""
    regions = transit.get((warehouse, carrier), {})
    return tuple([regions[key] for key in region.keys if key in regions])


def minutes_at(times: Sequence[Times], minute: int) -> int | None:
    """Minutes of transit that count at a minute of China's time: of the narrowest region that has any by then. None: none has."""
    for of_region in times:
        for since, takes in of_region:
            if since <= minute:
                return takes
    return None
