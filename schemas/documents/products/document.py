"""The products document (商品资料): what rules and freight have to know of a SKU. What a row leaves out is not known."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import FEW_MAX, ROWS_MAX, Currency, Name, Number, Part, Positive, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1

Side = Annotated[int, Meta(ge=1, le=100_000)]


class WarehouseCost(Part, frozen=True):
    """What a piece costs that lies in one warehouse, where it differs: in minor units of the document's currency."""

    warehouse: Name
    cost_minor: Number


class Product(Part, kw_only=True, frozen=True):
    """One SKU, or all that begin so and have no row of their own: the longest prefix counts, and an empty one is of all."""

    sku: Name | None = None
    prefix: Annotated[str, Meta(max_length=64)] | None = None
    #: Of one piece, packed.
    grams: Positive | None = None
    #: Its volume, or by its three sides (then both its volume and its longest side are known).
    cm3: Positive | None = None
    mm: Annotated[tuple[Side, ...], Meta(min_length=3, max_length=3)] | None = None
    #: What a piece cost the merchant, in minor units of the document's currency.
    cost_minor: Number | None = None
    costs: Annotated[tuple[WarehouseCost, ...], Meta(max_length=FEW_MAX)] = ()
    category: Remark = ""
    brand: Remark = ""
    #: Abilities that a warehouse must have to send it: cold, hazardous, ...
    needs: Annotated[tuple[Name, ...], Meta(max_length=FEW_MAX)] = ()


class Document(Part, frozen=True):
    """Products, by SKU or by the beginning of their SKUs."""

    version: Literal[1]
    name: Name
    products: Annotated[tuple[Product, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    description: Remark = ""
    currency: Currency = "CNY"
    kind: Literal["products"] = "products"


FORM = Form("products", Document, VERSION, ROWS_MAX)
