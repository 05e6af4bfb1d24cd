"""What a contestant decided, read from its topics in a form that can be compared: the same input must give the same.

Compared is what a merchant would see: for each channel event its outcome (accepted, duplicate of which kind, in review for which
reasons; an accepted one with its amounts and what is to be sent), for each order where it ended (phase, version), who sends what and what
was looked at before that. Times, texts for people, and how many units a warehouse had open just then are not. The peer knows the order as
it was first released: neither situations out of the ordinary (others send a line, money goes back before it is sent), nor towns and forms
of a receiver, nor places below a province; so what is compared has no such situations, and distances are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from zlib import crc32

from schemas.codec import CODEC
from streams.demo.source import Source
from streams.ops.cluster import Cluster

Place = tuple[str, int, int]
"""Topic, partition and offset of a channel event."""

#: Of a SKU at a warehouse; far more than any run asks for, and far from the end of an int.
PLENTY = 10_000_000
_DIFFERENCES_MAX = 10


class Final(NamedTuple):
    """Where an order ended.

    Attributes:
        sends: (line, SKU, warehouse, units) of the allocation that stands.
        looked_at: which warehouses the decision trace weighed, what each covers and whether it was chosen, round by round.
    """

    phase: str
    version: int
    sends: tuple[tuple[str, str, str, int], ...]
    looked_at: tuple[Any, ...]


@dataclass
class Outcomes:
    """By channel event, and by order id."""

    events: dict[Place, tuple[Any, ...]]
    orders: dict[str, Final]

    @classmethod
    def read(cls, cluster: Cluster) -> Outcomes:
        events: dict[Place, tuple[Any, ...]] = {}
        for order in _records(cluster, "orders"):
            events[_place(order)] = "accepted", order["order_id"], order["version"], order["status"], _content(order)
        for duplicate in _records(cluster, "orders.duplicates"):
            events[_place(duplicate)] = "duplicate", duplicate["order_id"], duplicate["kind"], duplicate["version"]
        for review in _records(cluster, "orders.review"):
            reasons = tuple((reason["code"], reason["field"]) for reason in review["reasons"])
            events[_place(review)] = "review", review["order_id"], *reasons
        sends: dict[str, tuple[Any, ...]] = {}
        for decision in _records(cluster, "allocations"):
            parts = ((p["line_no"], p["sku"], p["warehouse"], p["quantity"]) for p in decision.get("parts", ()))
            sends[decision["order_id"]] = tuple(sorted(parts)), _looked_at(decision)
        orders = {
            status["order_id"]: Final(
                status["status"], status["order_version"], *sends.get(status["order_id"], ((), ()))
            )
            for status in _records(cluster, "order.status")
        }
        return cls(events, orders)

    def differences(self, other: Outcomes) -> list[str]:
        """What is not the same, the first few of each kind; empty when all is."""
        return [*_differences(self.events, other.events), *_differences(self.orders, other.orders)]


def with_plenty(source: Source) -> Source:
    """The same orders, with ample stock of everything everywhere: no decision depends on who comes first."""
    stock = [
        command._replace(
            name="Receive",
            record={
                "command_id": f"plenty/{sku}/{warehouse['warehouse']}",
                "sku": sku,
                "warehouse": warehouse["warehouse"],
                "quantity": PLENTY,
                "requested_at_ms": command.record["requested_at_ms"],
            },
        )
        for sku, command in {command.record["sku"]: command for command in source.stock}.items()
        for warehouse in source.warehouses
    ]
    return source._replace(stock=stock)


def _records(cluster: Cluster, topic: str) -> Iterator[Mapping[str, Any]]:
    for message in cluster.read(topic):
        yield CODEC.decode(message.value() or b"")[1]


def _place(record: Mapping[str, Any]) -> Place:
    source = record["source"]
    return source["topic"], source["partition"], source["offset"]


def _content(order: Mapping[str, Any]) -> int:
    """A checksum of what an order says that the peer knows of: its amounts and times, and what is to be sent of each SKU."""
    units: dict[str, int] = {}
    for line in order["lines"]:
        to_send = line["quantity"] - line["cancelled_quantity"]
        if to_send > 0 and order["status"] in ("UNPAID", "PAID", "HOLD"):
            units[line["sku"]] = units.get(line["sku"], 0) + to_send
    said = (order["shop"], order["currency"], order["total_minor"], order["placed_at_ms"], sorted(units.items()))
    return crc32(repr(said).encode())


def _looked_at(decision: Mapping[str, Any]) -> tuple[Any, ...]:
    if "trace" not in decision:
        return ()
    return tuple(
        frozenset((each["warehouse"], each["covers"], each["chosen"]) for each in tried["considered"])
        for tried in decision["trace"]["rounds"]
    )


def _differences(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> list[str]:
    differing = [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
    lines = [f"{key}: {one.get(key)} / {other.get(key)}" for key in differing[:_DIFFERENCES_MAX]]
    return [*lines, f"and {len(differing) - len(lines):,} more"] if len(differing) > len(lines) else lines
