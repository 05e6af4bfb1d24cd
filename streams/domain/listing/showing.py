"""How many units a shop may show of a SKU.

    sale(s, c)   = units of s that may be sold to channel c:
                     sum over the place's warehouses of max(0, on_hand - reserved - safety_stock)
                     while a sale of a pool is on: the room of the parts that c draws on, as an order would be given them
    for sale     = of a bundle min over its parts of floor(sale(part, c) / pieces), else sale(sku, c)
    open         = for sale > close_at; once closed, again at for sale >= open_at
    shown        = open: clamp(floor(for sale * share / 10000) - buffer, 0, cap); closed: 0

Source: ``platforms3.md`` 3.5. Its guard (the rate of sales times the lags) is the place's buffer, a figure that somebody sets: no rate of
sales is kept here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.records import BundlePart, ListingPlace, Pool, SkuStock
from streams.domain.inventory.quotas import awaited, chain_of
from streams.domain.inventory.stock import sellable_total

_WHOLE_BP = 10_000
#: Shopify refuses more (INVALID_QUANTITY_TOO_HIGH); the others have not shown where they do.
SHOWN_MAX = 1_000_000_000


class Shown(NamedTuple):
    """What a place should show. ``quantity`` None: nobody has counted it, or a part of it, yet."""

    quantity: int | None
    open: bool


def for_sale(stock: SkuStock, place: ListingPlace, at_ms: int) -> int:
    """Units of one SKU that may be sold to the place's channel."""
    pool = stock["pool"]
    if pool is not None and is_on(pool, at_ms):
        return room(pool, place["channel"])
    levels = stock["levels"]
    if place["warehouses"]:
        levels = [level for level in levels if level["warehouse"] in place["warehouses"]]
    return sellable_total(levels)


def is_on(pool: Pool, at_ms: int) -> bool:
    """Whether orders that are placed now are of its sale."""
    return not pool["closed"] and pool["from_ms"] <= at_ms < pool["until_ms"]


def room(pool: Pool, channel: str) -> int:
    """Pieces that orders of a channel would be given now: parts that somebody waits for are theirs first."""
    chain, theirs = chain_of(pool, channel), awaited(pool)
    return sum(
        max(0, part["units"] - part["sold"])
        for part in pool["parts"]
        if part["name"] in chain and part["name"] not in theirs
    )


def shown(
    own: SkuStock | None,
    parts: Sequence[BundlePart],
    part_stocks: Mapping[str, SkuStock],
    place: ListingPlace,
    was_open: bool,
    at_ms: int,
) -> Shown:
    """What a place should show. ``parts`` empty: the SKU is sold as itself, and ``own`` is its stock."""
    if parts:
        there = [part_stocks.get(part["sku"]) for part in parts]
        known = [stock for stock in there if stock is not None]
        if len(known) < len(parts):
            return Shown(None, was_open)
        sale = min(for_sale(s, place, at_ms) // part["quantity"] for s, part in zip(known, parts, strict=True))
    elif own is None:
        return Shown(None, was_open)
    else:
        sale = for_sale(own, place, at_ms)
    is_open = sale > place["close_at"] and (was_open or sale >= place["open_at"])
    if not is_open:
        return Shown(0, False)
    units = sale * place["share"] // _WHOLE_BP - place["buffer"]
    most = SHOWN_MAX if place["cap"] is None else place["cap"]
    return Shown(max(0, min(units, most)), True)


def turns_at_ms(stocks: Sequence[SkuStock], at_ms: int) -> int | None:
    """When a sale of a pool begins or ends next; None: none does."""
    times = [
        moment
        for stock in stocks
        if (pool := stock["pool"]) is not None and not pool["closed"]
        for moment in (pool["from_ms"], pool["until_ms"])
        if moment > at_ms
    ]
    return min(times, default=None)
