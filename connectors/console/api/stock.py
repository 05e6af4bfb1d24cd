"""The stock: SKU by warehouse."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from connectors.console import stock
from connectors.console.api.orders import Text
from connectors.console.asking import Used, Who, asks
from connectors.console.freshness import freshness
from connectors.console.permissions import Permission

router = APIRouter(tags=["stock"])


class Warehouse(BaseModel):
    """A column of the matrix; ``enabled``: plans may use it."""

    warehouse: str
    name: str
    enabled: bool


class Cell(BaseModel):
    """What a warehouse has of a SKU: on hand, of that promised, kept back from sale, and left to sell (0 where it is not open)."""

    warehouse: str
    on_hand: int
    reserved: int
    safety_stock: int
    sellable: int
    open: bool
    version: int


class StockRow(BaseModel):
    """A SKU."""

    sku: str
    cells: list[Cell]


class StockPage(BaseModel):
    """By SKU; ``next`` is what the next page comes after, null: that is all."""

    warehouses: list[Warehouse]
    rows: list[StockRow]
    next: str | None
    as_of: datetime | None
    behind_s: float | None


@router.get("/stock", **asks(Permission.STOCK_READ))
async def list_stock(
    used: Used, who: Who, sku: Text = "", after: Text = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> StockPage:
    """Balances of the whole company, of one SKU or page by page."""
    async with used.store.reading(who.shops) as connection:
        found = await stock.page(connection, sku.strip(), after, limit)
        columns = await stock.warehouses(connection)
        fresh = await freshness(connection, used.hub)
    return StockPage(
        warehouses=[Warehouse(**row) for row in columns],
        rows=[
            StockRow(sku=name, cells=[Cell.model_validate(dict(cell)) for cell in cells])
            for name, cells in groupby(found.cells, itemgetter("sku"))
        ],
        next=found.behind,
        as_of=fresh,
        behind_s=await used.lagging.tables_behind_s(),
    )
