"""The transit document (运输时效): how long a carrier takes from a warehouse to a region."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import ROWS_MAX, Name, Part, Regions, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1


class Transit(Part, kw_only=True, frozen=True):
    """From the parcel's leaving to its arrival, in days of 24 hours or in minutes: exactly one of them.

    from: the first day on which it counts, as 2026-11-01 (UTC+8); left out: it always does. Of several for one region the latest counts.
    """

    warehouse: Name
    carrier: Name
    regions: Regions
    days: Annotated[int, Meta(ge=0, le=365)] | None = None
    minutes: Annotated[int, Meta(ge=0, le=525_600)] | None = None
    from_: Remark = ""


class Document(Part, frozen=True):
    """Times by warehouse, carrier and region; of regions the narrowest counts."""

    version: Literal[1]
    name: Name
    transit: Annotated[tuple[Transit, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    description: Remark = ""
    kind: Literal["transit"] = "transit"


FORM = Form("transit", Document, VERSION, ROWS_MAX)
