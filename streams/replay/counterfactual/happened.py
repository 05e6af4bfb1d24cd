"""What happened in a period, in the order of the log's times: what a simulation is led by, whatever rule it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from schemas.records import StockLevel, Warehouse
from streams.domain.routing.geography import destination
from streams.domain.routing.planning import PlannedPart
from streams.domain.routing.rules.facts import OrderFacts, order_facts
from streams.replay.counterfactual.recorded import (
    COMMANDS,
    SHIPMENTS,
    Logs,
    Period,
    Recorded,
    decoded,
)
from streams.replay.shadow.views import Views

_FROM_OUTSIDE = ("Receive", "Restock", "Adjust", "Transfer", "SetSafetyStock")


class Planned(NamedTuple):
    """An order was decided; ``parts`` as recorded, none: it was left waiting."""

    order_id: str
    order: OrderFacts
    version: int
    #: Where distances are reckoned from, and its country.
    place: str
    country: str
    parts: tuple[PlannedPart, ...]


class GivenBack(NamedTuple):
    """What an order held was released: it was cancelled or changed, or its time was up."""

    order_id: str


class Left(NamedTuple):
    """A parcel left; ``lines``: SKU and pieces, where the order is known."""

    order_id: str
    warehouse: str
    lines: tuple[tuple[str, int], ...]


class Moved(NamedTuple):
    """A stock command from outside."""

    name: str
    command: Mapping[str, Any]


class WarehousesSet(NamedTuple):
    """What is set up from now on, by code."""

    warehouses: tuple[Warehouse, ...]


Event = Planned | GivenBack | Left | Moved | WarehousesSet
#: At one moment stock comes before who asks for it, and what is given back before that.
_RANK = {WarehousesSet: 0, GivenBack: 1, Left: 2, Moved: 3, Planned: 4}


class Happened(NamedTuple):
    """The stock that a period begins with, and all that happens in it."""

    balances: Mapping[str, Sequence[StockLevel]]
    warehouses: tuple[Warehouse, ...]
    #: With their times, ms since the epoch.
    events: list[tuple[int, Event]]


class Happenings:
    """Gathers them. Some 600 bytes of memory a decision."""

    def __init__(self, period: Period, views: Views) -> None:
        self._period, self._views = period, views
        self._events: list[tuple[int, int, int, Event]] = []
        self._skus: dict[tuple[str, str], str] = {}

    def decided(self, recorded: Recorded) -> None:
        """A decision as recorded."""
        if recorded.name == "AllocationReleased":
            self._add(recorded.at_ms, GivenBack(recorded.order_id))
            return
        if recorded.order is None:
            return
        order = order_facts(recorded.order)
        for line in order.lines:
            self._skus[recorded.order_id, line.line_no] = line.sku
        if not order.lines:
            return
        parts = tuple(
            PlannedPart(each["line_no"], each["sku"], each["warehouse"], each["quantity"])
            for each in recorded.decision.get("parts", ())
        )
        receiver = recorded.order["receiver"]
        place, version = destination(receiver), recorded.order["version"]
        planned = Planned(recorded.order_id, order, version, place, receiver["country"], parts)
        # It was planned when it was asked for, and decided when all had answered.
        at_ms = recorded.order_ms if recorded.decision["attempt"] == 1 else recorded.decision["decided_at_ms"]
        self._add(max(at_ms, self._period.from_ms), planned)

    def shipped(self, logs: Logs, partition: int) -> None:
        """Parcels of a partition whose decisions are known."""
        for message in logs.of_partition(SHIPMENTS, partition, self._period.from_ms):
            found = decoded(message) if self._period.has(message) else None
            if found is not None and found[0] == "Shipped":
                record = found[1]
                order_id = record["order_id"]
                lines = [
                    (self._skus.get((order_id, each["line_no"]), ""), each["quantity"]) for each in record["lines"]
                ]
                known = tuple((sku, units) for sku, units in lines if sku)
                self._add(int(message.timestamp()[1]), Left(order_id, record["warehouse"], known))

    def stock_moved(self, logs: Logs) -> None:
        """Commands from outside, each id once."""
        seen: set[str] = set()
        for partition in range(logs.partitions(COMMANDS)):
            for message in logs.of_partition(COMMANDS, partition, self._period.from_ms):
                found = decoded(message) if self._period.has(message) else None
                if found is None or found[0] not in _FROM_OUTSIDE or found[1]["command_id"] in seen:
                    continue
                seen.add(found[1]["command_id"])
                self._add(int(message.timestamp()[1]), Moved(*found))

    def all(self) -> Happened:
        """In the order of time; what is of one moment in an order that does not depend on how it was read."""
        begin = self._period.from_ms - 1
        for at_ms in self._views.moments_of_warehouses():
            if self._period.from_ms <= at_ms < self._period.to_ms:
                self._add(at_ms, WarehousesSet(tuple(self._views.warehouses(at_ms)[0])))
        self._events.sort(key=lambda each: each[:3])
        balances = {sku: self._views.as_of(sku, begin) for sku in sorted(self._views.stocked)}
        warehouses = tuple(self._views.warehouses(begin)[0])
        return Happened(balances, warehouses, [(at_ms, event) for at_ms, *_, event in self._events])

    def _add(self, at_ms: int, event: Event) -> None:
        # Partitions are read one after the other, each in its own order.
        self._events.append((at_ms, _RANK[type(event)], len(self._events), event))
