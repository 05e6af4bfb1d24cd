"""What a warehouse can sell of a SKU."""

from __future__ import annotations

from schemas.records import StockLevel


def for_sale(level: StockLevel) -> int:
    """Pieces on the shelf that nobody has reserved, above what is kept back; 0 or less: none."""
    return level["on_hand"] - level["reserved"] - level["safety_stock"]
