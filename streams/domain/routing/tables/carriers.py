"""Carriers: who goes from a warehouse to a region, and what each takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.documents.carriers.document import Document

from .goods import Goods
from .reasons import NO_SIZE, NO_WEIGHT, TOO_HEAVY, TOO_LARGE
from .regions import Region, key_of, longest


class Limits(NamedTuple):
    """What a carrier takes to a region; None: no limit."""

    reaches: bool
    grams_max: int | None
    cm3_max: int | None
    side_mm_max: int | None


#: By warehouse, then by carrier, then by the key of a region.
Carriers = Mapping[str, Mapping[str, Mapping[str, Limits]]]


def compiled(documents: Sequence[Document]) -> Carriers:
    """Documents without faults; of two rows of one carrier for one region the first counts."""
    found: dict[str, dict[str, dict[str, Limits]]] = {}
    for document in documents:
        for row in document.carriers:
            limits = Limits(row.reaches, row.grams_max, row.cm3_max, row.side_mm_max)
            regions = found.setdefault(row.warehouse, {}).setdefault(row.carrier, {})
            for name in row.regions:
                regions.setdefault(key_of(name) or name, limits)
    return found


def reaching(carriers: Carriers, warehouse: str, region: Region) -> list[tuple[str, Limits]]:
    """Those that go from a warehouse to a region, by their codes."""
    found: list[tuple[str, Limits]] = []
    for carrier, regions in sorted(carriers.get(warehouse, {}).items()):
        limits = longest(regions, region)
        if limits is not None and limits.reaches:
            found.append((carrier, limits))
    return found


def unfit(limits: Limits, goods: Goods) -> str:
    """Why a carrier does not take a parcel; empty: it does."""
    if limits.grams_max is not None:
        if goods.grams is None:
            return NO_WEIGHT
        if goods.grams > limits.grams_max:
            return TOO_HEAVY
    if limits.cm3_max is not None:
        if goods.cm3 is None:
            return NO_SIZE
        if goods.cm3 > limits.cm3_max:
            return TOO_LARGE
    if limits.side_mm_max is not None:
        if goods.side_mm is None:
            return NO_SIZE
        if goods.side_mm > limits.side_mm_max:
            return TOO_LARGE
    return ""
