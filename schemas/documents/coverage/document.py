"""The coverage document (覆盖区域): which regions a warehouse serves, and which regions have a name of the merchant's (偏远, 停发)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import FEW_MAX, ROWS_MAX, Name, Part, Regions, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1


class Served(Part, kw_only=True, frozen=True):
    """Regions of one warehouse; of what it has for a place the narrowest counts. ``serves = false``: not those."""

    warehouse: Name
    regions: Regions
    serves: bool = True
    #: Among warehouses that serve a region: the lower the sooner.
    priority: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class Area(Part, frozen=True):
    """Regions under a name, such as remote or blocked; a place has the name of its narrowest region."""

    name: Name
    regions: Regions


class Document(Part, frozen=True):
    """Regions that warehouses serve."""

    version: Literal[1]
    name: Name
    coverage: Annotated[tuple[Served, ...], Meta(max_length=ROWS_MAX)] = ()
    areas: Annotated[tuple[Area, ...], Meta(max_length=FEW_MAX)] = ()
    description: Remark = ""
    kind: Literal["coverage"] = "coverage"


FORM = Form("coverage", Document, VERSION, ROWS_MAX)
