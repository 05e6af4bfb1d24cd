"""Where the demo's orders come from: the seeded generator, or a file of real ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from connectors.generator import (
    RawEvent,
    aftersale_events,
    catalogue,
    demand,
    generate,
    initial_stock,
    return_event,
    warehouses,
)
from connectors.generator.stock import StockCommand

_SKUS = 1_000
#: Orders that are not the ordinary ones: presales, goods that others send, refunds before sending, ...
_SITUATIONS = 0.04


class Source(NamedTuple):
    """Events to publish, and the world they are published into."""

    title: str
    events: Sequence[RawEvent]
    warehouses: Sequence[Any]
    stock: Sequence[StockCommand]

    @property
    def skus(self) -> list[str]:
        """Goods that there is stock of."""
        return sorted({command.record["sku"] for command in self.stock})

    def world(self) -> list[tuple[str, str, str, Any]]:
        """What is published before the first event, as ``Cluster.publish`` takes it: warehouses, then stock."""
        settings = [("config.warehouses", w["warehouse"], "Warehouse", w) for w in self.warehouses]
        return [*settings, *(("inventory.commands", c.record["sku"], c.name, c.record) for c in self.stock)]


def generated(orders: int, seed: int, start_ms: int, situations: float = _SITUATIONS) -> Source:
    """Orders of five channels with the shape of real trade; this share of them are in situations out of the ordinary."""
    items = catalogue(_SKUS, seed)
    events = list(generate(orders, seed, start_ms=start_ms, items=items, situations=situations))
    stock = list(initial_stock(demand(items, orders), seed, start_ms))
    return Source(f"{orders:,} generated orders, seed {seed}", events, warehouses(), stock)


def from_file(path: Path, seed: int) -> Source:
    """Real orders in the layout of UCI's Online Retail; channel, shop and buyer are made up by the seed."""
    from connectors.generator.retail_csv import read_retail

    retail = read_retail(path, seed)
    return Source(f"real orders from {path.name}", retail.events, warehouses(), retail.stock)


def happens(what: str, event: RawEvent, at_ms: int) -> list[RawEvent]:
    """What the channel tells of an order that has left: its return, or an after-sale; nothing where the channel has no such."""
    if what == "return":
        back = return_event(event, at_ms)
        return [back] if back is not None else []
    return aftersale_events(event, what, at_ms)  # type: ignore[arg-type]
