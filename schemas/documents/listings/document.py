"""The listings document: which shop shows which SKU's stock, under which of the platform's ids, and how much of it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import BASIS_POINTS, FEW_MAX, Name, Part, Remark

#: The version of the form itself, not of a merchant's document.
VERSION = 1
ITEMS_MAX, SHOPS_MAX = 20_000, 100
UNITS_MAX = 1_000_000_000
EVERY_MAX_S = 3_600
#: As Name, and nothing where the platform needs none.
Ident = Annotated[str, Meta(max_length=64)]
Units = Annotated[int, Meta(ge=0, le=UNITS_MAX)]
Share = Annotated[int, Meta(ge=0, le=BASIS_POINTS)]


class Item(Part, kw_only=True, frozen=True):
    """A SKU in a shop. What is left out is as the shop has it.

    item: Taobao num_iid, JD wareId, PDD goods_id, Douyin product_id, Shopify's inventory item. variant: sku_id, skuId; location: where the
    platform keeps stock by place (Shopify location, JD storeId, Douyin out_warehouse_id).
    """

    sku: Name
    item: Ident = ""
    variant: Ident = ""
    location: Ident | None = None
    share: Share | None = None
    buffer: Units | None = None
    cap: Units | None = None
    close_at: Units | None = None
    open_at: Units | None = None
    held: bool | None = None


class Shop(Part, kw_only=True, frozen=True):
    """One shop, and the rule of its items.

    shown: share of what may be sold (basis points) less buffer, at most cap. close_at: at so few units over all channels, or fewer, it is
    closed: 0 is shown; open_at: opened again at so many (left out: one more than close_at). warehouses: whose stock; left out: all.
    every: seconds between two numbers told, at least; a closing waits for nothing. held: the platform's number has in it what it keeps for
    unpaid orders (Taobao items reduced at payment; Douyin, if its stock_num has prehold_stock_num in it): that is added.
    """

    channel: Name
    shop: Name
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=ITEMS_MAX)]
    location: Ident = ""
    share: Share = BASIS_POINTS
    buffer: Units = 0
    cap: Units | None = None
    close_at: Units = 0
    open_at: Units | None = None
    every: Annotated[int, Meta(ge=0, le=EVERY_MAX_S)] = 1
    held: bool = False
    warehouses: Annotated[tuple[Name, ...], Meta(max_length=FEW_MAX)] = ()


class Document(Part, frozen=True):
    """Listings. What a later version leaves out is told nothing more: the platform goes on showing its last number."""

    version: Literal[1]
    name: Name
    shops: Annotated[tuple[Shop, ...], Meta(min_length=1, max_length=SHOPS_MAX)]
    description: Remark = ""
    kind: Literal["listings"] = "listings"


FORM = Form("listings", Document, VERSION, ITEMS_MAX)
