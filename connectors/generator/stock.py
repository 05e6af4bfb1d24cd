"""Warehouses, and the stock they begin with: enough for nearly every order, thin enough that some are split or wait.

How the stock is laid out, given the expected demand of each SKU (pieces over the whole run):

- popular goods lie in every warehouse, the long tail in fewer: baskets of tail goods have to be split;
- each warehouse that carries a SKU gets its share of COVER times the demand and a few pieces more, since small demands
  vary most;
- one SKU in SCARCE_EVERY gets a part of its demand only: its last orders are backordered, after safety stock has closed
  its sale warehouse by warehouse.

Chosen by simulation (nearest warehouse that covers all, else the one that covers most): 20,000 orders of 1,000 SKUs,
seed 7, end as 97.8 % allocated, 5.2 % split, 2.2 % backordered, with 105 safety-stock alerts, from 5,200 commands.
Seed 8: 96.7, 5.6 and 3.3 %. 50,000 orders, seed 7: 97.3, 5.2 and 2.7 %.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, sqrt
from random import Random
from typing import Literal, NamedTuple

from schemas.records import Receive, SetSafetyStock, Warehouse

# What is sent on top of the expected demand, and what is held back of the stock.
COVER = 1.25
SAFETY_SHARE = 0.06
SCARCE_EVERY = 11
SCARCE_COVER = 0.7
# Up to which place of the popularity list (0 first, 1 last) a SKU lies in how many warehouses.
CARRIERS = ((0.05, 6), (0.15, 4), (0.35, 3), (1.0, 2))

# Name, city, province, latitude, longitude, part of the stock, priority. City centres, rounded.
_WAREHOUSES: tuple[tuple[str, str, str, float, float, float], ...] = (
    ("hz1", "杭州一号仓", "浙江", 30.27, 120.16, 0.20),
    ("gz1", "广州一号仓", "广东", 23.13, 113.26, 0.18),
    ("bj1", "北京一号仓", "北京", 39.90, 116.41, 0.20),
    ("cd1", "成都一号仓", "四川", 30.57, 104.07, 0.16),
    ("wh1", "武汉一号仓", "湖北", 30.59, 114.31, 0.18),
    ("sy1", "沈阳一号仓", "辽宁", 41.80, 123.43, 0.08),
)


class StockCommand(NamedTuple):
    """A command for `inventory.commands`: the record's name and the record; its key is the sku."""

    name: Literal["Receive", "SetSafetyStock"]
    record: Receive | SetSafetyStock


def warehouses(version: int = 1) -> list[Warehouse]:
    """Six warehouses, as the config topic has them."""
    return [
        {
            "warehouse": warehouse,
            "name": name,
            "province": province,
            "latitude": latitude,
            "longitude": longitude,
            "max_open_units": None,
            "enabled": True,
            "priority": priority,
            "version": version,
        }
        for priority, (warehouse, name, province, latitude, longitude, _) in enumerate(_WAREHOUSES, start=1)
    ]


def initial_stock(demand: Mapping[str, float], seed: int, at_ms: int) -> Iterator[StockCommand]:
    """Commands that put stock in place; Receive before SetSafetyStock, so that no sale closes before it began.

    :param demand: SKU -> pieces that the whole run is expected to ask for, the most popular first.
    """
    rng = Random(f"stock/{seed}")
    for rank, (sku, pieces) in enumerate(demand.items()):
        scarce = rank % SCARCE_EVERY == SCARCE_EVERY // 2
        carried = _carriers(rng, rank / len(demand))
        total = sum(share for _, share in carried)
        for warehouse, share in carried:
            part = pieces * share / total
            quantity = ceil(part * SCARCE_COVER) if scarce else ceil(part * COVER + 6 * sqrt(part) + 6)
            yield StockCommand(
                "Receive",
                {
                    "command_id": f"initial/{seed}/{sku}/{warehouse}",
                    "sku": sku,
                    "warehouse": warehouse,
                    "quantity": quantity,
                    "requested_at_ms": at_ms,
                },
            )
            yield StockCommand(
                "SetSafetyStock",
                {
                    "command_id": f"safety/{seed}/{sku}/{warehouse}",
                    "sku": sku,
                    "warehouse": warehouse,
                    "quantity": int(quantity * SAFETY_SHARE),
                    "requested_at_ms": at_ms,
                },
            )


def _carriers(rng: Random, place: float) -> Sequence[tuple[str, float]]:
    """Which warehouses carry the SKU at `place` (0 first, 1 last) of the popularity list, with their parts."""
    count = next(count for until, count in CARRIERS if place < until)
    start = int(rng.random() * len(_WAREHOUSES))
    ring = [_WAREHOUSES[(start + step) % len(_WAREHOUSES)] for step in range(count)]
    return [(row[0], row[5]) for row in ring]
