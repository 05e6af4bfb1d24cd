"""Warehouse: delivery orders to the warehouses' systems, and what these tell of them."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.records import Deliveries
from streams.agents.timed import Timed
from streams.agents.wire import received, send
from streams.domain.warehouse.decide import decide, wake
from streams.domain.warehouse.policy import Rules
from streams.domain.warehouse.state import due_ms
from streams.domain.warehouse.step import Decision
from streams.engine import Batch, Table


class WarehouseAgent:
    """Tables: ``deliveries`` by order id, or a document's name; ``deliveries_due`` by the time at which one is to be looked at next."""

    def __init__(self, deliveries: Table, deliveries_due: Table, rules: Rules) -> None:
        self._table: Timed[Deliveries] = Timed(deliveries, deliveries_due, due_ms)
        self._rules = rules

    def on_batch(self, batch: Batch) -> None:
        """Decodes the events, decides each on its order's state, stores, sends."""
        events = list(received(batch))
        before = self._table.states.get_many(event["order_id"].encode() for _, event, _ in events)
        states, decisions = dict(before), []
        for name, event, at_ms in events:
            key = event["order_id"].encode()
            decision = decide(states.get(key), name, event, self._rules, at_ms)
            states[key] = decision.state
            decisions.append(decision)
        self._table.store(before, states)
        self._send(batch, decisions)

    def on_tick(self, batch: Batch) -> None:
        """Looks at the orders whose retries are due."""
        before = self._table.take_due(batch.at_ms)
        decisions = {key: wake(state, self._rules, batch.at_ms) for key, state in before.items()}
        self._table.store(before, {key: decision.state for key, decision in decisions.items()})
        self._send(batch, decisions.values())

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
            for report in decision.passed_on:
                send(batch, "warehouse.reports", report["order_id"], "WarehouseReport", report)
            for adjust in decision.adjusted:
                send(batch, "inventory.commands", adjust["sku"], "Adjust", adjust)
