"""Products, and what an order's goods come to: weight, size, cost, needs. What is not known of one piece is not known of the sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.documents.products.document import Document
from schemas.documents.products.document import Product as Row

_CM3_IN_MM3 = 1_000


class Product(NamedTuple):
    """One piece, packed. ``side_mm``: its longest side."""

    grams: int | None
    cm3: int | None
    side_mm: int | None
    cost_minor: int | None
    #: Where it differs, by warehouse.
    costs: Mapping[str, int]
    currency: str
    category: str
    brand: str
    needs: tuple[str, ...]


class Products(NamedTuple):
    """Products by SKU, and by how their SKUs begin."""

    by_sku: Mapping[str, Product]
    by_prefix: Mapping[str, Product]
    #: Of the prefixes, the longest first.
    lengths: tuple[int, ...]


class Goods(NamedTuple):
    """What a parcel of these goods would be. ``needs``: abilities, None where a product is not known."""

    pieces: int
    grams: int | None
    cm3: int | None
    side_mm: int | None
    needs: tuple[str, ...] | None


NO_PRODUCTS = Products({}, {}, ())


def compiled(documents: Sequence[Document]) -> Products:
    """Documents without faults; of one SKU, or one prefix, that has two rows the first counts."""
    by_sku: dict[str, Product] = {}
    by_prefix: dict[str, Product] = {}
    for document in documents:
        for row in document.products:
            if row.sku is not None:
                by_sku.setdefault(row.sku, _product(row, document.currency))
            else:
                by_prefix.setdefault(row.prefix or "", _product(row, document.currency))
    lengths = tuple(sorted({len(each) for each in by_prefix}, reverse=True))
    return Products(by_sku, by_prefix, lengths)


def product_of(products: Products, sku: str) -> Product | None:
    """What is known of a SKU; None: nothing."""
    found = products.by_sku.get(sku)
    if found is not None:
        return found
    for length in products.lengths:
        found = products.by_prefix.get(sku[:length]) if length <= len(sku) else None
        if found is not None:
            return found
    return None


def goods_of(products: Products, lines: Sequence[tuple[str, int]]) -> Goods:
    """What (SKU, pieces) come to in one parcel."""
    pieces = 0
    grams: int | None = 0
    cm3: int | None = 0
    side: int | None = 0
    needs: list[str] = []
    known = True
    for sku, units in lines:
        pieces += units
        it = product_of(products, sku)
        if it is None:
            grams = cm3 = side = None
            known = False
            continue
        grams = None if grams is None or it.grams is None else grams + it.grams * units
        cm3 = None if cm3 is None or it.cm3 is None else cm3 + it.cm3 * units
        side = None if side is None or it.side_mm is None else max(side, it.side_mm)
        for need in it.needs:
            if need not in needs:
                needs.append(need)
    return Goods(pieces, grams, cm3, side, tuple(needs) if known else None)


def cost_minor(products: Products, lines: Sequence[tuple[str, int]], warehouse: str, currency: str) -> int | None:
    """What (SKU, pieces) cost the merchant from one warehouse; None: of one of them it is not known, or not in that currency."""
    total = 0
    for sku, units in lines:
        it = product_of(products, sku)
        if it is None or it.currency != currency:
            return None
        each = it.costs.get(warehouse, it.cost_minor)
        if each is None:
            return None
        total += each * units
    return total


def _product(row: Row, currency: str) -> Product:
    cm3, side = row.cm3, None
    if row.mm is not None:
        side = max(row.mm)
        # Part of a cubic centimetre counts as one.
        cm3 = -(-row.mm[0] * row.mm[1] * row.mm[2] // _CM3_IN_MM3)
    costs = {each.warehouse: each.cost_minor for each in row.costs}
    return Product(row.grams, cm3, side, row.cost_minor, costs, currency, row.category, row.brand, row.needs)
