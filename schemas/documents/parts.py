"""Types that documents of several kinds are made of."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

NUMBER_MAX = 10**12
BASIS_POINTS = 10_000
#: Rows of a table; what has more is several documents of one kind. And what a row has a few of.
ROWS_MAX, FEW_MAX = 20_000, 100

#: A name or a code: of a document, a warehouse, a SKU.
Name = Annotated[str, Meta(min_length=1, max_length=64)]
#: A sentence for people.
Remark = Annotated[str, Meta(max_length=1_000)]
Number = Annotated[int, Meta(ge=0, le=NUMBER_MAX)]
Positive = Annotated[int, Meta(ge=1, le=NUMBER_MAX)]
Share = Annotated[int, Meta(ge=0, le=BASIS_POINTS)]
#: ISO 4217.
Currency = Annotated[str, Meta(min_length=3, max_length=3)]
#: Places of China from the province down, parted by strokes (浙江/杭州/西湖区/北山街道), a country's code (US), or * for all of China.
Regions = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=128)], ...], Meta(min_length=1, max_length=5_000)
]


def _written(name: str) -> str:
    """Fields whose names Python keeps for itself."""
    return name.removesuffix("_")


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename=_written):
    """What every part of a document has in common."""
