"""Warehouse: delivery orders to the warehouses' systems, and what these tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from schemas.records import Deliveries
from streams.agents.wire import received, send
from streams.domain.expiry import due, expiry_key
from streams.domain.warehouse.decide import decide, wake
from streams.domain.warehouse.policy import Rules
from streams.domain.warehouse.state import due_ms
from streams.domain.warehouse.step import Decision
from streams.engine import Batch, Table

#: Orders that one tick looks at; the next one, a second later, goes on.
DUE_MAX = 5_000


class WarehouseAgent:
    """Tables: ``deliveries`` by order id, or a document's name; ``deliveries_due`` by the time at which one is to be looked at next."""

    def __init__(self, deliveries: Table, deliveries_due: Table, rules: Rules) -> None:
        self._states = deliveries
        self._due = deliveries_due
        self._rules = rules

    def on_batch(self, batch: Batch) -> None:
        """Decodes the events, decides each on its order's state, stores, sends."""
        events = list(received(batch))
        before = self._states.get_many(event["order_id"].encode() for _, event, _ in events)
        states, decisions = dict(before), []
        for name, event, at_ms in events:
            key = event["order_id"].encode()
            decision = decide(states.get(key), name, event, self._rules, at_ms)
            states[key] = decision.state
            decisions.append(decision)
        self._store(before, states)
        self._send(batch, decisions)

    def on_tick(self, batch: Batch) -> None:
        """Looks at the orders whose retries are due."""
        keys = [key for key, _ in islice(self._due.range(stop=expiry_key(batch.at_ms + 1, "")), DUE_MAX)]
        before = self._states.get_many(order_id.encode() for order_id in due(keys, batch.at_ms))
        decisions = {key: wake(state, self._rules, batch.at_ms) for key, state in before.items()}
        after = {key: decision.state for key, decision in decisions.items()}
        for key in keys:
            self._due.delete(key)
        self._due.put_many(self._times(after))
        self._store(before, after)
        self._send(batch, decisions.values())

    def _store(self, before: dict[bytes, Deliveries], after: dict[bytes, Deliveries | None]) -> None:
        """Writes what is another object than before; the index says of each order its next time, and no other."""
        changed: dict[bytes, Any] = {key: state for key, state in after.items() if state is not before.get(key)}
        gone, now = self._times({key: before.get(key) for key in changed}), self._times(changed)
        for key in gone:
            if key not in now:
                self._due.delete(key)
        self._states.put_many(changed)
        self._due.put_many({key: None for key in now if key not in gone})

    def _times(self, states: Mapping[bytes, Deliveries | None]) -> dict[bytes, None]:
        """The index's keys of these states."""
        times = ((due_ms(state), key.decode()) for key, state in states.items())
        return {expiry_key(at_ms, order_id): None for at_ms, order_id in times if at_ms is not None}

    def _send(self, batch: Batch, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            for request in decision.requests:
                send(batch, "warehouse.requests", request["order_id"], "DeliveryRequest", request)
            for status in decision.statuses:
                send(batch, "warehouse.status", status["order_id"], "DeliveryChanged", status)
            for name, dead in decision.dead:
                send(batch, "warehouse.dead", dead["order_id"], name, dead)
            for shipped in decision.shipped:
                send(batch, "shipments", shipped["order_id"], "Shipped", shipped)
            for returned in decision.returned:
                send(batch, "returns", returned["order_id"], "ReturnReceived", returned)
            for adjust in decision.adjusted:
                send(batch, "inventory.commands", adjust["sku"], "Adjust", adjust)
