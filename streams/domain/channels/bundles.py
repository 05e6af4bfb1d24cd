"""Combined goods (组合商品, 套餐): sold as one line, shipped as their parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.records import OrderLine


class Piece(NamedTuple):
    """One of the SKUs in a bundle, and how many units of it are in one."""

    sku: str
    quantity: int
    title: str = ""


def as_parts(line: OrderLine, pieces: Iterable[Piece]) -> Iterator[OrderLine]:
    """A line of bundles as one line per part, `LINE/SKU`, all its numbers times the units in one bundle.

    What a part costs nobody says: the price is the bundle's, and parts have none.
    """
    units: dict[str, Piece] = {}
    for piece in pieces:
        known = units.get(piece.sku)
        units[piece.sku] = piece._replace(quantity=piece.quantity + known.quantity) if known else piece
    for sku, piece in units.items():
        per = piece.quantity
        yield {
            **line,
            "line_no": f"{line['line_no']}/{sku}",
            "sku": sku,
            "title": piece.title or line["title"],
            "quantity": line["quantity"] * per,
            "unit_price_minor": 0,
            "returned_quantity": line["returned_quantity"] * per,
            "shipped_quantity": line["shipped_quantity"] * per,
            "cancelled_quantity": line["cancelled_quantity"] * per,
            "asked_back_quantity": line["asked_back_quantity"] * per,
            "bundle_line_no": line["line_no"],
        }
