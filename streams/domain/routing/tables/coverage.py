"""Coverage: whether a warehouse serves a region, how narrowly, and with which priority; and what regions are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.documents.coverage.document import Document

from .regions import Region, key_of, longest


class Coverage(NamedTuple):
    """By warehouse, then by the key of a region: its priority, or None where it does not serve it."""

    warehouses: Mapping[str, Mapping[str, int | None]]
    #: Names of regions by their keys.
    areas: Mapping[str, str]


NOWHERE = Coverage({}, {})


class Match(NamedTuple):
    """The narrowest region of a warehouse's that an order lies in. ``depth``: places from it up to all of China; a town 5, a county 4."""

    depth: int
    priority: int


def compiled(documents: Sequence[Document]) -> Coverage:
    """Documents without faults; of two rows for one region the first counts."""
    warehouses: dict[str, dict[str, int | None]] = {}
    areas: dict[str, str] = {}
    for document in documents:
        for row in document.coverage:
            regions = warehouses.setdefault(row.warehouse, {})
            for name in row.regions:
                regions.setdefault(key_of(name) or name, row.priority if row.serves else None)
        for area in document.areas:
            for name in area.regions:
                areas.setdefault(key_of(name) or name, area.name)
    return Coverage(warehouses, areas)


def match(coverage: Coverage, warehouse: str, region: Region) -> Match | None:
    """How a warehouse serves a region; None: it does not."""
    regions = coverage.warehouses.get(warehouse)
    if regions is None:
        return None
    for place, key in enumerate(region.keys):
        if key in regions:
            priority = regions[key]
            return None if priority is None else Match(len(region.keys) - place, priority)
    return None


def area_of(coverage: Coverage, region: Region) -> str:
    """The name of the narrowest region that has one; empty: none has."""
    return longest(coverage.areas, region) or ""
