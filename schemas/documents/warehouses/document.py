"""Warehouses as a merchant writes them down. ``warehouses.schema.json`` beside this file is made of these types."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import Name, Number, Part, Remark

VERSION = 1
WAREHOUSES_MAX = 1_000
PRIORITY_MAX = 1_000_000

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Priority = Annotated[int, Meta(ge=-PRIORITY_MAX, le=PRIORITY_MAX)]


class Warehouse(Part, frozen=True):
    """One warehouse. Degrees as maps give them (WGS 84); left out, both are those of the middle of its province.

    max_open_units: pieces that it can have open at a time; left out: any number. priority: lower goes first among equals.
    """

    code: Name
    province: Name
    name: Annotated[str, Meta(max_length=64)] = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    max_open_units: Number | None = None
    enabled: bool = True
    priority: Priority = 0


class Document(Part, frozen=True):
    """Warehouses. One that a later version of the document leaves out is disabled: what is reserved there stays, and ships from there."""

    version: Literal[1]
    name: Name
    warehouses: Annotated[tuple[Warehouse, ...], Meta(min_length=1, max_length=WAREHOUSES_MAX)]
    description: Remark = ""
    kind: Literal["warehouses"] = "warehouses"


FORM = Form("warehouses", Document, VERSION, WAREHOUSES_MAX)
