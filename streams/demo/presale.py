"""A SKU that the demo sells before it is there: more orders than its pool has pieces, and goods for half of them while the others wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD

from connectors.generator import Item, RawEvent, presales
from schemas.codec import CODEC
from schemas.table import Table
from schemas.terminal import Terminal
from streams.aside.stock import receive
from streams.aside.telling import tell
from streams.ops import audit
from streams.ops.cluster import Cluster

#: As deploy/examples/pools/demo.toml has it.
SKU, CAP = "TS19000-PRE", 60
#: Half as many again as there are pieces.
_ORDERS = 90
_GOODS, _WAREHOUSE = CAP // 2, "hz1"
_ITEM = Item(9_000, SKU, "纯棉短袖T恤", "预售", 12_900, 1.0)
#: Far from the serials of all other orders.
_FIRST_SERIAL = 7_000_000


class Presale:
    """One sale; its orders are placed from ``now_ms`` on."""

    def __init__(self, seed: int, now_ms: int) -> None:
        self._events = presales(_ITEM, _ORDERS, seed, start_ms=now_ms, first_serial=_FIRST_SERIAL)
        self._orders = {event.key for event in self._events}
        self._goods_are_due = True

    def among(self, others: Sequence[RawEvent]) -> list[RawEvent]:
        """Both in their own order, the sale's spread evenly over the others."""
        placed = [
            ((at + 1) / (len(events) + 1), which, event)
            for which, events in enumerate((others, self._events))
            for at, event in enumerate(events)
        ]
        return [event for _, _, event in sorted(placed, key=lambda each: each[:2])]

    def at(self, cluster: Cluster, sent: int, total: int) -> None:
        """So many events have been published: after three quarters goods arrive, as ``penstock stock receive`` tells it."""
        if self._goods_are_due and sent >= total * 3 // 4:
            self._goods_are_due = False
            because = "the first half of the sale's goods"
            tell(cluster, [receive(SKU, _WAREHOUSE, _GOODS, by=audit.operator(cluster), because=because)])

    def print(self, out: Terminal, cluster: Cluster) -> None:
        """What the log says of the pool. Nothing where it was never told of."""
        levels = _records(cluster, "inventory.availability", "Availability", {SKU})
        pools = [record["pool"] for record in levels if record["pool"] is not None]
        if not pools:
            return
        first: dict[str, str] = {}
        for record in _records(cluster, "inventory.results", "FreezeAnswered", self._orders):
            first.setdefault(record["reservation_id"], record["answer"])
        now, answers = pools[-1], list(first.values())
        figures = {
            "cap": now["cap"],
            "sold": now["sold"],
            # At whatever moment they were the most.
            "oversold": max(0, *(pool["sold"] - pool["cap"] for pool in pools)),
            "orders": len(first),
            "had it at once": answers.count("FROZEN"),
            "told to wait": answers.count("POOL_EXHAUSTED"),
            "wait still": now["waiting"],
            "goods to come": now["frozen"],
        }
        title = f"Sold before it was there: {SKU}, a piece an order"
        table = Table("sale", title=title, title_justify="left", box=SIMPLE_HEAD)
        for column in figures:
            table.add_column(column, justify="right")
        table.add_row(now["name"], *(f"{figure:,}" for figure in figures.values()))
        out.print()
        out.print(table)


def _records(cluster: Cluster, topic: str, name: str, keys: set[str]) -> Iterable[Any]:
    """Those of a name, of these keys."""
    for message in cluster.read(topic):
        value = message.value()
        if value is not None and (message.key() or b"").decode() in keys:
            found, record = CODEC.decode(value)
            if found == name:
                yield record
