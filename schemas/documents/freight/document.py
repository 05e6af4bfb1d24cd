"""The freight document (运费模板): what a carrier takes for a parcel, by warehouse and region.

Units are grams (mode weight), pieces (piece) or cubic centimetres (volume). Fees are minor units of the document's currency.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import BASIS_POINTS, FEW_MAX, ROWS_MAX, Currency, Name, Number, Part, Positive, Regions, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1


class Step(Part, frozen=True):
    """Up to so many units: one fee for all of them (阶梯价)."""

    upto: Positive
    fee: Number


class Zone(Part, kw_only=True, frozen=True):
    """Regions of one price.

    The first unit's fee is for up to ``first`` units; that of a step for up to its ``upto``. What is above the last of these pays
    ``additional_fee`` more for every ``additional`` units begun; without those no heavier parcel has a price. Of this ``discount`` is
    paid, in basis points (8,500: 15 % off, rounded half up), at least ``minimum``; ``surcharge`` is paid on top, undiscounted.
    An order worth ``free_over`` or more pays nothing.
    """

    regions: Regions
    first: Positive
    first_fee: Number
    additional: Positive | None = None
    additional_fee: Number | None = None
    steps: Annotated[tuple[Step, ...], Meta(max_length=FEW_MAX)] = ()
    surcharge: Number = 0
    minimum: Number = 0
    free_over: Number | None = None
    discount: Annotated[int, Meta(ge=0, le=BASIS_POINTS)] = BASIS_POINTS


class Template(Part, kw_only=True, frozen=True):
    """One carrier's prices from one warehouse.

    divisor: cubic centimetres that count as one kilogram (体积重系数); mode weight alone has one, and of a parcel's weight and its
    volumetric weight the larger counts. round_to: what is counted is rounded to a multiple of so many units, as ``rounding`` says.
    """

    warehouse: Name
    carrier: Name
    mode: Literal["weight", "piece", "volume"] = "weight"
    divisor: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    round_to: Positive = 1
    rounding: Literal["up", "nearest", "down"] = "up"
    zones: Annotated[tuple[Zone, ...], Meta(min_length=1, max_length=1_000)]


class Document(Part, frozen=True):
    """Templates: one of a carrier from a warehouse."""

    version: Literal[1]
    name: Name
    templates: Annotated[tuple[Template, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    description: Remark = ""
    currency: Currency = "CNY"
    kind: Literal["freight"] = "freight"


FORM = Form("freight", Document, VERSION, ROWS_MAX)
