"""What became of the orders that are not the ordinary ones, as the topics have it at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD

from connectors.generator import RawEvent
from schemas.codec import CODEC
from schemas.table import Table
from schemas.terminal import Terminal
from schemas.texts import word, words
from streams.ops.cluster import Cluster

_WORDS = {
    "others_send": "others send some of it",
    "not_shipped": "nothing is shipped",
    "presale": "presale: deposit, balance",
    "cash_on_delivery": "cash on delivery",
    "sku_twice": "one SKU bought and given",
    "refund_open": "refund asked, withdrawn",
    "refund_in_part": "part of the money back",
    "line_cancelled": "a line taken out",
    "address_changed": "another address",
    "sent_by_hand": "shown as sent, no parcel",
}
#: After-sales of orders that have left: no stock moves by what the platform tells of them.
_AFTERSALES = {
    "REFUND": "money back, goods kept",
    "EXCHANGE": "a unit exchanged",
    "PRICE_PROTECTION": "price protection",
}
_IN_PARCELS, _CAME_BACK = "sent in several parcels", "goods came back"


class _Outcome:
    """One order at the end."""

    def __init__(self) -> None:
        self.phase = self.reason = ""
        self.parcels = self.left = self.back = 0
        self.aftersales: set[str] = set()


class Situations:
    """``events``: those that are published; what is told apart is known by their notes, and by the warehouses' records."""

    def __init__(self, events: Iterable[RawEvent]) -> None:
        notes = ((raw.key, raw.note) for raw in events)
        self._of = {key: note.partition(":")[2] for key, note in notes if note.startswith("situation:")}

    def print(self, out: Terminal, cluster: Cluster) -> None:
        """Reads what became of them, and shows it. Nothing where there are none."""
        found = self._outcomes(cluster)
        named: dict[str, list[_Outcome]] = defaultdict(list)
        for order_id, outcome in found.items():
            if order_id in self._of:
                named[_WORDS[self._of[order_id]]].append(outcome)
            if outcome.parcels > 1:
                named[_IN_PARCELS].append(outcome)
            for kind in outcome.aftersales & _AFTERSALES.keys():
                named[_AFTERSALES[kind]].append(outcome)
            if outcome.back:
                named[_CAME_BACK].append(outcome)
        if not named:
            return
        table = Table("orders of their own kind", title="What was not ordinary", title_justify="left", box=SIMPLE_HEAD)
        for column in ("orders", "units left", "back on sale"):
            table.add_column(column, justify="right")
        table.add_column("what became of them")
        for kind in (*_WORDS.values(), *_AFTERSALES.values(), _IN_PARCELS, _CAME_BACK):
            if outcomes := named.get(kind):
                table.add_row(word(kind), *_figures(outcomes))
        out.print()
        out.print(table)

    def _outcomes(self, cluster: Cluster) -> dict[str, _Outcome]:
        """Of the orders in a situation, and of all of which a parcel left, something came back, or an after-sale tells."""
        found: dict[str, _Outcome] = defaultdict(_Outcome)
        seen: set[str] = set()
        for name, record in _records(cluster, "shipments", None):
            if name == "Shipped" and record["shipment_id"] not in seen:
                seen.add(record["shipment_id"])
                found[record["order_id"]].parcels += 1
        for _, record in _records(cluster, "aftersales", None):
            found[record["order_id"]].aftersales.add(record["kind"])
        for order_id in self._of:
            found[order_id].phase = "not taken in"
        for _, record in _records(cluster, "order.status", found):
            outcome = found[record["order_id"]]
            outcome.phase, outcome.reason = record["status"], record["reason"]
        restocked: set[str] = set()
        for name, record in _records(cluster, "inventory.results", found):
            if name == "ReservationResolved" and record["answer"] == "COMMITTED":
                found[record["order_id"]].left += record["quantity"]
            elif name == "StockCommandAnswered" and record["answer"] == "APPLIED":
                restocked.add(record["command_id"].rpartition("/")[0])
        for _, record in _records(cluster, "returns", found):
            for line in record["lines"]:
                if f"{record['order_id']}/return/{record['return_id']}/{line['sku']}" in restocked:
                    found[record["order_id"]].back += line["quantity"]
        return dict(found)


def _records(cluster: Cluster, topic: str, keys: Mapping[str, Any] | None) -> Iterable[tuple[str, Any]]:
    """Its records, of these keys only."""
    for message in cluster.read(topic):
        value, key = message.value(), (message.key() or b"").decode()
        if value is not None and (keys is None or key in keys):
            yield CODEC.decode(value)


def _figures(outcomes: list[_Outcome]) -> tuple[str, str, str, str]:
    ends = Counter(
        f"{word(each.phase)} ({words(each.reason)})" if each.phase == "HELD" else word(each.phase) for each in outcomes
    )
    left, back = (sum(getattr(each, name) for each in outcomes) for name in ("left", "back"))
    return (
        f"{len(outcomes):,}",
        f"{left:,}",
        f"{back:,}" if back else "-",
        ", ".join(f"{count:,} {end}" for end, count in ends.most_common()),
    )
