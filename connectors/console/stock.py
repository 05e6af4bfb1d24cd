"""Stock in the tables, SKU by SKU: what each warehouse has. Of the whole company: a balance has no shop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

_WAREHOUSES = "SELECT warehouse, name, enabled FROM warehouses ORDER BY priority, warehouse"
#: As many SKUs as asked for and one more, from the key's index: each is one step in it.
_SKUS = """
WITH RECURSIVE each AS (
    (SELECT sku, 1 AS number FROM stock WHERE sku > $1 ORDER BY sku LIMIT 1)
    UNION ALL SELECT (SELECT s.sku FROM stock s WHERE s.sku > each.sku ORDER BY s.sku LIMIT 1), number + 1
    FROM each WHERE each.sku IS NOT NULL AND number < $2
) SELECT sku FROM each WHERE sku IS NOT NULL
"""
_CELLS = """
SELECT sku, warehouse, on_hand, reserved, safety_stock, sellable, open, version FROM stock
WHERE sku = ANY($1::text[]) ORDER BY sku, warehouse
"""


class Page(NamedTuple):
    """Balances by SKU and warehouse, and the SKU that the next page follows; None: that is all."""

    cells: Sequence[asyncpg.Record]
    behind: str | None


async def page(connection: asyncpg.Connection, sku: str, behind: str, limit: int) -> Page:
    """The balances of one SKU, or of those that follow ``behind``."""
    if sku:
        return Page(await connection.fetch(_CELLS, [sku]), None)
    found = [name for (name,) in await connection.fetch(_SKUS, behind, limit + 1)]
    cells = await connection.fetch(_CELLS, found[:limit])
    return Page(cells, found[limit - 1] if len(found) > limit else None)


async def warehouses(connection: asyncpg.Connection) -> Sequence[asyncpg.Record]:
    """Of the matrix' columns, in the order that plans prefer them by."""
    return await connection.fetch(_WAREHOUSES)  # type: ignore[no-any-return]
