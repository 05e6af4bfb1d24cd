"""Allocation: the saga of each order, from accepted to reserved, shipped or given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.records import Availability, StockLevel, Warehouse
from streams.agents.wire import received, send
from streams.domain.allocation.decide import decide, retry
from streams.domain.allocation.step import View
from streams.domain.expiry import due, expiry_key
from streams.engine import Batch, Table

#: A backordered order whose stock was there but could not be sent is tried again after this long.
RETRY_AFTER_MS = 5 * 60 * 1000

#: On ``inventory.results`` for whoever gave a stock command; no order's saga depends on them.
NOT_FOR_ORDERS = frozenset({"StockCommandAnswered"})


class Surroundings:
    """What planning sees of the world, from two views that every worker holds."""

    def __init__(self, availability: Mapping[str, Availability], warehouses: Mapping[str, Warehouse]) -> None:
        self._availability = availability
        self._warehouses = warehouses
        #: Open units per warehouse.
        self.load: dict[str, int] = {}

    def levels(self, sku: str) -> Sequence[StockLevel]:
        """Newest known levels of a SKU; empty when it never had any."""
        known = self._availability.get(sku)
        return known["levels"] if known is not None else ()

    def on_availability(self, sku: str, old: Availability | None, new: Availability | None) -> None:
        """Keeps the load by the difference, so that planning does not sum over all SKUs."""
        for known, sign in ((old, -1), (new, 1)):
            for level in known["levels"] if known is not None else ():
                self.load[level["warehouse"]] = self.load.get(level["warehouse"], 0) + sign * level["reserved"]

    def view(self, reservation_ttl_ms: int | None) -> View:
        """As of now."""
        warehouses = [self._warehouses[name] for name in sorted(self._warehouses)]
        return View(self.levels, warehouses, self.load, reservation_ttl_ms)


class Allocation:
    """Tables: ``order_state`` by order id; ``backlog`` by the time at which a backordered order is tried again."""

    def __init__(
        self, order_state: Table, backlog: Table, surroundings: Surroundings, reservation_ttl_ms: int | None
    ) -> None:
        self._states = order_state
        self._backlog = backlog
        self._surroundings = surroundings
        self._ttl_ms = reservation_ttl_ms

    def on_batch(self, batch: Batch) -> None:
        """Decodes the events, decides each on its order's state, stores, sends."""
        events = [event for event in received(batch) if event[0] not in NOT_FOR_ORDERS]
        states = self._states.get_many(event["order_id"].encode() for _, event, _ in events)
        view = self._surroundings.view(self._ttl_ms)
        changed: dict[bytes, Any] = {}
        for name, event, at_ms in events:
            key = event["order_id"].encode()
            state = states.get(key)
            decision = decide(state, name, event, view, at_ms)
            if decision.state is not None and decision.state is not state:
                states[key] = changed[key] = decision.state
                if decision.state["phase"] == "BACKORDERED" and (state is None or state["phase"] != "BACKORDERED"):
                    self._try_again(event["order_id"], at_ms)
            for command, record in decision.commands:
                send(batch, "inventory.commands", record["sku"], command, record)
            for decided, record in decision.events:
                send(batch, "allocations", record["order_id"], decided, record)
            for status in decision.statuses:
                send(batch, "order.status", status["order_id"], "OrderStatusChanged", status)
        self._states.put_many(changed)

    def on_tick(self, batch: Batch) -> None:
        """Asks again for what backordered orders lack: stock they were refused may be theirs by now, or its warehouse open."""
        keys = [key for key, _ in self._backlog.range(stop=expiry_key(batch.at_ms + 1, ""))]
        states = self._states.get_many(order_id.encode() for order_id in due(keys, batch.at_ms))
        for state in states.values():
            commands = retry(state, batch.at_ms)
            for command, record in commands:
                send(batch, "inventory.commands", record["sku"], command, record)
            if state["phase"] == "BACKORDERED":
                self._try_again(state["order_id"], batch.at_ms)
        for key in keys:
            self._backlog.delete(key)

    def _try_again(self, order_id: str, now_ms: int) -> None:
        self._backlog.put_many({expiry_key(now_ms + RETRY_AFTER_MS, order_id): None})
