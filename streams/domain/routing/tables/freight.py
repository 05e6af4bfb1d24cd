"""Freight: what a carrier takes for a parcel. Whole numbers alone, so that two machines never differ by a fen."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.documents.freight.document import Document
from schemas.documents.freight.document import Template as Row
from schemas.documents.freight.document import Zone as ZoneRow
from schemas.documents.parts import BASIS_POINTS

from .goods import Goods
from .reasons import NO_FREIGHT, NO_SIZE, NO_WEIGHT
from .regions import Region, key_of, longest

_GRAMS_IN_KG = 1_000


class Zone(NamedTuple):
    """Prices of one region. ``tops`` ascend; up to each of them its one of ``fees`` is for the whole parcel."""

    tops: tuple[int, ...]
    fees: tuple[int, ...]
    #: Units and their fee above the last top; 0 units: there is no price there.
    additional: int
    additional_fee: int
    surcharge: int
    minimum: int
    free_over: int | None
    discount: int


class Template(NamedTuple):
    """A carrier's prices from a warehouse. ``divisor``: 0: its weight alone counts."""

    mode: str
    divisor: int
    round_to: int
    rounding: str
    currency: str
    #: By the key of a region.
    zones: Mapping[str, Zone]


#: By warehouse and carrier.
Freight = Mapping[tuple[str, str], Template]


def compiled(documents: Sequence[Document]) -> Freight:
    """Documents without faults; of two templates of one warehouse and carrier the first counts."""
    found: dict[tuple[str, str], Template] = {}
    for document in documents:
        for row in document.templates:
            found.setdefault((row.warehouse, row.carrier), _template(row, document.currency))
    return found


def zone_of(template: Template, region: Region) -> Zone | None:
    """The prices of the narrowest region that has some."""
    return longest(template.zones, region)


def chargeable(template: Template, goods: Goods) -> int | str:
    """Units that are paid for: grams, pieces or cubic centimetres, rounded as the template says; or NO_WEIGHT, NO_SIZE."""
    units: int
    if template.mode == "piece":
        units = goods.pieces
    elif template.mode == "volume":
        if goods.cm3 is None:
            return NO_SIZE
        units = goods.cm3
    else:
        if goods.grams is None:
            return NO_WEIGHT
        units = goods.grams
        if template.divisor:
            if goods.cm3 is None:
                return NO_SIZE
            volumetric = -(-goods.cm3 * _GRAMS_IN_KG // template.divisor)
            if volumetric > units:
                units = volumetric
    each = template.round_to
    if each == 1:
        return units
    if template.rounding == "up":
        return -(-units // each) * each
    if template.rounding == "down":
        return units // each * each
    return (2 * units + each) // (2 * each) * each


def price(template: Template, zone: Zone, goods: Goods, amount_minor: int | None) -> int | str:
    """What a parcel costs in a zone, in minor units of the template's currency; or why that is not known.

    :param amount_minor: what the order is worth, in that currency; None: not known, and it is not free.
    """
    if zone.free_over is not None and amount_minor is not None and amount_minor >= zone.free_over:
        return 0
    units = chargeable(template, goods)
    if isinstance(units, str):
        return units
    place = bisect_left(zone.tops, units)
    if place < len(zone.tops):
        fee = zone.fees[place]
    elif zone.additional:
        more = -(-(units - zone.tops[-1]) // zone.additional)
        fee = zone.fees[-1] + more * zone.additional_fee
    else:
        return NO_FREIGHT
    if zone.discount != BASIS_POINTS:
        fee = (fee * zone.discount + BASIS_POINTS // 2) // BASIS_POINTS
    return (fee if fee > zone.minimum else zone.minimum) + zone.surcharge


def fee(template: Template, region: Region, goods: Goods, amount_minor: int | None = None) -> int | str:
    """What a parcel to a region costs, as ``price``; NO_FREIGHT: the template has no price for the region."""
    zone = zone_of(template, region)
    return NO_FREIGHT if zone is None else price(template, zone, goods, amount_minor)


def _template(row: Row, currency: str) -> Template:
    zones: dict[str, Zone] = {}
    for each in row.zones:
        zone = _zone(each)
        for name in each.regions:
            zones.setdefault(key_of(name) or name, zone)
    return Template(row.mode, row.divisor or 0, row.round_to, row.rounding, currency, zones)


def _zone(row: ZoneRow) -> Zone:
    return Zone(
        (row.first, *[step.upto for step in row.steps]),
        (row.first_fee, *[step.fee for step in row.steps]),
        row.additional or 0,
        row.additional_fee or 0,
        row.surcharge,
        row.minimum,
        row.free_over,
        row.discount,
    )
