"""Every shop that a table has rows of, by one step in an index for each, however many rows they have."""

from __future__ import annotations


def each_shop(table: str, condition: str = "true") -> str:
    """SQL: the shops of the rows that fulfil a condition, for an index on ``shop`` of those. What has no shop is not among them."""
    step = f"SELECT t.shop FROM {table} t WHERE {condition} AND t.shop"
    return (
        f"WITH RECURSIVE each AS (({step} IS NOT NULL ORDER BY t.shop LIMIT 1) UNION ALL "
        f"SELECT ({step} > each.shop ORDER BY t.shop LIMIT 1) FROM each WHERE each.shop IS NOT NULL) "
        "SELECT shop FROM each WHERE shop IS NOT NULL"
    )
