"""Allocation: the saga of each order, from accepted to reserved, shipped or given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schemas.records import Availability, Pool, StockLevel, Warehouse
from streams.agents.comparing import Comparisons, stopwatch
from streams.agents.flowbook import Flowbook
from streams.agents.rulebook import Rulebook
from streams.agents.wire import received, send
from streams.domain.allocation.decide import decide, its_time_has_come, retry, time_ms
from streams.domain.allocation.step import View
from streams.domain.expiry import due, expiry_key

if TYPE_CHECKING:
    # Faust takes longer to import than a trial to run.
    from streams.engine import Batch, Table

#: A backordered order whose stock was there but could not be sent is tried again after this long.
RETRY_AFTER_MS = 5 * 60 * 1000


def is_for_an_order(record: Mapping[str, Any]) -> bool:
    """``inventory.results`` answers stock commands that are about no order, too."""
    return bool(record["order_id"])


class Surroundings:
    """What planning sees of the world, from views that every worker holds."""

    def __init__(
        self,
        availability: Mapping[str, Availability],
        warehouses: Mapping[str, Warehouse],
        rulebook: Rulebook,
        flowbook: Flowbook,
        merge_secret: bytes = b"",
    ) -> None:
        self._availability = availability
        self._warehouses = warehouses
        self.rulebook = rulebook
        self.flowbook = flowbook
        self._merge_secret = merge_secret
        #: Open units per warehouse.
        self.load: dict[str, int] = {}

    def levels(self, sku: str) -> Sequence[StockLevel]:
        """Newest known levels of a SKU; empty when it never had any."""
        known = self._availability.get(sku)
        return known["levels"] if known is not None else ()

    def pool(self, sku: str) -> Pool | None:
        """What is sold of a SKU before it is there; None: nothing."""
        known = self._availability.get(sku)
        return known["pool"] if known is not None else None

    def on_availability(self, sku: str, old: Availability | None, new: Availability | None) -> None:
        """Keeps the load by the difference, so that planning does not sum over all SKUs."""
        for known, sign in ((old, -1), (new, 1)):
            for level in known["levels"] if known is not None else ():
                self.load[level["warehouse"]] = self.load.get(level["warehouse"], 0) + sign * level["reserved"]

    def view(self, reservation_ttl_ms: int | None) -> View:
        """As of now."""
        warehouses = [self._warehouses[name] for name in sorted(self._warehouses)]
        return View(
            self.levels,
            warehouses,
            self.load,
            reservation_ttl_ms,
            self.rulebook.book,
            stopwatch,
            self.pool,
            self.flowbook.book,
            self._merge_secret,
        )


class Allocation:
    """Tables: ``order_state`` by order id; ``backlog`` by the time at which an order is looked at that waits for stock, or for its time."""

    def __init__(
        self,
        order_state: Table,
        backlog: Table,
        surroundings: Surroundings,
        reservation_ttl_ms: int | None,
        comparisons: Comparisons,
    ) -> None:
        self._states = order_state
        self._comparisons = comparisons
        self._backlog = backlog
        self._surroundings = surroundings
        self._ttl_ms = reservation_ttl_ms

    def on_batch(self, batch: Batch) -> None:
        """Decodes the events, decides each on its order's state, stores, sends."""
        events = [event for event in received(batch) if is_for_an_order(event[1])]
        states = self._states.get_many(event["order_id"].encode() for _, event, _ in events)
        view = self._surroundings.view(self._ttl_ms)
        changed: dict[bytes, Any] = {}
        for name, event, at_ms in events:
            key = event["order_id"].encode()
            state = states.get(key)
            decision = decide(state, name, event, view, at_ms)
            if decision.state is not None and decision.state is not state:
                states[key] = changed[key] = decision.state
                self._look_again(state, decision.state, at_ms)
            for command, record in decision.commands:
                send(batch, "inventory.commands", record["sku"], command, record)
            for decided, record in decision.events:
                send(batch, "allocations", record["order_id"], decided, record)
            for status in decision.statuses:
                send(batch, "order.status", status["order_id"], "OrderStatusChanged", status)
            for compared in decision.compared:
                send(batch, "decisions.compared", compared["order_id"], "DecisionCompared", compared)
                self._comparisons.tell(compared)
            for request in decision.merging:
                send(batch, "merging.requests", request["group"], "MergeRequest", request)
            for task in decision.tasks:
                send(batch, "tasks", task["order_id"], "Task", task)
        self._states.put_many(changed)

    def on_tick(self, batch: Batch) -> None:
        """Asks again for what backordered orders lack: stock they were refused may be theirs by now, or its warehouse open.

        Proposes to go on with orders whose time has come: the decision is made when the proposal is read from the log. And tells of
        released rules that decide nothing.
        """
        keys = [key for key, _ in self._backlog.range(stop=expiry_key(batch.at_ms + 1, ""))]
        states = self._states.get_many(order_id.encode() for order_id in due(keys, batch.at_ms))
        for state in states.values():
            commands = retry(state, batch.at_ms)
            for command, record in commands:
                send(batch, "inventory.commands", record["sku"], command, record)
            for name, record in its_time_has_come(state, batch.at_ms):
                send(batch, "orders.decisions", record["order_id"], name, record)
            due_ms = time_ms(state)
            if state["phase"] == "BACKORDERED" or due_ms is not None:
                # Again also what was proposed: by the log's time it may have been too early.
                self._remind(state["order_id"], max(due_ms or 0, batch.at_ms + RETRY_AFTER_MS))
        for key in keys:
            self._backlog.delete(key)
        self._surroundings.rulebook.tell(batch.at_ms)
        self._surroundings.flowbook.tell(batch.at_ms)

    def _look_again(self, before: Any, after: Any, at_ms: int) -> None:
        """Notes when the tick is to look at an order that begins to wait."""
        if after["phase"] == "BACKORDERED":
            if before is None or before["phase"] != "BACKORDERED":
                self._remind(after["order_id"], at_ms + RETRY_AFTER_MS)
                return
        due_ms = time_ms(after)
        if due_ms is not None and (before is None or time_ms(before) != due_ms):
            self._remind(after["order_id"], due_ms)

    def _remind(self, order_id: str, at_ms: int) -> None:
        self._backlog.put_many({expiry_key(at_ms, order_id): None})
