"""The carriers document (快递可达与限重): who goes from a warehouse to which regions, and what each takes."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import ROWS_MAX, Name, Part, Positive, Regions, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1


class Carrier(Part, kw_only=True, frozen=True):
    """Regions that a carrier goes to from one warehouse; of what it has for a place the narrowest counts. ``reaches = false``: not those.

    A parcel may not weigh more, be larger, or have a longer side; a limit that is left out is none.
    """

    warehouse: Name
    carrier: Name
    regions: Regions
    reaches: bool = True
    grams_max: Positive | None = None
    cm3_max: Positive | None = None
    side_mm_max: Positive | None = None


class Document(Part, frozen=True):
    """Carriers by warehouse and region."""

    version: Literal[1]
    name: Name
    carriers: Annotated[tuple[Carrier, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    description: Remark = ""
    kind: Literal["carriers"] = "carriers"


FORM = Form("carriers", Document, VERSION, ROWS_MAX)
